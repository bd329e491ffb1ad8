// What stands in the audit of a running service.
import { join } from 'node:path';
import { openSqlite } from '../../src/keep/sqlite/sqlite.ts';
import type { Rig } from './service.ts';

/** Rows as they are kept, the oldest first. */
export async function auditedIn(
  { folder }: Pick<Rig, 'folder'>,
  action: string,
): Promise<{ actor: unknown; detail: unknown }[]> {
  const { db, close } = await openSqlite({ path: join(folder, 'data/tagbridge.db') });
  const rows = await db.query('select actor, detail from audit where action = $1 order by id', [action]);
  await close();
  return rows.map(({ actor, detail }) => ({ actor, detail }));
}
