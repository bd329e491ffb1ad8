// The contract of the sums of hooks by hour: each hook counts once, whoever counts.
import { expect, test } from 'vitest';
import { firstIdAt } from '../../src/lib/id.ts';
import { makeHook, NOW } from './make.ts';
import type { Rig } from './rig.ts';

const HOUR = 3_600_000;
const FIRST = NOW / HOUR;

/** A hook that came `minutes` after noon. */
function hookAt(minutes: number) {
  const made = makeHook(`at ${minutes}`);
  const received_at = NOW + minutes * 60_000;
  return { ...made, hook: { ...made.hook, id: firstIdAt(received_at), received_at } };
}

export function testHookHours(rig: Rig): void {
  const hooksByHour = async () => (await rig.keep.sumHooks(FIRST, FIRST + 999)).map(({ hour, hooks }) => [hour, hooks]);

  test('hooks are counted by hour, those before the first count too, and each once', async () => {
    await rig.keep.keepHooks([hookAt(1), hookAt(59), hookAt(61), hookAt(600)]);
    await rig.keep.countNewHooks(NOW + 70 * 60_000, 'a');
    await rig.keep.countNewHooks(NOW + 70 * 60_000, 'b');
    expect(await hooksByHour()).toEqual([
      [FIRST, 2],
      [FIRST + 1, 1],
    ]);
    await rig.keep.keepHooks([hookAt(75)]);
    await rig.keep.countNewHooks(NOW + 601 * 60_000, 'c');
    expect(await hooksByHour()).toEqual([
      [FIRST, 2],
      [FIRST + 1, 2],
      [FIRST + 10, 1],
    ]);
  });

  test('of replicas that count at the same time one adds', async () => {
    await rig.keep.countNewHooks(NOW, 'first');
    await rig.keep.keepHooks([hookAt(1), hookAt(2)]);
    const until = NOW + HOUR;
    await Promise.all(['a', 'b', 'c'].map((turn) => rig.keep.countNewHooks(until, turn)));
    expect(await hooksByHour()).toEqual([[FIRST, 2]]);
  });

  test('refused requests are added to the hour, with hooks or without', async () => {
    await rig.keep.keepHooks([hookAt(1)]);
    await rig.keep.countNewHooks(NOW + HOUR, 'a');
    const place = { store: 'demo', source: 'shop' };
    await rig.keep.addRefusals([
      { hour: FIRST, ...place, refused: 2 },
      { hour: FIRST + 5, ...place, refused: 1 },
    ]);
    await rig.keep.addRefusals([{ hour: FIRST, ...place, refused: 3 }]);
    expect(await rig.keep.sumHooks(FIRST, FIRST + 5)).toEqual([
      { hour: FIRST, ...place, hooks: 1, refused: 5 },
      { hour: FIRST + 5, ...place, hooks: 0, refused: 1 },
    ]);
  });

  test('sums of ten weeks ago are forgotten', async () => {
    await rig.keep.keepHooks([hookAt(1)]);
    await rig.keep.countNewHooks(NOW + HOUR, 'a');
    await rig.keep.countNewHooks(NOW + 71 * 24 * HOUR, 'b');
    expect(await hooksByHour()).toEqual([]);
  });

  test('till now, hooks that are not counted yet are there too, each once', async () => {
    const tillNow = async () =>
      (await rig.keep.sumHooksTillNow(FIRST, FIRST + 1)).map(({ hour, hooks }) => [hour, hooks]);
    expect(await tillNow()).toEqual([]);
    await rig.keep.keepHooks([hookAt(1), hookAt(2)]);
    await rig.keep.countNewHooks(NOW + 30 * 60_000, 'a');
    await rig.keep.keepHooks([hookAt(31), hookAt(61), hookAt(600)]);
    expect(await tillNow()).toEqual([
      [FIRST, 2],
      [FIRST, 1],
      [FIRST + 1, 1],
    ]);
  });
}
