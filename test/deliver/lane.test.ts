// Lanes under pressure: a receiver that is down, asks to wait, is slow, or has a rate.
import { describe, expect, it } from 'vitest';
import { tinyDestination } from '../support/deliver-destination.ts';
import { always } from '../support/deliver-receiver.ts';
import { addMany, deliveryTo, looks, routeTo, START, useRigs } from '../support/deliver-rig.ts';
import { soon } from '../support/soon.ts';

const { receiver, rigFor, rigWith } = useRigs();
const HOUR = 3_600_000;

describe('a receiver that is well', () => {
  it('is sent to at once after the clock was set back by less than an hour', async () => {
    const { url, received } = await receiver(always(204));
    const rig = await rigFor(url);
    addMany(rig, 'x', 1);
    await soon(() => expect(received).toHaveLength(1));
    await soon(() => expect(rig.state('x')?.sending).toBe(0));
    rig.clock.at -= HOUR / 2;
    rig.add(deliveryTo('x', 'late'), rig.clock.at);
    await soon(() => expect(received).toHaveLength(2));
  });
});

describe('a receiver that says nothing for long', () => {
  it('has few of a wholesaler’s long orders waiting for it in memory, and many of the usual ones', async () => {
    const { url, received } = await receiver(() => new Promise(() => undefined));
    const items = Array.from({ length: 400 }, (_, n) => ({ item_id: `LAMP-${n}` }));
    for (const { lines, least, most } of [
      { lines: 400, least: 33, most: 160 },
      { lines: 2, least: 1_000, most: 2_100 },
    ]) {
      const rig = await rigFor(url);
      for (let n = 0; n < 3_000; n++) rig.add(deliveryTo('x', `o${n}`, {}, { items: items.slice(0, lines) }));
      const before = received.length;
      await soon(() => expect(received.length - before).toBe(10));
      await looks(rig);
      await looks(rig);
      const { waiting = 0, sending = 0 } = rig.state('x') ?? {};
      expect(waiting + sending).toBeGreaterThanOrEqual(least);
      expect(waiting + sending).toBeLessThanOrEqual(most);
      await rig.close();
    }
  });
});

describe('a receiver that is down', () => {
  it('is left alone after ten failures in a row, whatever waits for it (F11)', async () => {
    const { url, received } = await receiver(always(500));
    const rig = await rigFor(url);
    addMany(rig, 'x', 500);
    await soon(() => expect(rig.state('x')?.breaker.state).toBe('open'));
    await soon(() => expect(rig.state('x')).toMatchObject({ waiting: 0, sending: 0 }));
    const sent = received.length;
    const { length: claims } = rig.claims;
    await looks(rig);
    expect(sent).toBe(10);
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
    await soon(() => expect(rig.state('x')?.breaker.state).toBe('open'));
    await soon(() => expect(rig.state('x')?.sending).toBe(0));
    const before = received.length;
    up = true;
    rig.clock.at += 5_000;
    await soon(() => expect(received).toHaveLength(before + 1));
    await looks(rig);
    expect(received).toHaveLength(before + 1);
    expect(rig.state('x')).toMatchObject({ breaker: { state: 'half_open' }, sending: 1 });
    probe.resolve();
    await soon(() => expect(rig.ends().every((end) => end === 'delivered')).toBe(true));
  });

  it('is tried again after the waits and left alone after the failures that the store names', async () => {
    const { url, received } = await receiver(always(500));
    const breaker = { failures: 3, first: 60_000 };
    const rig = await rigFor(url, {}, { schedule: [5_000, 20_000], breaker });
    rig.add(deliveryTo('x', 'a'));
    const dueAfter = (tries: number) =>
      soon(() => {
        expect(rig.row('a').attempts).toHaveLength(tries);
        return rig.row('a').due_at - rig.clock.at;
      });
    expect(await dueAfter(1)).toBe(5_000);
    rig.clock.at += 5_000;
    expect(await dueAfter(2)).toBe(20_000);
    rig.clock.at += 20_000;
    expect(await dueAfter(3)).toBe(20_000);
    expect(rig.state('x')?.breaker).toEqual({ state: 'open', until: rig.clock.at + 60_000, trips: 1 });
    rig.clock.at += 59_000;
    await looks(rig);
    expect(received).toHaveLength(3);
  });

  it('is not asked again at once when the probe fails too', async () => {
    const { url, received } = await receiver(always(500));
    const rig = await rigFor(url);
    addMany(rig, 'x', 100);
    await soon(() => expect(rig.state('x')?.breaker.state).toBe('open'));
    await soon(() => expect(rig.state('x')?.sending).toBe(0));
    const before = received.length;
    rig.clock.at += 5_000;
    await soon(() => expect(rig.state('x')?.breaker).toMatchObject({ state: 'open', trips: 2 }));
    await looks(rig);
    expect(received).toHaveLength(before + 1);
    expect(rig.deliverer.room('x')).toBe(0);
  });

  it('gets what would expire before its next try once more shortly before, and then no more', async () => {
    const { url, received } = await receiver(always(500));
    const rig = await rigFor(url, { schedule: [4 * HOUR] });
    rig.clock.at = START + 69 * HOUR;
    rig.add(deliveryTo('x', 'a'));
    await soon(() => expect(rig.row('a')).toMatchObject({ attempts: [{ kind: 'retry' }] }));
    expect(rig.row('a').due_at).toBe(START + 72 * HOUR - 600_000);
    rig.clock.at = rig.row('a').due_at;
    await soon(() => expect(rig.row('a').end).toBe('expired'));
    expect(received).toHaveLength(2);
  });

  it('does not keep the expired from ending', async () => {
    const { url, received } = await receiver(always(500));
    const rig = await rigFor(url, { maxAge: () => 60_000 });
    addMany(rig, 'x', 200);
    await soon(() => expect(rig.state('x')?.breaker.state).toBe('open'));
    await soon(() => expect(rig.state('x')?.sending).toBe(0));
    const before = received.length;
    rig.clock.at += 120_000;
    await soon(() => expect(rig.ends().every((end) => end === 'expired')).toBe(true));
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
    await soon(() => expect(rig.row('first').due_at).toBe(START + 120_000));
    rig.add(deliveryTo('x', 'second'));
    rig.clock.at += 119_999;
    await looks(rig);
    expect(received).toHaveLength(1);
    expect(rig.deliverer.room('x')).toBe(0);
    rig.clock.at += 1;
    await soon(() => expect(rig.ends()).toEqual(['delivered', 'delivered']));
  });

  it('is not believed beyond an hour', async () => {
    const { url } = await receiver(always(429, { 'retry-after': '1000000000' }));
    const rig = await rigFor(url);
    rig.add(deliveryTo('x', 'a'));
    await soon(() => expect(rig.row('a').due_at).toBe(START + 3_600_000));
    expect(rig.state('x')?.hold_until).toBe(START + 3_600_000);
  });
});

