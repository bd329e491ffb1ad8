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

  test('many hooks are counted a few at a time, those of one millisecond together', async () => {
    const other = makeHook('another one');
    other.hook = { ...other.hook, id: `${firstIdAt(NOW + 2 * 60_000).slice(0, -1)}1`, received_at: NOW + 2 * 60_000 };
    await rig.keep.keepHooks([hookAt(1), hookAt(2), other, hookAt(3), hookAt(59), hookAt(61)]);
    await rig.keep.countNewHooks(NOW + 70 * 60_000, 'a', 1);
    expect(await hooksByHour()).toEqual([
      [FIRST, 5],
      [FIRST + 1, 1],
    ]);
  });

  test('hooks that come after the clock was set back are counted, and those before it not twice', async () => {
    const minutes = (count: number) => NOW + count * 60_000;
    await rig.keep.keepHooks([hookAt(10), hookAt(70)]);
    await rig.keep.countNewHooks(minutes(24 * 60), 'a day ahead');
    await rig.keep.keepHooks([hookAt(75)]);
    await rig.keep.countNewHooks(minutes(80), 'set back');
    const right = [
      [FIRST, 1],
      [FIRST + 1, 2],
    ];
    expect(await hooksByHour()).toEqual(right);
    await rig.keep.countNewHooks(minutes(81), 'later');
    expect(await hooksByHour()).toEqual(right);
    await rig.keep.addRefusals([{ hour: FIRST + 1, store: 'demo', source: 'shop', refused: 3 }]);
    await rig.keep.countNewHooks(minutes(24 * 60), 'ahead again');
    await rig.keep.countNewHooks(minutes(82), 'set back again');
    expect(await rig.keep.sumHooks(FIRST + 1, FIRST + 1)).toMatchObject([{ hooks: 2, refused: 3 }]);
  });

  test('of replicas that have all seen the clock set back one counts anew', async () => {
    await rig.keep.keepHooks([hookAt(10)]);
    await rig.keep.countNewHooks(NOW + 24 * HOUR, 'a day ahead');
    await rig.keep.keepHooks([hookAt(20)]);
    await Promise.all(['a', 'b', 'c'].map((turn) => rig.keep.countNewHooks(NOW + HOUR, turn)));
    expect(await hooksByHour()).toEqual([[FIRST, 2]]);
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

  test('topics are summed by hour, whoever adds them, and forgotten after ten weeks', async () => {
    const [at, place] = [NOW + 60_000, { store: 'demo', source: 'shop' }];
    const paid = { ...place, topic: 'orders/paid', hour: FIRST, hooks: 2, last_at: at };
    const refund = { ...place, topic: 'refunds/create', hour: FIRST - 30, hooks: 1, last_at: at - 30 * HOUR };
    await Promise.all([
      rig.keep.addTopics([refund, paid], FIRST),
      rig.keep.addTopics([{ ...paid, last_at: at - 9 }, { ...refund, source: 'other' }, refund], FIRST),
      rig.keep.addTopics([], FIRST),
    ]);
    expect(await rig.keep.sumTopics(FIRST, FIRST + 1)).toEqual([{ ...paid, hooks: 4 }]);
    const topics = () => rig.keep.listTopics('demo', 'shop', FIRST);
    expect(await topics()).toEqual([
      { topic: 'orders/paid', first_hour: FIRST, last_at: at, day: 4, week: 4 },
      { topic: 'refunds/create', first_hour: FIRST - 30, last_at: at - 30 * HOUR, day: 0, week: 2 },
    ]);
    expect(await rig.keep.listTopics('demo', 'shop', FIRST + 6 * 24)).toMatchObject([
      { day: 0, week: 4 },
      { day: 0, week: 0 },
    ]);
    await rig.keep.addTopics([], FIRST + 70 * 24);
    expect(await topics()).toHaveLength(1);
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
