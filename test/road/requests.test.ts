// Requests of a platform on the running service: told apart by their bodies, carried out, audited, done once.
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ComplyParts, createComply } from '../../src/road/requests.ts';
import { runHere } from '../support/cli.ts';
import { fromShopify, lampOrder, post } from '../support/hooks.ts';
import { eventually, type Rig, SECRETS, startRig } from '../support/service.ts';

const SHOP = { shop_id: 68817, shop_domain: 'lamps.myshopify.com' };
const MILA = { id: 7120060000202, email: 'mila@example.com', phone: '+31612345678' };

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
  rig.standins.sgtm.fail({ status: 503 });
});
afterEach(() => rig.close());

const run = async (...words: string[]): Promise<string> => {
  const env = { ...SECRETS, DATA_DIR: join(rig.folder, 'data'), MAPPINGS_DIR: join(rig.folder, 'mappings') };
  return (await runHere(words, env)).out;
};
const stats = () => run('stats');
const send = (body: object, topic?: string) => post(rig.service.url, fromShopify(body, topic));
const reasons = async () => run('replay', '--status', 'ignored', '--dry-run');
const auditLines = async (): Promise<{ action: string; actor: string; store: string; detail: string }[]> =>
  (await run('audit', '--json')).split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
const done = (action: string) =>
  eventually(async () => (await auditLines()).some((line) => line.action === action), `${action} is in the audit`);
const ended = (state: string) => eventually(async () => (await stats()).includes(state), state);

/** Two orders of Mila and one of somebody else, each with one delivery that waits: what else still waited would be cancelled, too. */
async function sendOrders(): Promise<void> {
  await send(lampOrder(6200354002001, { email: MILA.email, customer: MILA }));
  await send(lampOrder(6200354002002, { email: null, phone: '06 12345678' }));
  await send(lampOrder(6200354002003, { email: 'other@example.net' }));
  const waiting = async () => `${(await stats()).match(/\S+ waiting: \d+/g)}`;
  await eventually(async () => (await waiting()) === 'shop/sgtm waiting: 3', 'all but three deliveries are through');
}

describe('S80 a request to erase a customer', () => {
  test('erases their events, bodies and waiting deliveries, and itself', async () => {
    await sendOrders();
    const reply = await send({ ...SHOP, customer: MILA, orders_to_redact: [6200354002001] }, 'customers/redact');
    expect(reply.status).toBe(200);
    await done('erase');
    await ended('shop/shopify ignored: 1');
    expect(await stats()).toContain('shop/sgtm waiting: 1');
    expect(JSON.parse(await run('export', '--customer', String(MILA.id), '--email', MILA.email))).toMatchObject({
      events: [],
      hooks: [],
    });
    const [line] = await auditLines();
    expect(line).toMatchObject({ actor: expect.stringMatching(/^hook [0-9a-f-]{36}$/), store: 'shop' });
    expect(line?.detail).toMatch(/^email:\w{12} phone:\w{12} customer:\w{12} order:\w{12}; 2 events, 2 waiting/);
  });

  test('with an order for a body erases nothing', async () => {
    await sendOrders();
    await send(lampOrder(6200354002001, { email: MILA.email, customer: MILA }), 'customers/redact');
    await ended('shop/shopify ignored: 1');
    expect(await reasons()).toContain('the body is not what the topic says: shop_id is missing');
    expect(await stats()).toContain('shop/sgtm waiting: 3');
    expect(await auditLines()).toEqual([]);
  });

  test('with a wrong signature is refused and erases nothing', async () => {
    await sendOrders();
    const hook = fromShopify({ ...SHOP, customer: MILA }, 'customers/redact');
    const forged = { ...hook, body: hook.body.replace('68817', '68818') };
    expect((await post(rig.service.url, forged)).status).toBe(401);
    expect(await stats()).toContain('shop/sgtm waiting: 3');
  });
});

test('S80 a request for what is held counts it and names the command that prints it', async () => {
  await sendOrders();
  await send({ ...SHOP, customer: MILA, orders_requested: [], data_request: { id: 9 } }, 'customers/data_request');
  await done('report');
  await ended('shop/shopify ignored: 1');
  const [, id = ''] = /2 events and 2 other hooks; tagbridge export --hook (\S+) prints it/.exec(await reasons()) ?? [];
  const held = JSON.parse(await run('export', '--hook', id));
  expect(held.events).toHaveLength(2);
  expect(held.hooks).toHaveLength(3);
  expect(await stats()).toContain('shop/sgtm waiting: 3');
});

test('S80 a request to erase a shop erases all of its source', async () => {
  await sendOrders();
  await send(SHOP, 'shop/redact');
  await done('erase_source');
  await ended('shop/shopify ignored: 1');
  expect(await stats()).not.toContain('waiting');
  expect(await stats()).toContain('shop/shopify erased: 3');
  expect(JSON.parse(await run('export', '--email', 'other@example.net'))).toMatchObject({ events: [], hooks: [] });
});

describe('a request', () => {
  const hook = { id: 'h', store: 'shop', source: 'shopify' };
  const request = { do: 'erase_source' as const };
  const nothing = { events: 0, deliveries: 0, hooks: 0, unfinished: 0, visits: 0, unreadable: 0 };
  const complyWith = (eraseSource: ComplyParts['keep']['eraseSource'], signal = new AbortController().signal) => {
    const held: number[] = [];
    const clock = { at: 0 };
    const keep = {
      eraseSource,
      erasePerson: async () => nothing,
      findPerson: async function* () {},
      holdHook: async (_id: string, _lease: string, until: number) => void held.push(until),
      writeAudit: async () => {},
    };
    const log = { info: () => {}, error: () => {} };
    return { comply: createComply({ keep, now: () => clock.at, log, signal }), held, clock };
  };

  test('waits while another one is carried out', async () => {
    const gate = Promise.withResolvers<typeof nothing>();
    const { comply } = complyWith(() => gate.promise);
    const first = comply(hook, 'lease', request);
    expect(await comply({ ...hook, id: 'i' }, 'lease', request)).toMatchObject({ waits: { due_at: 2_000 } });
    gate.resolve(nothing);
    expect(await first).toMatchObject({ forget_body: true });
    expect(await comply({ ...hook, id: 'i' }, 'lease', request)).toMatchObject({ forget_body: true });
  });

  test('that takes long keeps its lease', async () => {
    const rig = complyWith(async (_which, { onProgress }) => {
      for (let page = 0; page < 6; page++) {
        rig.clock.at += 15_000;
        await onProgress?.(500);
      }
      return nothing;
    });
    await rig.comply(hook, 'lease', request);
    expect(rig.held).toEqual([60_000, 90_000, 120_000, 150_000]);
  });

  test('that fails is tried again, and one that is cut short goes on at the next start', async () => {
    const failing = complyWith(() => Promise.reject(new Error('disk')));
    expect(await failing.comply(hook, 'lease', request)).toMatchObject({ waits: { due_at: 60_000 } });
    const stopping = new AbortController();
    const stopped = complyWith(async (_which, { onProgress }) => {
      stopping.abort();
      await onProgress?.(500);
      return nothing;
    }, stopping.signal);
    expect(await stopped.comply(hook, 'lease', request)).toMatchObject({ waits: { due_at: 0 } });
  });
});
