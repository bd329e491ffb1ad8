// The contract of recording what became of hooks: events once, the ledger, hooks that wait.
import { describe, expect, test } from 'vitest';
import { LEASE, makeDigest, makeEvent, makeHook, makeNamed, makePurchase, NOW } from './make.ts';
import type { Rig } from './rig.ts';

export function testDigests(rig: Rig): void {
  describe('recording digests', () => {
    test('of three hooks of one order makes one event with its deliveries', async () => {
      const hooks = ['created', 'paid', 'updated'].map((topic) => makeHook(topic, { lease_id: 'a' }));
      await rig.keep.keepHooks(hooks);
      const events = hooks.map(() => makeEvent(makePurchase('1001'), ['ga4', 'meta']));
      const digests = hooks.map((hook, index) => makeDigest(hook, { events: events.slice(index, index + 1) }));
      expect(await rig.keep.recordDigests(digests.slice(0, 2), NOW)).toEqual(new Set([events[0]?.id]));
      expect(await rig.keep.recordDigests(digests.slice(2), NOW)).toEqual(new Set());
      expect([await rig.countRows('events'), await rig.countRows('deliveries')]).toEqual([1, 2]);
    });

    test('with one key at the same time makes one event', async () => {
      const hooks = Array.from({ length: 50 }, (_, index) => makeHook(`${index}`, { lease_id: 'a' }));
      await rig.keep.keepHooks(hooks);
      const won = await Promise.all(
        hooks.map((hook) =>
          rig.keep.recordDigests([makeDigest(hook, { events: [makeEvent(makePurchase('1'), ['ga4'])] })], NOW),
        ),
      );
      expect(won.reduce((sum, ids) => sum + ids.size, 0)).toBe(1);
      expect(await rig.countRows('deliveries')).toBe(1);
    });

    test('of many orders at once, each told twice under several names, makes one event of each', async () => {
      const orders = Array.from({ length: 60 }, (_, index) => String(index % 30));
      const hooks = orders.map((_, index) => makeHook(`${index}`, { lease_id: 'a' }));
      await rig.keep.keepHooks(hooks);
      const events = orders.map((order, index) => {
        const names = [order, `invoice of ${order}`, `checkout of ${order}`, `payment of ${order}`];
        return makeNamed(index < 30 ? names : names.toReversed());
      });
      const digests = hooks.map((hook, index) => makeDigest(hook, { events: events.slice(index, index + 1) }));
      const made = await rig.keep.recordDigests(digests, NOW);
      expect(made).toEqual(new Set(events.slice(0, 30).map(({ id }) => id)));
    });

    test('of one order under names that only partly agree makes one event', async () => {
      const names = [['checkout', 'payment'], ['payment', 'invoice'], ['invoice'], ['another']];
      const hooks = names.map((_, index) => makeHook(`${index}`, { lease_id: 'a' }));
      await rig.keep.keepHooks(hooks);
      const events = names.map(([order_id = '', ...more]) => makeNamed([order_id, ...more]));
      const digests = hooks.map((hook, index) => makeDigest(hook, { events: events.slice(index, index + 1) }));
      const first = await rig.keep.recordDigests(digests.slice(0, 2), NOW);
      const second = await rig.keep.recordDigests(digests.slice(2), NOW);
      expect([first, second]).toEqual([new Set([events[0]?.id]), new Set([events[3]?.id])]);
    });

    test('of one order under names that only partly agree at the same time makes one event', async () => {
      const hooks = Array.from({ length: 30 }, (_, index) => makeHook(`${index}`, { lease_id: 'a' }));
      await rig.keep.keepHooks(hooks);
      const won = await Promise.all(
        hooks.map((hook, index) =>
          rig.keep.recordDigests([makeDigest(hook, { events: [makeNamed(['common', `${index}`].sort())] })], NOW),
        ),
      );
      expect(won.reduce((sum, ids) => sum + ids.size, 0)).toBe(1);
    });

    test('with names twice, after an answer that was lost, adds nothing', async () => {
      const hook = makeHook('one', { lease_id: 'a' });
      await rig.keep.keepHooks([hook]);
      const digest = makeDigest(hook, { events: [makeNamed(['checkout', 'payment'])] });
      await rig.keep.recordDigests([digest], NOW);
      await rig.keep.recordDigests([digest], NOW);
      expect([await rig.countRows('events'), await rig.countRows('event_keys')]).toEqual([1, 2]);
    });

    test('twice, after an answer that was lost, adds nothing', async () => {
      const hook = makeHook('one', { lease_id: 'a' });
      await rig.keep.keepHooks([hook]);
      const event = {
        ...makeEvent(makePurchase('1'), ['ga4']),
        skipped: [{ destination: 'meta', reason: 'no consent' }],
      };
      const digest = makeDigest(hook, { events: [event] });
      await rig.keep.recordDigests([digest], NOW);
      await rig.keep.recordDigests([digest], NOW);
      const rows = [await rig.countRows('events'), await rig.countRows('deliveries'), await rig.countRows('attempts')];
      expect(rows).toEqual([1, 1, 1]);
    });

    test('under a lost lease changes nothing', async () => {
      const hook = makeHook('one', { lease_id: 'a', due_at: NOW });
      await rig.keep.keepHooks([hook]);
      await rig.keep.claimHooks(rig.claim('b'));
      const uncounted = [{ order_id: '2', reason: 'not paid' }];
      const events = [makeEvent(makePurchase('1'), ['ga4'])];
      const stale = makeDigest(hook, { events, uncounted, forget_body: true });
      expect(await rig.keep.recordDigests([stale], NOW)).toEqual(new Set());
      expect([await rig.countRows('events'), await rig.countRows('deliveries'), await rig.countRows('orders')]).toEqual(
        [0, 0, 0],
      );
      expect(await rig.countRows('hook_bodies')).toBe(1);
      expect(await rig.keep.findTrace({ hook_id: hook.hook.id })).toMatchObject({
        hooks: [{ state: 'kept', attempts: 2 }],
      });
    });

    test('keeps what look-ups answered and hands it out with the hook, under its lease alone', async () => {
      const hook = makeHook('thin', { lease_id: 'a' });
      await rig.keep.keepHooks([hook, makeHook('another')]);
      const waiting = { state: 'waiting' as const, due_at: NOW, answers: { key: { email: 'ann@example.com' } } };
      await rig.keep.recordDigests([{ ...makeDigest(hook, waiting), lease_id: 'lost' }], NOW);
      await rig.keep.recordDigests([makeDigest(hook, waiting)], NOW);
      await rig.keep.recordDigests([makeDigest(hook, { ...waiting, answers: {} })], NOW);
      const claimed = await rig.keep.claimHooks(rig.claim('b'));
      expect(claimed.map(({ answers }) => answers)).toEqual([waiting.answers, undefined]);
    });

    test('ends the hook, or hands it out again when due', async () => {
      const [ended, later] = [makeHook('ended', { lease_id: 'a' }), makeHook('later', { lease_id: 'a' })];
      await rig.keep.keepHooks([ended, later]);
      const due_at = NOW + 5_000;
      await rig.keep.recordDigests(
        [makeDigest(ended, { state: 'ignored' }), makeDigest(later, { state: 'kept', due_at })],
        NOW,
      );
      expect(await rig.claimIds('b', due_at - 1)).toEqual([]);
      expect(await rig.claimIds('b', due_at + LEASE)).toEqual([later.hook.id]);
    });
  });

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

  describe('a hook that waits for an order', () => {
    const later = NOW + 600_000;
    const makeWaiting = async (order_id: string) => {
      const hook = makeHook(`refund of ${order_id}`, { lease_id: 'a' });
      await rig.keep.keepHooks([hook]);
      await rig.keep.recordDigests([makeDigest(hook, { state: 'waiting', waits_for: order_id, due_at: later })], NOW);
      return hook.hook.id;
    };

    test('is due at once when the order is counted', async () => {
      const [waiting] = [await makeWaiting('1'), await makeWaiting('2')];
      expect(await rig.claimIds('b', NOW + 1)).toEqual([]);
      await rig.makePurchaseDue('1');
      expect(await rig.claimIds('b', NOW)).toEqual([waiting]);
    });

    test('is due at once when the order is counted under another of its ids', async () => {
      const waiting = await makeWaiting('ch_1');
      const hook = makeHook('paid', { lease_id: 'a' });
      await rig.keep.keepHooks([hook]);
      await rig.keep.recordDigests([makeDigest(hook, { events: [makeNamed(['pi_1', 'ch_1'])] })], NOW);
      expect(await rig.claimIds('b', NOW)).toEqual([waiting]);
    });

    test('is due at once when the order was counted while it was looked at', async () => {
      await rig.makePurchaseDue('1');
      const waiting = await makeWaiting('1');
      expect(await rig.claimIds('b', NOW)).toEqual([waiting]);
    });

    test('stays waiting when nothing is made of its order, for the hook is no longer held by who tells of it', async () => {
      const waiting = await makeWaiting('1');
      const hook = makeHook('paid', { lease_id: 'a' });
      await rig.keep.keepHooks([hook]);
      const lost = { ...makeDigest(hook, { events: [makeEvent(makePurchase('1'))] }), lease_id: 'another' };
      await rig.keep.recordDigests([lost], NOW);
      const seen = makeHook('not paid', { lease_id: 'a' });
      await rig.keep.keepHooks([seen]);
      const unpaid = { order_id: '1', reason: 'not paid' };
      await rig.keep.recordDigests([makeDigest(seen, { state: 'ignored', uncounted: [unpaid] }), lost], NOW);
      expect(await rig.claimIds('b', NOW)).not.toContain(waiting);
    });

    test('is counted from its first try again, and one that is handed out again is not', async () => {
      const attempts = async () =>
        (await rig.db.query('select attempts from hooks')).map((row) => Number(row.attempts));
      const hook = makeHook('refund of 1', { lease_id: 'a' });
      await rig.keep.keepHooks([hook]);
      await rig.keep.recordDigests([makeDigest(hook, { state: 'kept', due_at: NOW })], NOW);
      expect(await attempts()).toEqual([1]);
      const [again] = await rig.keep.claimHooks(rig.claim('b', NOW));
      expect(again?.attempts).toBe(2);
      const waits = makeDigest(hook, { state: 'waiting', waits_for: '1', due_at: later });
      await rig.keep.recordDigests([{ ...waits, lease_id: 'b' }], NOW);
      expect(await attempts()).toEqual([0]);
    });

    test('is due when the order is counted after its end, while its body is there', async () => {
      const makeEnded = async (body: string, parts: object) => {
        const hook = makeHook(body, { lease_id: 'a' });
        await rig.keep.keepHooks([hook]);
        await rig.keep.recordDigests([makeDigest(hook, { state: 'ignored', waits_for: '1', ...parts })], NOW);
        return hook.hook.id;
      };
      const ended = await makeEnded('refund of 1', {});
      const forgotten = await makeEnded('another', { forget_body: true });
      expect(await rig.claimIds('b', later)).toEqual([]);
      await rig.makePurchaseDue('1');
      expect(await rig.claimIds('b', NOW)).toEqual([ended]);
      const [{ state } = {}] = await rig.db.query('select state from hooks where id = $1', [forgotten]);
      expect(state).toBe('ignored');
    });

    test('is due later when the order never comes, or does not count', async () => {
      const pending = makeHook('pending', { lease_id: 'a' });
      await rig.keep.keepHooks([pending]);
      const uncounted = [{ order_id: '1', reason: 'pending' }];
      await rig.keep.recordDigests([makeDigest(pending, { state: 'ignored', uncounted })], NOW);
      const waiting = await makeWaiting('1');
      expect(await rig.claimIds('b', later - 1)).toEqual([]);
      // Waiting is no failure: what was tried before is not counted against it.
      expect(await rig.keep.claimHooks(rig.claim('b', later))).toMatchObject([{ id: waiting, attempts: 1 }]);
    });

    test('is left to its holder when it is leased', async () => {
      await makeWaiting('1');
      await rig.keep.claimHooks(rig.claim('b', later));
      await rig.makePurchaseDue('1');
      expect(await rig.claimIds('c', later)).toEqual([]);
    });
  });
}
