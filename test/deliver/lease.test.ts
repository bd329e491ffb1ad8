// No lease is lost: not in the queue, not when the breaker opens, not at the end.
import { describe, expect, it } from 'vitest';
import { tinyDestination } from '../support/deliver-destination.ts';
import { always } from '../support/deliver-receiver.ts';
import { addMany, deliveryTo, routeTo, START, useRigs } from '../support/deliver-rig.ts';
import { soon } from '../support/soon.ts';

const { receiver, rigFor, rigWith } = useRigs();

describe('a lease', () => {
  it('that is nearly over is given back, and what it was for is sent under the next one', async () => {
    const { url, received } = await receiver(always(204));
    const rig = await rigFor(url);
    const late = deliveryTo('x', 'late', { lease_id: 'birth' });
    rig.add(late, START + 14_000);
    rig.deliverer.offer([late], START + 14_000);
    await soon(() => expect(rig.row('late').end).toBe('delivered'));
    expect(rig.row('late').delivery.lease_id).not.toBe('birth');
    expect(received).toHaveLength(1);
    expect(rig.claims).toContainEqual({ account: 'x', claimed: 1 });
  });

  it('that is nearly over once another lane has sent what may end the process is given back', async () => {
    const slow = await receiver((_, response) => {
      rig.clock.at += 50_000;
      response.writeHead(204).end();
    });
    const { url, received } = await receiver(always(204));
    const rig = await rigWith([routeTo('slow', tinyDestination(slow.url)), routeTo('x', tinyDestination(url))]);
    for (const account of ['slow', 'x']) rig.add(deliveryTo(account, account, { deaths_alone: 0 }));
    await soon(() => expect(rig.ends()).toEqual(['delivered', 'delivered']));
    expect(received).toHaveLength(1);
    expect(rig.claims.filter(({ account, claimed }) => account === 'x' && claimed === 1)).toHaveLength(2);
  });

  it('that is nearly over before a refused batch was halved is given back, and what was refused is sent', async () => {
    const { url } = await receiver((_, response, count) => {
      if (count === 1) rig.clock.at += 50_000;
      response.writeHead(count === 1 ? 400 : 204).end();
    });
    const rig = await rigFor(url, { batch: 4, deduplicates: () => false });
    addMany(rig, 'x', 4);
    await soon(() => expect(rig.ends()).toEqual(['delivered', 'delivered', 'delivered', 'delivered']));
  });

  it('is given back when there is no room for what is offered', async () => {
    const { url } = await receiver(() => undefined);
    const rig = await rigFor(url);
    const born = Array.from({ length: 2_100 }, (_, n) => deliveryTo('x', `${n}`, { lease_id: 'birth' }));
    for (const delivery of born) rig.add(delivery, START + 60_000);
    const taken = rig.deliverer.offer(born, START + 60_000);
    expect(taken).toBeLessThan(2_100);
    await soon(() => expect(rig.row('2099').due_at).toBe(START));
    expect(rig.deliverer.room('x')).toBe(0);
  });

  it('is given back when the breaker opens', async () => {
    const { url } = await receiver(always(500));
    const rig = await rigFor(url);
    const born = Array.from({ length: 300 }, (_, n) => deliveryTo('x', `${n}`, { lease_id: 'birth' }));
    for (const delivery of born) rig.add(delivery, START + 60_000);
    rig.deliverer.offer(born, START + 60_000);
    await soon(() => expect(rig.row('299').due_at).toBe(START));
    expect(rig.row('299').attempts).toEqual([]);
  });

  it('is refused for an account that no route names', async () => {
    const { url } = await receiver(always(204));
    const rig = await rigFor(url);
    const stray = deliveryTo('y', 'a', { lease_id: 'birth' });
    rig.add(stray, START + 60_000);
    expect(rig.deliverer.room('y')).toBe(0);
    expect(rig.deliverer.offer([stray], START + 60_000)).toBe(0);
    await soon(() => expect(rig.row('a').due_at).toBe(START));
  });
});

