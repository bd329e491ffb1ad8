// Questions about deliveries: lease those that are due, say how they went, give them back.
import type { Vault } from '../../lib/vault.ts';
import type { Attempt, Db, Delivery, Row, SqlValue } from '../../types.ts';
import { blamesRow, isFull } from '../error.ts';
import { bytes, maybe, number, text } from '../row.ts';
import { ifReadable, openEvent } from '../sealed.ts';
import { change, everyValue } from '../sql.ts';
import type { Claim } from './hooks.ts';
import { countAttempts } from './hours.ts';

const UNREADABLE = 'its event cannot be opened: it was damaged, or its key is no longer in ENCRYPTION_KEY';
type Bare = Omit<Delivery, 'event'>;
export type DeliveryClaim = Claim & { account: string; even_paused?: boolean };
/** With `due_at` the delivery is tried again then; without, it is finished. */
export type Finished = { delivery: Bare; attempt: Attempt; due_at?: number };

/**
 * Held so often by a process that ended, a delivery may be what ends it. From then on only what is sent alone is counted
 * (`countDeath`), so that those held with it are not blamed, however often the process ends.
 */
const SUSPECT = 3;
/** Of those whose holder did not give them back. */
export const ONE_MORE_DEATH = `case when deaths < ${SUSPECT} then deaths + 1 else deaths end`;

// The comment is where PostgreSQL gets "for update skip locked"; the second test of due_at is for a row another claim took,
// and adds nothing so that rows are found by their key, not by a second walk through all that is due.
const CLAIM = `
  with due as (
    select event_id, destination from deliveries where account = $1 and due_at <= $2
    order by due_at limit $5 /* for update skip locked */)
  update deliveries set due_at = $3, lease_id = $4, deaths = case when lease_id is null then deaths else ${ONE_MORE_DEATH} end
  where (event_id, destination) in (select event_id, destination from due)
    and due_at + 0 <= $2 and ($6 = 1 or not exists (select 1 from pauses where account = $1))
  returning event_id, destination, copy, store, account, attempts, created_at, sending_since, deaths,
    (select body from events where id = deliveries.event_id) as body`;

/**
 * Leases up to `limit` deliveries of one account that are due, those due longest first. A paused account has none, but with
 * `even_paused`. One whose event cannot be opened is dead, and the others are handed out without it.
 */
export async function claimDeliveries(db: Db, vault: Vault, claim: DeliveryClaim): Promise<Delivery[]> {
  const { account, now, lease_until, lease_id, limit, even_paused = false } = claim;
  const rows = await change(db, CLAIM, [account, now, lease_until, lease_id, limit, even_paused ? 1 : 0]);
  const unreadable: Finished[] = [];
  const deliveries = rows.flatMap((row) => {
    const bare = toBare(row, lease_id);
    const event = ifReadable(() => openEvent(vault, bytes(row, 'body')));
    if (event !== undefined) return [{ ...bare, event }];
    unreadable.push({ delivery: bare, attempt: { at: now, ms: 0, kind: 'dead', reason: UNREADABLE } });
    return [];
  });
  if (unreadable.length > 0) await finishDeliveries(db, unreadable);
  return deliveries.sort((a, b) => a.created_at - b.created_at || (a.event_id < b.event_id ? -1 : 1));
}

const START = `
  with given (id, place, lease, now) as (values ($1, $2, $3, cast($4 as bigint)))
  update deliveries set sending_since = given.now from given
  where event_id = given.id and destination = given.place and lease_id = given.lease
  returning event_id, destination`;

/**
 * Notes that sending begins, for deliveries that must not be sent twice: should this process die before it says how they went,
 * the next one to claim them sees `sending_since`. Answers those still held; the others must not be sent.
 */
export async function startDeliveries(db: Db, deliveries: readonly Delivery[], now: number): Promise<Delivery[]> {
  const rows = deliveries.map((delivery) => [...lease(delivery), now]);
  const [[started = []] = []] = await db.transaction([{ sql: START, rows, together: true }]);
  const nameOf = (row: Row) => `${text(row, 'event_id')} ${text(row, 'destination')}`;
  const held = new Set(started.map(nameOf));
  return deliveries.filter(({ event_id, destination }) => held.has(`${event_id} ${destination}`));
}

const DIE = 'update deliveries set deaths = deaths + 1 where event_id = $1 and destination = $2 and lease_id = $3';

/** Notes, before a suspect is sent alone, that this process may end of it; durable when it resolves. */
export async function countDeath(db: Db, delivery: Delivery): Promise<void> {
  await db.transaction([{ sql: DIE, rows: [lease(delivery)] }]);
}

