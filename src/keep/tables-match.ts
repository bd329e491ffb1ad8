// The tables of the match report: how events were joined, by hour, and how many visits were told of. Part of the list of migrations.
import type { Dialect } from './migrations.ts';

export const matchTables = ({ clustered }: Dialect): string[] => [
  // With the channel, and what there was to find a visit by; the sums before it go.
  'drop table join_hours',
  `create table join_hours (
    hour bigint not null,
    store text not null,
    source text not null,
    name text not null,
    channel text not null,
    joined_by text not null,
    age text not null,
    shard bigint not null,
    events bigint not null,
    clicks bigint not null,
    codes bigint not null,
    persons bigint not null,
    primary key (hour, store, source, name, channel, joined_by, age, shard)
  ) ${clustered}`,
  `create table visit_hours (
    store text not null,
    hour bigint not null,
    visits bigint not null,
    primary key (store, hour)
  ) ${clustered}`,
];
