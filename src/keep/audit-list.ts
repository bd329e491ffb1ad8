// Questions of the audit page: who did what, the newest first, a page at a time, and whom and what one can choose.
import type { Db, Row } from '../types.ts';
import { maybe, number, text } from './row.ts';
import { createWhere, END, everyValue, idAt } from './sql.ts';

export type AuditRow = {
  id: string;
  at: number;
  actor: string;
  action: string;
  store: string | undefined;
  detail: string;
};
/** All that is given must hold; times are milliseconds since 1970. Rows with ids below `before`, the newest where it is empty. */
export type AuditPage = {
  actor?: string | undefined;
  action?: string | undefined;
  stores?: readonly string[] | undefined;
  since?: number | undefined;
  until?: number | undefined;
  before: string;
  limit: number;
};

const COLUMNS = 'id, at, actor, action, store, detail';

export async function listAuditPage(db: Db, { stores, ...page }: AuditPage): Promise<AuditRow[]> {
  const found =
    stores === undefined
      ? [await ask(db, page, undefined)]
      : await Promise.all(stores.map((store) => ask(db, page, store)));
  return found
    .flat()
    .map(toRow)
    .sort((a, b) => (a.id < b.id ? 1 : -1))
    .slice(0, page.limit);
}

function ask(db: Db, page: Omit<AuditPage, 'stores'>, store: string | undefined): Promise<Row[]> {
  const { actor, action, since, until, before, limit } = page;
  const end = idAt(until) ?? END;
  const where = createWhere([before !== '' && before < end ? before : end, limit]);
  where.add('id >= ?', idAt(since));
  where.add('actor = ?', actor);
  where.add('action = ?', action);
  where.add('store = ?', store);
  return db.query(`select ${COLUMNS} from audit where id < $1${where.sql()} order by id desc limit $2`, where.params);
}

const toRow = (row: Row): AuditRow => ({
  id: text(row, 'id'),
  at: number(row, 'at'),
  actor: text(row, 'actor'),
  action: text(row, 'action'),
  store: maybe(text, row, 'store'),
  detail: text(row, 'detail'),
});

const MOST = 200;
const VALUES = (column: string) => `
  ${everyValue('found', column, 'audit')}
  select value from found where value is not null limit ${MOST}`;

/** Who stands in the audit, and what they did, in order of the alphabet. */
export async function auditChoices(db: Db): Promise<{ actors: string[]; actions: string[] }> {
  const [actors, actions] = await Promise.all([db.query(VALUES('actor')), db.query(VALUES('action'))]);
  return { actors: actors.map((row) => text(row, 'value')), actions: actions.map((row) => text(row, 'value')) };
}
