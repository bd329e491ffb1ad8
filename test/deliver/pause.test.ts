// Accounts that people must act on, and changes of the store files while running.
import { describe, expect, it } from 'vitest';
import { stampOf } from '../../src/deliver/pause.ts';
import { tinyDestination } from '../support/deliver-destination.ts';
import { always } from '../support/deliver-receiver.ts';
import { addMany, deliveryTo, looks, routeTo, useRigs } from '../support/deliver-rig.ts';
import { soon } from '../support/soon.ts';

const { receiver, rigFor, rigWith } = useRigs();

describe('an account whose credentials are refused', () => {
  it('is paused with the reason and gets nothing until it is resumed', async () => {
    let valid = false;
    const { url, received } = await receiver((_, response) => {
      response.writeHead(valid ? 204 : 401).end('the access token has expired');
    });
    const rig = await rigFor(url);
    rig.add(deliveryTo('x', 'a'));
    await soon(() => expect(rig.pauses.get('x')).toBe('the access token has expired'));
    await soon(() => expect(rig.row('a').attempts).toMatchObject([{ kind: 'retry', status: 401 }]));
    rig.add(deliveryTo('x', 'b'));
    rig.clock.at += 3_600_000;
    await looks(rig);
    expect(received).toHaveLength(1);
    expect(rig.state('x')?.paused).toBe('the access token has expired');

    valid = true;
    await rig.deliverer.resume('x');
    await soon(() => expect(rig.ends()).toEqual(['delivered', 'delivered']));
    expect(rig.pauses.size).toBe(0);
  });

  it('gets a single request first after it is resumed', async () => {
    const first = Promise.withResolvers<void>();
    const { url, received } = await receiver(async (_, response, count) => {
      if (count === 2) await first.promise;
      response.writeHead(count === 1 ? 401 : 204).end();
    });
    const rig = await rigFor(url);
    rig.add(deliveryTo('x', 'a'));
    await soon(() => expect(rig.pauses.has('x')).toBe(true));
    addMany(rig, 'x', 20);
    await rig.deliverer.resume('x');
    await soon(() => expect(received).toHaveLength(2));
    await looks(rig);
    expect(received).toHaveLength(2);
    first.resolve();
    await soon(() => expect(received).toHaveLength(22));
  });

  it('stays resumed when a list of pauses made before arrives after', async () => {
    const { url } = await receiver((_, response, count) => response.writeHead(count === 1 ? 401 : 204).end());
    let gate = Promise.resolve();
    let held = 0;
    const rig = await rigWith([routeTo('x', tinyDestination(url))], ({ listPauses }) => ({
      listPauses: async () => {
        const pauses = await listPauses();
        if (pauses.length > 0) held += 1;
        await gate;
        return pauses;
      },
    }));
    const { promise, resolve } = Promise.withResolvers<void>();
    rig.add(deliveryTo('x', 'a'));
    await soon(() => expect(rig.pauses.has('x')).toBe(true));
    gate = promise;
    await soon(() => expect(held).toBe(1));
    await rig.deliverer.resume('x');
    resolve();
    await soon(() => expect(rig.row('a').end).toBe('delivered'));
    expect(rig.state('x')?.paused).toBeUndefined();
  });

  it('does not wait for the schedule after it is resumed', async () => {
    const { url } = await receiver((_, response, count) => response.writeHead(count === 1 ? 401 : 204).end());
    const rig = await rigFor(url, { schedule: [86_400_000] });
    rig.add(deliveryTo('x', 'a'));
    await soon(() => expect(rig.pauses.has('x')).toBe(true));
    await rig.deliverer.resume('x');
    await soon(() => expect(rig.row('a').end).toBe('delivered'));
  });

  it('is sent to again by itself once its settings change, and not before', async () => {
    let token = 'old';
    const { url, received } = await receiver((_, response) => response.writeHead(token === 'new' ? 204 : 401).end());
    const route = (settings: object) => routeTo('x', tinyDestination(url), { settings });
    const rig = await rigWith([route({ token })]);
    rig.add(deliveryTo('x', 'a'));
    await soon(() => expect(rig.pauses.has('x')).toBe(true));
    rig.setRoutes([route({ token })]);
    await looks(rig);
    expect(rig.state('x')?.paused).toBeDefined();
    expect(received).toHaveLength(1);
    token = 'new';
    rig.setRoutes([route({ token })]);
    await soon(() => expect(rig.row('a').end).toBe('delivered'));
    expect(rig.pauses.size).toBe(0);
    expect(rig.lines).toContainEqual({ level: 'info', message: 'account.resumed', fields: { account: 'x' } });
  });

  it('is sent to again after a restart with other settings, and stays paused with the same', async () => {
    const { url } = await receiver(always(204));
    const settings = { token: 'now' };
    const pausedUnder = async (stamp: string) => {
      let pauses = [{ account: 'x', reason: 'expired', settings: stamp }];
      const rig = await rigWith([routeTo('x', tinyDestination(url), { settings })], () => ({
        listPauses: async () => pauses,
        resumeAccount: async () => {
          pauses = [];
        },
      }));
      return rig.state('x')?.paused;
    };
    expect(await pausedUnder(stampOf({ settings }))).toBe('expired');
    expect(await pausedUnder(stampOf({ settings: { token: 'before' } }))).toBeUndefined();
  });

  it('is noticed to be paused or resumed by another process', async () => {
    const { url, received } = await receiver(always(204));
    let pauses = [{ account: 'x', reason: 'paused elsewhere' }];
    const rig = await rigWith([routeTo('x', tinyDestination(url))], () => ({ listPauses: async () => pauses }));
    rig.add(deliveryTo('x', 'a'));
    await looks(rig);
    expect(received).toEqual([]);
    pauses = [];
    await soon(() => expect(rig.row('a').end).toBe('delivered'));
  });
});

describe('a reload', () => {
  it('opens a lane for a new account and closes that of one that is gone', async () => {
    const old = await receiver(always(204));
    const fresh = await receiver(always(204));
    const rig = await rigFor(old.url);
    rig.setRoutes([routeTo('y', tinyDestination(fresh.url))]);
    rig.add(deliveryTo('y', 'b'));
    await soon(() => expect(rig.row('b').end).toBe('delivered'));
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
    await soon(() => expect(rig.routesRead()).toBeGreaterThan(read));
    rig.add(deliveryTo('x', 'a'));
    await soon(() => expect(fresh.received).toHaveLength(1));
    expect(old.received).toEqual([]);
  });
});
