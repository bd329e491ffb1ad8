// A keep on a database file of its own, for tests of what works on kept hooks without a service around it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeep, type Keep } from '../../src/keep/keep.ts';
import { openSqlite, type Sqlite } from '../../src/keep/sqlite/sqlite.ts';
import { plainVault } from '../../src/lib/vault.ts';

export type OwnKeep = {
  keep: Keep;
  db: Sqlite['db'];
  /** Closes the database and deletes its folder. */
  close: () => Promise<void>;
};

export async function openOwnKeep(): Promise<OwnKeep> {
  const folder = await mkdtemp(join(tmpdir(), 'tagbridge-keep-'));
  const { db, close } = await openSqlite({ path: join(folder, 'tagbridge.db') });
  return {
    keep: createKeep({ db, vault: plainVault }),
    db,
    close: async () => {
      await close();
      await rm(folder, { recursive: true });
    },
  };
}
