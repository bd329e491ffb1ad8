// Questions about one hook with its contents, for its trace: body, headers, look-ups, and the events it could have made.
import type { Event } from '../../event.ts';
import type { Vault } from '../../lib/vault.ts';
import type { Db } from '../../types.ts';
import { bytes, maybe, text } from '../row.ts';
import { type Answers, ifReadable, openEvent } from '../sealed.ts';
import { listOf } from '../sql.ts';
import { openHook, toBareHook } from './hooks.ts';

/** Without `content` once that is forgotten. */
export type KeptHook = {
  id: string;
  store: string;
  source: string;
  received_at: number;
  content: { headers: Record<string, string>; body: Uint8Array; answers: Answers | undefined } | undefined;
};

const HOOK = `
  select id, store, source, received_at, headers, body, answers
  from hooks left join hook_bodies on hook_bodies.hook_id = hooks.id where id = $1`;

export async function findHook(db: Db, vault: Vault, id: string): Promise<KeptHook | undefined> {
  const [row] = await db.query(HOOK, [id]);
  if (row === undefined) return undefined;
  const bare = toBareHook(row);
  if (row.headers === null) return { ...bare, content: undefined };
  const { headers, body, answers } = openHook(vault, row);
  return { ...bare, content: { headers, body, answers } };
}

/** Events by id, opened; one that was damaged, or whose key is gone, is left out. */
export async function openEvents(db: Db, vault: Vault, ids: readonly string[]): Promise<Map<string, Event>> {
  if (ids.length === 0) return new Map();
  const rows = await db.query(`select id, body from events where id in ${listOf(ids)}`, [...ids]);
  const opened = new Map<string, Event>();
  for (const row of rows) {
    const event = ifReadable(() => openEvent(vault, bytes(row, 'body')));
    // Whoever asks says so of each that is missing.
    if (event !== undefined) opened.set(text(row, 'id'), event);
  }
  return opened;
}

/** The hooks whose events go by these names already; none where the event is forgotten and its name is not. */
export async function findMakers(
  db: Db,
  store: string,
  keys: readonly string[],
): Promise<{ key: string; event_id: string; hook_id: string | undefined }[]> {
  if (keys.length === 0) return [];
  const list = listOf(keys, 2);
  const rows = await db.query(
    `select key, id, hook_id from events where store = $1 and key in ${list}
     union
     select event_keys.key, event_keys.event_id, events.hook_id
     from event_keys left join events on events.id = event_keys.event_id
     where event_keys.store = $1 and event_keys.key in ${list}`,
    [store, ...keys],
  );
  return rows.map((row) => ({
    key: text(row, 'key'),
    event_id: text(row, 'id'),
    hook_id: maybe(text, row, 'hook_id'),
  }));
}
