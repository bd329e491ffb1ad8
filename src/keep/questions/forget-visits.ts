// Visits that go: of a person, of a store, or because their time is over.
import type { Db } from '../../types.ts';
import type { Identity, Keyer } from '../identity-key.ts';
import { bytes, countIn } from '../row.ts';
import { deletePages, listOf } from '../sql.ts';
import { storesOf, visitorsOf } from './person-visits.ts';

const PAGE = 500;

const FORGET_VISITS = `
  delete from visits where (visitor, visit) in (
    select visitor, visit from visits where store = $3 and expires_at >= $1 and expires_at < $4 order by expires_at limit $2)
  returning expires_at as place`;
const FORGET_IDENTITIES = `
  delete from identities where (key, visitor) in (
    select key, visitor from identities where expires_at >= $1 and expires_at < $3 order by expires_at limit $2)
  returning expires_at as place`;

/** Forgets visits and keys whose time is over, a page at a time; answers how many visits that were. */
export async function forgetVisits(db: Db, now: number, signal: AbortSignal): Promise<number> {
  const pages = { from: 0, page: PAGE, signal };
  let count = 0;
  for (const store of await storesOf(db))
    count += await deletePages(db, FORGET_VISITS, { ...pages, given: [store, now] });
  await deletePages(db, FORGET_IDENTITIES, { ...pages, given: [now] });
  return count;
}

const VISIT = 'delete from visits where visitor = $1';
const IDENTITY = 'delete from identities where visitor = $1';

async function eraseVisitors(db: Db, visitors: readonly Uint8Array[], dryRun = false): Promise<number> {
  if (visitors.length === 0) return 0;
  const sql = `select count(*) as visits from visits where visitor in ${listOf(visitors)}`;
  const count = countIn(await db.query(sql, [...visitors]), 'visits');
  const rows = visitors.map((visitor) => [visitor]);
  if (!dryRun)
    await db.transaction([
      { sql: VISIT, rows },
      { sql: IDENTITY, rows },
    ]);
  return count;
}

/**
 * Erases all visits of the visitors that any of these identities finds, and every key of theirs; answers how many visits.
 * With `dryRun` it only counts them.
 */
export async function eraseVisits(
  db: Db,
  keyOf: Keyer,
  identities: readonly Identity[],
  dryRun: boolean,
): Promise<number> {
  const visitors = await visitorsOf(db, keyOf, identities);
  let count = 0;
  for (let at = 0; at < visitors.length; at += PAGE) {
    count += await eraseVisitors(db, visitors.slice(at, at + PAGE), dryRun);
  }
  return count;
}

const OF_STORE = 'select distinct visitor from (select visitor from visits where store = $1 limit $2) as page';

/** Erases every visit of a store. */
export async function eraseVisitsOfStore(db: Db, store: string): Promise<number> {
  let count = 0;
  for (;;) {
    const rows = await db.query(OF_STORE, [store, PAGE]);
    if (rows.length === 0) return count;
    const visitors = rows.map((row) => bytes(row, 'visitor'));
    count += await eraseVisitors(db, visitors);
  }
}
