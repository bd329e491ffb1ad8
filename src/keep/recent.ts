// Questions behind `diff`: the last hooks of a store with all that is kept of them, and the events that came of them.
import type { Event } from '../event.ts';
import type { Vault } from '../lib/vault.ts';
import type { Db, Hook, Row } from '../types.ts';
import { bytes, maybe, number, text } from './row.ts';
import { type Answers, openAnswers, openEvent, openHeaders } from './sealed.ts';

/** A hook that is done, as it arrived. */
export type RecentHook = Hook & { answers?: Answers };
/** An event and every key it is known by. */
export type RecentEvent = { hook_id: string; keys: string[]; event: Event };

/** What cannot be opened, because it was damaged or erased, is left out. */
const opened = <T>(row: Row, open: (row: Row) => T): T[] => {
  try {
    return [open(row)];
  } catch {
    return [];
  }
};

/** The last `limit` hooks of a store that are done and whose bodies are still there, in the order of arrival. */
export async function listRecentHooks(db: Db, vault: Vault, store: string, limit: number): Promise<RecentHook[]> {
  const rows = await db.query(
    `select hooks.id, hooks.store, hooks.source, hooks.received_at, hook_bodies.headers, hook_bodies.body, hook_bodies.answers
     from hooks join hook_bodies on hook_bodies.hook_id = hooks.id
     where hooks.store = $1 and hooks.state in ('mapped', 'ignored', 'stuck') order by hooks.id desc limit $2`,
    [store, limit],
  );
  return rows.reverse().flatMap((row) => opened(row, (one) => toHook(vault, one)));
}

function toHook(vault: Vault, row: Row): RecentHook {
  const answers = maybe(bytes, row, 'answers');
  return {
    id: text(row, 'id'),
    store: text(row, 'store'),
    source: text(row, 'source'),
    received_at: number(row, 'received_at'),
    headers: openHeaders(vault, bytes(row, 'headers')),
    body: vault.open(bytes(row, 'body')),
    ...(answers !== undefined && { answers: openAnswers(vault, answers) }),
  };
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
    const known = events.get(id) ?? opened(row, (one) => toEvent(vault, one))[0];
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

const AT_ONCE = 200;

/** Those of `keys` that events of the store have, whichever hook made them. */
export async function findTakenKeys(db: Db, store: string, keys: readonly string[]): Promise<Set<string>> {
  const taken = new Set<string>();
  for (let from = 0; from < keys.length; from += AT_ONCE) {
    const some = keys.slice(from, from + AT_ONCE);
    const list = some.map((_, index) => `$${index + 2}`).join(', ');
    const rows = await db.query(
      `select key from events where store = $1 and key in (${list})
       union select key from event_keys where store = $1 and key in (${list})`,
      [store, ...some],
    );
    for (const row of rows) taken.add(text(row, 'key'));
  }
  return taken;
}
