// The question of the list of attempts: every try of a destination that ended in a kind, the newest event first.
import type { Attempt, Db } from '../../types.ts';
import { maybe, number } from '../row.ts';
import { END } from '../sql.ts';
import { COLUMNS, type ListedDelivery, toListed } from './ends.ts';

export const ATTEMPT_KINDS: readonly Attempt['kind'][] = [
  'delivered',
  'skipped',
  'retry',
  'rejected',
  'expired',
  'dead',
];
export type ListedAttempt = ListedDelivery & {
  n: number;
  ms: number;
  status: number | undefined;
  ambiguous: boolean;
};
export type AttemptGroup = { store: string; destination: string; kind: string };
/** The last one of the page before. */
export type AttemptMark = Pick<ListedAttempt, 'event_id' | 'destination' | 'copy' | 'n' | 'at'>;

/** Above and below every attempt of one event. */
const ALL = [Number.MAX_SAFE_INTEGER, 0, 0];
const NONE = [-1, 0, 0];

const ATTEMPTS = `
  select ${COLUMNS}, last.n, last.ms, last.status, last.ambiguous
  from attempts as last join events on events.id = last.event_id
  where last.store = $1 and last.destination = $2 and last.kind = $3
    and (last.event_id, last.copy, last.n, last.at) < ($4, $5, $6, $7)
  order by last.event_id desc, last.copy desc, last.n desc, last.at desc limit $8`;

function beginOf({ destination }: AttemptGroup, before: AttemptMark | undefined): (string | number)[] {
  if (before === undefined) return [END, ...ALL];
  if (destination === before.destination) return [before.event_id, before.copy, before.n, before.at];
  return [before.event_id, ...(destination < before.destination ? ALL : NONE)];
}

function compare(a: ListedAttempt, b: ListedAttempt): number {
  const order = [
    a.event_id < b.event_id ? 1 : a.event_id > b.event_id ? -1 : 0,
    a.destination < b.destination ? 1 : a.destination > b.destination ? -1 : 0,
    b.copy - a.copy,
    b.n - a.n,
    b.at - a.at,
  ];
  return order.find((difference) => difference !== 0) ?? 0;
}

/** Attempts of all groups, by event, destination, copy and number, each the last first. */
export async function listAttempts(
  db: Db,
  groups: readonly AttemptGroup[],
  { before, limit }: { before: AttemptMark | undefined; limit: number },
): Promise<ListedAttempt[]> {
  const found = await Promise.all(
    groups.map((group) => {
      const { store, destination, kind } = group;
      return db.query(ATTEMPTS, [store, destination, kind, ...beginOf(group, before), limit]);
    }),
  );
  const rows = found.flat().map((row) => ({
    ...toListed(row),
    n: number(row, 'n'),
    ms: number(row, 'ms'),
    status: maybe(number, row, 'status'),
    ambiguous: number(row, 'ambiguous') === 1,
  }));
  return rows.sort(compare).slice(0, limit);
}
