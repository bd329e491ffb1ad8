// The contract of recording what became of hooks: events once.
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
}
