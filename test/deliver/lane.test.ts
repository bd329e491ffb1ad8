// Lanes under pressure: breaker, Retry-After, pause, rate, a slow neighbour, leases, stopping.
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Route } from '../../src/deliver/questions.ts';
import type { Destination } from '../../src/types.ts';
import { tinyDestination } from '../support/deliver-destination.ts';
import { always, startReceiver } from '../support/deliver-receiver.ts';
import { createRig, deliveryTo, type Rig, routeTo, START } from '../support/deliver-rig.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});
const receiver = async (...answer: Parameters<typeof startReceiver>) => {
  const started = await startReceiver(...answer);
  cleanups.push(started.close);
  return started;
};
const rigWith = async (...routes: Route[]): Promise<Rig> => {
  const rig = createRig(routes);
  cleanups.push(rig.close);
  await rig.deliverer.start();
  return rig;
};
const rigFor = (url: string, destination: Partial<Destination> = {}, route: Partial<Route> = {}) =>
  rigWith(routeTo('x', tinyDestination(url, destination), route));
const addMany = (rig: Rig, account: string, count: number) => {
  for (let n = 0; n < count; n++) rig.add(deliveryTo(account, `${account}${n}`));
};
/** Lets the deliverer look for work several times. */
const looks = async (rig: Rig, times = 3) => {
  const before = rig.looks();
  await vi.waitFor(() => expect(rig.looks()).toBeGreaterThanOrEqual(before + times), { timeout: 3_000 });
};

describe('a receiver that is down', () => {
  it('is left alone after ten failures in a row, whatever waits for it (F11)', async () => {
    const { url, received } = await receiver(always(500));
    const rig = await rigFor(url);
    addMany(rig, 'x', 500);
    await vi.waitFor(() => expect(rig.state('x')?.breaker.state).toBe('open'));
    await vi.waitFor(() => expect(rig.state('x')).toMatchObject({ waiting: 0, sending: 0 }));
    const sent = received.length;
    const { length: claims } = rig.claims;
    await looks(rig);
    // Those under way when the tenth failed, and none after.
    expect(sent).toBeLessThanOrEqual(10 + 32);
    expect(received).toHaveLength(sent);
    expect(rig.claims).toHaveLength(claims);
  });

  it('gets one probe when the pause is over, and everything once that succeeds', async () => {
    let up = false;
    const probe = Promise.withResolvers<void>();
    const { url, received } = await receiver(async (_, response) => {
      if (up) await probe.promise;
      response.writeHead(up ? 204 : 500).end();
    });
    const rig = await rigFor(url);
    addMany(rig, 'x', 100);
    await vi.waitFor(() => expect(rig.state('x')?.breaker.state).toBe('open'));
    await vi.waitFor(() => expect(rig.state('x')?.sending).toBe(0));
    const before = received.length;
    up = true;
    rig.clock.at += 5_000;
    await vi.waitFor(() => expect(received).toHaveLength(before + 1));
    await looks(rig);
    expect(received).toHaveLength(before + 1);
    expect(rig.state('x')).toMatchObject({ breaker: { state: 'half_open' }, sending: 1 });
    probe.resolve();
    await vi.waitFor(() => expect(rig.ends().every((end) => end === 'delivered')).toBe(true), { timeout: 3_000 });
  });

  it('is not asked again at once when the probe fails too', async () => {
    const { url, received } = await receiver(always(500));
    const rig = await rigFor(url);
    addMany(rig, 'x', 100);
    await vi.waitFor(() => expect(rig.state('x')?.breaker.state).toBe('open'));
    await vi.waitFor(() => expect(rig.state('x')?.sending).toBe(0));
    const before = received.length;
    rig.clock.at += 5_000;
    await vi.waitFor(() => expect(rig.state('x')?.breaker).toMatchObject({ state: 'open', trips: 2 }));
    await looks(rig);
    expect(received).toHaveLength(before + 1);
    expect(rig.deliverer.room('x')).toBe(0);
  });

  it('does not keep the expired from ending', async () => {
    const { url, received } = await receiver(always(500));
    const rig = await rigFor(url, { maxAge: () => 60_000 });
    addMany(rig, 'x', 200);
    await vi.waitFor(() => expect(rig.state('x')?.breaker.state).toBe('open'));
    await vi.waitFor(() => expect(rig.state('x')?.sending).toBe(0));
    const before = received.length;
    rig.clock.at += 120_000;
    await vi.waitFor(() => expect(rig.ends().every((end) => end === 'expired')).toBe(true), { timeout: 3_000 });
    expect(received).toHaveLength(before);
  });
});

