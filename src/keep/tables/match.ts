// The tables of the match report: how events were joined, by day, and when visits were told of. Part of the list of migrations.
import type { Dialect } from './migrations.ts';

export const matchTables = ({ clustered }: Dialect): string[] => [
  // By day, so that a quarter is few rows; with the channel, and what there was to find a visit by. The sums by hour go.
  'drop table join_hours',
  `create table join_days (
    day bigint not null,
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
    primary key (day, store, source, name, channel, joined_by, age, shard)
  ) ${clustered}`,
  `create table visit_hours (
    store text not null,
    hour bigint not null,
    visits bigint not null,
    primary key (store, hour)
  ) ${clustered}`,
];
