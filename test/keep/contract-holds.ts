// The contract of what replicas tell each other of an account: held for all, found out by one, and a rate shared by those who send.
import { describe, expect, test } from 'vitest';
import { NOW } from './make.ts';
import type { Rig } from './rig.ts';

export function testHolds(rig: Rig): void {
  describe('holds', () => {
    const hold = { account: 'ga4', until: NOW + 5_000, trips: 1 };
    const probe = { account: 'ga4', until: NOW + 20_000, most: 300_000 };

    test('are known to all, the last one counts, and end when the account answers', async () => {
      await rig.keep.holdAccount(hold);
      await rig.keep.holdAccount({ ...hold, until: NOW + 10_000, trips: 2 });
      expect(await rig.keep.listHolds()).toEqual([{ ...hold, until: NOW + 10_000, trips: 2 }]);
      await rig.keep.freeAccount('ga4');
      expect(await rig.keep.listHolds()).toEqual([]);
    });

    test('let one of many find out, once they are over, and another one when nothing was heard', async () => {
      await rig.keep.holdAccount(hold);
      expect(await rig.keep.takeProbe({ ...probe, now: NOW + 4_999 })).toBe(false);
      const taken = await Promise.all(
        Array.from({ length: 8 }, () => rig.keep.takeProbe({ ...probe, now: NOW + 5_000 })),
      );
      expect(taken.filter(Boolean)).toHaveLength(1);
      expect(await rig.keep.takeProbe({ ...probe, now: NOW + 19_999 })).toBe(false);
      expect(await rig.keep.takeProbe({ ...probe, now: NOW + 20_000 })).toBe(true);
    });

    test('that are not there, are another account’s or last for longer than any does, keep nobody from asking', async () => {
      await rig.keep.holdAccount({ ...hold, account: 'meta' });
      expect(await rig.keep.takeProbe({ ...probe, now: NOW })).toBe(true);
      await rig.keep.holdAccount({ ...hold, until: NOW + 30 * 86_400_000 });
      expect(await rig.keep.takeProbe({ ...probe, now: NOW })).toBe(true);
    });
  });

  test('senders count each other while they are seen', async () => {
    expect(await rig.keep.countSenders('a', NOW, NOW - 15_000)).toBe(1);
    expect(await rig.keep.countSenders('b', NOW + 5_000, NOW - 10_000)).toBe(2);
    expect(await rig.keep.countSenders('b', NOW + 20_000, NOW + 5_000)).toBe(1);
    await rig.keep.removeSender('b');
    expect(await rig.keep.countSenders('c', NOW + 20_000, NOW + 5_000)).toBe(1);
  });
}
