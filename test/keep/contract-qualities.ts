// The contract of asking destinations what they say of events: one answer of an account and day is kept, for as long as the audit.
import { describe, expect, test } from 'vitest';
import type { Said } from '../../src/keep/questions/qualities.ts';
import { NOW } from './make.ts';
import type { Rig } from './rig.ts';

const DAY = { account: '1234567890', day: '2026-01-13' };
const SAID: Said = {
  at: NOW + 1,
  events: [
    {
      ...{ event: 'Purchase', counts: true, score: 6.2, keys: [{ key: 'email', share: 99.9 }], lacks: ['phone'] },
      ...{ coverage: 34.1, goal: 75, doubles: [{ key: 'event_id', browser: 100 }], pace: 'real_time' },
      issues: [{ name: 'IPv4', todo: 'Send “IPv6”.', share: 59.5 }],
    },
    { event: 'Lead', counts: true, keys: [], lacks: [], doubles: [], issues: [] },
  ],
};

export function testQualities(rig: Rig): void {
  describe('what an account says of its events', () => {
    test('is kept; a problem later says so and leaves it', async () => {
      await rig.keep.noteQuality(DAY, NOW, { problem: 'refused' });
      expect(await rig.keep.listQualities('')).toEqual([
        { ...DAY, asked_at: NOW, said: undefined, problem: 'refused' },
      ]);
      await rig.keep.noteQuality(DAY, NOW + 1, { said: SAID });
      expect(await rig.keep.listQualities('')).toEqual([{ ...DAY, asked_at: NOW + 1, said: SAID, problem: undefined }]);
      await rig.keep.noteQuality(DAY, NOW + 2, { problem: 'away' });
      expect(await rig.keep.listQualities('')).toEqual([{ ...DAY, asked_at: NOW + 2, said: SAID, problem: 'away' }]);
    });

    test('is kept beside what it says of an end, whichever of the two comes first', async () => {
      const end = { ...DAY, account: `${DAY.account} by 0123` };
      const ends: Said = { at: NOW, events: [], ends: NOW + 5 };
      await rig.keep.noteQuality(end, NOW, { said: ends });
      await rig.keep.noteQuality(DAY, NOW, { said: SAID });
      await rig.keep.noteQuality(end, NOW + 1, { problem: 'away' });
      expect(await rig.keep.listQualities('')).toEqual([
        { ...DAY, asked_at: NOW, said: SAID, problem: undefined },
        { ...end, asked_at: NOW + 1, said: ends, problem: 'away' },
      ]);
    });

    test('is listed from a day on, the newest first, and forgotten with who did what', async () => {
      for (const [account, day] of [
        ['b', '2026-01-13'],
        ['a', '2026-01-13'],
        ['a', '2026-01-12'],
        ['a', '2026-01-14'],
      ] as const)
        await rig.keep.noteQuality({ account, day }, NOW, { said: SAID });
      const listed = async (from: string) =>
        (await rig.keep.listQualities(from)).map(({ account, day }) => `${account} ${day.slice(-2)}`);
      expect(await listed('2026-01-13')).toEqual(['a 14', 'a 13', 'b 13']);
      const never = { bodies: 0, keys: 0, attempts: 0, orders: 0, visits: 0 };
      const { signal } = new AbortController();
      await rig.keep.forget({ ...never, audit: Date.parse('2026-01-13T12:00:00Z') }, signal);
      expect(await listed('')).toEqual(['a 14', 'a 13', 'b 13']);
    });
  });
}
