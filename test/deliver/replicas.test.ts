// Several deliverers on one table: what one of them learns of an account holds for all.
import { describe, expect, it } from 'vitest';
import { BREAKER_LIMITS } from '../../src/deliver/breaker.ts';
import { tinyDestination } from '../support/deliver-destination.ts';
import { always } from '../support/deliver-receiver.ts';
import { addMany, deliveryTo, looks, type Rig, routeTo, useRigs } from '../support/deliver-rig.ts';
import { soon } from '../support/soon.ts';

const { receiver, rigWith } = useRigs();

/** Two on one table. */
async function pairFor(url: string): Promise<[Rig, Rig]> {
  const routes = [routeTo('x', tinyDestination(url))];
  const first = await rigWith(routes);
  return [first, await rigWith(routes, () => first.questions)];
}

describe('deliverers on one table', () => {
  it('all leave an account alone whose breaker one of them opened', async () => {
    const { url } = await receiver(always(500));
    const [first, second] = await pairFor(url);
    addMany(first, 'x', BREAKER_LIMITS.failures);
    const states = () => [first, second].map((rig) => rig.state('x')?.breaker.state);
    await soon(() => expect(states()).toEqual(['open', 'open']));
    expect(second.deliverer.room('x')).toBe(0);
  });

  it('send a single request to find out, and all go on when it succeeds', async () => {
    let fails = true;
    const { url, received } = await receiver((_, response) => {
      response.writeHead(fails ? 500 : 204).end();
    });
    const [first, second] = await pairFor(url);
    addMany(first, 'x', 40);
    const states = () => [first, second].map((rig) => rig.state('x')?.breaker.state);
    await soon(() => expect(states()).toEqual(['open', 'open']));
    await soon(() => expect([first, second].map((rig) => rig.state('x')?.sending)).toEqual([0, 0]));
    const before = received.length;
    for (const rig of [first, second]) rig.clock.at += BREAKER_LIMITS.first;
    await soon(() => expect(received.length).toBeGreaterThan(before));
    await looks(first);
    await looks(second);
    expect(received).toHaveLength(before + 1);
    fails = false;
    for (const rig of [first, second]) rig.clock.at += BREAKER_LIMITS.most;
    await soon(() => expect(states()).toEqual(['closed', 'closed']));
    expect(first.holds.size).toBe(0);
  });

  it('give back what waits for an account that another one found failing', async () => {
    const { url, received } = await receiver(always(204));
    const rig = await rigWith([routeTo('x', tinyDestination(url), { rate: 1 })]);
    addMany(rig, 'x', 5);
    await soon(() => expect(received).toHaveLength(1));
    await soon(() => expect(rig.state('x')).toMatchObject({ waiting: 4, sending: 0 }));
    rig.holds.set('x', { account: 'x', until: rig.clock.at + 60_000, trips: 1 });
    await soon(() => expect(rig.state('x')?.breaker.state).toBe('open'));
    await soon(() => expect(rig.state('x')?.waiting).toBe(0));
    expect([...rig.rows.values()].filter(({ delivery }) => delivery.lease_id === '')).toHaveLength(5);
  });

  it('F13 all wait as long as the receiver asked one of them to', async () => {
    const { url, received } = await receiver((_, response) => {
      response.writeHead(429, { 'retry-after': '120' }).end();
    });
    const [first, second] = await pairFor(url);
    first.add(deliveryTo('x', 'one'));
    await soon(() => expect(second.state('x')?.hold_until).toBeGreaterThan(second.clock.at));
    first.add(deliveryTo('x', 'two'));
    for (const rig of [first, second]) rig.clock.at += 119_000;
    await looks(first);
    await looks(second);
    expect(received).toHaveLength(1);
  });
});
