// Events with several names, and events that leave others the time to tell them better.
import { describe, expect, test } from 'vitest';
import { eventId } from '../../src/destinations/facts.ts';
import type { LedgerEntry } from '../../src/enrich/ledger.ts';
import type { Event } from '../../src/event.ts';
import { mapHook } from '../../src/map/map.ts';
import { digestMapped } from '../../src/road/digest.ts';
import { ACME, AT, type Files, load, mistakes, tryIn } from '../support/yaml.ts';

const platform = (rule: string) => `platform: shop
title: A shop
verify: { scheme: hmac, header: x-signature }
hook: {}
events:
  purchase:
    when: { status: { not: refunded } }
${rule}
    fields: { order_id: order, event_time: at, currency: currency, total: total }
  refund:
    when: { status: refunded }
    key: id
    fields: { order_id: payment, event_time: at, currency: currency, total: total }
`;
const SHOP = platform('    keys: [payment, numbers]');
const files = (shop: string, acme = ACME): Files => ({ 'shop.yaml': shop, 'stores/acme.yaml': acme });
const ORDER = { order: 'o1', payment: 'p1', numbers: [7, 'p1', 8], at: AT, currency: 'EUR', total: 5 };

/** Maps a body and digests it at an age in milliseconds, with a ledger. */
async function digest(given: Files, body: object, age: number, ledger: LedgerEntry[] = []) {
  const { stores } = load(given);
  const store = stores.get('acme');
  const source = store?.sources.get('shop');
  if (store === undefined || source === undefined) throw new Error('the files have mistakes');
  const received_at = Date.parse(AT);
  const mapped = await mapHook(source, { headers: {}, body: Buffer.from(JSON.stringify(body)), received_at });
  const known = new Map(ledger.map((entry) => [entry.order_id, entry]));
  return digestMapped(mapped, store, known, { now: received_at + age, age });
}
const purchase: Event = { name: 'purchase', event_time: AT, order_id: 'o1', transaction_id: 'T-1', currency: 'EUR' };

describe('a rule with keys', () => {
  test('names its event by each id once, and its order by those that are not the order id', async () => {
    const { events } = await digest(files(SHOP), ORDER, 0);
    expect(events[0]).toMatchObject({
      key: 'purchase:p1',
      keys: ['purchase:p1', 'purchase:7', 'purchase:8'],
      order_ids: ['p1', '7', '8'],
    });
  });

  test('takes the ids that are there, and is stuck without any', async () => {
    const { events } = await digest(files(SHOP), { ...ORDER, payment: null, numbers: 9 }, 0);
    expect(events[0]).toMatchObject({ keys: ['purchase:9'] });
    const { state, reason } = await digest(files(SHOP), { ...ORDER, payment: null, numbers: [] }, 0);
    expect([state, reason]).toEqual(['stuck', expect.stringContaining('gives no id to know this event by')]);
  });

  test('says of an order that is not counted all of its ids', async () => {
    const { uncounted } = await digest(files(SHOP), { ...ORDER, total: 0 }, 0);
    expect(uncounted.map(({ order_id }) => order_id)).toEqual(['o1', 'p1', '7', '8']);
    expect(uncounted.map(({ also }) => also)).toEqual([undefined, true, true, true]);
  });

  test('beside key is a mistake, which a store’s key is not', () => {
    expect(mistakes(files(platform('    keys: [payment]\n    key: order')))).toEqual([
      'shop.yaml:8:5 INVALID a rule has either key or keys',
    ]);
    const acme = ACME.replace('] }', '], events: { purchase: { key: order } } }');
    expect(mistakes(files(SHOP, acme))).toEqual([]);
    const both = ACME.replace('] }', '], events: { purchase: { key: order, keys: [payment] } } }');
    expect(mistakes(files(SHOP, both))).toEqual(['stores/acme.yaml:3:90 INVALID a rule has either key or keys']);
  });
});

test('a rule with one key names the order by it too', async () => {
  const { events } = await digest(files(platform('    key: payment')), ORDER, 0);
  expect(events[0]).toMatchObject({ key: 'purchase:p1', order_ids: ['p1'] });
  expect(events[0]).not.toHaveProperty('keys');
});

test('a refund that names its order by another id takes over the order’s own ids', async () => {
  const refund = { ...ORDER, status: 'refunded', id: 'r1' };
  const { events } = await digest(files(SHOP), refund, 0, [{ order_id: 'p1', event: purchase }]);
  expect(events[0]?.event).toMatchObject({ name: 'refund', order_id: 'o1', transaction_id: 'T-1' });
});

