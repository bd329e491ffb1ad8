// The contract of replays: which hooks and deliveries every selector means, and that they are counted as they are listed.
import { describe, expect, test } from 'vitest';
import type { Selection } from '../../src/keep/questions/replay.ts';
import { delivered, LEASE, makeDigest, makeEvent, makeHook, makePurchase, NOW } from './make.ts';
import type { Rig } from './rig.ts';

const PAGE = { after: '', limit: 100 };
/** Ids carry the time at which they were made, which is now. */
const HOUR = 3_600_000;

export function testReplay(rig: Rig): void {
  /** Three orders, of two stores and sources; what goes to Meta is dead, the rest arrived. The last hook is stuck. */
  const keepOrders = async (): Promise<string[]> => {
    const ids: string[] = [];
    for (const [order, store, source] of [
      ['1', 'demo', 'shop'],
      ['2', 'demo', 'till'],
      ['3', 'other', 'shop'],
    ] as const) {
      const made = makeHook(`order ${order}`, { lease_id: 'a' });
      const hook = { ...made, hook: { ...made.hook, store, source } };
      ids.push(hook.hook.id);
      await rig.keep.keepHooks([hook]);
      const state = order === '3' ? ('stuck' as const) : ('mapped' as const);
      const events = [makeEvent(makePurchase(order), ['ga4', 'meta'])];
      await rig.keep.recordDigests([{ ...makeDigest(hook, { state, events }), store }], NOW);
    }
    await rig.keep.finishDeliveries((await rig.claimFor('ga4', 'b')).map(delivered));
    const dead = { at: NOW, ms: 5, kind: 'dead' as const, reason: 'it may have arrived' };
    const claimed = await rig.claimFor('meta', 'b');
    await rig.keep.finishDeliveries(claimed.map((delivery) => ({ delivery, attempt: dead })));
    return ids;
  };

  describe('a replay', () => {
    test.each<[string, (ids: string[]) => Selection, number, number, number]>([
      ['nothing', () => ({}), 3, 3, 3],
      ['the id of a hook', ([id = '']) => ({ hook_id: id }), 1, 1, 1],
      ['an order', () => ({ order_id: '2' }), 1, 1, 1],
      ['a store', () => ({ store: 'demo' }), 2, 2, 2],
      ['a source', () => ({ source: 'shop' }), 2, 2, 2],
      ['a store and a source', () => ({ store: 'demo', source: 'shop' }), 1, 1, 1],
      ['a state of hooks', () => ({ state: 'stuck' }), 1, 3, 3],
      ['a destination', () => ({ destination: 'meta' }), 3, 0, 3],
      ['a time before', () => ({ until: Date.now() - HOUR }), 0, 0, 0],
      ['a span of time', () => ({ since: Date.now() - HOUR, until: Date.now() + HOUR }), 3, 3, 3],
      ['a time after', () => ({ since: Date.now() + HOUR }), 0, 0, 0],
    ])('by %s finds what is meant, and counts it', async (_, select, hooks, arrived, dead) => {
      const by = select(await keepOrders());
      const { keep } = rig;
      expect(await keep.selectHooks(by, PAGE)).toHaveLength(hooks);
      expect(await keep.selectDeliveries(by, ['delivered'], PAGE)).toHaveLength(arrived);
      expect(await keep.selectDeliveries(by, ['rejected', 'dead'], PAGE)).toHaveLength(dead);
      expect(await keep.countSelectedHooks(by)).toBe(hooks);
      expect(await keep.countSelectedDeliveries(by, ['rejected', 'dead'])).toBe(dead);
    });

    test('begins anew with a hook that was tried often, and leaves alone what is worked on', async () => {
      const aside = makeHook('aside');
      await rig.keep.keepHooks([aside]);
      for (let turn = 0; turn < 3; turn++) await rig.claimIds('a', NOW + turn * LEASE);
      await rig.keep.recordDigests([makeDigest({ ...aside, lease_id: 'a' }, { state: 'stuck' })], NOW);
      const held = makeHook('held', { lease_id: 'b', due_at: NOW + LEASE });
      await rig.keep.keepHooks([held]);
      await rig.keep.mapAgain([aside.hook.id, held.hook.id], NOW);
      expect(await rig.keep.claimHooks(rig.claim('c'))).toMatchObject([{ id: aside.hook.id, attempts: 1 }]);
    });
  });
}
