// Questions behind `diff`: the last hooks of a store with all that is kept of them, and the events that came of them.
import type { Event } from '../../event.ts';
import type { Vault } from '../../lib/vault.ts';
import type { Db, Row } from '../../types.ts';
import { bytes, maybe, text } from '../row.ts';
import { ifReadable, openEvent } from '../sealed.ts';
import { END, everyValue, listOf, newestOf } from '../sql.ts';
import { type OpenedHook, openHook } from './hooks.ts';

/** An event and every key it is known by. */
export type RecentEvent = { hook_id: string; keys: string[]; event: Event };

const STATES = ['mapped', 'ignored', 'stuck'];
/** Bodies fetched at a time. */
const PAGE = 50;

const SOURCES = `
  ${everyValue('sources', 'source', 'hooks', 'store = $1')}
  select value from sources where value is not null`;
const IDS = `
  select id from hooks where store = $1 and source = $2
    and ${newestOf('state', '$3', { first: "''", end: `'${END}'` })} limit $4`;

/** The ids of the last hooks of a store that are done, the newest first: each source and state along its index. */
async function recentIds(db: Db, store: string, limit: number): Promise<string[]> {
  const sources = await db.query(SOURCES, [store]);
  const lists = sources.flatMap((row) =>
    STATES.map((state) => db.query(IDS, [store, text(row, 'value'), state, limit])),
  );
  const ids = (await Promise.all(lists)).flat().map((row) => text(row, 'id'));
  return ids.sort().reverse().slice(0, limit);
}

/**
 * The last `limit` hooks of a store that are done, in the order of arrival, without those whose bodies are gone. Once the
 * bodies take `maxBytes` together, older ones are left out.
 */
export async function listRecentHooks(
  db: Db,
  vault: Vault,
  store: string,
  limit: number,
  maxBytes = Number.POSITIVE_INFINITY,
): Promise<OpenedHook[]> {
  const ids = await recentIds(db, store, limit);
  const hooks: OpenedHook[] = [];
  let size = 0;
  for (let from = 0; from < ids.length && size < maxBytes; from += PAGE) {
    const page = ids.slice(from, from + PAGE);
    const rows = await db.query(
      `select hooks.id, hooks.store, hooks.source, hooks.received_at, hook_bodies.headers, hook_bodies.body, hook_bodies.answers
       from hooks join hook_bodies on hook_bodies.hook_id = hooks.id
       where hooks.id in ${listOf(page)} order by hooks.id desc`,
      page,
    );
    for (const row of rows) {
      size += bytes(row, 'body').length;
      if (size >= maxBytes) break;
      // What cannot be opened, because it was damaged or erased, is left out.
      const hook = ifReadable(() => openHook(vault, row));
      if (hook !== undefined) hooks.push(hook);
    }
  }
  return hooks.reverse();
}

/** The events that hooks from `first_hook_id` on made. */
export async function listRecentEvents(
  db: Db,
  vault: Vault,
  store: string,
  first_hook_id: string,
): Promise<RecentEvent[]> {
  const rows = await db.query(
    `select events.id, events.hook_id, events.key, events.body, event_keys.key as other
     from events left join event_keys on event_keys.event_id = events.id
     where events.store = $1 and events.hook_id >= $2 order by events.id`,
    [store, first_hook_id],
  );
  const events = new Map<string, RecentEvent>();
  for (const row of rows) {
    const id = text(row, 'id');
    const other = maybe(text, row, 'other');
    const known = events.get(id) ?? ifReadable(() => toEvent(vault, row));
    if (known === undefined) continue;
    if (other !== undefined && !known.keys.includes(other)) known.keys.push(other);
    events.set(id, known);
  }
  return [...events.values()];
}

const toEvent = (vault: Vault, row: Row): RecentEvent => ({
  hook_id: text(row, 'hook_id'),
  keys: [text(row, 'key')],
  event: openEvent(vault, bytes(row, 'body')),
});
