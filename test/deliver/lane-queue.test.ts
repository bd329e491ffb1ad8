// What waits in a lane: in order, however much of it was taken already, and nothing whose lease is nearly over.
import { describe, expect, it } from 'vitest';
import { createQueue } from '../../src/deliver/lane-queue.ts';
import type { Delivery } from '../../src/types.ts';
import { tinyDestination } from '../support/deliver-destination.ts';
import { deliveryTo, routeTo } from '../support/deliver-rig.ts';

const LEASE = 3_600_000;
const idOf = ({ delivery }: { delivery: Delivery }) => delivery.event_id;
const queueFor = (batch: number) => {
  const route = routeTo('x', { ...tinyDestination('http://127.0.0.1:1'), batch });
  const released: string[] = [];
  const release = (given: Delivery[]) => void released.push(...given.map(({ event_id }) => event_id));
  return { released, ...createQueue({ routeOf: () => route, release }) };
};

describe('what waits in a lane', () => {
  it.each([1, 7, 100])('is taken once and in order, %i at a time, while more is added', (batch) => {
    const queue = queueFor(batch);
    const taken: string[] = [];
    let added = 0;
    for (let round = 0; round < 200; round++) {
      for (let n = 0; n < 5; n++) queue.add(deliveryTo('x', String(added++)), LEASE);
      if (round % 2 === 0) taken.push(...queue.take(0).map(idOf));
      expect(queue.length()).toBe(added - taken.length);
    }
    while (!queue.isEmpty()) taken.push(...queue.take(0).map(idOf));
    expect(taken).toEqual(Array.from({ length: added }, (_, n) => String(n)));
    expect(queue.take(0)).toEqual([]);
    expect(queue.weight()).toBe(0);
  });

  it('is left out once its lease is nearly over, and what was taken is not given back', () => {
    const queue = queueFor(1);
    for (const id of ['a', 'b', 'c']) queue.add(deliveryTo('x', id), LEASE);
    queue.add(deliveryTo('x', 'late'), 2 * LEASE);
    expect(queue.take(0).map(idOf)).toEqual(['a']);
    expect(queue.take(LEASE).map(idOf)).toEqual(['late']);
    expect(queue.isEmpty()).toBe(true);
    queue.add(deliveryTo('x', 'd'), LEASE);
    queue.add(deliveryTo('x', 'e'), LEASE);
    queue.take(0);
    expect(queue.takeAll().map(({ event_id }) => event_id)).toEqual(['e']);
  });

  it('sends halves of a refused batch first, and gives one back whose lease is nearly over', () => {
    const queue = queueFor(2);
    queue.add(deliveryTo('x', 'z'), 2 * LEASE);
    queue.addHalves([deliveryTo('x', 'a'), deliveryTo('x', 'b'), deliveryTo('x', 'c')], LEASE);
    expect([queue.waiting(), queue.length(), queue.hasBatch(2)]).toEqual([4, 1, true]);
    expect(queue.take(0).map(idOf)).toEqual(['a', 'b']);
    expect(queue.take(LEASE).map(idOf)).toEqual(['z']);
    expect(queue.released).toEqual(['c']);
  });
});
