// Hooks by source, topic and hour: which of the webhooks of a sender still come, and when each came last.
import type { Db, Row } from '../../types.ts';
import { number, text } from '../row.ts';
import type { Dialect } from '../tables/migrations.ts';

/** Sums older than this are forgotten. */
const TOPICS_KEPT_DAYS = 70;

/** The table. Part of the list of migrations. */
export const topicTables = ({ clustered }: Dialect): string[] => [
  `create table topic_hours (
    store text not null,
    source text not null,
    topic text not null,
    hour bigint not null,
    hooks bigint not null,
    last_at bigint not null,
    primary key (store, source, topic, hour)
  ) ${clustered}`,
  'create index topic_hours_hour on topic_hours (hour)',
];

/** So many hooks of an hour, the last one at `last_at`; hours count from 1970. */
export type TopicSum = { store: string; source: string; topic: string; hour: number; hooks: number; last_at: number };

const ADD = `
  insert into topic_hours (store, source, topic, hour, hooks, last_at) values ($1, $2, $3, $4, $5, $6)
  on conflict (store, source, topic, hour) do update set hooks = topic_hours.hooks + excluded.hooks,
    last_at = case when excluded.last_at > topic_hours.last_at then excluded.last_at else topic_hours.last_at end`;
const FORGET = 'delete from topic_hours where hour < $1';

/** Adds hooks to the sums, and forgets those of long before `hour`. */
export async function addTopics(db: Db, sums: readonly TopicSum[], hour: number): Promise<void> {
  const rows = sums.map(({ store, source, topic, hour: at, hooks, last_at }) => [
    store,
    source,
    topic,
    at,
    hooks,
    last_at,
  ]);
  // In one order, so that two replicas never wait for each other.
  const orderOf = (row: readonly (string | number)[]): string => row.slice(0, 4).join('\n');
  await db.transaction([
    { sql: ADD, rows: rows.toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)) },
    { sql: FORGET, rows: [[hour - TOPICS_KEPT_DAYS * 24]] },
  ]);
}

const SUMS = `
  select store, source, topic, hour, hooks, last_at from topic_hours where hour >= $1 and hour <= $2
  order by hour, store, source, topic`;

/** Topics of every source from an hour to another, both included. */
export async function sumTopics(db: Db, from: number, until: number): Promise<TopicSum[]> {
  const rows = await db.query(SUMS, [from, until]);
  return rows.map((row) => ({
    store: text(row, 'store'),
    source: text(row, 'source'),
    hour: number(row, 'hour'),
    hooks: number(row, 'hooks'),
    ...lastOf(row),
  }));
}

/** What came of a topic in a day and a week, when the last one did, and the hour in which the first one did. */
export type TopicFacts = { topic: string; first_hour: number; last_at: number; day: number; week: number };

const TOPICS = `
  select topic, min(hour) as first_hour, max(last_at) as last_at, sum(case when hour > $3 - 24 then hooks else 0 end) as day,
    sum(case when hour > $3 - 168 then hooks else 0 end) as week
  from topic_hours where store = $1 and source = $2 group by topic order by topic`;

/** The topics of a source that came in the last ten weeks, with what came in the day and the week up to `hour`. */
export async function listTopics(db: Db, store: string, source: string, hour: number): Promise<TopicFacts[]> {
  const rows = await db.query(TOPICS, [store, source, hour]);
  return rows.map((row) => ({
    first_hour: number(row, 'first_hour'),
    ...lastOf(row),
    day: number(row, 'day'),
    week: number(row, 'week'),
  }));
}

const lastOf = (row: Row) => ({ topic: text(row, 'topic'), last_at: number(row, 'last_at') });
