// What every database driver must do: the questions of keep, asked of the real thing.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createBatcher } from '../../src/keep/batch.ts';
import { createKeep, type Keep } from '../../src/keep/keep.ts';
import type { Vault } from '../../src/lib/vault.ts';
import type { Db, Delivery } from '../../src/types.ts';
import { delivered, LEASE, makeDigest, makeEvent, makeHook, makePurchase, NOW } from './make.ts';

const TABLES = ['hooks', 'hook_bodies', 'events', 'orders', 'deliveries', 'attempts', 'pauses'];

/** `open` answers a migrated database for the tests alone. */
export function testKeep(
  name: string,
  open: () => Promise<{ db: Db; close: () => Promise<void> }>,
  vault: Vault,
): void {
  describe(`keep on ${name}`, () => {
    let db: Db;
    let close: () => Promise<void>;
    let keep: Keep;
    beforeAll(async () => {
      ({ db, close } = await open());
      keep = createKeep({ db, vault });
    });
    beforeEach(() => db.transaction(TABLES.map((table) => ({ sql: `delete from ${table}`, rows: [[]] }))));
    afterAll(() => close());

    const claim = (lease_id: string, now = NOW, limit = 100) => ({ now, lease_until: now + LEASE, lease_id, limit });
    const claimIds = async (lease_id: string, now = NOW, limit = 100) =>
      (await keep.claimHooks(claim(lease_id, now, limit))).map(({ id }) => id);
    const claimFor = (account: string, lease_id: string, now = NOW) =>
      keep.claimDeliveries({ ...claim(lease_id, now), account });
    const countRows = async (table: string) => (await db.query(`select 1 as one from ${table}`)).length;
    /** Keeps a hook leased to `lease` and records a purchase of it, due at `destinations`. */
    const makePurchaseDue = async (order_id: string, ...destinations: string[]): Promise<string> => {
      const hook = makeHook(`paid ${order_id}`, { lease_id: 'lease' });
      await keep.keepHooks([hook]);
      const event = makeEvent(makePurchase(order_id), destinations);
      await keep.recordDigests([makeDigest(hook, { events: [event] })], NOW);
      return event.id;
    };
    const only = (deliveries: Delivery[]): Delivery => {
      const [delivery] = deliveries;
      if (delivery === undefined || deliveries.length > 1) throw new Error(`${deliveries.length} deliveries`);
      return delivery;
    };

    describe('a transaction', () => {
      test('whose last step fails leaves nothing of the steps before it', async () => {
        const sql = 'insert into pauses (account, reason, since) values ($1, $2, $3)';
        const rows = [
          ['a', 'first', 1],
          ['a', 'second', 2],
        ];
        await expect(db.transaction([{ sql, rows }])).rejects.toMatchObject({ failure: 'constraint' });
        expect(await keep.listPauses()).toEqual([]);
      });

      test('answers the rows of every run of every step', async () => {
        const results = await db.transaction([
          { sql: 'insert into pauses (account, reason, since) values ($1, $1, $2)', rows: [['a', 1]] },
          { sql: 'select account, reason from pauses where since >= $1', rows: [[1], [2]] },
        ]);
        expect(results).toEqual([[[]], [[{ account: 'a', reason: 'a' }], []]]);
      });
    });

    describe('keeping hooks', () => {
      test('seen before by body or by delivery id answers duplicate', async () => {
        const answers = await keep.keepHooks([makeHook('one', { delivery: 'a' })]);
        answers.push(
          ...(await keep.keepHooks([makeHook('one', { delivery: 'b' }), makeHook('two', { delivery: 'a' })])),
        );
        expect(answers).toEqual(['kept', 'duplicate', 'duplicate']);
        expect([await countRows('hooks'), await countRows('hook_bodies')]).toEqual([1, 1]);
      });

      test('the same twice in one batch keeps the first', async () => {
        const hooks = [makeHook('one'), makeHook('one'), makeHook('two')];
        expect(await keep.keepHooks(hooks)).toEqual(['kept', 'duplicate', 'kept']);
      });

      test('a duplicate does not make later hooks duplicates of itself', async () => {
        await keep.keepHooks([makeHook('one', { delivery: 'a' })]);
        const hooks = [makeHook('two', { delivery: 'a' }), makeHook('two', { delivery: 'b' })];
        expect(await keep.keepHooks(hooks)).toEqual(['duplicate', 'kept']);
      });

      test('10,000 copies at the same time keep exactly one', async () => {
        const keepOne = createBatcher(keep.keepHooks);
        const answers = await Promise.all(
          Array.from({ length: 10_000 }, (_, index) => keepOne(makeHook('one', { delivery: `${index % 7}` }))),
        );
        expect(answers.filter((answer) => answer === 'kept')).toHaveLength(1);
        expect(await countRows('hooks')).toBe(1);
      });
    });

    describe('claiming hooks', () => {
      test('gives every byte and header back', async () => {
        const given = makeHook('x');
        given.hook.body = Uint8Array.from({ length: 512 }, (_, index) => index % 256);
        given.hook.headers = { 'x-topic': 'orders/paid', 'x-name': 'Zoë "Q" \\ 🙂', 'x-empty': '' };
        const empty = makeHook('y');
        empty.hook.body = new Uint8Array();
        await keep.keepHooks([given, empty]);
        const [first, second] = await keep.claimHooks(claim('a'));
        expect({ ...first, body: [...(first?.body ?? [])] }).toEqual({
          ...given.hook,
          body: [...given.hook.body],
          attempts: 1,
        });
        expect(second?.body).toHaveLength(0);
      });

      test('takes those due longest first, and none before it is due', async () => {
        const hooks = [3, 1, 2].map((at) => makeHook(`due ${at}`, { due_at: NOW + at }));
        await keep.keepHooks(hooks);
        const ids = hooks.map(({ hook }) => hook.id);
        expect(await claimIds('a', NOW)).toEqual([]);
        expect(await claimIds('b', NOW + 3, 1)).toEqual([ids[1]]);
        expect(await claimIds('c', NOW + 3, 1)).toEqual([ids[2]]);
      });

      test('leaves leased ones alone until the lease ends', async () => {
        const born = makeHook('born leased', { lease_id: 'a', due_at: NOW + LEASE });
        await keep.keepHooks([born, makeHook('due')]);
        expect(await claimIds('b')).toHaveLength(1);
        expect(await claimIds('c')).toEqual([]);
        const [again] = await keep.claimHooks(claim('d', NOW + LEASE));
        expect(again).toMatchObject({ id: born.hook.id, attempts: 2 });
      });

      test('many claims at the same time take every hook once', async () => {
        await keep.keepHooks(Array.from({ length: 200 }, (_, index) => makeHook(`hook ${index}`)));
        const claims = await Promise.all(Array.from({ length: 30 }, (_, index) => claimIds(`lease ${index}`, NOW, 10)));
        const ids = claims.flat();
        expect([ids.length, new Set(ids).size]).toEqual([200, 200]);
      });

      test('a released hook is due again, unless somebody else holds it', async () => {
        const hook = makeHook('one', { lease_id: 'a', due_at: NOW + LEASE });
        await keep.keepHooks([hook]);
        await keep.releaseHooks([hook.hook.id], 'not a', NOW);
        expect(await claimIds('b')).toEqual([]);
        await keep.releaseHooks([hook.hook.id], 'a', NOW);
        expect(await claimIds('b')).toEqual([hook.hook.id]);
      });
    });

    describe('recording digests', () => {
      test('of three hooks of one order makes one event with its deliveries', async () => {
        const hooks = ['created', 'paid', 'updated'].map((topic) => makeHook(topic, { lease_id: 'a' }));
        await keep.keepHooks(hooks);
        const events = hooks.map(() => makeEvent(makePurchase('1001'), ['ga4', 'meta']));
        const digests = hooks.map((hook, index) => makeDigest(hook, { events: events.slice(index, index + 1) }));
        expect(await keep.recordDigests(digests.slice(0, 2), NOW)).toEqual(new Set([events[0]?.id]));
        expect(await keep.recordDigests(digests.slice(2), NOW)).toEqual(new Set());
        expect([await countRows('events'), await countRows('deliveries')]).toEqual([1, 2]);
      });

      test('with one key at the same time makes one event', async () => {
        const hooks = Array.from({ length: 50 }, (_, index) => makeHook(`${index}`, { lease_id: 'a' }));
        await keep.keepHooks(hooks);
        const won = await Promise.all(
          hooks.map((hook) =>
            keep.recordDigests([makeDigest(hook, { events: [makeEvent(makePurchase('1'), ['ga4'])] })], NOW),
          ),
        );
        expect(won.reduce((sum, ids) => sum + ids.size, 0)).toBe(1);
        expect(await countRows('deliveries')).toBe(1);
      });

      test('twice, after an answer that was lost, adds nothing', async () => {
        const hook = makeHook('one', { lease_id: 'a' });
        await keep.keepHooks([hook]);
        const event = {
          ...makeEvent(makePurchase('1'), ['ga4']),
          skipped: [{ destination: 'meta', reason: 'no consent' }],
        };
        const digest = makeDigest(hook, { events: [event] });
        await keep.recordDigests([digest], NOW);
        await keep.recordDigests([digest], NOW);
        const rows = [await countRows('events'), await countRows('deliveries'), await countRows('attempts')];
        expect(rows).toEqual([1, 1, 1]);
      });

      test('under a lost lease changes nothing', async () => {
        const hook = makeHook('one', { lease_id: 'a', due_at: NOW });
        await keep.keepHooks([hook]);
        await keep.claimHooks(claim('b'));
        const uncounted = [{ order_id: '2', reason: 'not paid' }];
        const stale = makeDigest(hook, { events: [makeEvent(makePurchase('1'), ['ga4'])], uncounted });
        expect(await keep.recordDigests([stale], NOW)).toEqual(new Set());
        expect([await countRows('events'), await countRows('deliveries'), await countRows('orders')]).toEqual([
          0, 0, 0,
        ]);
        expect(await keep.findTrace({ hook_id: hook.hook.id })).toMatchObject({
          hooks: [{ state: 'kept', attempts: 2 }],
        });
      });

      test('ends the hook, or hands it out again when due', async () => {
        const [ended, later] = [makeHook('ended', { lease_id: 'a' }), makeHook('later', { lease_id: 'a' })];
        await keep.keepHooks([ended, later]);
        const due_at = NOW + 5_000;
        await keep.recordDigests(
          [makeDigest(ended, { state: 'ignored' }), makeDigest(later, { state: 'kept', due_at })],
          NOW,
        );
        expect(await claimIds('b', due_at - 1)).toEqual([]);
        expect(await claimIds('b', due_at + LEASE)).toEqual([later.hook.id]);
      });
    });

    describe('the ledger', () => {
      const see = async (order_id: string, reason: string) => {
        const hook = makeHook(`${order_id} ${reason}`, { lease_id: 'a' });
        await keep.keepHooks([hook]);
        await keep.recordDigests([makeDigest(hook, { state: 'ignored', uncounted: [{ order_id, reason }] })], NOW);
      };

      test('knows the purchase of a counted order and nothing of others', async () => {
        await makePurchaseDue('1');
        expect(await keep.findOrders('demo', ['1', '2'])).toEqual([{ order_id: '1', event: makePurchase('1') }]);
        expect(await keep.findOrders('other', ['1'])).toEqual([]);
        expect(await keep.findOrders('demo', [])).toEqual([]);
      });

      test('says the latest reason why an order was not counted', async () => {
        await see('1', 'not paid');
        await see('1', 'cancelled');
        expect(await keep.findOrders('demo', ['1'])).toEqual([{ order_id: '1', reason: 'cancelled' }]);
      });

      test('keeps the first purchase of an order that was counted under two keys', async () => {
        const hook = makeHook('one', { lease_id: 'a' });
        await keep.keepHooks([hook]);
        const events = [12.5, 99].map((value) => ({ ...makeEvent({ ...makePurchase('1'), value }), key: `${value}` }));
        await keep.recordDigests([makeDigest(hook, { events })], NOW);
        expect(await keep.findOrders('demo', ['1'])).toMatchObject([{ event: { value: 12.5 } }]);
      });

      test('lets counted win over uncounted, whichever comes first', async () => {
        await see('1', 'not paid');
        await makePurchaseDue('1');
        await makePurchaseDue('2');
        await see('2', 'cancelled');
        const orders = await keep.findOrders('demo', ['1', '2']);
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
        await keep.keepHooks([hook]);
        await keep.recordDigests([makeDigest(hook, { state: 'waiting', waits_for: order_id, due_at: later })], NOW);
        return hook.hook.id;
      };

      test('is due at once when the order is counted', async () => {
        const [waiting] = [await makeWaiting('1'), await makeWaiting('2')];
        expect(await claimIds('b', NOW + 1)).toEqual([]);
        await makePurchaseDue('1');
        expect(await claimIds('b', NOW)).toEqual([waiting]);
      });

      test('is due at once when the order was counted while it was looked at', async () => {
        await makePurchaseDue('1');
        const waiting = await makeWaiting('1');
        expect(await claimIds('b', NOW)).toEqual([waiting]);
      });

      test('is due later when the order never comes', async () => {
        const waiting = await makeWaiting('1');
        expect(await claimIds('b', later)).toEqual([waiting]);
      });

      test('is left to its holder when it is leased', async () => {
        await makeWaiting('1');
        await keep.claimHooks(claim('b', later));
        await makePurchaseDue('1');
        expect(await claimIds('c', later)).toEqual([]);
      });
    });

    describe('deliveries', () => {
      test('are claimed for one account, with their event', async () => {
        const event_id = await makePurchaseDue('1', 'ga4', 'meta');
        expect(await claimFor('ga4', 'a')).toEqual([
          {
            event_id,
            destination: 'ga4',
            copy: 0,
            store: 'demo',
            account: 'ga4',
            attempts: 0,
            created_at: NOW,
            lease_id: 'a',
            event: makePurchase('1'),
          },
        ]);
        expect(await claimFor('ga4', 'b')).toEqual([]);
        expect(await claimFor('meta', 'b')).toHaveLength(1);
      });

      test('born leased are left to their holder until the lease ends', async () => {
        const hook = makeHook('one', { lease_id: 'a' });
        await keep.keepHooks([hook]);
        await keep.recordDigests([makeDigest(hook, { events: [makeEvent(makePurchase('1'), ['ga4'], 'a')] })], NOW);
        expect(await claimFor('ga4', 'b', NOW + LEASE - 1)).toEqual([]);
        expect(await claimFor('ga4', 'b', NOW + LEASE)).toHaveLength(1);
      });

      test('finished are gone, with their end in the history', async () => {
        const event_id = await makePurchaseDue('1', 'ga4');
        await keep.finishDeliveries((await claimFor('ga4', 'a')).map(delivered));
        const { events } = await keep.findTrace({ store: 'demo', order_id: '1' });
        expect(events).toMatchObject([
          { id: event_id, deliveries: [], attempts: [{ destination: 'ga4', n: 1, status: 204, kind: 'delivered' }] },
        ]);
        expect(await claimFor('ga4', 'b', NOW + 2 * LEASE)).toEqual([]);
      });

      test('put off are claimed again when due, with one attempt more', async () => {
        await makePurchaseDue('1', 'ga4');
        const attempt = { at: NOW, ms: 5, kind: 'retry' as const, reason: 'status 500', ambiguous: true };
        const due_at = NOW + 5_000;
        await keep.finishDeliveries([{ delivery: only(await claimFor('ga4', 'a')), attempt, due_at }]);
        expect(await claimFor('ga4', 'b', due_at - 1)).toEqual([]);
        expect(await claimFor('ga4', 'b', due_at)).toMatchObject([{ attempts: 1 }]);
        const { events } = await keep.findTrace({ store: 'demo', order_id: '1' });
        expect(events[0]?.attempts).toMatchObject([{ n: 1, kind: 'retry', reason: 'status 500', ambiguous: true }]);
      });

      test('finished under a lost lease stay, and only the attempt is noted, once', async () => {
        await makePurchaseDue('1', 'ga4');
        const stale = only(await claimFor('ga4', 'a'));
        const held = only(await claimFor('ga4', 'b', NOW + LEASE));
        await keep.finishDeliveries([delivered(stale)]);
        await keep.finishDeliveries([delivered(stale)]);
        await keep.finishDeliveries([{ ...delivered(stale), due_at: NOW }]);
        expect([await countRows('deliveries'), await countRows('attempts')]).toEqual([1, 1]);
        await keep.finishDeliveries([{ ...delivered(held), attempt: { ...delivered(held).attempt, at: NOW + LEASE } }]);
        expect([await countRows('deliveries'), await countRows('attempts')]).toEqual([0, 2]);
      });

      test('a skipped destination is in the history and never claimed', async () => {
        const hook = makeHook('one', { lease_id: 'a' });
        await keep.keepHooks([hook]);
        const event = { ...makeEvent(makePurchase('1')), skipped: [{ destination: 'meta', reason: 'no consent' }] };
        await keep.recordDigests([makeDigest(hook, { events: [event] })], NOW);
        const { events } = await keep.findTrace({ hook_id: hook.hook.id });
        expect(events[0]?.attempts).toMatchObject([
          { destination: 'meta', n: 0, kind: 'skipped', reason: 'no consent' },
        ]);
        expect(await countRows('deliveries')).toBe(0);
      });

      test('released are due again at the given time, unless somebody else holds them', async () => {
        await makePurchaseDue('1', 'ga4');
        const delivery = only(await claimFor('ga4', 'a'));
        await keep.releaseDeliveries([{ ...delivery, lease_id: 'not a' }], NOW);
        expect(await claimFor('ga4', 'b')).toEqual([]);
        await keep.releaseDeliveries([delivery], NOW + 10);
        expect(await claimFor('ga4', 'b', NOW + 9)).toEqual([]);
        expect(await claimFor('ga4', 'b', NOW + 10)).toMatchObject([{ attempts: 0 }]);
      });

      test('whose sending began and never ended say so to the next holder', async () => {
        await makePurchaseDue('1', 'ga4');
        const delivery = only(await claimFor('ga4', 'a'));
        expect(await keep.startDeliveries([delivery], NOW + 1)).toEqual([delivery]);
        const next = only(await claimFor('ga4', 'b', NOW + LEASE));
        expect(next.sending_since).toBe(NOW + 1);
        expect(await keep.startDeliveries([delivery], NOW + 2)).toEqual([]);
        await keep.releaseDeliveries([next], NOW);
        expect(only(await claimFor('ga4', 'c')).sending_since).toBeUndefined();
      });

      test('of a paused account are not claimed until it is resumed', async () => {
        await makePurchaseDue('1', 'ga4');
        await keep.pauseAccount({ account: 'ga4', reason: 'the secret is wrong', since: NOW });
        await keep.pauseAccount({ account: 'ga4', reason: 'another', since: NOW + 1 });
        expect(await claimFor('ga4', 'a')).toEqual([]);
        expect(await keep.listPauses()).toEqual([{ account: 'ga4', reason: 'the secret is wrong', since: NOW }]);
        await keep.resumeAccount('ga4');
        expect(await claimFor('ga4', 'a')).toHaveLength(1);
      });

      test('that are open name their accounts and when the first is due', async () => {
        expect(await keep.findDueAccounts()).toEqual([]);
        await makePurchaseDue('1', 'ga4', 'meta');
        await makePurchaseDue('2', 'ga4', 'sgtm');
        await keep.releaseDeliveries(await claimFor('meta', 'a'), NOW + 7);
        const due = await keep.findDueAccounts();
        expect(due.sort((a, b) => (a.account < b.account ? -1 : 1))).toEqual([
          { account: 'ga4', due_at: NOW },
          { account: 'meta', due_at: NOW + 7 },
          { account: 'sgtm', due_at: NOW },
        ]);
      });
    });

    test('releasing all leases makes what was held due now, and nothing else', async () => {
      const due_at = NOW + LEASE;
      await keep.keepHooks([makeHook('held', { lease_id: 'a', due_at }), makeHook('not yet', { due_at })]);
      await makePurchaseDue('1', 'ga4', 'meta');
      await claimFor('ga4', 'a');
      await keep.releaseDeliveries(await claimFor('meta', 'a'), due_at);
      await keep.releaseAllLeases(NOW + 1);
      expect(await claimIds('b', NOW + 1)).toHaveLength(1);
      expect(await claimFor('ga4', 'b', NOW + 1)).toHaveLength(1);
      expect(await claimFor('meta', 'b', NOW + 1)).toEqual([]);
    });

    test('counts tell what is open, and how the rest ended', async () => {
      const hooks = ['one', 'two', 'three'].map((body) => makeHook(body, { lease_id: 'a' }));
      await keep.keepHooks([...hooks, makeHook('four')]);
      const states = ['stuck', 'stuck', 'ignored'] as const;
      await keep.recordDigests(
        hooks.map((hook, index) => makeDigest(hook, { state: states[index] ?? 'kept' })),
        NOW,
      );
      await makePurchaseDue('1', 'ga4', 'meta');
      await keep.finishDeliveries((await claimFor('meta', 'a')).map(delivered));
      const hook = { store: 'demo', source: 'shop' };
      expect(await keep.countOpen()).toEqual({
        hooks: [
          { ...hook, state: 'kept', hooks: 1, oldest: NOW },
          { ...hook, state: 'stuck', hooks: 2, oldest: NOW },
        ],
        deliveries: [{ store: 'demo', destination: 'ga4', account: 'ga4', deliveries: 1, oldest: NOW }],
      });
      expect(await keep.countEnded(Date.now() - 60_000)).toEqual({
        hooks: [
          { ...hook, state: 'ignored', hooks: 1 },
          { ...hook, state: 'mapped', hooks: 1 },
          { ...hook, state: 'stuck', hooks: 2 },
        ],
        attempts: [{ store: 'demo', destination: 'meta', kind: 'delivered', attempts: 1 }],
      });
      expect(await keep.countEnded(Date.now() + 60_000)).toEqual({ hooks: [], attempts: [] });
    });

    test('a trace by order shows its hooks, and those that wait for it', async () => {
      const event_id = await makePurchaseDue('1', 'ga4');
      const refund = makeHook('refund of 2', { lease_id: 'a' });
      await keep.keepHooks([refund]);
      await keep.recordDigests([makeDigest(refund, { state: 'waiting', waits_for: '2', due_at: NOW + 9 })], NOW);
      expect(await keep.findTrace({ store: 'demo', order_id: '1' })).toMatchObject({
        hooks: [{ state: 'mapped' }],
        events: [{ id: event_id, name: 'purchase', deliveries: [{ destination: 'ga4', leased: false }], attempts: [] }],
      });
      expect(await keep.findTrace({ store: 'demo', order_id: '2' })).toMatchObject({
        hooks: [{ id: refund.hook.id, state: 'waiting', due_at: NOW + 9, waits_for: '2' }],
        events: [],
      });
      expect(await keep.findTrace({ hook_id: 'unknown' })).toEqual({ hooks: [], events: [] });
    });

    test('bodies, headers and events lie sealed', async () => {
      await keep.keepHooks([makeHook('{"email":"ann@example.com"}', { lease_id: 'a' })]);
      await makePurchaseDue('1');
      const sealed = [
        ...(await db.query('select headers as sealed from hook_bodies')),
        ...(await db.query('select body as sealed from hook_bodies')),
        ...(await db.query('select body as sealed from events')),
      ].map((row) => row.sealed);
      expect(sealed).toHaveLength(5);
      for (const value of sealed) expect(value instanceof Uint8Array && vault.open(value)).toBeInstanceOf(Uint8Array);
    });
  });
}