const FINISH = 'delete from deliveries where (event_id, destination, lease_id) in (values ($1, $2, $3))';
const RETRY = `
  with given (id, place, lease, due, since) as (values ($1, $2, $3, cast($4 as bigint), cast($5 as bigint)))
  update deliveries set attempts = attempts + 1, due_at = given.due, lease_id = null, sending_since = given.since, deaths = 0
  from given
  where event_id = given.id and destination = given.place and lease_id = given.lease`;
const ATTEMPT = `
  insert into attempts (event_id, destination, copy, store, n, at, ms, status, kind, reason, ambiguous, receipt)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
  on conflict do nothing`;

/**
 * Records how deliveries went. Where the lease was lost meanwhile the delivery stays as its new holder has it, and only the
 * attempt is added to the history; recording the same one twice adds and counts it once. A history that cannot be written, for which there
 * may be no room on the disk either, is given up: a delivery that stayed open for it would be sent again.
 */
export async function finishDeliveries(db: Db, finished: readonly Finished[]): Promise<void> {
  const ends = finished.filter(({ due_at }) => due_at === undefined);
  const retries = finished.flatMap(({ delivery, due_at }) => (due_at === undefined ? [] : [putOff(delivery, due_at)]));
  const states = [
    { sql: FINISH, rows: ends.map(({ delivery }) => lease(delivery)), together: true },
    { sql: RETRY, rows: retries, together: true },
  ];
  try {
    const history = { sql: ATTEMPT, rows: finished.map(attemptRow), together: true };
    await db.transaction([...states, countAttempts(finished), history]);
  } catch (error) {
    if (!blamesRow(error) && !isFull(error)) throw error;
    await db.transaction(states);
  }
}

const RELEASE = `
  with given (id, place, lease, due, since, account) as (values ($1, $2, $3, cast($4 as bigint), cast($5 as bigint), $6))
  update deliveries set due_at = given.due, lease_id = null, sending_since = given.since, account = given.account,
    deaths = case when deaths > ${SUSPECT} then ${SUSPECT} else deaths end
  from given where event_id = given.id and destination = given.place and lease_id = given.lease`;

/**
 * Gives leased deliveries back unsent, to the account they then name; they are due again at `due_at`, and what an earlier
 * holder began stays noted.
 */
export async function releaseDeliveries(db: Db, deliveries: readonly Delivery[], due_at: number): Promise<void> {
  const rows = deliveries.map((delivery) => [...putOff(delivery, due_at), delivery.account]);
  await db.transaction([{ sql: RELEASE, rows, together: true }]);
}

const ACCOUNTS = `
  ${everyValue('accounts', 'account', 'deliveries')}
  select value as account, (select min(due_at) from deliveries where account = accounts.value) as due_at
  from accounts where value is not null`;

/** Every account with open deliveries, and when its first one is due; cheap however many wait. */
export async function findDueAccounts(db: Db): Promise<{ account: string; due_at: number }[]> {
  const rows = await db.query(ACCOUNTS);
  return rows.map((row) => ({ account: text(row, 'account'), due_at: number(row, 'due_at') }));
}

const lease = ({ event_id, destination, lease_id }: Bare): SqlValue[] => [event_id, destination, lease_id];

/** Its holder knows how its own sending went; of one that was begun before, only what the claim found is known. */
const putOff = (delivery: Bare, due_at: number): SqlValue[] => [
  ...lease(delivery),
  due_at,
  delivery.sending_since ?? null,
];

function attemptRow({ delivery, attempt }: Finished): SqlValue[] {
  const { event_id, destination, copy, store, attempts } = delivery;
  const { at, ms, status = null, kind, reason = null, ambiguous = false, receipt = null } = attempt;
  const n = kind === 'skipped' ? 0 : attempts + 1;
  return [event_id, destination, copy, store, n, at, ms, status, kind, reason, ambiguous ? 1 : 0, receipt];
}

function toBare(row: Row, lease_id: string): Bare {
  const sending_since = maybe(number, row, 'sending_since');
  const deaths = number(row, 'deaths');
  return {
    event_id: text(row, 'event_id'),
    destination: text(row, 'destination'),
    copy: number(row, 'copy'),
    store: text(row, 'store'),
    account: text(row, 'account'),
    attempts: number(row, 'attempts'),
    created_at: number(row, 'created_at'),
    lease_id,
    ...(sending_since === undefined ? {} : { sending_since }),
    ...(deaths >= SUSPECT && { deaths_alone: deaths - SUSPECT }),
  };
}
