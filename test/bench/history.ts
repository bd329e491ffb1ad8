// A database with two weeks of a busy shop in it, made by direct SQL: a million hooks with their events, attempts and sums.
import { emailMark } from '../../src/keep/contact-marks.ts';
import { plainVault } from '../../src/lib/vault.ts';
import { sampleEvent } from './backlog.ts';
import { fillDatabase, idAt, numbers, type Run } from './fill.ts';

const HOUR = 3_600_000;
const DAYS = 14;
/** Of the newest events, as many wait for two destinations each. */
const WAITING = 100_000;
/** One hook in so many is stuck, and one delivery to the first destination in so many is dead. */
const STUCK_EVERY = 500;
const DEAD_EVERY = 400;

export type History = { hooks: number; email: string; order: string };

const timeOf = (step: number) => `($1 + n * ${step})`;

/** What of the million lies where: columns that the pages count by. */
function fill(run: Run, store: string, accounts: [string, string][], count: number, event: Uint8Array) {
  const span = DAYS * 24 * HOUR;
  const begin = Date.now() - span;
  const step = Math.floor(span / count);
  const [id, at] = [idAt(timeOf(step)), timeOf(step)];
  run(
    `${numbers(count)} insert into hooks (id, store, source, received_at, body_key, delivery_key, state, reason, attempts)
     select ${id}, $2, 'shopify', ${at}, randomblob(16), randomblob(16),
       iif(n % ${STUCK_EVERY} = 7, 'stuck', 'mapped'), iif(n % ${STUCK_EVERY} = 7, 'total_price "' || n || '" is no amount', null), 1
     from numbers`,
    begin,
    store,
  );
  run(
    `${numbers(count)} insert into events (id, hook_id, store, key, name, order_id, transaction_id, event_time, created_at,
       email_mark, phone_mark, body)
     select ${id}, ${id}, $2, 'purchase:' || n, 'purchase', n, 'T' || n, strftime('%FT%TZ', ${at} / 1000, 'unixepoch'), ${at},
       iif(n % 100000 = 5, $3, randomblob(16)), randomblob(16), $4 from numbers`,
    begin,
    store,
    emailMark(plainVault, EMAIL),
    event,
  );
  run(
    `insert into orders (store, order_id, event_id, seen_at, source) select store, order_id, id, created_at, 'shopify' from events`,
  );
  const newest = begin + (count - WAITING) * step;
  for (const [index, [destination, account]] of accounts.entries()) {
    const dead = index === 0 ? `iif(rowid % ${DEAD_EVERY} = 3, 'dead', 'delivered')` : "'delivered'";
    run(
      `insert into attempts (event_id, destination, copy, store, n, at, ms, status, kind, reason, ambiguous)
       select id, $1, 0, store, 1, created_at, 20, 200, ${dead}, iif(${dead} = 'dead', 'gave up after 30 attempts', null), 0
       from events where created_at < $2 or $3 = 0`,
      destination,
      newest,
      index,
    );
    if (index > 0)
      run(
        `insert into deliveries (event_id, destination, copy, store, account, attempts, created_at, due_at)
         select id, $1, 0, store, $2, 3, created_at, $3 from events where created_at >= $4`,
        destination,
        account,
        Date.now() + 24 * HOUR,
        newest,
      );
  }
  for (const sql of SUMS) run(sql);
  run("insert into hook_marks (name, counted_until, turn) values ('hooks', $1, 'bench')", Date.now());
}

const EMAIL = 'ada@example.com';

const SUMS = [
  `insert into event_hours select created_at / ${HOUR}, store, name, 'EUR', 0, count(*), count(*) * 100.0, count(*), count(*),
     count(*), 0, 0, 0, 0, count(*) from events group by created_at / ${HOUR}, store, name`,
  `insert into delivery_hours select at / ${HOUR}, store, destination, kind, 0, count(*) from attempts
   group by at / ${HOUR}, store, destination, kind`,
  `insert into hook_hours select received_at / ${HOUR}, store, source, count(*), 0 from hooks
   group by received_at / ${HOUR}, store, source`,
];

/**
 * Fills the database of `folder`. Deliveries to the first of `accounts` have ended, some badly; many of the others wait.
 * Bodies of hooks are left out: they are only ever read one by one.
 */
export async function makeHistory(
  folder: string,
  store: string,
  accounts: Record<string, string>,
  count: number,
): Promise<History> {
  const event = await sampleEvent(Date.now() - HOUR);
  await fillDatabase(folder, (run) => fill(run, store, Object.entries(accounts), count, event));
  return { hooks: count, email: EMAIL, order: String(count - WAITING * 2) };
}
