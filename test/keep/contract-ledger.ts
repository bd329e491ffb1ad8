// The contract of the ledger: which orders count, under each of their ids, and why the others do not.
import { describe, expect, test } from 'vitest';
import { LEASE, makeDigest, makeEvent, makeHook, makeNamed, makePurchase, NOW } from './make.ts';
import type { Rig } from './rig.ts';

export function testLedger(rig: Rig): void {
  describe('the ledger', () => {
    const see = async (order_id: string, reason: string, more: { channel?: string } = {}) => {
      const hook = makeHook(`${order_id} ${reason}`, { lease_id: 'a' });
      await rig.keep.keepHooks([hook]);
      const uncounted = [{ order_id, reason, ...more }];
      await rig.keep.recordDigests([makeDigest(hook, { state: 'ignored', uncounted })], NOW);
    };

    test('knows the purchase of a counted order and nothing of others', async () => {
      await rig.makePurchaseDue('1');
      expect(await rig.keep.findOrders('demo', ['1', '2'])).toEqual([{ order_id: '1', event: makePurchase('1') }]);
      expect(await rig.keep.findOrders('other', ['1'])).toEqual([]);
      expect(await rig.keep.findOrders('demo', [])).toEqual([]);
    });

    test('knows the channel that an order is not counted for, also when it is not counted for another reason later', async () => {
      await see('1', 'no renewals', { channel: 'renewal' });
      expect(await rig.keep.findOrders('demo', ['1'])).toEqual([
        { order_id: '1', reason: 'no renewals', channel: 'renewal' },
      ]);
      await see('1', 'not paid');
      expect(await rig.keep.findOrders('demo', ['1'])).toMatchObject([{ reason: 'not paid', channel: 'renewal' }]);
    });

    test('forgets orders that were seen long ago, and no younger one', async () => {
      await rig.makePurchaseDue('1');
      const old = 'insert into orders (store, order_id, reason, seen_at) values ($1, $2, $3, $4)';
      const rows = ['b', 'a'].flatMap((id) => ['demo', 'other'].map((store) => [store, id, 'not paid', NOW - 2]));
      await rig.db.transaction([{ sql: old, rows }]);
      const limits = { bodies: 0, keys: 0, attempts: 0, orders: NOW - 1, visits: 0, audit: 0 };
      expect(await rig.keep.forget(limits, new AbortController().signal)).toMatchObject({ orders: 4 });
      expect(await rig.db.query('select order_id from orders')).toEqual([{ order_id: '1' }]);
    });

    test('knows what was counted under its name for as long as orders, and of leads only while they are kept', async () => {
      const lead = { name: 'generate_lead', lead_id: '7', event_time: makePurchase('7').event_time };
      const told = () => [
        makeEvent(makePurchase('1')),
        makeEvent(makePurchase('2')),
        makeEvent(lead, [], 'generate_lead:7'),
      ];
      const tell = async (topic: string) => {
        const hook = makeHook(topic, { lease_id: 'a' });
        await rig.keep.keepHooks([hook]);
        return (await rig.keep.recordDigests([makeDigest(hook, { events: told() })], NOW)).size;
      };
      const forget = (orders: number) =>
        rig.keep.forget(
          { bodies: 0, keys: Date.now() + LEASE, attempts: 0, orders, visits: 0, audit: 0 },
          new AbortController().signal,
        );
      expect(await tell('paid')).toBe(3);
      expect(await forget(0)).toMatchObject({ events: 3 });
      expect(await rig.keep.findMakers('demo', ['purchase:1'])).toMatchObject([
        { key: 'purchase:1', hook_id: undefined },
      ]);
      expect(await rig.keep.knownKeys('demo', ['purchase:1', 'purchase:3'])).toEqual(new Set(['purchase:1']));
      expect(await tell('updated after months')).toBe(1);
      expect(await rig.countRows('deliveries')).toBe(0);
      await forget(Date.now() + LEASE);
      expect(await rig.countRows('event_keys')).toBe(0);
      expect(await tell('updated after years')).toBe(3);
    });

    test('knows of an order that it was counted, also when its purchase was forgotten or cannot be opened', async () => {
      const [forgotten, damaged] = [await rig.makePurchaseDue('1'), await rig.makePurchaseDue('2')];
      await rig.db.transaction([
        { sql: 'delete from events where id = $1', rows: [[forgotten]] },
        { sql: 'update events set body = $1 where id = $2', rows: [[Uint8Array.of(9), damaged]] },
      ]);
      await rig.makePurchaseDue('3');
      const found = await rig.keep.findOrders('demo', ['1', '2', '3']);
      expect(found.toSorted((a, b) => (a.order_id < b.order_id ? -1 : 1))).toEqual([
        { order_id: '1', lost: 'forgotten' },
        { order_id: '2', lost: 'unreadable' },
        { order_id: '3', event: makePurchase('3') },
      ]);
    });

    test('knows a counted order by each of its ids, also by those that only a later hook knew', async () => {
      const hooks = ['invoice', 'payment'].map((body) => makeHook(body, { lease_id: 'a' }));
      await rig.keep.keepHooks(hooks);
      const [invoice, payment] = [makeNamed(['in_1']), makeNamed(['pi_1', 'in_1', 'ch_1'])];
      const [first, second] = hooks.map((hook, index) =>
        makeDigest(hook, { events: [index === 0 ? invoice : payment] }),
      );
      if (first !== undefined) await rig.keep.recordDigests([first], NOW);
      if (second !== undefined) await rig.keep.recordDigests([second], NOW);
      const found = await rig.keep.findOrders('demo', ['in_1', 'pi_1', 'ch_1']);
      expect(found.map(({ order_id, event }) => [order_id, event?.order_id]).sort()).toEqual([
        ['ch_1', 'in_1'],
        ['in_1', 'in_1'],
        ['pi_1', 'in_1'],
      ]);
    });

    test('says the latest reason why an order was not counted', async () => {
      await see('1', 'not paid');
      await see('1', 'cancelled');
      expect(await rig.keep.findOrders('demo', ['1'])).toEqual([{ order_id: '1', reason: 'cancelled' }]);
    });

    test('says when a hook that tells of an order and waits is handed out again, until it ends or the order counts', async () => {
      const hook = makeHook('thin', { lease_id: 'a' });
      await rig.keep.keepHooks([hook]);
      const uncounted = [{ order_id: '1', order_number: '1042' }, { order_id: 'PAY1', also: true }, { order_id: '2' }];
      await see('2', 'not paid');
      const due_at = NOW + 600_000;
      const told = { by: hook.hook.id, at: due_at };
      await rig.keep.recordDigests([makeDigest(hook, { state: 'waiting', due_at, uncounted })], NOW);
      await see('PAY1', 'cancelled');
      const find = async () =>
        (await rig.keep.findOrders('demo', ['1', '2', 'PAY1'])).sort((a, b) => (a.order_id < b.order_id ? -1 : 1));
      expect(await find()).toEqual([
        { order_id: '1', told },
        { order_id: '2', reason: 'not paid', told },
        { order_id: 'PAY1', reason: 'cancelled', told },
      ]);
      expect((await rig.keep.coverOrders('demo', 'shop', NOW)).uncounted).toHaveLength(1);
      const [leased] = await rig.keep.claimHooks(rig.claim('b', due_at));
      expect(leased?.id).toBe(hook.hook.id);
      expect((await find()).map(({ told }) => told !== undefined && told.at > due_at)).toEqual([true, true, true]);
      const ended = { ...makeDigest(hook, { events: [makeNamed(['1', 'PAY1'])] }), lease_id: 'b' };
      await rig.keep.recordDigests([ended], due_at);
      expect(await find()).toEqual([
        { order_id: '1', event: makePurchase('1') },
        { order_id: '2', reason: 'not paid' },
        { order_id: 'PAY1', event: makePurchase('1') },
      ]);
      expect(await rig.keep.coverOrders('demo', 'shop', NOW)).toMatchObject({ counted: 1 });
    });

    test('keeps the first purchase of an order that was counted under two keys', async () => {
      const hook = makeHook('one', { lease_id: 'a' });
      await rig.keep.keepHooks([hook]);
      const events = [12.5, 99].map((value) => ({ ...makeEvent({ ...makePurchase('1'), value }), key: `${value}` }));
      await rig.keep.recordDigests([makeDigest(hook, { events })], NOW);
      expect(await rig.keep.findOrders('demo', ['1'])).toMatchObject([{ event: { value: 12.5 } }]);
    });

    test('of one store knows nothing of another store whose orders have the same ids', async () => {
      const waiting = makeHook('refund', { lease_id: 'a' });
      await rig.keep.keepHooks([waiting]);
      const waits = { state: 'waiting', waits_for: 'B-1', due_at: NOW + 600_000 } as const;
      await rig.keep.recordDigests([makeDigest(waiting, waits)], NOW);
      const other = { ...makeNamed(['2'], ['ga4']), skipped: [{ destination: 'meta', reason: 'no consent' }] };
      const made = [
        { store: 'demo', events: [makeNamed(['1', 'A-1'])] },
        { store: 'bakery', events: [makeNamed(['1', 'B-1']), other] },
      ].map(({ store, events }) => {
        const hook = makeHook(store, { lease_id: 'a' });
        return { hook: { ...hook, hook: { ...hook.hook, store } }, events, store };
      });
      await rig.keep.keepHooks(made.map(({ hook }) => hook));
      const news = await rig.keep.recordDigests(
        made.map(({ hook, ...parts }) => makeDigest(hook, parts)),
        NOW,
      );
      const ids = made.flatMap(({ events }) => events.map(({ id }) => id));
      expect(news).toEqual(new Set(ids));
      const later = makeHook('later refund', { lease_id: 'a' });
      await rig.keep.keepHooks([later]);
      await rig.keep.recordDigests([makeDigest(later, waits)], NOW);
      expect(await rig.keep.findOrders('demo', ['B-1'])).toEqual([]);
      expect(await rig.keep.findOrders('bakery', ['A-1'])).toEqual([]);
      expect(await rig.claimIds('b', NOW)).toEqual([]);
      expect((await rig.keep.findMakers('demo', ['purchase:1'])).map(({ event_id }) => event_id)).toEqual([ids[0]]);
      for (const table of ['deliveries', 'attempts', "events where order_id = '2'"])
        expect(await rig.db.query(`select store from ${table}`)).toEqual([{ store: 'bakery' }]);
    });

    test('says how many orders of a source count, and why the others do not, the most frequent reason first', async () => {
      const cover = (source: string, since = NOW) => rig.keep.coverOrders('demo', source, since);
      await rig.makePurchaseDue('1');
      const hook = makeHook('named', { lease_id: 'a' });
      await rig.keep.keepHooks([hook]);
      await rig.keep.recordDigests([makeDigest(hook, { events: [makeNamed(['2', 'other name of 2'])] })], NOW);
      await see('3', 'cancelled');
      for (const order of ['4', '5', '6']) await see(order, 'not paid');
      await rig.makePurchaseDue('6');
      expect(await cover('shop')).toEqual({
        counted: 3,
        uncounted: [
          { reason: 'not paid', orders: 2, latest: ['5', '4'] },
          { reason: 'cancelled', orders: 1, latest: ['3'] },
        ],
      });
      for (const nothing of [cover('other'), cover('shop', NOW + 1)])
        expect(await nothing).toEqual({ counted: 0, uncounted: [] });
    });

    test('counts and names an order that does not count once, by the first of its ids', async () => {
      const hook = makeHook('unpaid', { lease_id: 'a' });
      await rig.keep.keepHooks([hook]);
      const uncounted = [
        { order_id: '15', order_number: '1042', reason: 'not paid' },
        { order_id: 'number 1042', also: true, reason: 'not paid' },
      ];
      await rig.keep.recordDigests([makeDigest(hook, { state: 'ignored', uncounted })], NOW);
      expect((await rig.keep.coverOrders('demo', 'shop', NOW)).uncounted).toEqual([
        { reason: 'not paid', orders: 1, latest: ['1042'] },
      ]);
      expect(await rig.keep.findOrders('demo', ['number 1042'])).toMatchObject([{ reason: 'not paid' }]);
    });

    test('names the latest five orders of each reason, also where those of a rare one are older than many others', async () => {
      await see('0', 'cancelled');
      const hook = makeHook('many', { lease_id: 'a' });
      await rig.keep.keepHooks([hook]);
      const uncounted = Array.from({ length: 120 }, (_, at) => ({
        order_id: String(1000 + at),
        order_number: `A-${1000 + at}`,
        reason: 'not paid',
      }));
      await rig.keep.recordDigests([makeDigest(hook, { state: 'ignored', uncounted })], NOW + 1);
      expect((await rig.keep.coverOrders('demo', 'shop', NOW)).uncounted).toEqual([
        { reason: 'not paid', orders: 120, latest: ['A-1119', 'A-1118', 'A-1117', 'A-1116', 'A-1115'] },
        { reason: 'cancelled', orders: 1, latest: ['0'] },
      ]);
    });

    test('lets counted win over uncounted, whichever comes first', async () => {
      await see('1', 'not paid');
      await rig.makePurchaseDue('1');
      await rig.makePurchaseDue('2');
      await see('2', 'cancelled');
      const orders = await rig.keep.findOrders('demo', ['1', '2']);
      expect(orders.map(({ event, reason }) => [event?.name, reason])).toEqual([
        ['purchase', undefined],
        ['purchase', undefined],
      ]);
    });
  });
}
