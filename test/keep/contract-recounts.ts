// The contract of comparing with what destinations counted: what each day came to, and which purchases were made and delivered.
import { describe, expect, test } from 'vitest';
import type { Found, MadePurchase } from '../../src/keep/questions/recounts.ts';
import { makeDigest, makeEvent, makeHook, makePurchase, NOW } from './make.ts';
import type { Rig } from './rig.ts';

const DAY = 24 * 3_600_000;
const PLACE = { store: 'demo', destination: 'ga4', day: '2026-01-13' };
const FOUND: Found = {
  sent: 2,
  counted: 1,
  missing: [{ event_id: 'e', hook_id: 'h', id: '1001' }],
  repeated: 0,
  repeats: [],
  different: 0,
  differences: [],
  strange: 3,
  strangers: ['x'],
  channels: { 'Paid Search': 1 },
  currency: 'EUR',
  time_zone: 'Europe/Amsterdam',
  partial: false,
};

export function testRecounts(rig: Rig): void {
  describe('a day that a report told of', () => {
    test('is kept with what was found; a problem later says so and leaves it', async () => {
      expect(await rig.keep.listRecounts('')).toEqual([]);
      await rig.keep.noteRecount(PLACE, NOW, { problem: 'refused' });
      expect(await rig.keep.listRecounts('')).toEqual([
        { ...PLACE, asked_at: NOW, found: undefined, problem: 'refused' },
      ]);
      await rig.keep.noteRecount(PLACE, NOW + 1, { found: FOUND });
      const found = { ...PLACE, asked_at: NOW + 1, found: FOUND };
      expect(await rig.keep.listRecounts('')).toEqual([{ ...found, problem: undefined }]);
      await rig.keep.noteRecount(PLACE, NOW + 2, { problem: 'away' });
      expect(await rig.keep.listRecounts('')).toEqual([{ ...found, asked_at: NOW + 2, problem: 'away' }]);
    });

    test('is listed by store and destination, the newest first, and none from before or after', async () => {
      const days = [
        { ...PLACE, store: 'other' },
        PLACE,
        { ...PLACE, day: '2026-01-12' },
        { ...PLACE, day: '2026-01-14' },
        { ...PLACE, destination: 'container' },
      ];
      for (const day of days) await rig.keep.noteRecount(day, NOW, { found: FOUND });
      const listed = async (from: string, until?: string) =>
        (await rig.keep.listRecounts(from, until)).map(({ store, destination, day }) =>
          [store, destination, day.slice(-2)].join(' '),
        );
      expect(await listed('2026-01-13')).toEqual(['demo container 13', 'demo ga4 14', 'demo ga4 13', 'other ga4 13']);
      expect(await listed('2026-01-12', '2026-01-13')).toEqual([
        'demo container 13',
        'demo ga4 13',
        'demo ga4 12',
        'other ga4 13',
      ]);
    });

    test('is forgotten with who did what', async () => {
      await rig.keep.noteRecount(PLACE, NOW, { found: FOUND });
      const never = { bodies: 0, keys: 0, attempts: 0, orders: 0, visits: 0 };
      const until = (day: string) => ({ ...never, audit: Date.parse(`${day}T12:00:00Z`) });
      const { signal } = new AbortController();
      await rig.keep.forget(until('2026-01-13'), signal);
      expect(await rig.countRows('recounts')).toBe(1);
      await rig.keep.forget(until('2026-01-14'), signal);
      expect(await rig.countRows('recounts')).toBe(0);
    });
  });

  describe('purchases that were made', () => {
    const all = async (
      store: string,
      destination: string,
      from = 0,
      until = Date.now() + DAY,
    ): Promise<MadePurchase[]> => {
      const made: MadePurchase[] = [];
      for await (const page of rig.keep.madePurchases({ store, destination, from, until })) made.push(...page);
      return made;
    };

    test('are told with when this destination took them last', async () => {
      const hook = makeHook('paid', { lease_id: 'lease' });
      await rig.keep.keepHooks([hook]);
      const [one, two, three] = ['1', '2', '3'].map((id) => makeEvent(makePurchase(id), ['ga4', 'meta']));
      const refund = makeEvent({ ...makePurchase('1'), name: 'refund' }, ['ga4']);
      if (one === undefined || two === undefined || three === undefined) throw new Error('three were made');
      await rig.keep.recordDigests([makeDigest(hook, { events: [one, two, three, refund] })], NOW);
      const waiting = [...(await rig.claimFor('ga4', 'sender')), ...(await rig.claimFor('meta', 'sender'))];
      const end = async (account: string, kind: 'delivered' | 'rejected', at: number, id: string) => {
        const delivery = waiting.find((claimed) => claimed.account === account && claimed.event_id === id);
        if (delivery === undefined) throw new Error('it does not wait');
        await rig.keep.finishDeliveries([{ delivery, attempt: { at, ms: 1, kind } }]);
      };
      await end('ga4', 'delivered', NOW + 5, one.id);
      await end('meta', 'delivered', NOW + 9, one.id);
      await end('meta', 'delivered', NOW + 9, two.id);
      await end('ga4', 'rejected', NOW + 7, three.id);
      const told = (await all('demo', 'ga4')).map(({ event, delivered_at }) => [event.order_id, delivered_at]);
      expect(told).toEqual([
        ['1', NOW + 5],
        ['2', undefined],
        ['3', undefined],
      ]);
      expect((await all('demo', 'meta')).map(({ delivered_at }) => delivered_at)).toEqual([
        NOW + 9,
        NOW + 9,
        undefined,
      ]);
      expect((await all('demo', 'ga4'))[0]).toMatchObject({ id: one.id, hook_id: hook.hook.id });
      expect(await all('other', 'ga4')).toEqual([]);
      expect(await all('demo', 'ga4', 0, Date.now() - DAY)).toEqual([]);
      expect(await all('demo', 'ga4', Date.now() + DAY)).toEqual([]);
    });

    test('are told page by page, each once, however many there are', async () => {
      const hook = makeHook('many', { lease_id: 'lease' });
      await rig.keep.keepHooks([hook]);
      const events = Array.from({ length: 1_001 }, (_, id) => makeEvent(makePurchase(String(id))));
      await rig.keep.recordDigests([makeDigest(hook, { events })], NOW);
      const told = (await all('demo', 'ga4')).map(({ id }) => id);
      expect(told).toEqual(events.map(({ id }) => id).sort());
    });
  });
}
