// Questions about the audit: who did what to what is kept, without personal data; a page of it, and whom and what one can choose.
import { hash } from 'node:crypto';
import { newId } from '../../lib/id.ts';
import type { Db, Row } from '../../types.ts';
import type { Person } from '../person.ts';
import { maybe, number, text } from '../row.ts';
import { change, createWhere, END, everyValue, idAt } from '../sql.ts';

/** `actor` is a user of the command line, `hook <id>`, or a user of the pages. `detail` carries no personal data. */
export type AuditLine = { at: number; actor: string; action: string; store?: string | undefined; detail: string };
export type AuditRow = AuditLine & { id: string; store: string | undefined };

const WRITE = 'insert into audit (id, at, actor, action, store, detail) values ($1, $2, $3, $4, $5, $6)';

export async function writeAudit(db: Db, { at, actor, action, store, detail }: AuditLine): Promise<void> {
  await change(db, WRITE, [newId(), at, actor, action, store ?? null, detail]);
}

const COLUMNS = 'at, actor, action, store, detail';
const toLine = (row: Row) => ({
  at: number(row, 'at'),
  actor: text(row, 'actor'),
  action: text(row, 'action'),
  store: maybe(text, row, 'store'),
  detail: text(row, 'detail'),
});

/** The lines since a time, in milliseconds since 1970, the oldest first. */
export const listAudit = async (db: Db, since: number): Promise<AuditLine[]> =>
  (await db.query(`select ${COLUMNS} from audit where at >= $1 order by at, id`, [since])).map(toLine);

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

/** Lines of some stores or of all, the newest first, a page at a time. */
export async function listAuditPage(db: Db, { stores, ...page }: AuditPage): Promise<AuditRow[]> {
  const found =
    stores === undefined
      ? [await ask(db, page, undefined)]
      : await Promise.all(stores.map((store) => ask(db, page, store)));
  return found
    .flat()
    .map((row): AuditRow => ({ id: text(row, 'id'), ...toLine(row) }))
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
  return db.query(
    `select id, ${COLUMNS} from audit where id < $1${where.sql()} order by id desc limit $2`,
    where.params,
  );
}

const MOST = 200;
const VALUES = (column: string) => `
  ${everyValue('found', column, 'audit')}
  select value from found where value is not null limit ${MOST}`;

/** Who stands in the audit, and what they did, in order of the alphabet. */
export async function auditChoices(db: Db): Promise<{ actors: string[]; actions: string[] }> {
  const [actors, actions] = await Promise.all([db.query(VALUES('actor')), db.query(VALUES('action'))]);
  return { actors: actors.map((row) => text(row, 'value')), actions: actions.map((row) => text(row, 'value')) };
}

const FINGERPRINT = 12;
/** More ids of one kind are counted. */
const SHOWN = 5;

const fingerprint = (kind: string, subject: string): string =>
  `${kind}:${hash('sha256', `${kind} ${subject.trim().toLowerCase()}`, 'hex').slice(0, FINGERPRINT)}`;

/** Stands for a person in an audit line: who knows the person can tell that they were meant, nobody else can. */
export function fingerprints({ emails, phones, customers, orders }: Person): string {
  const kinds: [string, readonly string[]][] = [
    ['email', emails],
    ['phone', phones.map(({ e164 }) => e164)],
    ['customer', customers],
    ['order', orders],
  ];
  const shown = kinds.flatMap(([kind, subjects]) => [
    ...subjects.slice(0, SHOWN).map((subject) => fingerprint(kind, subject)),
    ...(subjects.length > SHOWN ? [`and ${subjects.length - SHOWN} more`] : []),
  ]);
  return shown.join(' ');
}