describe('a receiver that asks to wait', () => {
  it('gets nothing of the account before (F13)', async () => {
    const { url, received } = await receiver((_, response, count) => {
      response.writeHead(count === 1 ? 429 : 204, { 'retry-after': '120' }).end();
    });
    const rig = await rigFor(url);
    rig.add(deliveryTo('x', 'first'));
    await vi.waitFor(() => expect(rig.row('first').due_at).toBe(START + 120_000));
    rig.add(deliveryTo('x', 'second'));
    rig.clock.at += 119_999;
    await looks(rig);
    expect(received).toHaveLength(1);
    expect(rig.deliverer.room('x')).toBe(0);
    rig.clock.at += 1;
    await vi.waitFor(() => expect(rig.ends()).toEqual(['delivered', 'delivered']));
  });

  it('is not believed beyond an hour', async () => {
    const { url } = await receiver(always(429, { 'retry-after': '1000000000' }));
    const rig = await rigFor(url);
    rig.add(deliveryTo('x', 'a'));
    await vi.waitFor(() => expect(rig.row('a').due_at).toBe(START + 3_600_000));
    expect(rig.state('x')?.hold_until).toBe(START + 3_600_000);
  });
});

describe('an account whose credentials are refused', () => {
  it('is paused with the reason and gets nothing until it is resumed', async () => {
    let valid = false;
    const { url, received } = await receiver((_, response) => {
      response.writeHead(valid ? 204 : 401).end('the access token has expired');
    });
    const rig = await rigFor(url);
    rig.add(deliveryTo('x', 'a'));
    await vi.waitFor(() => expect(rig.pauses.get('x')).toBe('the access token has expired'));
    await vi.waitFor(() => expect(rig.row('a').attempts).toMatchObject([{ kind: 'retry', status: 401 }]));
    rig.add(deliveryTo('x', 'b'));
    rig.clock.at += 3_600_000;
    await looks(rig);
    expect(received).toHaveLength(1);
    expect(rig.state('x')?.paused).toBe('the access token has expired');

    valid = true;
    await rig.deliverer.resume('x');
    await vi.waitFor(() => expect(rig.ends()).toEqual(['delivered', 'delivered']));
    expect(rig.pauses.size).toBe(0);
  });

  it('does not wait for the schedule after it is resumed', async () => {
    const { url } = await receiver((_, response, count) => response.writeHead(count === 1 ? 401 : 204).end());
    const rig = await rigFor(url, { schedule: [86_400_000] });
    rig.add(deliveryTo('x', 'a'));
    await vi.waitFor(() => expect(rig.pauses.has('x')).toBe(true));
    await rig.deliverer.resume('x');
    await vi.waitFor(() => expect(rig.row('a').end).toBe('delivered'));
  });

  it('is noticed to be paused or resumed by another process', async () => {
    const { url, received } = await receiver(always(204));
    const rig = createRig([routeTo('x', tinyDestination(url))]);
    cleanups.push(rig.close);
    rig.pauses.set('x', 'paused elsewhere');
    rig.add(deliveryTo('x', 'a'));
    await rig.deliverer.start();
    await looks(rig);
    expect(received).toEqual([]);
    rig.pauses.delete('x');
    await vi.waitFor(() => expect(rig.row('a').end).toBe('delivered'), { timeout: 3_000 });
  });
});

