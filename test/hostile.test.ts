// The hostile set on the whole road: what signed bodies written to do harm become, and what raw requests are told.
import { connect } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseBody } from '../src/map/body.ts';
import { fromShopify, lampOrder, post } from './support/hooks.ts';
import { hostileBodies, hostileRequests, sendBytes, signed } from './support/hostile.ts';
import { eventually, type Rig, startRig } from './support/service.ts';

let rig: Rig;
let became: { state: unknown; reason: unknown }[];
const bodies = hostileBodies();
const statuses: number[] = [];

const rows = (sql: string) => {
  const database = new DatabaseSync(join(rig.folder, 'data/tagbridge.db'), { readOnly: true, timeout: 5_000 });
  try {
    return database.prepare(sql).all();
  } finally {
    database.close();
  }
};
const allMapped = () =>
  eventually(() => rows('select count(*) as n from hooks where due_at is not null')[0]?.n === 0, 'all are mapped');
const port = () => Number(new URL(rig.service.url).port);
const kept = () => Number(rows('select count(*) as n from hooks')[0]?.n);
/** What destinations got of an order, by any of its ids. */
const sentOf = (order: string) => rig.standins.received.filter(({ body }) => JSON.stringify(body).includes(order));

beforeAll(async () => {
  rig = await startRig();
  for (const [index, { body }] of bodies.entries()) {
    const { path, headers } = signed(body, `hostile-${index}`);
    statuses.push((await fetch(`${rig.service.url}${path}`, { method: 'POST', headers, body })).status);
  }
  await allMapped();
  became = rows('select state, reason from hooks order by id').map(({ state, reason }) => ({ state, reason }));
  const open = () => rows('select count(*) as n from deliveries')[0]?.n === 0;
  await eventually(open, 'all are delivered');
});
afterAll(() => rig.close());

describe('a signed hook', () => {
  test.each(bodies.map((one, index) => ({ ...one, index })))('$name', ({ index, state, reason, order }) => {
    expect(statuses[index]).toBe(200);
    expect(became[index]).toEqual({ state, reason: reason === undefined ? null : expect.stringMatching(reason) });
    if (order !== undefined) expect(sentOf(order).length).toBeGreaterThan(0);
  });

  test('S36 reaches every destination with all digits of its id', () => {
    const got = sentOf('12345678901234567890').map(({ destination }) => destination);
    expect(new Set(got)).toEqual(new Set(['ga4', 'meta', 'sgtm']));
  });
  test('S37 counts the last of two values', () => {
    const { order = '' } = bodies.find(({ name }) => name.startsWith('S37')) ?? {};
    expect(sentOf(order).map(({ body }) => JSON.stringify(body).includes('"value":100'))).toEqual([true, true, true]);
  });
  test('S38 changes no other object', () => {
    // Work threads have objects of their own, so this thread reads the body too.
    const { body = '' } = bodies.find(({ name }) => name.startsWith('S38')) ?? {};
    expect(parseBody(Buffer.from(body), 'application/json')).toHaveProperty('value.line_items');
    expect('polluted' in {}).toBe(false);
  });
  test('S40 S41 reaches no destination with NUL or half a character', () => {
    const harm = /\\u0000|\\ud[89a-f]/i;
    expect(rig.standins.received.filter(({ body }) => harm.test(JSON.stringify(body)))).toEqual([]);
  });
});

describe('the same bytes again', () => {
  test('S14 under the same id are a duplicate, and sent once', async () => {
    const hook = fromShopify(lampOrder(889_001), 'orders/paid', 'once');
    expect((await post(rig.service.url, hook)).body).toBe('{"status":"ok"}');
    expect((await post(rig.service.url, hook)).body).toBe('{"status":"duplicate"}');
    await eventually(() => sentOf('"889001"').length >= 3, 'it is sent');
    await allMapped();
    expect(sentOf('"889001"')).toHaveLength(3);
  });

  test.each([
    ['x-shopify-topic', 'orders/create'],
    ['x-shopify-shop-domain', 'other.example'],
  ])('S16 with another %s, which nobody signs, make no other event', async (header, value) => {
    const hook = fromShopify(lampOrder(889_002), 'orders/paid', 'topic');
    await post(rig.service.url, hook);
    await eventually(() => sentOf('"889002"').length === 3, 'it is sent');
    await post(rig.service.url, {
      ...hook,
      headers: { ...hook.headers, [header]: value, 'x-shopify-webhook-id': value },
    });
    await allMapped();
    expect(rows("select name from events where order_id = '889002'")).toHaveLength(1);
  });

  test('S16 of an order that is not paid are no purchase because a header says so', async () => {
    const hook = fromShopify(lampOrder(889_003, { financial_status: 'pending' }), 'orders/paid');
    expect((await post(rig.service.url, hook)).status).toBe(200);
    await allMapped();
    expect(rows("select name from events where order_id = '889003'")).toEqual([]);
  });
});

describe('a request', () => {
  test.each(hostileRequests())('$name', async ({ bytes, answers }) => {
    const before = kept();
    expect(answers).toContain(await sendBytes(port(), bytes));
    expect(kept()).toBe(before);
  });
});

/** Writes `first`, then `drop` once a second, until the other side closes; answers what was said and after how long. */
function dribble(first: string, drop: string): Promise<{ said: string; ms: number }> {
  const began = performance.now();
  return new Promise((resolve) => {
    let said = '';
    const socket = connect(port(), '127.0.0.1', () => socket.write(first));
    const timer = setInterval(() => socket.write(drop), 1_000);
    socket.on('data', (data) => {
      said += data.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.once('close', () => {
      clearInterval(timer);
      resolve({ said, ms: performance.now() - began });
    });
  });
}
const HEAD = 'POST /hooks/shop/shopify HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n';

describe.concurrent('a sender that takes its time', () => {
  test.each([
    ['S23 and sends less than it announced', `${HEAD}content-length: 100\r\n\r\n{}`, '', 10],
    ['S24 between the bytes of chunks', `${HEAD}transfer-encoding: chunked\r\n\r\n`, '1\r\na\r\n', 10],
    ['S25 between the bytes of its headers', 'POST /hooks/shop/shopify HTTP/1.1\r\nx-slow: ', 'a', 5],
  ])('%s is closed, and nothing is kept', async (_, first, drop, seconds) => {
    const before = kept();
    const { said, ms } = await dribble(first, drop);
    expect(said).toMatch(/^(HTTP\/1\.1 408|$)/);
    expect(ms).toBeGreaterThan(seconds * 1_000 - 100);
    expect(kept()).toBe(before);
  });

  test('S26 and says nothing at all is closed too', async () => {
    expect((await dribble('', '')).ms).toBeGreaterThan(4_900);
  });
});
