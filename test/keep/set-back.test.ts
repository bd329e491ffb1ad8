// A clock that was ahead, and was set right while no service ran that could have noticed.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createKeep } from '../../src/keep/keep.ts';
import { openDatabase } from '../../src/keep/open.ts';
import { findSetBack } from '../../src/keep/questions/leases.ts';
import { createIds } from '../../src/lib/id.ts';
import { plainVault } from '../../src/lib/vault.ts';
import { makeHook } from './make.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;

test.each([
  { ahead: HOUR, waits: 'no longer than it had to' },
  { ahead: 0, waits: 'as long as it had to' },
])('what was put off by a clock that was $ahead ms ahead waits $waits after a start', async ({ ahead }) => {
  const folder = await mkdtemp(join(tmpdir(), 'tagbridge-set-back-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const then = Date.now() + ahead;
  const before = await openDatabase({ url: undefined, folder });
  const made = makeHook('one', { due_at: then + 30 * MINUTE });
  const keep = createKeep({ db: before.db, vault: plainVault });
  await keep.keepHooks([{ ...made, hook: { ...made.hook, received_at: then } }]);
  await before.close();

  const after = await openDatabase({ url: undefined, folder });
  await after.begin();
  const [row] = await after.db.query('select due_at from hooks');
  await after.close();
  const wait = Number(row?.due_at) - Date.now();
  expect(wait).toBeLessThanOrEqual(30 * MINUTE);
  expect(wait).toBeGreaterThan(29 * MINUTE);
});

test('a clock that was set right is told of once, however often it is started before that hour comes again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tagbridge-set-back-'));
  const { db, close } = await openDatabase({ url: undefined, folder });
  onTestFinished(() => close().then(() => rm(folder, { recursive: true })));
  const keep = createKeep({ db, vault: plainVault });
  const come = async (name: string, at: number) => {
    const made = makeHook(name);
    await keep.keepHooks([{ ...made, hook: { ...made.hook, id: createIds(() => at)(), received_at: at } }]);
  };
  const now = Date.now();
  await come('while it was ahead', now + HOUR);
  expect(await findSetBack(db, now)).toBe(-HOUR);
  await come('since then', now + MINUTE);
  for (const later of [2, 30, 55]) expect(await findSetBack(db, now + later * MINUTE)).toBe(0);
});
