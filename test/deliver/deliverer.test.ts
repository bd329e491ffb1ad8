// Deliveries from the table to a real receiver and back: how each of them ends.
import { describe, expect, it } from 'vitest';
import type { Destination } from '../../src/types.ts';
import { tinyDestination } from '../support/deliver-destination.ts';
import { always } from '../support/deliver-receiver.ts';
import { deliveryTo, START, useRigs } from '../support/deliver-rig.ts';
import { soon } from '../support/soon.ts';

const HOUR = 3_600_000;
const { receiver, rigFor } = useRigs();

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
