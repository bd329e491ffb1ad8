// The tables of visits, of the keys that find them, and of how events were joined to them.
import type { Dialect } from './migrations.ts';

export const visitTables = ({ clustered }: Dialect): string[] => [
  // Visits of browsers, and the keys that find their visitors; both are hashes under a secret that lies sealed here.
  'create table secrets (name text primary key, sealed bytea not null)',
  `create table visits (
    visitor bytea not null,
    visit text not null,
    store text not null,
    started_at bigint not null,
    seen_at bigint not null,
    expires_at bigint not null,
    body bytea not null,
    primary key (visitor, visit)
  )`,
  'create index visits_expiring on visits (store, expires_at)',
  `create table identities (
    key bytea not null,
    visitor bytea not null,
    seen_at bigint not null,
    expires_at bigint not null,
    primary key (key, visitor)
  ) ${clustered}`,
  'create index identities_visitor on identities (visitor)',
  'create index identities_expiring on identities (expires_at)',

  // How events were joined to visits, by hour: by which key, and how old the click was.
  `create table join_hours (
    hour bigint not null,
    store text not null,
    source text not null,
    name text not null,
    joined_by text not null,
    age text not null,
    shard bigint not null,
    events bigint not null,
    primary key (hour, store, source, name, joined_by, age, shard)
  ) ${clustered}`,
];