test('a key has neither NUL nor half a character, and so has no id that is made of it', async () => {
  const refund = (id: string) =>
    digest(files(SHOP), { ...ORDER, status: 'refunded', id }, 0, [{ order_id: 'p1', event: purchase }]);
  const { events } = await refund('r\0\ud83d');
  expect(events[0]).toMatchObject({ key: 'refund:r\ufffd', event: { event_id: 'p1.refund.r\ufffd' } });
  expect(await refund('\0')).toMatchObject({ state: 'stuck' });
});

test('events of one order under a name of the store’s own are told apart by their keys', async () => {
  const parts = `${SHOP}  part_shipped:
    each: parts
    key: id
    fields: { order_id: $record.order, event_time: $record.at }
  order_seen:
    fields: { order_id: order, event_time: at }
  part_called:
    each: parts
    key: id
    fields: { order_id: $record.order, transaction_id: $record.order, event_time: $record.at }
`;
  const body = { ...ORDER, status: 'refunded', id: 'r1', parts: [{ id: 'a' }, { id: 'b' }] };
  const { events } = await digest(files(parts), body, 0);
  const idsOf = (name: string) => events.flatMap(({ event }) => (event.name === name ? [eventId(event)] : []));
  expect(idsOf('part_shipped')).toEqual(['o1.part_shipped.a', 'o1.part_shipped.b']);
  expect(idsOf('order_seen')).toEqual(['o1.order_seen']);
  expect(idsOf('part_called')).toEqual(['o1', 'o1']);
});

describe('the number that people know an order by', () => {
  const numbered = platform('    key: order').replace('order_id: order,', 'order_id: order, order_number: number,');

  test('goes along with its purchase without the sign before it, and is not sent', async () => {
    const { events } = await digest(files(numbered), { ...ORDER, number: '#1042' }, 0);
    expect(events[0]).toMatchObject({ order_number: '1042', event: { order_id: 'o1' } });
    expect(events[0]?.event).not.toHaveProperty('order_number');
  });

  test('goes along with an order that is not counted, whatever the reason', async () => {
    const known = { order_id: 'o1', order_number: '1042' };
    const worthless = await digest(files(numbered), { ...ORDER, number: '#1042', total: 0 }, 0);
    expect(worthless.uncounted).toMatchObject([known]);
    const unpaid = numbered.replace('refunded }', '[refunded, pending] }');
    const { uncounted } = await digest(files(unpaid), { ...ORDER, number: '#1042', status: 'pending' }, 0);
    expect(uncounted).toMatchObject([known]);
  });

  test('is none where it is the id', async () => {
    const { events } = await digest(files(numbered), { ...ORDER, number: '#o1' }, 0);
    expect(events[0]).not.toHaveProperty('order_number');
  });
});

describe('a rule that waits', () => {
  const waiting = platform(`    key: order\n    wait: "status = 'poor' ? '2m'"`);
  const poor = { ...ORDER, status: 'poor' };

  test('leaves its event to others for that time', async () => {
    const early = await digest(files(waiting), poor, 119_999);
    expect(early).toMatchObject({ state: 'waiting', waits_for: 'o1', patience: 120_000, events: [] });
    expect(early.reason).toBe('purchase:o1 waits for a hook that may say more of it');
    expect(await digest(files(waiting), poor, 120_000)).toMatchObject({ state: 'mapped', events: [{}] });
  });

  test('waits no longer once the order is counted', async () => {
    const counted = [{ order_id: 'o1', event: purchase }];
    expect(await digest(files(waiting), poor, 0, counted)).toMatchObject({ state: 'mapped' });
  });

  test('waits on while the order was only seen', async () => {
    const seen = [{ order_id: 'o1', reason: 'not paid' }];
    expect(await digest(files(waiting), poor, 0, seen)).toMatchObject({ state: 'waiting' });
  });

  test('makes other events at once', async () => {
    expect(await digest(files(waiting), ORDER, 0)).toMatchObject({ state: 'mapped' });
  });

  test('is shown by try as if the time were over', async () => {
    expect((await tryIn(files(waiting), poor)).hook.verdict).toBe('mapped');
  });

  test('for something that is no duration makes the hook stuck', async () => {
    const { hook } = await tryIn(files(platform('    key: order\n    wait: total')), ORDER);
    expect(hook.reason).toContain('purchase.wait: gives no duration such as 2m');
  });
});
