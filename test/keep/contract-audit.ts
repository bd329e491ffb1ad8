// The contract of the audit: its lines come back in order.
import { expect, test } from 'vitest';
import { NOW } from './make.ts';
import type { Rig } from './rig.ts';

export function testAudit(rig: Rig): void {
  test('audit lines come back in order, from a time on', async () => {
    for (const at of [NOW + 2, NOW, NOW + 1])
      await rig.keep.writeAudit({
        at,
        actor: 'ann',
        action: 'erase',
        detail: `at ${at - NOW}`,
        ...(at > NOW && { store: 'demo' }),
      });
    expect(await rig.keep.listAudit(NOW + 1)).toEqual([
      { at: NOW + 1, actor: 'ann', action: 'erase', store: 'demo', detail: 'at 1' },
      { at: NOW + 2, actor: 'ann', action: 'erase', store: 'demo', detail: 'at 2' },
    ]);
  });
}