describe('a rate', () => {
  it('holds for all requests of the account', async () => {
    const { url, received } = await receiver(always(204));
    const rig = await rigFor(url, {}, { rate: 5 });
    addMany(rig, 'x', 20);
    await soon(() => expect(received).toHaveLength(5));
    await looks(rig);
    expect(received).toHaveLength(5);
    rig.clock.at += 400;
    await soon(() => expect(received).toHaveLength(7));
    rig.clock.at += 60_000;
    await soon(() => expect(received).toHaveLength(12));
  });

  it('has what may end the process fetched when its turn comes, and not over and over until then', async () => {
    const { url, received } = await receiver(always(204));
    const rig = await rigFor(url, {}, { rate: 1 });
    for (const id of ['a', 'b', 'c']) rig.add(deliveryTo('x', id, { deaths_alone: 0 }));
    await soon(() => expect(received).toHaveLength(1));
    await looks(rig);
    const { length: claims } = rig.claims;
    await looks(rig);
    expect(rig.claims).toHaveLength(claims);
    rig.clock.at += 1_000;
    await soon(() => expect(received).toHaveLength(2));
  });
});

describe('a rate that another process shares', () => {
  it('is halved, also for an account that comes later', async () => {
    const { url, received } = await receiver(always(204));
    let counted = false;
    const route = (account: string) => routeTo(account, tinyDestination(url), { rate: 10 });
    const countSenders = async () => {
      counted = true;
      return 2;
    };
    const rig = await rigWith([route('x')], () => ({ countSenders }));
    await soon(() => expect(counted).toBe(true));
    rig.setRoutes([route('x'), route('y')]);
    await soon(() => expect(rig.state('y')).toBeDefined());
    for (const account of ['x', 'y']) addMany(rig, account, 20);
    await soon(() => expect(received).toHaveLength(10));
    await looks(rig);
    expect(rig.ends().filter((end) => end === 'delivered')).toHaveLength(10);
    expect([rig.state('x'), rig.state('y')]).toMatchObject([{ waiting: 15 }, { waiting: 15 }]);
  });
});

describe('a receiver that never answers', () => {
  it('F12 fills its own lane and takes nothing from another', async () => {
    const tarpit = await receiver(() => undefined);
    const healthy = await receiver(always(204));
    const rig = await rigWith([
      routeTo('slow', tinyDestination(tarpit.url)),
      routeTo('fast', tinyDestination(healthy.url)),
    ]);
    addMany(rig, 'slow', 500);
    addMany(rig, 'fast', 500);
    await soon(() => expect(healthy.received).toHaveLength(500));
    expect(tarpit.received).toHaveLength(10);
    expect(rig.state('slow')).toMatchObject({ sending: 10 });
    expect(rig.state('fast')).toMatchObject({ waiting: 0 });
  });

  it('takes nothing from another either where what may end the process is sent to it alone', async () => {
    const tarpit = await receiver(() => undefined);
    const healthy = await receiver(always(204));
    const rig = await rigWith([
      routeTo('slow', tinyDestination(tarpit.url)),
      routeTo('fast', tinyDestination(healthy.url)),
    ]);
    rig.add(deliveryTo('slow', 'suspect', { deaths_alone: 0 }));
    await soon(() => expect(tarpit.received).toHaveLength(1));
    addMany(rig, 'fast', 500);
    await soon(() => expect(healthy.received).toHaveLength(500));
    expect(tarpit.received).toHaveLength(1);
    expect(rig.state('slow')).toMatchObject({ sending: 1 });
  });
});

describe('ends that cannot be written', () => {
  it('stop the sending until they are, and send nothing twice', async () => {
    const { url, received } = await receiver(always(204));
    let broken = true;
    const rig = await rigWith([routeTo('x', tinyDestination(url))], ({ finishDeliveries }) => ({
      finishDeliveries: (ends) => (broken ? Promise.reject(new Error('disk full')) : finishDeliveries(ends)),
    }));
    addMany(rig, 'x', 20);
    await soon(() => expect(rig.lines.some(({ message }) => message === 'delivery.not_written')).toBe(true));
    await soon(() => expect(rig.state('x')?.sending).toBe(0));
    expect(received).toHaveLength(10);
    const late = deliveryTo('x', 'late', { lease_id: 'birth' });
    rig.add(late, START + 60_000);
    rig.deliverer.offer([late], START + 60_000);
    await looks(rig);
    expect(received).toHaveLength(10);
    broken = false;
    await soon(() => expect(rig.ends().every((end) => end === 'delivered')).toBe(true));
    expect(received).toHaveLength(21);
  });
});
