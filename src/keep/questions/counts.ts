// Questions behind gauges and overview pages. They read open rows or a stretch of time, never the whole history.
import { firstIdAt } from '../../lib/id.ts';
import type { Db, Row } from '../../types.ts';
import { number, text } from '../row.ts';
import { END } from '../sql.ts';

/** Of the `hooks` kept, waiting or stuck, the first one arrived at `oldest`. */
export type OpenHooks = { store: string; source: string; state: string; hooks: number; oldest: number };
/** Of the `deliveries` not finished, the first one was made at `oldest`. */
export type OpenDeliveries = {
  store: string;
  destination: string;
  account: string;
  deliveries: number;
  oldest: number;
};
export type EndedHooks = { store: string; source: string; state: string; hooks: number };
export type EndedAttempts = { store: string; destination: string; kind: string; attempts: number };

const OPEN_HOOKS = `
  select store, source, state, count(*) as hooks, min(received_at) as oldest from (
    select store, source, state, received_at from hooks where due_at is not null
    union all
    select store, source, state, received_at from hooks where state = 'stuck' and due_at is null
  ) as open_hooks
  group by store, source, state order by store, source, state`;
// Sorting a million rows into groups takes 100 MB, so a slice of them is counted at a time.
const SLICE = 20_000;
const SLICE_END = 'select event_id from deliveries where event_id > $1 order by event_id limit 1 offset $2';
const OPEN_DELIVERIES = `
  select store, destination, account, count(*) as deliveries, min(created_at) as oldest from deliveries
  where event_id > $1 and event_id <= $2
  group by store, destination, account`;

/** What is not done. Takes time in proportion to that, so keep the answer for some seconds where it is asked often. */
export async function countOpen(db: Db): Promise<{ hooks: OpenHooks[]; deliveries: OpenDeliveries[] }> {
  const [hooks, deliveries] = await Promise.all([db.query(OPEN_HOOKS), countDeliveries(db)]);
  return { hooks: hooks.map((row) => ({ ...hookGroup(row), oldest: number(row, 'oldest') })), deliveries };
}

async function countDeliveries(db: Db): Promise<OpenDeliveries[]> {
  const groups = new Map<string, OpenDeliveries>();
  for (let from = ''; from < END; ) {
    const [end] = await db.query(SLICE_END, [from, SLICE]);
    const to = end === undefined ? END : text(end, 'event_id');
    for (const row of await db.query(OPEN_DELIVERIES, [from, to])) {
      const [store, destination, account] = [text(row, 'store'), text(row, 'destination'), text(row, 'account')];
      const key = JSON.stringify([store, destination, account]);
      const { deliveries = 0, oldest = Number.POSITIVE_INFINITY } = groups.get(key) ?? {};
      groups.set(key, {
        store,
        destination,
        account,
        deliveries: deliveries + number(row, 'deliveries'),
        oldest: Math.min(oldest, number(row, 'oldest')),
      });
    }
    from = to;
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

const ENDED_HOOKS = `
  select store, source, state, count(*) as hooks from hooks where id >= $1 and due_at is null
  group by store, source, state order by store, source, state`;
const ENDED_ATTEMPTS = `
  select store, destination, kind, count(*) as attempts from attempts where event_id >= $1
  group by store, destination, kind order by store, destination, kind`;

/** How hooks ended, and every attempt by how it ended, of hooks and events since a time, in milliseconds since 1970. */
export async function countEnded(db: Db, since: number): Promise<{ hooks: EndedHooks[]; attempts: EndedAttempts[] }> {
  const first = [firstIdAt(since)];
  const [hooks, attempts] = await Promise.all([db.query(ENDED_HOOKS, first), db.query(ENDED_ATTEMPTS, first)]);
  return {
    hooks: hooks.map(hookGroup),
    attempts: attempts.map((row) => ({
      store: text(row, 'store'),
      destination: text(row, 'destination'),
      kind: text(row, 'kind'),
      attempts: number(row, 'attempts'),
    })),
  };
}

function hookGroup(row: Row): EndedHooks {
  return {
    store: text(row, 'store'),
    source: text(row, 'source'),
    state: text(row, 'state'),
    hooks: number(row, 'hooks'),
  };
}
