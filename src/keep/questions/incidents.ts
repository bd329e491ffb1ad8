// Questions about incidents: each begins once, whoever finds it, and ends once. What is said about it is a notice.
import type { Db, Row, SqlValue } from '../../types.ts';
import { maybe, number, text, words } from '../row.ts';
import { change, listOf, pageBelow } from '../sql.ts';

/** Something wrong, in words without a person's data. `subject` is what it is about; of each one is open at most. */
export type NewIncident = {
  id: string;
  subject: string;
  kind: string;
  /** The stores it concerns; all of them when there are none. */
  stores: readonly string[];
  title: string;
  detail: string;
  todo: string;
  /** The page with more, from its first slash on. */
  path: string;
  since: number;
  opened_at: number;
};
/** `left`: it is as it was, and nothing new came of it for long; `unwatched`: nobody looks, or nobody wants to know. */
export const OUTCOMES = ['mended', 'left', 'unwatched'] as const;
export type Outcome = (typeof OUTCOMES)[number];
export type Incident = NewIncident & {
  calm_since: number | undefined;
  ended_at: number | undefined;
  /** Of one that is over. */
  outcome: Outcome | undefined;
};

const COLUMNS = 'id, subject, kind, stores, title, detail, todo, path, since, opened_at, calm_since, ended_at, outcome';

function outcomeOf(row: Row): Outcome | undefined {
  if (maybe(number, row, 'ended_at') === undefined) return undefined;
  const noted = maybe(text, row, 'outcome');
  return OUTCOMES.find((one) => one === noted) ?? 'mended';
}

const toIncident = (row: Row): Incident => ({
  id: text(row, 'id'),
  subject: text(row, 'subject'),
  kind: text(row, 'kind'),
  stores: words(row, 'stores'),
  title: text(row, 'title'),
  detail: text(row, 'detail'),
  todo: text(row, 'todo'),
  path: text(row, 'path'),
  since: number(row, 'since'),
  opened_at: number(row, 'opened_at'),
  calm_since: maybe(number, row, 'calm_since'),
  ended_at: maybe(number, row, 'ended_at'),
  outcome: outcomeOf(row),
});

const OPEN = `
  insert into incidents (id, subject, kind, stores, title, detail, todo, path, since, opened_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing returning id`;
const TELL = `
  insert into notices (incident_id, contact, phase, due_at, attempts)
  select id, $2, $3, $4, 0 from incidents where id = $1 on conflict do nothing`;

/** Opens an incident and owes a notice to each contact. Nothing happens where one of its subject is open already. */
export async function openIncident(db: Db, incident: NewIncident, contacts: readonly string[]): Promise<boolean> {
  const { id, subject, kind, stores, title, detail, todo, path, since, opened_at } = incident;
  const row: SqlValue[] = [id, subject, kind, stores.join(' '), title, detail, todo, path, since, opened_at];
  const [[opened = []] = []] = await db.transaction([
    { sql: OPEN, rows: [row] },
    { sql: TELL, rows: contacts.map((contact) => [id, contact, 'open', opened_at]) },
  ]);
  return opened.length === 1;
}

const CALM = 'update incidents set calm_since = $2 where id = $1 and ended_at is null';

/** Notes since when nothing more is seen of an incident; undefined when it is seen again. */
export async function calmIncident(db: Db, id: string, since: number | undefined): Promise<void> {
  await change(db, CALM, [id, since ?? null]);
}

const END = 'update incidents set ended_at = $2, outcome = $3 where id = $1 and ended_at is null returning id';
// Whoever was told, or will be, that it began is told that it ended.
const TELL_END = `
  insert into notices (incident_id, contact, phase, due_at, attempts)
  select notices.incident_id, notices.contact, 'end', incidents.ended_at, 0
  from notices join incidents on incidents.id = notices.incident_id
  where notices.incident_id = $1 and notices.phase = 'open' and (notices.sent_at is not null or notices.due_at is not null)
    and incidents.ended_at = $2
  on conflict do nothing`;

export async function endIncident(db: Db, id: string, at: number, outcome: Outcome = 'mended'): Promise<void> {
  await db.transaction([
    { sql: END, rows: [[id, at, outcome]] },
    { sql: TELL_END, rows: [[id, at]] },
  ]);
}

/** Those that are not over, the oldest first. */
export async function listOpenIncidents(db: Db): Promise<Incident[]> {
  const rows = await db.query(`select ${COLUMNS} from incidents where ended_at is null order by opened_at, id`);
  return rows.map(toIncident);
}

const ENDED = `
  select ${COLUMNS} from incidents where ended_at is not null and id < $1 order by id desc limit $2`;

/** Those that are over and have ids below `before`, the newest first; from the newest where it is empty. */
export async function listEndedIncidents(db: Db, before: string, limit: number): Promise<Incident[]> {
  return (await db.query(ENDED, [pageBelow(before), limit])).map(toIncident);
}

/** What was about these kinds and was over since a time, because all was well again: of what, and when it began. */
export async function listMended(
  db: Db,
  kinds: readonly string[],
  since: number,
): Promise<Pick<Incident, 'subject' | 'opened_at'>[]> {
  const sql = `
    select subject, opened_at from incidents
    where ended_at >= $1 and (outcome is null or outcome = 'mended') and kind in ${listOf(kinds, 2)} order by opened_at, id`;
  const rows = await db.query(sql, [since, ...kinds]);
  return rows.map((row) => ({ subject: text(row, 'subject'), opened_at: number(row, 'opened_at') }));
}

/** Some incidents by their ids. */
export async function findIncidents(db: Db, ids: readonly string[]): Promise<Incident[]> {
  if (ids.length === 0) return [];
  return (await db.query(`select ${COLUMNS} from incidents where id in ${listOf(ids)}`, [...ids])).map(toIncident);
}
