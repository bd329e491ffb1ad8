// Deliveries in batches: how many go together, and how the one that spoils a batch is found.
import { describe, expect, it } from 'vitest';
import { tinyDestination } from '../support/deliver-destination.ts';
import { always } from '../support/deliver-receiver.ts';
import { deliveryTo, routeTo, useRigs } from '../support/deliver-rig.ts';
import { soon } from '../support/soon.ts';

const { receiver, rigFor, rigWith } = useRigs();

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
