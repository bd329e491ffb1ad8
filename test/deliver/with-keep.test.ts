// The deliver stage with the real store and the real destinations, against local receivers.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDeliverer } from '../../src/deliver/deliverer.ts';
import { LEASE_MS, type Route } from '../../src/deliver/questions.ts';
import { destinations } from '../../src/destinations/index.ts';
import type { Event } from '../../src/event.ts';
import { createKeep, type Keep } from '../../src/keep/keep.ts';
import { openSqlite } from '../../src/keep/sqlite/sqlite.ts';
import { newId } from '../../src/lib/id.ts';
import { plainVault } from '../../src/lib/vault.ts';
import { useHttp } from '../support/deliver-http.ts';
import { always } from '../support/deliver-receiver.ts';
import { START } from '../support/deliver-rig.ts';
import { soon } from '../support/soon.ts';

const { cleanups, receiver, client } = useHttp();

const routeOf = (name: string, own: object): Route => {
  const destination = destinations.find((one) => one.name === name);
  if (destination === undefined) throw new Error(`no destination ${name}`);
  const settings = destination.settings.parse(own);
  return { store: 'demo', name, account: destination.account(settings), destination, settings };
};
const ga4At = (endpoint: string) => routeOf('ga4', { measurement_id: 'G-ABC123', api_secret: 'hush', endpoint });
const metaAt = (endpoint: string, pixel_id = '1234567890') =>
  routeOf('meta', { pixel_id, access_token: 'hush', endpoint });

const eventOf = (name: string, order_id: string): Event => ({
  name,
  event_time: new Date(START - 60_000).toISOString(),
  order_id,
  transaction_id: order_id,
  event_id: order_id,
  currency: 'EUR',
  value: 10,
  client_id: '123.456',
  user_data: { email_address: 'anna@shop.example' },
});

/** A store on disk with one digested hook, and a deliverer on it; `before` is what another process did to it. */
const setUp = async (routes: Route[], events: Event[], before: (keep: Keep) => Promise<unknown> = async () => []) => {
  const folder = await mkdtemp(join(tmpdir(), 'tagbridge-deliver-'));
  const sqlite = await openSqlite({ path: join(folder, 'tagbridge.db') });
  cleanups.push(() => rm(folder, { recursive: true }), sqlite.close);
  const keep = createKeep({ db: sqlite.db, vault: plainVault });
  const hook = { id: newId(), store: 'demo', source: 'shop', received_at: START, headers: {}, body: Buffer.from('{}') };
  await keep.keepHooks([{ hook, keys: { body: randomBytes(16) }, due_at: START + LEASE_MS, lease_id: 'birth' }]);
  const due = routes.map(({ name, account }) => ({ destination: name, account, due_at: START }));
  const born = events.map((event) => {
    const key = `${event.name}:${event.order_id}`;
    return { id: newId(), key, event, deliveries: due, skipped: [] };
  });
  const digest = { hook_id: hook.id, store: 'demo', lease_id: 'birth', state: 'mapped' as const, uncounted: [] };
  await keep.recordDigests([{ ...digest, events: born }], START);
  await before(keep);

  let inForce = routes;
  const setRoutes = (next: Route[]) => {
    inForce = next;
  };
  const clock = { at: START };
  const silent = () => undefined;
  /** Ends that were told in the log and are not on disk yet. */
  let unwritten = 0;
  const told = (_fields: object, message: string) => {
    if (message === 'delivery.attempted') unwritten += 1;
  };
  const finishDeliveries: typeof keep.finishDeliveries = async (finished) => {
    await keep.finishDeliveries(finished);
    unwritten -= finished.length;
  };
  const http = client();
  const deliverer = createDeliverer({
    questions: { ...keep, finishDeliveries },
    http,
    routes: () => inForce,
    refusal: async () => undefined,
    now: () => clock.at,
    random: () => 1,
    log: { info: told, warn: silent, error: silent },
    newLeaseId: newId,
    signal: new AbortController().signal,
  });
  cleanups.push(() => deliverer.stop({ deadline: 0 }));
  await deliverer.start();
  /** Moves the clock, but never while an end is being written: the lease it holds would be over. */
  const pass = (ms: number) => {
    if (unwritten === 0) clock.at += ms;
  };
  const attempts = async () => {
    const { events: traced } = await keep.findTrace({ hook_id: hook.id });
    return traced.flatMap((event) => event.attempts);
  };
  return { keep, clock, pass, deliverer, attempts, setRoutes };
};