describe('a rate', () => {
  it('holds for all requests of the account', async () => {
    const { url, received } = await receiver(always(204));
    const rig = await rigFor(url, {}, { rate: 5 });
    addMany(rig, 'x', 20);
    await vi.waitFor(() => expect(received).toHaveLength(5));
    await looks(rig);
    expect(received).toHaveLength(5);
    rig.clock.at += 400;
    await vi.waitFor(() => expect(received).toHaveLength(7));
    rig.clock.at += 60_000;
    await vi.waitFor(() => expect(received).toHaveLength(12));
  });
});

describe('a receiver that never answers', () => {
  it('F12 fills its own lane and takes nothing from another', async () => {
    const tarpit = await receiver(() => undefined);
    const healthy = await receiver(always(204));
    const rig = await rigWith(
      routeTo('slow', tinyDestination(tarpit.url)),
      routeTo('fast', tinyDestination(healthy.url)),
    );
    addMany(rig, 'slow', 500);
    addMany(rig, 'fast', 500);
    await vi.waitFor(() => expect(healthy.received).toHaveLength(500), { timeout: 3_000 });
    expect(tarpit.received).toHaveLength(32);
    expect(rig.state('slow')).toMatchObject({ sending: 32 });
    expect(rig.state('fast')).toMatchObject({ waiting: 0 });
  });
});

describe('a lease', () => {
  it('that is nearly over is left to the next claim', async () => {
    const { url, received } = await receiver(always(204));
    const rig = await rigFor(url);
    const late = deliveryTo('x', 'late', { lease_id: 'birth' });
    rig.add(late, START + 14_000);
    rig.deliverer.offer([late], START + 14_000);
    await looks(rig);
    expect(received).toEqual([]);
    rig.clock.at += 14_000;
    await vi.waitFor(() => expect(rig.row('late').end).toBe('delivered'));
    expect(received).toHaveLength(1);
    expect(rig.claims).toContainEqual({ account: 'x', claimed: 1 });
  });

  it('is given back when there is no room for what is offered', async () => {
    const { url } = await receiver(() => undefined);
    const rig = await rigFor(url);
    const born = Array.from({ length: 2_100 }, (_, n) => deliveryTo('x', `${n}`, { lease_id: 'birth' }));
    for (const delivery of born) rig.add(delivery, START + 60_000);
    const taken = rig.deliverer.offer(born, START + 60_000);
    expect(taken).toBeLessThan(2_100);
    await vi.waitFor(() => expect(rig.row('2099').due_at).toBe(START));
    expect(rig.deliverer.room('x')).toBe(0);
  });

  it('is given back when the breaker opens', async () => {
    const { url } = await receiver(always(500));
    const rig = await rigFor(url);
    const born = Array.from({ length: 300 }, (_, n) => deliveryTo('x', `${n}`, { lease_id: 'birth' }));
    for (const delivery of born) rig.add(delivery, START + 60_000);
    rig.deliverer.offer(born, START + 60_000);
    await vi.waitFor(() => expect(rig.row('299').due_at).toBe(START));
    expect(rig.row('299').attempts).toEqual([]);
  });

  it('is refused for an account that no route names', async () => {
    const { url } = await receiver(always(204));
    const rig = await rigFor(url);
    const stray = deliveryTo('y', 'a', { lease_id: 'birth' });
    rig.add(stray, START + 60_000);
    expect(rig.deliverer.room('y')).toBe(0);
    expect(rig.deliverer.offer([stray], START + 60_000)).toBe(0);
    await vi.waitFor(() => expect(rig.row('a').due_at).toBe(START));
  });
});

