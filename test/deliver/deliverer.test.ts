// Deliveries from the table to a real receiver and back: how each of them ends.
import { describe, expect, it } from 'vitest';
import type { Destination } from '../../src/types.ts';
import { tinyDestination } from '../support/deliver-destination.ts';
import { always, startReceiver } from '../support/deliver-receiver.ts';
import { deliveryTo, routeTo, START, useRigs } from '../support/deliver-rig.ts';
import { soon } from '../support/soon.ts';

const HOUR = 3_600_000;
const { receiver, rigFor, rigWith } = useRigs();

describe('a delivery', () => {
  it('is sent when it is due, and ends delivered with one attempt', async () => {
    const { url, received } = await receiver(always(204));
    const rig = await rigFor(url);
    rig.add(deliveryTo('x', 'a'));
    await soon(() => expect(rig.row('a').end).toBe('delivered'));
    expect(rig.row('a').attempts).toEqual([{ at: START, ms: 0, status: 204, kind: 'delivered' }]);
    expect(received.map(({ body }) => body)).toEqual(['["a"]']);
  });

  it('that is offered at birth is sent without being claimed', async () => {
    const { url, received } = await receiver(always(204));
    const rig = await rigFor(url);
    const born = ['a', 'b', 'c'].map((id) => deliveryTo('x', id, { lease_id: 'birth' }));
    for (const delivery of born) rig.add(delivery, START + 60_000);
    expect(rig.deliverer.offer(born, START + 60_000)).toBe(3);
    await soon(() => expect(rig.ends()).toEqual(['delivered', 'delivered', 'delivered']));
    expect(received).toHaveLength(3);
    expect(rig.claims).toEqual([]);
  });

  it('is tried again by the schedule until it arrives', async () => {
    const { url, received } = await receiver((_, response, count) => response.writeHead(count < 3 ? 500 : 204).end());
    const rig = await rigFor(url);
    rig.add(deliveryTo('x', 'a'));
    await soon(() => expect(rig.row('a').due_at).toBe(START + 1_000));
    expect(received).toHaveLength(1);
    rig.clock.at += 1_000;
    await soon(() => expect(rig.row('a').due_at).toBe(START + 11_000));
    rig.clock.at += 10_000;
    await soon(() => expect(rig.row('a').end).toBe('delivered'));
    expect(rig.row('a').attempts.map(({ kind }) => kind)).toEqual(['retry', 'retry', 'delivered']);
    expect(rig.row('a').delivery.attempts).toBe(3);
  });

  it('that is refused ends rejected with the receiver’s redacted words (S75)', async () => {
    const { url } = await receiver(always(400, {}, 'bad anna@shop.example token=abc'));
    const rig = await rigFor(url);
    rig.add(deliveryTo('x', 'a'));
    await soon(() => expect(rig.row('a').end).toBe('rejected'));
    expect(rig.row('a').attempts).toMatchObject([{ status: 400, reason: '400 bad [e-mail] token=[secret]' }]);
  });

  it('that its destination does not want any more is skipped unsent', async () => {
    const { url, received } = await receiver(always(204));
    const rig = await rigFor(url, { wants: () => ({ reason: 'no items' }) });
    rig.add(deliveryTo('x', 'a'));
    await soon(() => expect(rig.row('a').end).toBe('skipped'));
    expect(rig.row('a').attempts).toEqual([{ at: START, ms: 0, kind: 'skipped', reason: 'no items' }]);
    expect(received).toEqual([]);
  });

  it('F17 that has grown too old in the queue expires, and its batch is sent without it', async () => {
    const { url, received } = await receiver(always(204));
    const rig = await rigFor(url, { batch: 10 });
    const old = { event_time: new Date(START - 73 * HOUR).toISOString() };
    rig.add(deliveryTo('x', 'new'));
    rig.add(deliveryTo('x', 'old', {}, old));
    await soon(() => expect(rig.ends()).toEqual(['delivered', 'expired']));
    expect(received.map(({ body }) => body)).toEqual(['["new"]']);
  });

  it.each([
    ['the store’s max_age where that is shorter', 1, 2],
    ['the destination’s where that is shorter', 100, 73],
  ])('expires by %s, also alone', async (_, max_age, age) => {
    const { url, received } = await receiver(always(204));
    const rig = await rigFor(url, {}, { max_age: max_age * HOUR });
    const old = { event_time: new Date(START - age * HOUR).toISOString() };
    rig.add(deliveryTo('x', 'a', {}, old));
    rig.add(deliveryTo('x', 'suspect', { deaths_alone: 0 }, old));
    await soon(() => expect(rig.ends()).toEqual(['expired', 'expired']));
    await rig.deliverer.stop({ deadline: 1_000 });
    expect(received).toEqual([]);
  });

  it('expires when the next try would come too late', async () => {
    const { url } = await receiver(always(500));
    const rig = await rigFor(url, { maxAge: () => 500 });
    rig.add(deliveryTo('x', 'a'));
    await soon(() => expect(rig.row('a').end).toBe('expired'));
    expect(rig.row('a').attempts).toMatchObject([{ status: 500, reason: 'status 500' }]);
  });

  it('without a route is put off, not lost', async () => {
    const { url } = await receiver(always(204));
    const rig = await rigFor(url);
    rig.add({ ...deliveryTo('x', 'a'), destination: 'gone' });
    await soon(() => expect(rig.row('a').attempts).toHaveLength(1));
    expect(rig.row('a')).toMatchObject({ due_at: START + 600_000, attempts: [{ kind: 'retry' }] });
  });

  it('on which the destination’s code fails ends rejected, alone', async () => {
    const { url, received } = await receiver(always(204));
    const build: Destination['build'] = (events, settings, now) => {
      if (events.some(({ transaction_id }) => transaction_id === 'poison')) throw new Error('cannot');
      return tinyDestination(url).build(events, settings, now);
    };
    const rig = await rigFor(url, { build, batch: 8 });
    for (const id of ['a', 'b', 'poison', 'c', 'd']) rig.add(deliveryTo('x', id));
    await soon(() => expect(rig.ends()).not.toContain('open'));
    expect(rig.ends()).toEqual(['delivered', 'delivered', 'rejected', 'delivered', 'delivered']);
    expect(received.flatMap(({ body }) => JSON.parse(body)).sort()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('with a line break in a header is rejected unsent (S73)', async () => {
    const { url, received } = await receiver(always(204));
    const request = { ...tinyDestination(url).build([], {}, 0), headers: { 'x-coupon': 'a\r\nx-evil: 1' } };
    const rig = await rigFor(url, { build: () => request });
    rig.add(deliveryTo('x', 'a'));
    await soon(() => expect(rig.row('a').end).toBe('rejected'));
    expect(received).toEqual([]);
  });
});

describe('a delivery whose end is unknown', () => {
  const breaks = (_: unknown, response: { socket: { destroy: () => unknown } | null }) =>
    void response.socket?.destroy();
  const twice = { deduplicates: () => false };

  it('is sent again where a second copy does not count (F27)', async () => {
    const { url } = await receiver(breaks);
    const rig = await rigFor(url);
    rig.add(deliveryTo('x', 'a'));
    await soon(() => expect(rig.row('a').attempts).toHaveLength(1));
    expect(rig.row('a')).toMatchObject({ due_at: START + 1_000, attempts: [{ kind: 'retry', ambiguous: true }] });
  });

  it('ends dead where a second copy would count', async () => {
    const { url, received } = await receiver(breaks);
    const rig = await rigFor(url, twice);
    rig.add(deliveryTo('x', 'a'));
    await soon(() => expect(rig.row('a').end).toBe('dead'));
    expect(rig.row('a').attempts).toMatchObject([{ ambiguous: true, reason: expect.stringContaining('count twice') }]);
    expect(received).toHaveLength(1);
  });

  it('is sent again in spite of that where the store says so', async () => {
    const { url } = await receiver(breaks);
    const rig = await rigFor(url, twice, { retry_ambiguous: true });
    rig.add(deliveryTo('x', 'a'));
    await soon(() => expect(rig.row('a').attempts).toMatchObject([{ kind: 'retry', ambiguous: true }]));
    expect(rig.begun).toEqual([]);
  });

  it('is also one that the destination calls so', async () => {
    const { url } = await receiver(always(502));
    const judge: Destination['judge'] = () => ({ kind: 'retry', reason: 'bad gateway', ambiguous: true });
    const rig = await rigFor(url, { ...twice, judge });
    rig.add(deliveryTo('x', 'a'));
    await soon(() => expect(rig.row('a').end).toBe('dead'));
    expect(rig.row('a').attempts).toMatchObject([{ status: 502, ambiguous: true }]);
  });

  it('is not one that was never sent: that is tried again', async () => {
    const { url, close } = await startReceiver(always(204));
    await close();
    const rig = await rigFor(url, twice);
    rig.add(deliveryTo('x', 'a'));
    await soon(() => expect(rig.row('a').attempts).toHaveLength(1));
    expect(rig.row('a').attempts[0]).toMatchObject({ kind: 'retry', reason: 'refused ECONNREFUSED' });
    expect(rig.row('a').attempts[0]?.ambiguous).toBeUndefined();
  });

  it('is decided for each event of a batch', async () => {
    const { url } = await receiver(breaks);
    const rig = await rigFor(url, { batch: 10, deduplicates: ({ name }) => name === 'purchase' });
    rig.add(deliveryTo('x', 'buy'));
    rig.add(deliveryTo('x', 'back', {}, { name: 'refund' }));
    await soon(() => expect(rig.ends()).toEqual(['open', 'dead']));
    expect(rig.row('buy').attempts).toMatchObject([{ kind: 'retry', ambiguous: true }]);
  });

  it('is noted on disk before it is sent, and only then', async () => {
    const { url, received } = await receiver(always(204));
    const rig = await rigFor(url, { deduplicates: ({ name }) => name === 'purchase' });
    rig.add(deliveryTo('x', 'buy'));
    rig.add(deliveryTo('x', 'back', {}, { name: 'refund' }));
    await soon(() => expect(rig.ends()).toEqual(['delivered', 'delivered']));
    expect(rig.begun).toEqual([['back']]);
    expect(received).toHaveLength(2);
  });

  it('is not sent again once the receiver may not know its first copy any more, whenever the last one was', async () => {
    const { url, received } = await receiver(breaks);
    const rig = await rigFor(url, { schedule: [1_000, 10_000], deduplicatesFor: 10_500 });
    rig.add(deliveryTo('x', 'a'));
    for (const [tries, wait] of [
      [1, 1_000],
      [2, 10_000],
    ] as const) {
      await soon(() => expect(rig.row('a').attempts).toHaveLength(tries));
      rig.clock.at += wait;
    }
    await soon(() => expect(rig.row('a').end).toBe('dead'));
    expect(received).toHaveLength(2);
  });

  it('and whose sender died while sending is not sent again where a second copy would count (F03)', async () => {
    const { url, received } = await receiver(always(204));
    const rig = await rigFor(url, { deduplicates: ({ name }) => name === 'purchase' });
    rig.add(deliveryTo('x', 'buy', { sending_since: START - 9_000 }));
    rig.add(deliveryTo('x', 'back', { sending_since: START - 9_000 }, { name: 'refund' }));
    await soon(() => expect(rig.ends()).toEqual(['delivered', 'dead']));
    expect(rig.row('back').attempts).toMatchObject([{ ambiguous: true }]);
    expect(received.map(({ body }) => body)).toEqual(['["buy"]']);
  });
});

describe('batches', () => {
  it('take what waits, up to the most that the destination allows', async () => {
    const { url, received } = await receiver(always(204));
    const rig = await rigFor(url, { batch: 100 });
    for (let n = 0; n < 250; n++) rig.add(deliveryTo('x', `${n}`));
    await soon(() => expect(rig.ends()).not.toContain('open'));
    const sizes = received.map(({ body }) => JSON.parse(body).length);
    expect(sizes.sort((a, b) => b - a)).toEqual([100, 100, 50]);
  });

  it('never mix two stores that share an account', async () => {
    const { url, received } = await receiver(always(204));
    const rig = await rigWith([
      routeTo('x', tinyDestination(url, { batch: 100 })),
      routeTo('x', tinyDestination(url, { batch: 100 }), { store: 'other' }),
    ]);
    for (const id of ['a1', 'a2']) rig.add(deliveryTo('x', id));
    for (const id of ['b1', 'b2']) rig.add(deliveryTo('x', id, { store: 'other' }));
    await soon(() => expect(rig.ends()).not.toContain('open'));
    expect(received.map(({ body }) => body).sort()).toEqual(['["a1","a2"]', '["b1","b2"]']);
  });

  it.each([1, 137, 500, 999, 1_000])(
    'F16 with one poison at place %d of 1,000 deliver 999, reject one, with at most 21 requests more',
    async (place) => {
      const { url, received } = await receiver(({ body }, response) => {
        response.writeHead(JSON.parse(body).includes('poison') ? 400 : 204).end();
      });
      const rig = await rigFor(url, { batch: 1_000 });
      for (let n = 1; n <= 1_000; n++) rig.add(deliveryTo('x', n === place ? 'poison' : `${n}`));
      await soon(() => expect(rig.ends()).not.toContain('open'));
      expect(rig.ends().filter((end) => end === 'delivered')).toHaveLength(999);
      expect(rig.row('poison').end).toBe('rejected');
      expect(received.length).toBeLessThanOrEqual(1 + 21);
      expect([...rig.rows.values()].every(({ attempts }) => attempts.length === 1)).toBe(true);
    },
  );

  it('with one poison that the receiver always fails on deliver all others within the hour', async () => {
    const { url } = await receiver(({ body }, response) => {
      response.writeHead(JSON.parse(body).includes('poison') ? 500 : 204).end();
    });
    let step = 0;
    const random = () => (step++ * 0.618) % 1;
    const schedule = [2_000, 10_000, 30_000, 120_000, 300_000];
    const rig = await rigWith([routeTo('x', tinyDestination(url, { batch: 1_000, schedule }))], undefined, random);
    for (let n = 1; n <= 200; n++) rig.add(deliveryTo('x', n === 77 ? 'poison' : `${n}`));
    const delivered = () => rig.ends().filter((end) => end === 'delivered').length;
    const isDue = () => [...rig.rows.values()].some(({ end, due_at }) => end === undefined && due_at <= rig.clock.at);
    const isHeld = () => (rig.holds.get('x')?.until ?? 0) > rig.clock.at;
    for (let minutes = 0; minutes < 60 && delivered() < 199; minutes++) {
      await soon(() => expect(isDue() && !isHeld()).toBe(false));
      await soon(() => expect(rig.state('x')).toMatchObject(isHeld() ? { sending: 0 } : { sending: 0, waiting: 0 }));
      rig.clock.at += 60_000;
    }
    expect(delivered()).toBe(199);
    expect(rig.row('poison').end).toBeUndefined();
  });

  it('put the halves off together when the receiver fails in the middle of the search', async () => {
    const { url } = await receiver((_, response, count) => response.writeHead(count === 1 ? 400 : 503).end());
    const rig = await rigFor(url, { batch: 8 });
    for (let n = 0; n < 8; n++) rig.add(deliveryTo('x', `${n}`));
    await soon(() => {
      expect([...rig.rows.values()].map(({ attempts }) => attempts.map(({ kind }) => kind))).toEqual(
        Array.from({ length: 8 }, () => ['retry']),
      );
    });
  });
});

describe('ends', () => {
  it('of many requests share transactions', async () => {
    const { url } = await receiver(always(204));
    const rig = await rigFor(url);
    for (let n = 0; n < 300; n++) rig.add(deliveryTo('x', `${n}`));
    await soon(() => expect(rig.ends()).not.toContain('open'));
    expect(rig.transactions.length).toBeLessThan(150);
  });

  it('are logged once per attempt, without bodies or people (S72, S76)', async () => {
    const { url } = await receiver(always(400, {}, 'no such person as anna@shop.example'));
    const build: Destination['build'] = (events) => ({
      method: 'POST',
      url: `${url}/collect?api_secret=hush-hush`,
      headers: {},
      body: JSON.stringify(events),
    });
    const rig = await rigFor(url, { build });
    rig.add(
      deliveryTo('x', 'a', {}, { user_data: { email_address: 'anna@shop.example', phone_number: '+4915123456789' } }),
    );
    await soon(() => expect(rig.row('a').end).toBe('rejected'));
    const text = JSON.stringify(rig.lines);
    expect(rig.lines.filter(({ message }) => message === 'delivery.attempted')).toHaveLength(1);
    expect(text).not.toMatch(/anna|4915123456789|hush-hush/);
    expect(JSON.stringify(rig.row('a').attempts)).not.toMatch(/anna|hush-hush/);
  });
});
