// The tables, as an append-only list: a migration that was released is never edited, a change is a new one at the end.
import { holdTables } from '../questions/holds.ts';
import { lackingColumns } from '../questions/lacking.ts';
import { qualityTables } from '../questions/qualities.ts';
import { recountTables } from '../questions/recounts.ts';
import { topicTables } from '../questions/topic-hours.ts';
import { webhookTables } from '../questions/webhook-lists.ts';
import { alertTables } from './alerts.ts';
import { entryCodes, entryHeirs, entryIndexes, entryTables } from './entries.ts';
import { foundTables } from './found.ts';
import { matchTables } from './match.ts';
import { tokenTables } from './tokens.ts';
import { visitTables } from './visits.ts';

/**
 * What the engines spell differently. `clustered` ends a table whose rows lie in the order of their primary key; `adapt` makes
 * of one statement those that the engine needs; `first` is run before those of a migration.
 */
export type Dialect = { clustered: string; adapt?: (sql: string) => string[]; first?: string };

/** Types are the ones both engines take: bigint for milliseconds since 1970, smallint 0 or 1 for flags, bytea for bytes. */
export const MIGRATIONS: ((dialect: Dialect) => string[])[] = [
  ({ clustered }) => [
    // Narrow, because a state changes often and a body never. due_at is null when nothing is left to do. While leased it is
    // the end of the lease, so that one index finds new, waiting and abandoned hooks alike.
    `create table hooks (
      id text primary key,
      store text not null,
      source text not null,
      received_at bigint not null,
      body_key bytea not null unique,
      delivery_key bytea unique,
      state text not null,
      reason text,
      attempts bigint not null,
      due_at bigint,
      lease_id text,
      waits_for text
    )`,
    'create index hooks_due on hooks (due_at) where due_at is not null',
    'create index hooks_waiting on hooks (store, waits_for) where waits_for is not null',
    "create index hooks_stuck on hooks (store, source) where state = 'stuck'",
    'create table hook_bodies (hook_id text primary key, headers bytea not null, body bytea not null)',

    `create table events (
      id text primary key,
      hook_id text not null,
      store text not null,
      key text not null,
      name text not null,
      order_id text,
      event_time text not null,
      created_at bigint not null,
      body bytea not null,
      unique (store, key)
    )`,
    'create index events_hook on events (hook_id)',
    'create index events_order on events (store, order_id) where order_id is not null',

    // The ledger: an order that was counted names its purchase, one that was only seen says why it was not counted.
    `create table orders (
      store text not null,
      order_id text not null,
      event_id text,
      reason text,
      seen_at bigint not null,
      primary key (store, order_id)
    ) ${clustered}`,

    // Hot and small: a row lives until its delivery ends.
    `create table deliveries (
      event_id text not null,
      destination text not null,
      copy bigint not null,
      store text not null,
      account text not null,
      attempts bigint not null,
      created_at bigint not null,
      due_at bigint not null,
      lease_id text,
      sending_since bigint,
      primary key (event_id, destination)
    ) ${clustered}`,
    'create index deliveries_due on deliveries (account, due_at)',

    // History, and how each delivery ended. n is 0 where no request was made.
    `create table attempts (
      event_id text not null,
      destination text not null,
      copy bigint not null,
      store text not null,
      n bigint not null,
      at bigint not null,
      ms bigint not null,
      status bigint,
      kind text not null,
      reason text,
      ambiguous smallint not null,
      primary key (event_id, destination, copy, n, at)
    ) ${clustered}`,

    'create table pauses (account text primary key, reason text not null, since bigint not null)',
  ],
  // What look-ups answered about a hook: it goes when the body goes, and a hook is mapped again with the same answers.
  () => ['alter table hook_bodies add column answers bytea'],

  ({ clustered }) => [
    // Names of events that have several; events of one name need no row here, their own key is unique.
    `create table event_keys (
      store text not null,
      key text not null,
      event_id text not null,
      primary key (store, key)
    ) ${clustered}`,
    'create index event_keys_event on event_keys (event_id)',
  ],

  () => [
    // Of an event that was erased only name, time and key are left.
    'alter table events add column erased_at bigint',
    'create index events_erased on events (id) where erased_at is not null',
    // Of which settings an account was paused.
    'alter table pauses add column settings text',
    `create table audit (
      id text primary key,
      at bigint not null,
      actor text not null,
      action text not null,
      store text,
      detail text not null
    )`,
  ],

  ({ clustered }) => [
    // Who may see the pages. Passwords, session tokens and links are kept as hashes.
    `create table users (
      id text primary key,
      email text not null unique,
      role text not null,
      password text,
      created_at bigint not null
    )`,
    `create table sessions (
      token_hash text primary key,
      user_id text not null,
      created_at bigint not null,
      seen_at bigint not null
    )`,
    'create index sessions_user on sessions (user_id)',
    'create table login_links (token_hash text primary key, user_id text, expires_at bigint not null)',
    'create table throttles (key text primary key, empty_at bigint not null)',
    'create index throttles_empty on throttles (empty_at)',

    // What pages list and count: hooks of a source by what became of them, and deliveries that ended badly.
    'create index hooks_outcome on hooks (store, source, state, id)',
    `create index attempts_dead on attempts (store, destination, event_id)
      where kind in ('rejected', 'expired', 'dead')`,
    'create index events_listed on events (store, name, id)',
    'alter table events add column transaction_id text',
    'create index events_transaction on events (store, transaction_id) where transaction_id is not null',

    // Sums by hour, made together with what they count. A shard keeps writers at the same time out of each other's way.
    `create table event_hours (
      hour bigint not null,
      store text not null,
      name text not null,
      currency text not null,
      shard bigint not null,
      events bigint not null,
      value double precision not null,
      email bigint not null,
      phone bigint not null,
      client_id bigint not null,
      session_id bigint not null,
      click_id bigint not null,
      fbc bigint not null,
      fbp bigint not null,
      device bigint not null,
      primary key (hour, store, name, currency, shard)
    ) ${clustered}`,
    `create table delivery_hours (
      hour bigint not null,
      store text not null,
      destination text not null,
      kind text not null,
      shard bigint not null,
      attempts bigint not null,
      primary key (hour, store, destination, kind, shard)
    ) ${clustered}`,
  ],

  ({ clustered }) => [
    // Hooks by source and hour, and up to which time they are counted.
    `create table hook_hours (
      hour bigint not null,
      store text not null,
      source text not null,
      hooks bigint not null,
      refused bigint not null,
      primary key (hour, store, source)
    ) ${clustered}`,
    'create table hook_marks (name text primary key, counted_until bigint not null, turn text not null)',
  ],

  () => [
    // Whose events they are, as marks: found by who knows the address or number, read by nobody.
    'alter table events add column email_mark bytea',
    'alter table events add column phone_mark bytea',
    'create index events_email on events (email_mark) where email_mark is not null',
    'create index events_phone on events (phone_mark) where phone_mark is not null',
  ],

  tokenTables,

  () => ['create index attempts_listed on attempts (store, destination, kind, event_id)'],

  alertTables,
  visitTables,

  // Which source told of an order first, to say how many of its orders count and why the others do not.
  () => [
    'alter table orders add column source text',
    'create index orders_seen on orders (store, source, seen_at) where source is not null',
  ],
  holdTables,

  // By the hour first: what is new lies together then, and a commit changes few pages however much is kept.
  () => [
    'drop index events_email',
    'drop index events_phone',
    'create index events_email on events ((created_at / 3600000), email_mark) where email_mark is not null',
    'create index events_phone on events ((created_at / 3600000), phone_mark) where phone_mark is not null',
  ],

  entryTables,

  // SQLite makes a table of more than two values after `in` for every row it inserts, to test whether the index takes it.
  () => [
    'drop index attempts_dead',
    `create index attempts_dead on attempts (store, destination, event_id)
      where kind = 'rejected' or kind = 'expired' or kind = 'dead'`,
  ],

  // What a receiver calls a request, by which it can be asked later what became of it.
  () => ['alter table attempts add column receipt text'],

  matchTables,
  entryIndexes,
  entryCodes,
  // The number people know an order by, where that is not its id.
  () => [
    'alter table orders add column number text',
    'create index orders_number on orders (store, number) where number is not null',
  ],

  // The channel of an order that is not counted for it: a hook that knows less of the order would count it.
  () => ['alter table orders add column channel text'],

  // How an incident ended: it may be over without anybody having mended it. Those from before are taken for mended.
  () => ['alter table incidents add column outcome text'],

  // How often a process ended while it held the delivery.
  () => ['alter table deliveries add column deaths bigint not null default 0'],

  lackingColumns,
  topicTables,
  foundTables,

  // The hook that tells of an order and has not come to its end: refunds of the order wait as long as it does.
  () => ['alter table orders add column told_by text'],

  recountTables,
  webhookTables,
  qualityTables,
  entryHeirs,
];