describe('stop', () => {
  /** Takes every request, and answers none before `answer`. */
  const holdingReceiver = async () => {
    const answers = Promise.withResolvers<void>();
    const held = await receiver(async (_, response) => {
      await answers.promise;
      response.writeHead(204).end();
    });
    return { ...held, answer: answers.resolve };
  };

  it('waits for answers, writes them, and gives the unsent back', async () => {
    const { url, received, answer } = await holdingReceiver();
    const rig = await rigFor(url);
    addMany(rig, 'x', 100);
    await soon(() => expect(received).toHaveLength(10));
    const stopped = rig.deliverer.stop({ deadline: 5_000 });
    answer();
    await stopped;
    expect(rig.ends().filter((end) => end === 'delivered')).toHaveLength(10);
    const open = [...rig.rows.values()].filter(({ end }) => end === undefined);
    expect(open).toHaveLength(90);
    expect(
      open.every(
        ({ due_at, delivery, attempts }) => due_at === START && delivery.lease_id === '' && attempts.length === 0,
      ),
    ).toBe(true);
    expect(received).toHaveLength(10);
  });

  it('sends nothing new from the moment it is announced, and the lease of what waits is given back', async () => {
    const { url, received, answer } = await holdingReceiver();
    const rig = await rigFor(url);
    addMany(rig, 'x', 18);
    await soon(() => expect(received).toHaveLength(10));
    rig.halt();
    answer();
    await soon(() => expect(rig.state('x')?.sending).toBe(0));
    await rig.deliverer.stop({ deadline: 0 });
    expect(received).toHaveLength(10);
    expect(rig.ends().filter((end) => end === 'open')).toHaveLength(8);
  });

  it('leaves its share of the rates to the others', async () => {
    const { url } = await receiver(always(204));
    const senders = new Set<string>();
    const rig = await rigWith([routeTo('x', tinyDestination(url))], () => ({
      countSenders: async (id) => senders.add(id).size,
      removeSender: async (id) => void senders.delete(id),
    }));
    await soon(() => expect(senders.size).toBe(1));
    await rig.deliverer.stop({ deadline: 0 });
    expect(senders.size).toBe(0);
  });

  it('cuts off after its deadline what is not answered, and records that it may have arrived', async () => {
    const { url, received } = await receiver(() => undefined);
    const rig = await rigFor(url);
    addMany(rig, 'x', 3);
    await soon(() => expect(received).toHaveLength(3));
    await rig.deliverer.stop({ deadline: 0 });
    const cut = { kind: 'retry', ambiguous: true, reason: expect.stringContaining('stopped') };
    expect([...rig.rows.values()].map(({ attempts }) => attempts)).toEqual(
      Array.from({ length: 3 }, () => [expect.objectContaining(cut)]),
    );
  });

  it('gives back what a claim under way still brings', async () => {
    const { url, received } = await receiver(always(204));
    const { promise, resolve } = Promise.withResolvers<void>();
    let claiming = false;
    const rig = await rigWith([routeTo('x', tinyDestination(url))], ({ claimDeliveries }) => ({
      claimDeliveries: async (claim) => {
        const claimed = await claimDeliveries(claim);
        claiming = true;
        await promise;
        return claimed;
      },
    }));
    addMany(rig, 'x', 3);
    await soon(() => expect(claiming).toBe(true));
    const stopped = rig.deliverer.stop({ deadline: 5_000 });
    resolve();
    await stopped;
    expect([...rig.rows.values()].map(({ delivery, due_at }) => [delivery.lease_id, due_at])).toEqual(
      Array.from({ length: 3 }, () => ['', START]),
    );
    expect(received).toEqual([]);
  });

  it('takes no offer any more', async () => {
    const { url } = await receiver(always(204));
    const rig = await rigFor(url);
    await rig.deliverer.stop({ deadline: 0 });
    expect(rig.deliverer.room('x')).toBe(0);
    expect(rig.deliverer.offer([deliveryTo('x', 'a')], START + 60_000)).toBe(0);
  });
});
