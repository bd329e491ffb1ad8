// Questions behind lists and counts of pages: each reads along an index, newest first, a page at a time.
import { firstIdAt } from '../../lib/id.ts';
import type { Db, Row, SqlValue } from '../../types.ts';
import { countIn, maybe, number, text } from '../row.ts';
import { END, everyValue, newestOf, pageBelow } from '../sql.ts';
import { SENT } from '../tables/found.ts';

export const HOOK_STATES = ['kept', 'waiting', 'mapped', 'ignored', 'stuck', 'erased'] as const;
export type ListedHook = {
  id: string;
  store: string;
  source: string;
  received_at: number;
  state: string;
  reason: string | undefined;
};
/** Hooks of one source in one state. */
export type HookGroup = { store: string; source: string; state: string };
/** Rows with ids below `before`, or the newest ones where it is empty; none older than `since`. */
export type Stretch = { before: string; since: string; limit: number };

/** As `toListedHook` reads them. */
export const LISTED = 'select id, store, source, received_at, state, reason from hooks';
const HOOKS = `${LISTED} where id < $1 and id >= $2 order by id desc limit $3`;
const HOOKS_OF = `
  ${LISTED} where store = $4 and source = $5 and ${newestOf('state', '$6', { first: '$2', end: '$1' })} limit $3`;

/** Hooks of all groups, the newest first; of all sources where no groups are given. */
export async function listHooks(
  db: Db,
  groups: readonly HookGroup[] | undefined,
  page: Stretch,
): Promise<ListedHook[]> {
  const stretch = stretchOf(page);
  const ask = ({ store, source, state }: HookGroup) => db.query(HOOKS_OF, [...stretch, store, source, state]);
  const found = groups === undefined ? [await db.query(HOOKS, stretch)] : await Promise.all(groups.map(ask));
  return newest(found, page.limit).map(toListedHook);
}

export const toListedHook = (row: Row): ListedHook => ({
  id: text(row, 'id'),
  store: text(row, 'store'),
  source: text(row, 'source'),
  received_at: number(row, 'received_at'),
  state: text(row, 'state'),
  reason: maybe(text, row, 'reason'),
});

const stretchOf = ({ before, since, limit }: Stretch): SqlValue[] => [pageBelow(before), since, limit];
const newest = (found: readonly Row[][], limit: number): Row[] =>
  found
    .flat()
    .sort((a, b) => (text(a, 'id') < text(b, 'id') ? 1 : -1))
    .slice(0, limit);

/** Of one state no more are counted. */
export const MOST_COUNTED = 10_000;
const COUNT = `
  select count(*) as hooks from (select 1 as one from hooks
    where store = $1 and source = $2 and state = $3 and id >= $4 and id < $5 limit ${MOST_COUNTED}) as counted`;
const LAST = `
  select id from hooks where ${SENT} and store = $1 and source = $2
    and ${newestOf('state', '$3', { first: "''", end: `'${END}'` })} limit 1`;

/** Hooks of a source by what became of them, `MOST_COUNTED` at most of each, that came from one time to before another. */
export async function countHooks(
  db: Db,
  { store, source }: { store: string; source: string },
  from: number,
  until: number,
): Promise<Record<string, number>> {
  const [first, end] = [firstIdAt(from), firstIdAt(until)];
  const counts = await Promise.all(
    HOOK_STATES.map(async (state): Promise<[string, number]> => {
      return [state, countIn(await db.query(COUNT, [store, source, state, first, end]), 'hooks')];
    }),
  );
  return Object.fromEntries(counts);
}

/** The id of the newest hook that a source sent, which says when it came; undefined when none ever came, or all are forgotten. */
export async function lastHookOf(db: Db, store: string, source: string): Promise<string | undefined> {
  const found = await Promise.all(HOOK_STATES.map((state) => db.query(LAST, [store, source, state])));
  const ids = found.flat().flatMap((row) => maybe(text, row, 'id') ?? []);
  return ids.sort().at(-1);
}

export type ListedEvent = {
  id: string;
  hook_id: string;
  store: string;
  name: string;
  order_id: string | undefined;
  created_at: number;
};
const EVENT = 'select id, hook_id, store, name, order_id, created_at from events';
const EVENTS = `${EVENT} where id < $1 and id >= $2 order by id desc limit $3`;
const EVENTS_OF = `${EVENT} where store = $4 and ${newestOf('name', '$5', { first: '$2', end: '$1' })} limit $3`;

/** Events of all groups, the newest first; of all stores where no groups are given. */
export async function listEvents(
  db: Db,
  groups: readonly { store: string; name: string }[] | undefined,
  page: Stretch,
): Promise<ListedEvent[]> {
  const stretch = stretchOf(page);
  const ask = ({ store, name }: { store: string; name: string }) => db.query(EVENTS_OF, [...stretch, store, name]);
  const found = groups === undefined ? [await db.query(EVENTS, stretch)] : await Promise.all(groups.map(ask));
  return newest(found, page.limit).map((row) => ({
    id: text(row, 'id'),
    hook_id: text(row, 'hook_id'),
    store: text(row, 'store'),
    name: text(row, 'name'),
    order_id: maybe(text, row, 'order_id'),
    created_at: number(row, 'created_at'),
  }));
}

const NAMES = `
  ${everyValue('names', 'name', 'events', 'store = $1')}
  select value from names where value is not null`;

/** Every name that an event of the store has, in order; cheap however many events there are. */
export const listEventNames = async (db: Db, store: string): Promise<string[]> =>
  (await db.query(NAMES, [store])).map((row) => text(row, 'value'));
