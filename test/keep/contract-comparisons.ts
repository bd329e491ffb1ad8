// The contract of comparing with what shops list: marks, what is known, and hooks that were found.
import { describe, expect, test } from 'vitest';
import { firstIdAt } from '../../src/lib/id.ts';
import { makeDigest, makeEvent, makeHook, makePurchase, NOW } from './make.ts';
import type { Rig } from './rig.ts';

const PLACE = { store: 'demo', source: 'shop', list: 'orders' };
const HOUR = 3_600_000;

export function testComparisons(rig: Rig): void {
  describe('a comparison', () => {
    test('that came to its end moves the mark; one that failed says why and leaves it', async () => {
      expect(await rig.keep.listComparisons()).toEqual([]);
      await rig.keep.noteComparison({ ...PLACE, at: NOW, problem: 'refused' });
      const nothing = { done_at: undefined, compared_until: undefined, listed: 0 };
      expect(await rig.keep.listComparisons()).toEqual([{ ...PLACE, ...nothing, tried_at: NOW, problem: 'refused' }]);
      await rig.keep.markComparison({ ...PLACE, until: NOW - 2 * HOUR });
      const midway = { ...nothing, compared_until: NOW - 2 * HOUR };
      expect(await rig.keep.listComparisons()).toEqual([{ ...PLACE, ...midway, tried_at: NOW, problem: 'refused' }]);
      await rig.keep.noteComparison({ ...PLACE, at: NOW + 1, until: NOW - HOUR, listed: 12 });
      const done = { ...PLACE, done_at: NOW + 1, compared_until: NOW - HOUR, listed: 12 };
      expect(await rig.keep.listComparisons()).toEqual([{ ...done, tried_at: NOW + 1, problem: undefined }]);
      await rig.keep.noteComparison({ ...PLACE, at: NOW + 2, problem: 'away' });
      expect(await rig.keep.listComparisons()).toEqual([{ ...done, tried_at: NOW + 2, problem: 'away' }]);
    });

    test('that has not come to its end yet has its mark from the first', async () => {
      await rig.keep.markComparison({ ...PLACE, until: NOW });
      const midway = { tried_at: 0, done_at: undefined, compared_until: NOW, listed: 0, problem: undefined };
      expect(await rig.keep.listComparisons()).toEqual([{ ...PLACE, ...midway }]);
    });

    test('knows the keys of events, of several names too, and those of no other store', async () => {
      const hook = makeHook('paid', { lease_id: 'lease' });
      await rig.keep.keepHooks([hook]);
      const one = { ...makeEvent(makePurchase('1')), key: 'purchase:1' };
      const two = { ...makeEvent(makePurchase('2')), key: 'purchase:2', keys: ['purchase:2', 'purchase:p2'] };
      await rig.keep.recordDigests([makeDigest(hook, { events: [one, two] })], NOW);
      const asked = ['purchase:1', 'purchase:p2', 'purchase:3'];
      expect(await rig.keep.knownKeys('demo', asked)).toEqual(new Set(['purchase:1', 'purchase:p2']));
      expect(await rig.keep.knownKeys('other', asked)).toEqual(new Set());
      expect(await rig.keep.knownKeys('demo', [])).toEqual(new Set());
    });

    test('keeps what it found as hooks that are due, each once', async () => {
      const [a, b, sent] = [makeHook('a', { delivery: 'a' }), makeHook('b', { delivery: 'b' }), makeHook('sent')];
      await rig.keep.keepHooks([sent]);
      expect(await rig.keep.keepFound([a, b])).toEqual(new Set([a.hook.id, b.hook.id]));
      expect(await rig.keep.keepFound([makeHook('a'), makeHook('other', { delivery: 'b' })])).toEqual(new Set());
      expect(await rig.claimIds('worker')).toHaveLength(3);
      expect(await rig.keep.whichFound([a.hook.id, sent.hook.id])).toEqual(new Set([a.hook.id]));
      expect(await rig.keep.whichFound([])).toEqual(new Set());
      expect(await rig.keep.countFound({ store: 'demo', source: 'shop' }, 0)).toBe(2);
      expect(await rig.keep.countFound({ store: 'demo', source: 'crm' }, 0)).toBe(0);
      expect(await rig.keep.countFound({ store: 'demo', source: 'shop' }, Date.now() + HOUR)).toBe(0);
    });

    test('finds nothing that counts as sent by the source', async () => {
      const at = (made: ReturnType<typeof makeHook>, later: number) => ({
        ...made,
        hook: { ...made.hook, id: firstIdAt(NOW + later) },
      });
      const [sent, found] = [at(makeHook('sent'), 1), at(makeHook('found'), 2)];
      await rig.keep.keepHooks([sent]);
      await rig.keep.keepFound([found]);
      expect(await rig.keep.lastHookOf('demo', 'shop')).toBe(sent.hook.id);
      expect(await rig.keep.lastHookOf('demo', 'crm')).toBeUndefined();
      await rig.keep.countNewHooks(NOW + HOUR, 'turn');
      const hour = Math.floor(NOW / HOUR);
      expect(await rig.keep.sumHooks(hour, hour)).toMatchObject([{ store: 'demo', source: 'shop', hooks: 1 }]);
    });

    test('forgets what it found when its hooks are forgotten', async () => {
      const found = makeHook('a');
      await rig.keep.keepFound([found]);
      const later = Date.now() + HOUR;
      const limits = { bodies: later, keys: later, attempts: later, orders: later, visits: later, audit: later };
      const forget = () => rig.keep.forget(limits, new AbortController().signal);
      await forget();
      expect(await rig.countRows('found_hooks')).toBe(1);
      await rig.keep.claimHooks(rig.claim('lease'));
      await rig.keep.recordDigests([makeDigest({ ...found, lease_id: 'lease' }, { events: [] })], NOW);
      await forget();
      expect([await rig.countRows('hooks'), await rig.countRows('found_hooks')]).toEqual([0, 0]);
    });

    test('is made by one holder of its name at a time, whoever watches', async () => {
      const take = (name: string | undefined, holder: string) =>
        rig.keep.takeWatch({ ...(name !== undefined && { name }), holder, now: NOW, lease_until: NOW + 1, gap: HOUR });
      expect([await take(undefined, 'a'), await take('one', 'b'), await take('two', 'c')]).toEqual([NOW, NOW, NOW]);
      expect(await take('one', 'c')).toBeUndefined();
      await rig.keep.leaveWatch('b', 'one');
      expect(await take('one', 'c')).toBe(NOW);
      expect(await take(undefined, 'c')).toBeUndefined();
    });
  });
}
