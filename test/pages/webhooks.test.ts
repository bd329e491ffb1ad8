// What is told of the webhooks that a sender lists, and what is no trouble: another host, one bad answer, a relay, keys that are gone.
import { beforeAll, expect, test } from 'vitest';
import type { WebhooksFound } from '../../src/keep/questions/webhook-lists.ts';
import { addressesOf, lostIn, readPointing } from '../../src/map/asking/webhooks.ts';
import type { Source } from '../../src/map/files/source.ts';
import { webhookTrouble } from '../../src/pages/webhooks.ts';
import { foundOf } from '../../src/road/webhooks.ts';
import { buildStore } from '../support/stores.ts';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 0, 15);
const OURS = 'https://hooks.lamps.example';
const PATH = '/hooks/shop/woocommerce';
const KEYS = { shop_domain: 'lamps.example', consumer_key: 'ck_made_up', consumer_secret: 'cs_made_up' };

const sourceWith = async (own: object): Promise<Source> => {
  const source = (await buildStore('woocommerce', {}, { ...own })).sources.get('woocommerce');
  if (source === undefined) throw new Error('there is no source');
  return source;
};
let source: Source;
beforeAll(async () => {
  source = await sourceWith(KEYS);
});

type Listing = { status?: string; host?: string; path?: string; topics?: string[]; publicUrl?: string };
/** The sources that are there. */
const stores = [{ name: 'shop', sources: new Map<string, Source>() }];
async function listed(hour: number, before: WebhooksFound | undefined, listing: Listing): Promise<WebhooksFound> {
  const {
    status = 'active',
    host = OURS,
    path = PATH,
    topics = ['order.created', 'order.updated'],
    publicUrl = OURS,
  } = listing;
  const records = topics.map((topic, id) => ({
    record: { id: id + 1, topic, status, delivery_url: `${host}${path}` },
  }));
  if (source.webhooks === undefined) throw new Error('there are no webhooks');
  const read = await readPointing(source, source.webhooks, addressesOf(source, publicUrl), records);
  if ('problem' in read) throw new Error(read.problem);
  const found = foundOf(source, read, before, NOW + hour * HOUR);
  return { ...found, beside: found.beside?.map((one) => ({ ...one, lost_since: found.at })) };
}
/** What is told after these lists, one an hour; `came` are the hours in which hooks of order.updated came. */
async function told(listings: readonly Listing[], { of = source, came = -1 }: { of?: Source; came?: number } = {}) {
  let found: WebhooksFound | undefined;
  for (const [hour, listing] of listings.entries()) found = await listed(hour, found, listing);
  const list = { store: 'shop', source: 'woocommerce', asked_at: NOW, found, problem: undefined };
  const topics = ['order.updated', 'order.created'].map((topic) => ({ topic, last_at: NOW + came * HOUR }));
  const trouble = await webhookTrouble(of, [list], topics, { now: NOW + listings.length * HOUR, stores });
  return trouble && { off: trouble.off, gone: trouble.gone, ...(trouble.lost.length > 0 && { lost: trouble.lost }) };
}
const WELL = {};
const NONE: Listing = { topics: [] };
const GONE = { off: [], gone: ['order.created', 'order.updated'] };

test('what was deleted is told when a second list says so too', async () => {
  expect(await told([WELL, NONE, NONE])).toEqual(GONE);
  expect(await told([WELL, NONE])).toBeUndefined();
  expect(await told([WELL, NONE, WELL])).toBeUndefined();
  expect(await told([WELL, NONE, WELL, NONE])).toBeUndefined();
});

test('what is off is told at once', async () => {
  expect(await told([WELL, { status: 'disabled' }])).toEqual({ off: ['order.created', 'order.updated'], gone: [] });
});

test('webhooks at another host are no trouble while they are on, as where PUBLIC_URL was changed', async () => {
  const moved = { publicUrl: 'https://new.lamps.example' };
  expect(await told([WELL, moved, moved, moved])).toBeUndefined();
  const off = { ...moved, status: 'disabled' };
  expect(await told([WELL, moved, off, off])).toEqual(GONE);
  expect(
    await told([WELL, { host: 'https://old.lamps.example' }, { host: 'https://old.lamps.example' }]),
  ).toBeUndefined();
});

test('what comes all the same, as through a relay, is no trouble', async () => {
  expect(await told([WELL, NONE, NONE, NONE], { came: 1.1 })).toEqual(GONE);
  expect(await told([WELL, NONE, NONE, NONE], { came: 1.5 })).toBeUndefined();
});

test('whoever means it says in the source which topics his rules take', async () => {
  const only = { topics: ['order.updated'] };
  const own = await sourceWith({ ...KEYS, events: { purchase: only, refund: only } });
  expect(await told([WELL, only, only])).toEqual({ off: [], gone: ['order.created'] });
  expect(await told([WELL, only, only], { of: own })).toBeUndefined();
});

test('nothing is told where the keys are gone, or the store says off', async () => {
  const off: Listing = { status: 'disabled' };
  expect(await told([WELL, off], { of: await sourceWith({}) })).toBeUndefined();
  expect(await told([WELL, off], { of: await sourceWith({ ...KEYS, webhooks: 'off' }) })).toBeUndefined();
});

test('what goes to a source that is not there is told, unless another tells the same or it came back', async () => {
  const old: Listing = { path: '/hooks/shop/old' };
  const lost = [{ place: 'shop/old', topics: ['order.created', 'order.updated'] }];
  expect(await told([old])).toEqual({ off: [], gone: [], lost });
  expect(await told([{ ...old, status: 'disabled' }])).toEqual({ off: [], gone: [], lost });
  const beside = async (listing: Listing) => lostIn(source, (await listed(0, undefined, listing)).here, lost);
  expect(await beside(WELL)).toEqual([]);
  expect(await beside({ topics: ['order.updated'] })).toEqual([{ place: 'shop/old', topics: ['order.created'] }]);
  expect(await beside({ status: 'disabled' })).toEqual(lost);
  expect(await told([{ ...old, topics: ['product.updated'] }])).toBeUndefined();
  expect(await told([{ ...old, host: 'https://stock.example' }])).toBeUndefined();
  stores[0]?.sources.set('old', source);
  expect(await told([old])).toBeUndefined();
  stores[0]?.sources.delete('old');
});
