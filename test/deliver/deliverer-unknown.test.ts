// Deliveries of which nobody knows whether they arrived: sent again only where a second copy does not count.
import { describe, expect, it } from 'vitest';
import type { Destination } from '../../src/types.ts';
import { always, startReceiver } from '../support/deliver-receiver.ts';
import { deliveryTo, START, useRigs } from '../support/deliver-rig.ts';
import { soon } from '../support/soon.ts';

const { receiver, rigFor } = useRigs();

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
