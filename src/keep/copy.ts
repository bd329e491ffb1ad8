// Moves all that is kept in the embedded file into a database that is empty: page by page, to be gone on with, and proven at the end.
import { createHash } from 'node:crypto';
import { OperatorError } from '../lib/errors.ts';
import type { Db, Row, SqlValue } from '../types.ts';
import { countIn, number, text } from './row.ts';
import { listOf } from './sql.ts';

type Table = { name: string; columns: string[]; key: string[] };
export type CopyOptions = {
  /** Hears how many rows were copied since the last time. */
  onProgress?: (rows: number) => void;
  /** Ends it after the page under way; the next call goes on there. */
  signal?: AbortSignal;
};
export type Copied = { table: string; rows: number; hash: string };

const PAGE = 500;
const TABLES = `
  select name from sqlite_master
  where type = 'table' and name not like 'sqlite%' and name <> 'migrations' order by name`;
const COLUMNS = 'select name, pk from pragma_table_info($1) order by cid';
const MAKE_NOTES = 'create table if not exists copies (name text primary key, after text, done bigint not null)';

async function listTables(source: Db): Promise<Table[]> {
  const names = (await source.query(TABLES)).map((row) => text(row, 'name'));
  return Promise.all(
    names.map(async (name) => {
      const columns = await source.query(COLUMNS, [name]);
      const key = columns.filter((row) => number(row, 'pk') > 0).sort((a, b) => number(a, 'pk') - number(b, 'pk'));
      return { name, columns: columns.map((row) => text(row, 'name')), key: key.map((row) => text(row, 'name')) };
    }),
  );
}

/** How many rows there are to copy, for a progress bar. */
export async function countRows(source: Db): Promise<number> {
  let total = 0;
  for (const { name } of await listTables(source))
    total += countIn(await source.query(`select count(*) as rows_kept from ${name}`), 'rows_kept');
  return total;
}

/** The next page of a table in the order of its key, after the key `after`. */
function readPage(db: Db, { name, columns, key }: Table, after: SqlValue[]): Promise<Row[]> {
  const where = after.length === 0 ? '' : ` where (${key.join(', ')}) > ${listOf(after)}`;
  return db.query(`select ${columns.join(', ')} from ${name}${where} order by ${key.join(', ')} limit ${PAGE}`, after);
}

/** Keys are kept as JSON; bytes in it are hexadecimal. */
const packKey = (key: readonly SqlValue[]): string =>
  JSON.stringify(key.map((one) => (one instanceof Uint8Array ? { hex: Buffer.from(one).toString('hex') } : one)));
const unpackKey = (packed: string): SqlValue[] =>
  JSON.parse(packed).map((one: SqlValue | { hex: string }) =>
    typeof one === 'object' && one !== null && 'hex' in one ? Buffer.from(one.hex, 'hex') : one,
  );
const keyOf = ({ key }: Table, row: Row): SqlValue[] => key.map((column) => row[column] ?? null);

const START = 'insert into copies (name, after, done) values ($1, null, 0) on conflict do nothing';
const GO_ON = 'update copies set after = $2 where name = $1';
const END = 'update copies set done = 1 where name = $1';

/** Each page and the note of how far it went are one transaction. */
async function copyTable(source: Db, target: Db, table: Table, { onProgress, signal }: CopyOptions): Promise<void> {
  const { name, columns } = table;
  await target.transaction([{ sql: START, rows: [[name]] }]);
  const [note] = await target.query('select after, done from copies where name = $1', [name]);
  if (note?.done === 1) return;
  let after = typeof note?.after === 'string' ? unpackKey(note.after) : [];
  const sql = `insert into ${name} (${columns.join(', ')}) values ${listOf(columns)} on conflict do nothing`;
  for (;;) {
    if (signal?.aborted) throw new OperatorError('STOPPED', 'stopped', 'run it again to go on');
    const rows = await readPage(source, table, after);
    const last = rows.at(-1);
    if (last === undefined) break;
    after = keyOf(table, last);
    await target.transaction([
      { sql, rows: rows.map((row) => columns.map((column) => row[column] ?? null)), together: true },
      { sql: GO_ON, rows: [[name, packKey(after)]] },
    ]);
    onProgress?.(rows.length);
  }
  await target.transaction([{ sql: END, rows: [[name]] }]);
}

/** The number of rows and a hash of everything in them, which is the same wherever they lie. */
async function prove(db: Db, table: Table): Promise<Copied> {
  const hash = createHash('sha256');
  let rows = 0;
  for (let after: SqlValue[] = []; ; ) {
    const page = await readPage(db, table, after);
    const last = page.at(-1);
    if (last === undefined) return { table: table.name, rows, hash: hash.digest('hex') };
    for (const row of page) hash.update(`${packKey(table.columns.map((column) => row[column] ?? null))}\n`);
    rows += page.length;
    after = keyOf(table, last);
  }
}

/**
 * Copies everything from `source` to `target`, whose tables must be there, and compares the two. What was copied before and
 * is not the same any more is copied anew. Throws an `OperatorError` when the target has data of its own, or differs in the end.
 */
export async function copyAll(source: Db, target: Db, options: CopyOptions = {}): Promise<Copied[]> {
  await refuseOthers(target);
  const copied: Copied[] = [];
  for (const table of await listTables(source)) {
    await copyTable(source, target, table, options);
    const wanted = await prove(source, table);
    if ((await prove(target, table)).hash !== wanted.hash) await copyAnew(source, target, table, wanted, options);
    copied.push(wanted);
  }
  await target.transaction([{ sql: 'drop table copies', rows: [[]] }]);
  return copied;
}

async function copyAnew(source: Db, target: Db, table: Table, wanted: Copied, options: CopyOptions): Promise<void> {
  await target.transaction([
    { sql: `delete from ${table.name}`, rows: [[]] },
    { sql: 'delete from copies where name = $1', rows: [[table.name]] },
  ]);
  await copyTable(source, target, table, options);
  const found = await prove(target, table);
  if (found.hash === wanted.hash) return;
  throw new OperatorError(
    'COPY_DIFFERS',
    `${table.name} has ${wanted.rows} rows here and ${found.rows} there, or other values in them`,
    'nothing is lost: go on with the embedded store, and tell us',
  );
}

/** Only an empty database, or one in which this copy was begun. */
async function refuseOthers(target: Db): Promise<void> {
  if (await isHalfCopied(target)) return;
  const sql =
    'select (select count(*) from (select 1 as one from hooks limit 1) as h) + (select count(*) from users) as there';
  if (countIn(await target.query(sql), 'there') > 0)
    throw new OperatorError('NOT_EMPTY', 'the database has data of its own', 'name an empty one');
  await target.transaction([{ sql: MAKE_NOTES, rows: [[]] }]);
}

/** Whether a copy into this database was begun and has not come to its end. */
export async function isHalfCopied(target: Db): Promise<boolean> {
  const [row] = await target.query("select to_regclass('copies') is not null as begun");
  return row?.begun === 1;
}
