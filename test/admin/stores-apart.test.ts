// Two stores that share an account and a buyer: what is told of one says nothing of the other, and leaves nothing out.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Client, createClient, makeToken } from '../support/api.ts';
import { type Browser, becomeAdmin } from '../support/browser.ts';
import { fromShopify, lampOrder, post } from '../support/hooks.ts';
import { eventually, type Rig, startRig, storeFile, writeMapping } from '../support/service.ts';
import { untilFound } from '../support/shop.ts';

const META = '1234567890123456';
const ORDERS = 55;
const BUYER = 'ann@example.com';
const orderOf = (id: number, total_price: string) =>
  fromShopify(lampOrder(id, { email: BUYER, total_price, total_tax: '0.00', line_items: [] }));
let rig: Rig;
let admin: Browser;
let all: Client;
let bakery: Client;
const Destinations = z.object({
  items: z.array(z.looseObject({ account: z.string(), waiting: z.int(), oldest: z.string().optional() })),
});
const metaOf = async (client: Client) =>
  Destinations.parse((await client.get('/destinations')).json).items.find(({ account }) => account === META);

beforeAll(async () => {
  rig = await startRig();
  admin = await becomeAdmin(rig);
  const { sources, ...rest } = storeFile(rig.standins);
  const store = { ...rest, store: 'bakery', sources: { ...sources, desk: { platform: 'phone' } } };
  await writeMapping(rig, 'stores/bakery.yaml', JSON.stringify(store));
  all = createClient(rig, await makeToken(admin, { scopes: ['read', 'act'] }));
  bakery = createClient(rig, await makeToken(admin, { scopes: ['read', 'act'], stores: ['bakery'] }));
  rig.standins.meta.fail({ status: 503 });
  await post(rig.service.url, { ...orderOf(900, '50.00'), path: '/hooks/bakery/shopify' });
  await untilFound(admin, '900');
  for (let id = 1; id <= ORDERS; id++) await post(rig.service.url, orderOf(1_000 + id, '121.00'));
  await untilFound(admin, String(1_000 + ORDERS));
  await eventually(async () => (await metaOf(all))?.waiting === ORDERS + 1, 'all wait for the shared account');
});
afterAll(() => rig.close());

describe('a token of one store', () => {
  test('S96 counts what waits for a shared account of its own store alone', async () => {
    expect((await metaOf(bakery))?.waiting).toBe(1);
  });
  test('cannot pause or resume what another store uses too', async () => {
    expect((await bakery.post('/destinations/resume', { account: META })).status).toBe(403);
  });
  test('finds the orders of a buyer in its own store, however many the buyer has in another one', async () => {
    const { json } = await bakery.get(`/search?q=${encodeURIComponent(BUYER)}`);
    expect(json).toMatchObject({ matches: [{ store: 'bakery', order_id: '900' }] });
  });
});

test.each([
  ['50.00', true],
  ['121.00', false],
])(
  'the phone form asks whether an order of %s is there already, for orders of its own store alone',
  async (amount, isThere) => {
    const typed = { store: 'bakery', kind: 'order', email: BUYER, amount, currency: 'EUR' };
    const { status, text } = await admin.submit('/phone/look', typed);
    expect([status, text.includes('Is it there already?')]).toEqual([200, isThere]);
  },
);
