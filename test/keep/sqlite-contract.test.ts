// The contract on SQLite, plain and encrypted.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqlite } from '../../src/keep/sqlite/sqlite.ts';
import { createVault, plainVault } from '../../src/lib/vault.ts';
import { testKeep } from './contract.ts';

const open = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tagbridge-keep-'));
  const { db, close } = await openSqlite({ path: join(folder, 'tagbridge.db') });
  return { db, close: () => close().then(() => rm(folder, { recursive: true })) };
};

testKeep('SQLite', open, plainVault);
testKeep('SQLite, encrypted', open, createVault([Buffer.alloc(32, 7).toString('base64')]));
