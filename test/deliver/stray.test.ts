// Deliveries whose account the store files name no more: a corrected id, a destination taken out, files that differ.
import { describe, expect, it } from 'vitest';
import type { Route } from '../../src/deliver/questions.ts';
import { tinyDestination } from '../support/deliver-destination.ts';
import { always } from '../support/deliver-receiver.ts';
import { deliveryTo, looks, type Rig, routeTo, START, useRigs } from '../support/deliver-rig.ts';
import { soon } from '../support/soon.ts';

const { receiver, rigWith } = useRigs();

const MINUTE = 60_000;
const DAY = 86_400_000;
const pixel = { destination: 'pixel' };
const pixelAt = (account: string, url: string, changes: Partial<Route> = {}) =>
  routeTo(account, tinyDestination(url), { name: 'pixel', ...changes });
const idsOf = (received: readonly { body: string }[]) => received.flatMap(({ body }) => JSON.parse(body));

describe('a delivery whose destination has another account by now', () => {
  it('goes there, also from an account that is paused', async () => {
    const { url, received } = await receiver(always(204));
    const rig = await rigWith([pixelAt('right', url)]);
    rig.pauses.set('wrong', 'there is no such pixel');
    rig.add(deliveryTo('wrong', 'a', pixel));
    rig.clock.at += MINUTE;
    await soon(() => expect(rig.row('a')).toMatchObject({ end: 'delivered', delivery: { account: 'right' } }));
    expect(idsOf(received)).toEqual(['a']);
    const moved = { level: 'info', message: 'delivery.moved', fields: { account: 'right', deliveries: 1 } };
    expect(rig.lines).toContainEqual(moved);
  });

  it('is left for a minute to a process that may know its account', async () => {
    const { url, received } = await receiver(always(204));
    const rig = await rigWith([pixelAt('right', url)]);
    rig.add(deliveryTo('wrong', 'a', pixel));
    rig.clock.at += MINUTE - 1;
    await looks(rig);
    expect(rig.claims).toEqual([]);
    expect(received).toEqual([]);
  });

  it('goes there too from an account that another store still sends to', async () => {
    const { url, received } = await receiver(always(204));
    const rig = await rigWith([pixelAt('right', url), pixelAt('wrong', url, { store: 'other' })]);
    for (const id of ['a', 'b', 'c']) rig.add(deliveryTo('wrong', id, pixel));
    rig.add(deliveryTo('wrong', 'd', { ...pixel, store: 'other' }));
    await soon(() => expect(rig.ends()).toEqual(['delivered', 'delivered', 'delivered', 'delivered']));
    expect(['a', 'b', 'c', 'd'].map((id) => rig.row(id).delivery.account)).toEqual([
      'right',
      'right',
      'right',
      'wrong',
    ]);
    expect(idsOf(received).sort()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('is not sent there if it may have arrived before and a second copy would count', async () => {
    const { url, received } = await receiver(always(204));
    const rig = await rigWith([
      routeTo('right', tinyDestination(url, { deduplicates: () => false }), { name: 'pixel' }),
    ]);
    rig.add(deliveryTo('wrong', 'a', { ...pixel, sending_since: START - 9_000 }, { name: 'refund' }));
    rig.clock.at += MINUTE;
    await soon(() => expect(rig.row('a').end).toBe('dead'));
    expect(rig.row('a').attempts).toMatchObject([{ ambiguous: true }]);
    expect(received).toEqual([]);
  });

  it('ends if the store keeps its event from that destination, which may be of another kind', async () => {
    const { url, received } = await receiver(always(204));
    const rig = await rigWith([pixelAt('right', url)]);
    rig.refusals.set('pixel', { reason: 'no consent: analytics_storage is denied' });
    rig.add(deliveryTo('wrong', 'a', pixel));
    rig.clock.at += MINUTE;
    await soon(() => expect(rig.row('a').end).toBe('skipped'));
    expect(rig.row('a').attempts).toMatchObject([{ reason: 'no consent: analytics_storage is denied' }]);
    expect(received).toEqual([]);
  });

  it('is fetched with at most 249 others at once', async () => {
    const { url, received } = await receiver(always(204));
    const rig = await rigWith([pixelAt('right', url)]);
    for (let n = 0; n < 600; n++) rig.add(deliveryTo('wrong', `${n}`, pixel));
    rig.clock.at += MINUTE;
    await soon(() => expect(rig.ends().every((end) => end === 'delivered')).toBe(true));
    const fetched = rig.claims.filter(({ account }) => account === 'wrong').map(({ claimed }) => claimed);
    expect(fetched).toEqual([250, 250, 100]);
    expect(new Set(idsOf(received)).size).toBe(600);
  });

  it('is sent once while processes whose files differ are at work, which may move it to and fro', async () => {
    const { url, received } = await receiver(always(204));
    const rare = { rate: 0.05 };
    const before = await rigWith([pixelAt('old', url, rare)]);
    const after = await rigWith([pixelAt('new', url, rare)], () => before.questions);
    const rigs = [before, after];
    for (let n = 0; n < 20; n++) {
      before.add(deliveryTo('old', `old ${n}`, pixel));
      before.add(deliveryTo('new', `new ${n}`, pixel));
    }
    await soon(() => {
      const idle = rigs.every(({ deliverer }) => deliverer.laneStates().every(({ sending }) => sending === 0));
      if (idle) for (const rig of rigs) rig.clock.at += 10_000;
      expect(before.ends().every((end) => end === 'delivered')).toBe(true);
    });
    expect(idsOf(received).sort()).toEqual([...before.rows.values()].map(({ delivery }) => delivery.event_id).sort());
    expect(rigs.map(({ lines }) => lines.some(({ message }) => message === 'delivery.moved'))).toEqual([true, true]);
  });
});

describe('a delivery of a store that was just added and shares its account', () => {
  it('is sent without being put off', async () => {
    const { url } = await receiver(always(204));
    const known = pixelAt('shared', url, { store: 'other' });
    const rig = await rigWith([known]);
    const born = deliveryTo('shared', 'a', { ...pixel, lease_id: 'birth' });
    rig.add(born, START + MINUTE);
    rig.setRoutes([known, pixelAt('shared', url)]);
    expect(rig.deliverer.offer([born], START + MINUTE)).toBe(1);
    await soon(() => expect(rig.row('a').end).toBe('delivered'));
    expect(rig.row('a').attempts).toMatchObject([{ kind: 'delivered' }]);
  });
});

describe('a delivery whose store has no such destination any more', () => {
  const settled = (rig: Rig, attempts: number) => soon(() => expect(rig.row('a').attempts).toHaveLength(attempts));
  const reason = 'the files in use give store "demo" no destination "pixel"';

  it('is put off, with the reason, and sent once the destination is back', async () => {
    const { url } = await receiver(always(204));
    const rig = await rigWith([]);
    rig.add(deliveryTo('x', 'a', pixel));
    rig.clock.at += MINUTE;
    await settled(rig, 1);
    expect(rig.row('a')).toMatchObject({ due_at: rig.clock.at + 10 * MINUTE, attempts: [{ kind: 'retry', reason }] });
    rig.clock.at += 11 * MINUTE;
    await settled(rig, 2);
    expect(rig.row('a').due_at).toBe(rig.clock.at + 60 * MINUTE);
    rig.setRoutes([pixelAt('x', url)]);
    rig.clock.at += 60 * MINUTE;
    await soon(() => expect(rig.row('a').end).toBe('delivered'));
  });

  it('expires after seven days, also where its account is paused', async () => {
    const rig = await rigWith([]);
    rig.pauses.set('x', 'there is no such pixel');
    rig.add(deliveryTo('x', 'a', pixel));
    rig.clock.at = START + 7 * DAY - 30 * MINUTE;
    await settled(rig, 1);
    expect(rig.row('a').end).toBeUndefined();
    rig.clock.at += 2 * 60 * MINUTE;
    await soon(() => expect(rig.row('a').end).toBe('expired'));
    expect(rig.row('a').attempts.at(-1)).toMatchObject({ kind: 'expired', reason });
  });

  it('keeps the note that it may have arrived', async () => {
    const { url, received } = await receiver(always(204));
    const rig = await rigWith([]);
    rig.add(deliveryTo('x', 'a', { ...pixel, sending_since: START - 9_000 }, { name: 'refund' }));
    rig.clock.at += MINUTE;
    await settled(rig, 1);
    rig.setRoutes([routeTo('x', tinyDestination(url, { deduplicates: () => false }), { name: 'pixel' })]);
    rig.clock.at += 10 * MINUTE;
    await soon(() => expect(rig.row('a').end).toBe('dead'));
    expect(received).toEqual([]);
  });
});