describe('ends that cannot be written', () => {
  it('stop the sending until they are, and send nothing twice', async () => {
    const { url, received } = await receiver(always(204));
    const rig = createRig([routeTo('x', tinyDestination(url))]);
    cleanups.push(rig.close);
    let broken = true;
    rig.breakFinish(() => broken);
    await rig.deliverer.start();
    addMany(rig, 'x', 400);
    await vi.waitFor(() => expect(rig.lines.some(({ message }) => message === 'delivery.not_written')).toBe(true));
    await vi.waitFor(() => expect(rig.state('x')?.sending).toBe(0));
    const sent = received.length;
    await looks(rig);
    expect(received).toHaveLength(sent);
    broken = false;
    await vi.waitFor(() => expect(rig.ends().every((end) => end === 'delivered')).toBe(true), { timeout: 3_000 });
    expect(received).toHaveLength(400);
  });
});

describe('a reload', () => {
  it('opens a lane for a new account and closes that of one that is gone', async () => {
    const old = await receiver(always(204));
    const fresh = await receiver(always(204));
    const rig = await rigFor(old.url);
    rig.setRoutes([routeTo('y', tinyDestination(fresh.url))]);
    rig.add(deliveryTo('y', 'b'));
    await vi.waitFor(() => expect(rig.row('b').end).toBe('delivered'), { timeout: 3_000 });
    rig.add(deliveryTo('x', 'a'));
    await looks(rig);
    expect(rig.state('x')).toBeUndefined();
    expect(old.received).toEqual([]);
  });

  it('sends to the new address of an account that stays', async () => {
    const old = await receiver(always(204));
    const fresh = await receiver(always(204));
    const rig = await rigFor(old.url);
    rig.setRoutes([routeTo('x', tinyDestination(fresh.url))]);
    const read = rig.routesRead();
    await vi.waitFor(() => expect(rig.routesRead()).toBeGreaterThan(read), { timeout: 3_000 });
    rig.add(deliveryTo('x', 'a'));
    await vi.waitFor(() => expect(fresh.received).toHaveLength(1));
    expect(old.received).toEqual([]);
  });
});

describe('stop', () => {
  it('waits for answers, writes them, and gives the unsent back', async () => {
    const answers = Promise.withResolvers<void>();
    const { url, received } = await receiver(async (_, response) => {
      await answers.promise;
      response.writeHead(204).end();
    });
    const rig = await rigFor(url);
    addMany(rig, 'x', 100);
    await vi.waitFor(() => expect(received).toHaveLength(32));
    const stopped = rig.deliverer.stop({ deadline: 5_000 });
    answers.resolve();
    await stopped;
    expect(rig.ends().filter((end) => end === 'delivered')).toHaveLength(32);
    const open = [...rig.rows.values()].filter(({ end }) => end === undefined);
    expect(open).toHaveLength(68);
    expect(
      open.every(
        ({ due_at, delivery, attempts }) => due_at === START && delivery.lease_id === '' && attempts.length === 0,
      ),
    ).toBe(true);
    expect(received).toHaveLength(32);
  });

  it('cuts off after its deadline what is not answered, and records that it may have arrived', async () => {
    const { url, received } = await receiver(() => undefined);
    const rig = await rigFor(url);
    addMany(rig, 'x', 3);
    await vi.waitFor(() => expect(received).toHaveLength(3));
    await rig.deliverer.stop({ deadline: 0 });
    expect([...rig.rows.values()].map(({ attempts }) => attempts)).toMatchObject(
      Array.from({ length: 3 }, () => [{ kind: 'retry', ambiguous: true }]),
    );
  });

  it('takes no offer any more', async () => {
    const { url } = await receiver(always(204));
    const rig = await rigFor(url);
    await rig.deliverer.stop({ deadline: 0 });
    expect(rig.deliverer.room('x')).toBe(0);
    expect(rig.deliverer.offer([deliveryTo('x', 'a')], START + 60_000)).toBe(0);
  });
});
