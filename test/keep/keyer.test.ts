// The secret that keys of visits are made with is opened at the first need, and again where that failed.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { KeepError } from '../../src/keep/error.ts';
import { createKeep } from '../../src/keep/keep.ts';
import { openSqlite } from '../../src/keep/sqlite/sqlite.ts';
import { plainVault } from '../../src/lib/vault.ts';

test('a database that was away when visits were first asked for: they are found once it is back', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tagbridge-keyer-'));
  const { db, close } = await openSqlite({ path: join(folder, 'kept.db') });
  let isAway = true;
  const away = () => Promise.reject(new KeepError('busy', 'the database is away'));
  const keep = createKeep({
    db: {
      ...db,
      query: (...asked) => (isAway ? away() : db.query(...asked)),
      transaction: (...asked) => (isAway ? away() : db.transaction(...asked)),
    },
    vault: plainVault,
  });
  const identity = { store: 'shop', by: 'order_id', value: '1042' } as const;
  await expect(keep.findVisits([identity], 0)).rejects.toThrow('away');
  isAway = false;
  expect(await keep.findVisits([identity], 0)).toEqual({ visits: new Map(), unreadable: 0 });
  await close();
  await rm(folder, { recursive: true, force: true });
});
