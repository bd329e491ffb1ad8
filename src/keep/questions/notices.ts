// Questions about notices: what is owed to whom, who sends it, and how it went. Each is leased, so that one replica sends it.
import type { Db, Row } from '../../types.ts';
import { maybe, number, text, words } from '../row.ts';
import { change, listOf } from '../sql.ts';

export type Phase = 'open' | 'end';
export type NoticeKey = { incident_id: string; contact: string; phase: Phase };
export type DueNotice = NoticeKey & { attempts: number; first_due: number };
/** `retry` is when to try again; without it nothing more is tried. */
export type NoticeEnd = NoticeKey & ({ sent_at: number } | { problem: string; retry?: number });
export type Notice = NoticeKey & {
  attempts: number;
  due_at: number | undefined;
  sent_at: number | undefined;
  problem: string | undefined;
};

const phaseOf = (row: Row): Phase => (text(row, 'phase') === 'end' ? 'end' : 'open');
const keyOf = (row: Row): NoticeKey => ({
  incident_id: text(row, 'incident_id'),
  contact: text(row, 'contact'),
  phase: phaseOf(row),
});

// That it is over is told after that it began. The comment is where PostgreSQL gets "for update skip locked".
const CLAIM = `
  update notices set due_at = $2, lease_id = $3, attempts = attempts + 1
  where (incident_id, contact, phase) in (
    select incident_id, contact, phase from notices where due_at <= $1 and (phase = 'open' or not exists (
      select 1 from notices as first where first.incident_id = notices.incident_id
        and first.contact = notices.contact and first.phase = 'open' and first.due_at is not null))
    order by due_at limit $4 /* for update skip locked */)
    and due_at <= $1
  returning incident_id, contact, phase, attempts,
    (select case when notices.phase = 'end' then ended_at else opened_at end
      from incidents where incidents.id = notices.incident_id) as first_due`;

export type NoticeClaim = { now: number; lease_until: number; lease_id: string; limit: number };

/** Leases notices that are due; those that nobody finishes until the end of the lease are due again. */
export async function claimNotices(db: Db, claim: NoticeClaim): Promise<DueNotice[]> {
  const { now, lease_until, lease_id, limit } = claim;
  const rows = await change(db, CLAIM, [now, lease_until, lease_id, limit]);
  return rows.map((row) => ({
    ...keyOf(row),
    attempts: number(row, 'attempts'),
    first_due: maybe(number, row, 'first_due') ?? now,
  }));
}

const FINISH = `
  update notices set sent_at = $4, problem = $5, due_at = $6, lease_id = null
  where incident_id = $1 and contact = $2 and phase = $3 and lease_id = $7`;

/** Says how leased notices went. */
export async function finishNotices(db: Db, ends: readonly NoticeEnd[], lease_id: string): Promise<void> {
  const rows = ends.map((end) => {
    const [sent_at, problem, due_at] =
      'sent_at' in end ? [end.sent_at, null, null] : [null, end.problem, end.retry ?? null];
    return [end.incident_id, end.contact, end.phase, sent_at, problem, due_at, lease_id];
  });
  await db.transaction([{ sql: FINISH, rows }]);
}

const UNTOLD = `
  select contact, problem, stores from notices join incidents on incidents.id = notices.incident_id
  where due_at is not null and phase = 'open' and problem is not null and opened_at <= $1 and ended_at is null
    and not exists (select 1 from notices as other where other.incident_id = notices.incident_id
      and other.phase = 'open' and other.sent_at is not null)
  order by contact, incident_id`;

/** Why contacts do not take yet what they are told of open incidents of before that time of which nobody was told. */
export async function listUntold(
  db: Db,
  before: number,
): Promise<{ contact: string; problem: string; stores: string[] }[]> {
  const rows = await db.query(UNTOLD, [before]);
  return rows.map((row) => ({
    contact: text(row, 'contact'),
    problem: text(row, 'problem'),
    stores: words(row, 'stores'),
  }));
}

/** What was told, or is still to be told, about some incidents. */
export async function listNotices(db: Db, incident_ids: readonly string[]): Promise<Notice[]> {
  if (incident_ids.length === 0) return [];
  const rows = await db.query(
    `select incident_id, contact, phase, attempts, due_at, sent_at, problem from notices
     where incident_id in ${listOf(incident_ids)} order by incident_id, contact, phase desc`,
    [...incident_ids],
  );
  return rows.map((row) => ({
    ...keyOf(row),
    attempts: number(row, 'attempts'),
    due_at: maybe(number, row, 'due_at'),
    sent_at: maybe(number, row, 'sent_at'),
    problem: maybe(text, row, 'problem'),
  }));
}
