// Questions of whoever watches, or does what one alone shall do: who it is, since when, and since when each source is known.
import type { Db } from '../../types.ts';
import { number, text } from '../row.ts';
import { change } from '../sql.ts';

const ALERTS = 'alerts';
// After a gap nobody knows what was missed, so what is watched is watched anew. A lease that lasts longer than two that begin
// now is of a time before the clock was set back; one that ends a little later was taken by who looked at the clock later and
// came first, and holds.
const TAKE = `
  insert into watches (name, holder, lease_until, watched_since, seen_at) values ($1, $2, $4, $3, $3)
  on conflict (name) do update set holder = $2, lease_until = $4, seen_at = $3,
    watched_since = case when watches.seen_at < $5 or watches.seen_at > $6 then $3 else watches.watched_since end
  where watches.holder = $2 or watches.lease_until <= $3 or watches.lease_until > $6
  returning watched_since`;

/** `name` is what is watched or done; the alerts unless given. */
export type Watch = { name?: string; holder: string; now: number; lease_until: number; gap: number };

/**
 * Takes or keeps the watch until `lease_until`; answers since when somebody has watched without a pause longer than `gap`
 * milliseconds, or undefined while another holder has it.
 */
export async function takeWatch(
  db: Db,
  { name = ALERTS, holder, now, lease_until, gap }: Watch,
): Promise<number | undefined> {
  const farthest = 2 * lease_until - now;
  const [row] = await change(db, TAKE, [name, holder, now, lease_until, now - gap, farthest]);
  return row && number(row, 'watched_since');
}

/** Gives the watch to whoever asks next. */
export async function leaveWatch(db: Db, holder: string, name = ALERTS): Promise<void> {
  await change(db, 'update watches set lease_until = 0 where name = $1 and holder = $2', [name, holder]);
}

export type KnownSource = { store: string; source: string; known_since: number };
const KNOW = 'insert into known_sources (store, source, known_since) values ($1, $2, $3) on conflict do nothing';

/** Notes sources that are new at `now`, and answers since when each one is known. */
export async function knowSources(
  db: Db,
  sources: readonly { store: string; source: string }[],
  now: number,
): Promise<KnownSource[]> {
  const read = async (): Promise<KnownSource[]> =>
    (await db.query('select store, source, known_since from known_sources')).map((row) => ({
      store: text(row, 'store'),
      source: text(row, 'source'),
      known_since: number(row, 'known_since'),
    }));
  const known = await read();
  const isKnown = new Set(known.map(({ store, source }) => `${store}/${source}`));
  const fresh = sources.filter(({ store, source }) => !isKnown.has(`${store}/${source}`));
  if (fresh.length === 0) return known;
  await db.transaction([{ sql: KNOW, rows: fresh.map(({ store, source }) => [store, source, now]) }]);
  return read();
}
