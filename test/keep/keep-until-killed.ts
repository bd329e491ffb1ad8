// Run as a process by kill.test.ts: keeps hooks as fast as it can and writes the id of each one that was acknowledged into a file.
import { openSync, writeSync } from 'node:fs';
import { createBatcher } from '../../src/keep/batch.ts';
import { createKeep } from '../../src/keep/keep.ts';
import { openSqlite } from '../../src/keep/sqlite/sqlite.ts';
import { newId } from '../../src/lib/id.ts';
import { plainVault } from '../../src/lib/vault.ts';
import { makeHook } from './make.ts';

const [path = '', file = ''] = process.argv.slice(2);
const ledger = openSync(file, 'a');
const { db } = await openSqlite({ path });
const keepOne = createBatcher(createKeep({ db, vault: plainVault }).keepHooks);

async function send(): Promise<void> {
  for (;;) {
    const hook = makeHook(`${newId()} ${'x'.repeat(4_000)}`);
    if ((await keepOne(hook)) === 'kept') writeSync(ledger, `${hook.hook.id}\n`);
  }
}

await Promise.all(Array.from({ length: 64 }, send));
