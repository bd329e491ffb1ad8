// The contract of everything that looks at the whole: leases at start, counts, traces, seals.
import { expect, test } from 'vitest';
import { delivered, LEASE, makeDigest, makeHook, NOW } from './make.ts';
import type { Rig } from './rig.ts';

export function testOverview(rig: Rig): void {
  test('releasing all leases makes what was held due now, and nothing else', async () => {
    const due_at = NOW + LEASE;
    await rig.keep.keepHooks([makeHook('held', { lease_id: 'a', due_at }), makeHook('not yet', { due_at })]);
    await rig.makePurchaseDue('1', 'ga4', 'meta');
    await rig.claimFor('ga4', 'a');
    await rig.keep.releaseDeliveries(await rig.claimFor('meta', 'a'), due_at);
    await rig.keep.releaseAllLeases(NOW + 1);
    expect(await rig.claimIds('b', NOW + 1)).toHaveLength(1);
    expect(await rig.claimFor('ga4', 'b', NOW + 1)).toHaveLength(1);
    expect(await rig.claimFor('meta', 'b', NOW + 1)).toEqual([]);
  });

  test('what waits for longer than anything may, because the clock was set back, is due now; leases and other waits stay', async () => {
    const ahead = NOW + 30 * 86_400_000;
    await rig.keep.keepHooks([
      makeHook('put off', { due_at: ahead }),
      makeHook('waits an hour', { due_at: NOW + 3_600_000 }),
      makeHook('held', { due_at: ahead, lease_id: 'a' }),
    ]);
    await rig.makePurchaseDue('1', 'ga4', 'meta');
    await rig.keep.releaseDeliveries(await rig.claimFor('ga4', 'a'), ahead);
    await rig.keep.releaseDeliveries(await rig.claimFor('meta', 'a'), NOW + 3_600_000);
    await rig.keep.pullDue(NOW);
    expect(await rig.claimIds('b')).toHaveLength(1);
    expect(await rig.claimFor('ga4', 'b')).toHaveLength(1);
    expect(await rig.claimFor('meta', 'b')).toEqual([]);
  });

  test('what waits when the clock is set back waits no longer than it had to; leases stay', async () => {
    const [HOUR, MINUTE] = [3_600_000, 60_000];
    await rig.keep.keepHooks([
      makeHook('waits a minute', { due_at: NOW + MINUTE }),
      makeHook('held', { due_at: NOW + MINUTE, lease_id: 'a' }),
    ]);
    await rig.makePurchaseDue('1', 'ga4', 'meta');
    await rig.keep.releaseDeliveries(await rig.claimFor('ga4', 'a'), NOW + MINUTE);
    const back = NOW - HOUR;
    await rig.keep.pullDue(back, -HOUR);
    expect(await rig.claimIds('b', back)).toHaveLength(0);
    expect(await rig.claimFor('ga4', 'b', back)).toEqual([]);
    expect(await rig.claimIds('b', back + MINUTE)).toHaveLength(1);
    expect(await rig.claimFor('ga4', 'b', back + MINUTE)).toHaveLength(1);
    expect(await rig.claimFor('meta', 'b', back + MINUTE)).toHaveLength(1);
  });

  test('what waits when the clock is set back is moved once, however many replicas notice it, and again the next time', async () => {
    const [HOUR, MINUTE] = [3_600_000, 60_000];
    await rig.keep.keepHooks([makeHook('waits five hours', { due_at: NOW + 5 * HOUR })]);
    const back = NOW - HOUR;
    for (let replica = 0; replica < 3; replica++) await rig.keep.pullDue(back + replica * 5_000, -HOUR);
    expect(await rig.claimIds('b', back + 5 * HOUR - MINUTE)).toHaveLength(0);
    await rig.keep.pullDue(back - HOUR + MINUTE, -HOUR);
    expect(await rig.claimIds('b', back + 4 * HOUR)).toHaveLength(1);
  });

  test('counts tell what is open, and how the rest ended', async () => {
    const hooks = ['one', 'two', 'three'].map((body) => makeHook(body, { lease_id: 'a' }));
    await rig.keep.keepHooks([...hooks, makeHook('four')]);
    const states = ['stuck', 'stuck', 'ignored'] as const;
    await rig.keep.recordDigests(
      hooks.map((hook, index) => makeDigest(hook, { state: states[index] ?? 'kept' })),
      NOW,
    );
    await rig.makePurchaseDue('1', 'ga4', 'meta');
    await rig.keep.finishDeliveries((await rig.claimFor('meta', 'a')).map(delivered));
    const hook = { store: 'demo', source: 'shop' };
    expect(await rig.keep.countOpen()).toEqual({
      hooks: [
        { ...hook, state: 'kept', hooks: 1, oldest: NOW },
        { ...hook, state: 'stuck', hooks: 2, oldest: NOW },
      ],
      deliveries: [{ store: 'demo', destination: 'ga4', account: 'ga4', deliveries: 1, oldest: NOW }],
    });
    expect(await rig.keep.countEnded(Date.now() - 60_000)).toEqual({
      hooks: [
        { ...hook, state: 'ignored', hooks: 1 },
        { ...hook, state: 'mapped', hooks: 1 },
        { ...hook, state: 'stuck', hooks: 2 },
      ],
      attempts: [{ store: 'demo', destination: 'meta', kind: 'delivered', attempts: 1 }],
    });
    expect(await rig.keep.countEnded(Date.now() + 60_000)).toEqual({ hooks: [], attempts: [] });
  });

  test('purchases are summed by hour and store, each once, however many destinations it has', async () => {
    const hour = Math.floor(NOW / 3_600_000);
    const sum = async () => (await rig.keep.sumPurchases(hour, hour)).find(({ store }) => store === 'demo');
    const { events: before = 0 } = (await sum()) ?? {};
    await rig.makePurchaseDue('1', 'ga4');
    await rig.makePurchaseDue('2', 'ga4', 'meta');
    expect(await sum()).toEqual({ hour, store: 'demo', events: before + 2 });
    expect(await rig.keep.sumPurchases(hour - 2, hour - 1)).toEqual([]);
  });

  test('a trace by order shows its hooks, and those that wait for it', async () => {
    const event_id = await rig.makePurchaseDue('1', 'ga4');
    const refund = makeHook('refund of 2', { lease_id: 'a' });
    await rig.keep.keepHooks([refund]);
    await rig.keep.recordDigests([makeDigest(refund, { state: 'waiting', waits_for: '2', due_at: NOW + 9 })], NOW);
    expect(await rig.keep.findTrace({ store: 'demo', order_id: '1' })).toMatchObject({
      hooks: [{ state: 'mapped' }],
      events: [{ id: event_id, name: 'purchase', deliveries: [{ destination: 'ga4', leased: false }], attempts: [] }],
    });
    expect(await rig.keep.findTrace({ store: 'demo', order_id: '2' })).toMatchObject({
      hooks: [{ id: refund.hook.id, state: 'waiting', due_at: NOW + 9, waits_for: '2' }],
      events: [],
    });
    expect(await rig.keep.findTrace({ hook_id: 'unknown' })).toEqual({ hooks: [], events: [] });
  });

  test('bodies, headers and events lie sealed', async () => {
    await rig.keep.keepHooks([makeHook('{"email":"ann@example.com"}', { lease_id: 'a' })]);
    await rig.makePurchaseDue('1');
    const sealed = [
      ...(await rig.db.query('select headers as sealed from hook_bodies')),
      ...(await rig.db.query('select body as sealed from hook_bodies')),
      ...(await rig.db.query('select body as sealed from events')),
    ].map((row) => row.sealed);
    expect(sealed).toHaveLength(5);
    for (const value of sealed) expect(value instanceof Uint8Array && rig.vault.open(value)).toBeInstanceOf(Uint8Array);
  });
}
