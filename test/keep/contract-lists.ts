// The contract of lists of deliveries and attempts: every row once, in order, whatever the size of a page.
import { describe, expect, test } from 'vitest';
import type { Event } from '../../src/event.ts';
import type { AttemptMark, ListedAttempt } from '../../src/keep/questions/attempts.ts';
import type { WaitingMark } from '../../src/keep/questions/ends.ts';
import type { Lack } from '../../src/keep/questions/lacking.ts';
import { delivered, makeDigest, makeEvent, makeHook, makePurchase, NOW } from './make.ts';
import type { Rig } from './rig.ts';

export function testLists(rig: Rig): void {
  /** Orders that each destination took, tried before in vain, `copies` times over. */
  const keepAttempts = async (orders: number, copies: number, ...destinations: string[]) => {
    for (let order = 1; order <= orders; order++) await rig.makePurchaseDue(String(order), ...destinations);
    for (let copy = 0; copy < copies; copy++) {
      for (const destination of destinations) {
        const first = await rig.claimFor(destination, 'a');
        const retry = { at: NOW, ms: 9, kind: 'retry' as const, reason: 'down' };
        await rig.keep.finishDeliveries(
          first.map((delivery) => ({ delivery, attempt: { ...retry, at: NOW + copy }, due_at: NOW })),
        );
        const again = await rig.claimFor(destination, 'a');
        await rig.keep.finishDeliveries(again.map(delivered));
        await rig.keep.sendAgain(
          again.map((one) => ({ ...one, account: destination, kind: 'delivered', reason: undefined })),
          NOW,
        );
      }
    }
  };
  const attemptsBy = async (limit: number, kinds: string[], ...destinations: string[]): Promise<ListedAttempt[]> => {
    const groups = destinations.flatMap((destination) => kinds.map((kind) => ({ store: 'demo', destination, kind })));
    const all: ListedAttempt[] = [];
    for (let before: AttemptMark | undefined; ; before = all.at(-1)) {
      const page = await rig.keep.listAttempts(groups, { before, limit });
      all.push(...page);
      if (page.length < limit) return all;
    }
  };

  describe('the list of attempts', () => {
    test.each([1, 2, 3, 5, 100])('has every one once, in pages of %i', async (limit) => {
      await keepAttempts(3, 2, 'ga4', 'meta');
      const all = await attemptsBy(limit, ['delivered', 'retry'], 'ga4', 'meta');
      expect(all).toHaveLength(3 * 2 * 2 * 2);
      const keys = all.map(({ event_id, destination, copy, n }) => `${event_id} ${destination} ${copy} ${n}`);
      expect(keys).toEqual(keys.toSorted().reverse());
      expect(new Set(keys).size).toBe(keys.length);
    });

    test('has only what is asked for', async () => {
      await keepAttempts(2, 1, 'ga4', 'meta');
      const all = await attemptsBy(10, ['retry'], 'meta');
      expect(all.map(({ destination, kind, reason, n }) => ({ destination, kind, reason, n }))).toEqual([
        { destination: 'meta', kind: 'retry', reason: 'down', n: 1 },
        { destination: 'meta', kind: 'retry', reason: 'down', n: 1 },
      ]);
      expect(await attemptsBy(10, ['dead'], 'meta')).toEqual([]);
    });
  });

  test('the names of events are those of the store, each once', async () => {
    await rig.makePurchaseDue('1');
    await rig.makePurchaseDue('2');
    const hook = makeHook('demo held', { lease_id: 'lease' });
    await rig.keep.keepHooks([hook]);
    const events = [makeEvent({ ...makePurchase('3'), name: 'demo_held' })];
    await rig.keep.recordDigests([makeDigest(hook, { events })], NOW);
    expect(await rig.keep.listEventNames('demo')).toEqual(['demo_held', 'purchase']);
    expect(await rig.keep.listEventNames('other')).toEqual([]);
  });

  describe('the list of what cannot be led back to an ad', () => {
    const made = async (order: string, more: Partial<Event>, source = 'shop') => {
      const hook = makeHook(`paid ${order}`, { lease_id: 'lease' });
      await rig.keep.keepHooks([{ ...hook, hook: { ...hook.hook, source } }]);
      const event = makeEvent({ ...makePurchase(order), ...more });
      await rig.keep.recordDigests([makeDigest(hook, { events: [event] })], NOW);
      return hook.hook.id;
    };
    const visit = { by: 'email_address', seen_at: '2026-01-15T10:00:00.000Z', age_seconds: 7_200 } as const;
    const listed = async (
      lack: Lack,
      more: { before?: string; limit?: number; source?: string; channel?: string } = {},
      names = ['purchase', 'generate_lead', 'refund'],
    ) => {
      const groups = names.map((name) => ({ store: 'demo', name }));
      return rig.keep.listLacking(groups, { before: '', since: '', limit: 100, lack, ...more });
    };
    const ordersOf = async (...asked: Parameters<typeof listed>) =>
      (await listed(...asked)).map(({ order_id }) => order_id);

    test('has an order under all that it lacks, and none that lacks nothing or follows from another', async () => {
      await made('nothing', {});
      await made('visit only', { visit });
      await made('client', { client_id: '1.2' });
      await made('click', { gclid: 'Cj0K' });
      await made('cookie of a click', { fbc: 'fb.1.1.A' });
      await made('all', { client_id: '1.2', gclid: 'Cj0K' });
      await made('renewal', { channel: 'renewal' });
      await made('back', { name: 'refund' });
      expect(await ordersOf('visit')).toEqual(['nothing']);
      expect(await ordersOf('click')).toEqual(['client', 'visit only', 'nothing']);
      expect(await ordersOf('client_id')).toEqual(['cookie of a click', 'click', 'visit only', 'nothing']);
      expect(await listed('visit')).toMatchObject([{ lacks: ['visit', 'click', 'client_id'] }]);
    });

    test.each([1, 2, 3, 100])('has every one once, the newest first, in pages of %i', async (limit) => {
      for (let order = 1; order <= 6; order++)
        await made(String(order), order % 2 === 0 ? {} : { name: 'generate_lead', gclid: 'Cj0K' });
      const found: string[] = [];
      for (let before = ''; ; ) {
        const page = await listed('client_id', { before, limit });
        found.push(...page.map(({ order_id = '' }) => order_id));
        before = page.at(-1)?.id ?? '';
        if (page.length < limit) break;
      }
      expect(found).toEqual(['6', '5', '4', '3', '2', '1']);
    });

    test('is of one source, channel or kind of event where that is asked for, and leads to the hook', async () => {
      const hook_id = await made('1', { channel: 'phone' }, 'desk');
      await made('2', { channel: 'online' });
      await made('3', { name: 'generate_lead' });
      expect(await listed('visit', { source: 'desk' })).toMatchObject([
        { order_id: '1', source: 'desk', channel: 'phone', hook_id, store: 'demo', name: 'purchase', created_at: NOW },
      ]);
      expect(await ordersOf('visit', { channel: 'online' })).toEqual(['2']);
      expect(await ordersOf('visit', { source: 'desk', channel: 'online' })).toEqual([]);
      expect(await ordersOf('visit', {}, ['generate_lead'])).toEqual(['3']);
    });
  });

  test.each([1, 2, 3, 100])(
    'the list of what waits has every delivery once, those due first, in pages of %i',
    async (limit) => {
      for (let order = 1; order <= 5; order++) await rig.makePurchaseDue(String(order), 'ga4', 'meta');
      const [first, second] = await rig.claimFor('ga4', 'a');
      if (first === undefined || second === undefined) throw new Error('nothing was due');
      await rig.keep.releaseDeliveries([first], NOW + 2_000);
      await rig.keep.releaseDeliveries([second], NOW - 1_000);
      const place = { store: 'demo', destination: 'ga4', account: 'ga4' };
      const all: { at: number; event_id: string }[] = [];
      for (let after: WaitingMark | undefined; ; ) {
        const page = await rig.keep.listWaiting(place, { after, limit });
        all.push(...page);
        const last = page.at(-1);
        if (last === undefined || page.length < limit) break;
        after = { ...last, due_at: last.at };
      }
      expect(all).toHaveLength(5);
      expect(all[0]).toMatchObject({ at: NOW - 1_000, event_id: second.event_id });
      expect(new Set(all.map(({ event_id }) => event_id)).size).toBe(5);
      expect(all.map(({ at }) => at)).toEqual(all.map(({ at }) => at).toSorted((a, b) => a - b));
    },
  );

  test('S104 of two who send the same end again, one gets the copy, also after it has arrived', async () => {
    await rig.makePurchaseDue('1', 'ga4');
    await rig.keep.finishDeliveries((await rig.claimFor('ga4', 'a')).map(delivered));
    const [end] = await rig.keep.selectDeliveries({}, ['delivered'], { after: '', limit: 1 });
    if (end === undefined) throw new Error('nothing ended');
    const again = () => rig.keep.sendAgain([{ ...end, account: 'ga4' }], NOW);
    await Promise.all([again(), again()]);
    const copy = rig.only(await rig.claimFor('ga4', 'b'));
    expect(copy.copy).toBe(1);
    await rig.keep.finishDeliveries([delivered(copy)]);
    await again();
    expect(await rig.claimFor('ga4', 'c')).toEqual([]);
  });

  test('sending an end again has nothing to do with copies of other orders, nor with those for other destinations', async () => {
    await rig.makePurchaseDue('1', 'ga4', 'meta');
    await rig.makePurchaseDue('2', 'ga4');
    for (const account of ['ga4', 'meta'])
      await rig.keep.finishDeliveries((await rig.claimFor(account, 'a')).map(delivered));
    const ends = await rig.keep.selectDeliveries({}, ['delivered'], { after: '', limit: 3 });
    for (const end of ends) {
      await rig.keep.sendAgain([{ ...end, account: end.destination }], NOW);
      const copy = rig.only(await rig.claimFor(end.destination, 'b'));
      expect(copy).toMatchObject({ event_id: end.event_id, copy: 1 });
      await rig.keep.finishDeliveries([delivered(copy)]);
    }
    expect(ends).toHaveLength(3);
  });
}
