// The contract of hooks that wait for an order: due at once when it counts, and later when it does not.
import { describe, expect, test } from 'vitest';
import { makeDigest, makeEvent, makeHook, makeNamed, makePurchase, NOW } from './make.ts';
import type { Rig } from './rig.ts';

export function testWaiting(rig: Rig): void {
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