describe('deliver with the real store and destinations', () => {
  it('sends a purchase to both, once, and leaves nothing open', async () => {
    const google = await receiver(always(204));
    const meta = await receiver(({ body }, response) => {
      response.end(JSON.stringify({ events_received: JSON.parse(body).data.length }));
    });
    const orders = Array.from({ length: 40 }, (_, n) => eventOf('purchase', `100${n}`));
    const { keep, attempts } = await setUp([ga4At(google.url), metaAt(meta.url)], orders);
    await soon(async () => expect(await keep.findDueAccounts()).toEqual([]));
    expect(google.received).toHaveLength(40);
    expect(meta.received).toHaveLength(1);
    expect((await attempts()).map(({ kind }) => kind)).toEqual(Array.from({ length: 80 }, () => 'delivered'));
  });

  it('never sends a refund again whose end is unknown, and says so', async () => {
    const google = await receiver((_, response) => response.socket?.destroy());
    const { keep, attempts } = await setUp([ga4At(google.url)], [eventOf('refund', '1001')]);
    await soon(async () => expect(await keep.findDueAccounts()).toEqual([]));
    expect(google.received).toHaveLength(1);
    expect(await attempts()).toMatchObject([{ kind: 'dead', ambiguous: true, n: 1 }]);
  });

  it('never sends a refund again that a process sent before it died, though the breaker opens before its turn', async () => {
    let up = false;
    const google = await receiver((_, response) => response.writeHead(up ? 204 : 503).end());
    const route = ga4At(google.url);
    const orders = Array.from({ length: 60 }, (_, n) => eventOf('purchase', `100${n}`));
    const { keep, pass, deliverer, attempts } = await setUp(
      [route],
      [...orders, eventOf('refund', '1001')],
      async (keep) => {
        const lease = { now: START, lease_until: START + LEASE_MS, lease_id: 'dead', limit: 100 };
        const claimed = await keep.claimDeliveries({ account: route.account, ...lease });
        await keep.startDeliveries(
          claimed.filter(({ event }) => event.name === 'refund'),
          START,
        );
        await keep.releaseAllLeases(START);
      },
    );
    await soon(() => expect(deliverer.laneStates()[0]?.breaker.state).toBe('open'));
    up = true;
    await soon(async () => {
      pass(60_000);
      expect(await keep.findDueAccounts()).toEqual([]);
    });
    expect((await attempts()).filter(({ kind }) => kind === 'dead')).toMatchObject([{ n: 1, ambiguous: true }]);
    expect(google.received.filter(({ body }) => body.includes('"refund"'))).toEqual([]);
  });

  it('tries a purchase again after the same, because Google counts it once', async () => {
    const google = await receiver((_, response, count) => {
      if (count === 1) response.socket?.destroy();
      else response.writeHead(204).end();
    });
    const { keep, clock, attempts } = await setUp([ga4At(google.url)], [eventOf('purchase', '1001')]);
    await soon(async () => expect(await attempts()).toMatchObject([{ kind: 'retry', ambiguous: true }]));
    clock.at += 3_600_000;
    await soon(async () => expect(await keep.findDueAccounts()).toEqual([]));
    expect((await attempts()).map(({ kind }) => kind)).toEqual(['retry', 'delivered']);
  });

  it.each([
    { hours: 46, ends: ['retry', 'delivered'], sent: 2 },
    { hours: 48, ends: ['retry', 'dead'], sent: 1 },
  ])('sends to Meta again after the same $hours hours later: $ends (F27)', async ({ hours, ends, sent }) => {
    const facebook = await receiver((_, response, count) => {
      if (count === 1) response.socket?.destroy();
      else response.end(JSON.stringify({ events_received: 1 }));
    });
    const { keep, clock, attempts } = await setUp([metaAt(facebook.url)], [eventOf('purchase', '1001')]);
    await soon(async () => expect(await attempts()).toMatchObject([{ kind: 'retry', ambiguous: true }]));
    clock.at += hours * 3_600_000;
    await soon(async () => expect(await keep.findDueAccounts()).toEqual([]));
    expect((await attempts()).map(({ kind }) => kind)).toEqual(ends);
    expect(facebook.received).toHaveLength(sent);
  });

  it('pauses an account whose token has expired, keeps the reason, and goes on when resumed', async () => {
    let valid = false;
    const meta = await receiver((_, response) => {
      const error = { message: 'Error validating access token', code: 190, error_subcode: 463 };
      response.writeHead(valid ? 200 : 400).end(JSON.stringify(valid ? { events_received: 1 } : { error }));
    });
    const { keep, deliverer } = await setUp([metaAt(meta.url)], [eventOf('purchase', '1001')]);
    await soon(async () => expect(await keep.listPauses()).toHaveLength(1));
    expect(await keep.listPauses()).toMatchObject([
      { account: '1234567890', reason: expect.stringContaining('expired') },
    ]);
    valid = true;
    await deliverer.resume('1234567890');
    await soon(async () => expect(await keep.findDueAccounts()).toEqual([]));
    expect(meta.received).toHaveLength(2);
  });

  it('sends what waits for a pixel that does not exist to the one that the store names instead', async () => {
    const meta = await receiver(({ url, body }, response) => {
      const known = url?.includes('/9876543210/') === true;
      const error = { message: "Object with ID '1234567890' does not exist", code: 100, error_subcode: 33 };
      const taken = { events_received: JSON.parse(body).data.length };
      response.writeHead(known ? 200 : 400).end(JSON.stringify(known ? taken : { error }));
    });
    const orders = ['1001', '1002', '1003'].map((id) => eventOf('purchase', id));
    const { keep, clock, attempts, setRoutes } = await setUp([metaAt(meta.url)], orders);
    await soon(async () => expect(await keep.listPauses()).toHaveLength(1));
    setRoutes([metaAt(meta.url, '9876543210')]);
    await soon(async () => {
      clock.at += 10_000;
      expect(await keep.findDueAccounts()).toEqual([]);
    });
    expect((await attempts()).filter(({ kind }) => kind === 'delivered')).toHaveLength(3);
  });

  it('finds the one event that Meta refuses in a batch', async () => {
    const meta = await receiver(({ body }, response) => {
      const bad = body.includes('"order_id":"10013"');
      const error = { message: 'Invalid parameter', code: 100, error_subcode: 2804019 };
      response.writeHead(bad ? 400 : 200);
      response.end(JSON.stringify(bad ? { error } : { events_received: JSON.parse(body).data.length }));
    });
    const orders = Array.from({ length: 64 }, (_, n) => eventOf('purchase', `100${n}`));
    const { keep, attempts } = await setUp([metaAt(meta.url)], orders);
    await soon(async () => expect(await keep.findDueAccounts()).toEqual([]));
    const kinds = (await attempts()).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'delivered')).toHaveLength(63);
    expect(kinds.filter((kind) => kind === 'rejected')).toHaveLength(1);
    expect(meta.received.length).toBeLessThanOrEqual(1 + 2 * Math.log2(64) + 1);
  });
});
