// Questions about single deliveries for pages: those that ended badly, and those that wait.
import type { Db, Row } from '../../types.ts';
import { maybe, number, text } from '../row.ts';
import { pageBelow } from '../sql.ts';
import type { Stretch } from './lists.ts';

export type ListedDelivery = {
  event_id: string;
  hook_id: string;
  name: string;
  order_id: string | undefined;
  store: string;
  destination: string;
  copy: number;
  at: number;
  kind: string;
  reason: string | undefined;
};

/** Of an attempt `last` and its event, as `toListed` reads them. */
export const COLUMNS = `
  last.event_id, last.destination, last.copy, last.store, last.at, last.kind, last.reason,
  events.hook_id, events.name, events.order_id`;

/** A later attempt, or a copy under way, means that somebody has seen to it. */
export const NOT_AGAIN = `
  not exists (select 1 from attempts as later where later.event_id = last.event_id
    and later.destination = last.destination and (later.copy > last.copy or (later.copy = last.copy and later.n > last.n)))
  and not exists (select 1 from deliveries where deliveries.event_id = last.event_id
    and deliveries.destination = last.destination)`;
const DEAD = `
  select ${COLUMNS} from attempts as last join events on events.id = last.event_id
  where last.store = $4 and last.destination = $5 and last.event_id < $1 and last.event_id >= $2
    and (last.kind = 'rejected' or last.kind = 'expired' or last.kind = 'dead')
    and ${NOT_AGAIN}
  order by last.event_id desc limit $3`;

export type Place = { store: string; destination: string };

/** Deliveries of a destination that ended without arriving and that nobody has sent again, the newest first. */
export async function listDead(
  db: Db,
  { store, destination }: Place,
  { before, since, limit }: Stretch,
): Promise<ListedDelivery[]> {
  const rows = await db.query(DEAD, [pageBelow(before), since, limit, store, destination]);
  return rows.map(toListed);
}

const WAITING = `
  select last.event_id, last.destination, last.copy, last.store, last.due_at as at, 'waiting' as kind, null as reason,
    events.hook_id, events.name, events.order_id
  from deliveries as last join events on events.id = last.event_id
  where last.account = $1 and last.store = $2 and last.destination = $3
    and (last.due_at, last.event_id, last.destination) > ($4, $5, $6)
  order by last.due_at, last.event_id, last.destination limit $7`;
/** The last one of the page before. */
export type WaitingMark = { due_at: number; event_id: string; destination: string };
const FIRST: WaitingMark = { due_at: -1, event_id: '', destination: '' };

/** Deliveries of a destination that are not finished, those due first on top; `at` is when they are due. */
export async function listWaiting(
  db: Db,
  { account, store, destination }: Place & { account: string },
  { after = FIRST, limit }: { after?: WaitingMark | undefined; limit: number },
): Promise<ListedDelivery[]> {
  const mark = [after.due_at, after.event_id, after.destination];
  return (await db.query(WAITING, [account, store, destination, ...mark, limit])).map(toListed);
}

export const toListed = (row: Row): ListedDelivery => ({
  event_id: text(row, 'event_id'),
  hook_id: text(row, 'hook_id'),
  name: text(row, 'name'),
  order_id: maybe(text, row, 'order_id'),
  store: text(row, 'store'),
  destination: text(row, 'destination'),
  copy: number(row, 'copy'),
  at: number(row, 'at'),
  kind: text(row, 'kind'),
  reason: maybe(text, row, 'reason'),
});

const LAST_END = `
  select ${COLUMNS}
  from attempts as last join events on events.id = last.event_id
  where last.event_id = $1 and last.destination = $2 order by last.copy desc, last.n desc limit 1`;
const OPEN = 'select 1 as one from deliveries where event_id = $1 and destination = $2';

/** How a delivery ended the last time; undefined while it is not finished, or when there is none. */
export async function findEnd(db: Db, event_id: string, destination: string): Promise<ListedDelivery | undefined> {
  const [open, rows] = await Promise.all([
    db.query(OPEN, [event_id, destination]),
    db.query(LAST_END, [event_id, destination]),
  ]);
  const [row] = rows;
  return open.length > 0 ? undefined : row && toListed(row);
}
