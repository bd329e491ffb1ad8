// The contract of what was damaged: it is set aside, and the others go on.
import { expect, test } from 'vitest';
import { LEASE, makeHook, NOW } from './make.ts';
import type { Rig } from './rig.ts';

export function testDamaged(rig: Rig): void {
  test('S78 a hook or an event that was damaged is set aside and the others go on', async () => {
    const hooks = ['one', 'two'].map((body) => makeHook(body));
    await rig.keep.keepHooks(hooks);
    const id = hooks[0]?.hook.id ?? '';
    const [row] = await rig.db.query('select body from hook_bodies where hook_id = $1', [id]);
    const flipped = Uint8Array.from(row?.body instanceof Uint8Array ? row.body : []);
    flipped[0] = (flipped[0] ?? 0) ^ 0x40;
    await rig.db.transaction([{ sql: 'update hook_bodies set body = $2 where hook_id = $1', rows: [[id, flipped]] }]);
    expect(await rig.claimIds('a')).toEqual([hooks[1]?.hook.id]);
    expect(await rig.keep.findTrace({ hook_id: id })).toMatchObject({
      hooks: [{ state: 'stuck', reason: expect.stringContaining('cannot be opened') }],
    });
    expect(await rig.claimIds('b', NOW + LEASE)).toEqual([hooks[1]?.hook.id]);

    await rig.makePurchaseDue('1', 'ga4');
    const damaged = await rig.makePurchaseDue('2', 'ga4');
    await rig.db.transaction([{ sql: 'update events set body = $2 where id = $1', rows: [[damaged, flipped]] }]);
    expect(await rig.claimFor('ga4', 'b')).toMatchObject([{ event: { order_id: '1' } }]);
    expect(await rig.keep.selectDeliveries({}, ['dead'], { after: '', limit: 10 })).toMatchObject([
      { event_id: damaged, reason: expect.stringContaining('cannot be opened') },
    ]);
  });
}
