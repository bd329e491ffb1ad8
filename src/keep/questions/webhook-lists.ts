// Questions of asking senders for their webhooks: what each listed last, and what was switched on again.
import type { Beside, Hooked } from '../../map/asking/webhooks.ts';
import type { Db } from '../../types.ts';
import { maybe, number, text } from '../row.ts';
import { change } from '../sql.ts';
import type { Dialect } from '../tables/migrations.ts';

type Place = { store: string; source: string };
/** What a sender listed of its webhooks at `at`. */
export type WebhooksFound = {
  at: number;
  /** Those that send here. */
  here: readonly (Hooked & {
    /** When it was first seen to be off. */
    off_since?: number | undefined;
    /** When it was last switched on again from here, or why it could not be. */
    mended_at?: number | undefined;
    unmended?: string | undefined;
  })[];
  /** When it was tried to switch them on again, by their ids, also of those that were not listed the last time. */
  tries: Readonly<Record<string, readonly number[]>>;
  /** Addresses of those that send to the same path of another host, what is told there, and how many go elsewhere in all. */
  astray: readonly string[];
  told_astray: readonly string[];
  others: number;
  /** What goes to other sources of this service, and since when it is seen that there is none; earlier lists lack it. */
  beside?: readonly (Beside & { lost_since?: number | undefined })[] | undefined;
  /** Topics that a webhook told of here, and when one last did. */
  known: Readonly<Record<string, number>>;
  /** Those of them that are needed and that none tells of, and since when that is seen. */
  gone: Readonly<Record<string, number>>;
};
/** The last time that somebody asked; `found` is of the last time that an answer came. */
export type WebhookList = Place & { asked_at: number; found: WebhooksFound | undefined; problem: string | undefined };

/** Part of the list of migrations. `found` is JSON that only this program writes. */
export const webhookTables = ({ clustered }: Dialect): string[] => [
  `create table webhook_lists (
    store text not null,
    source text not null,
    asked_at bigint not null,
    found text,
    problem text,
    primary key (store, source)
  ) ${clustered}`,
];

const FOUND = `
  insert into webhook_lists (store, source, asked_at, found) values ($1, $2, $3, $4)
  on conflict (store, source) do update set asked_at = excluded.asked_at, found = excluded.found, problem = null`;
const FAILED = `
  insert into webhook_lists (store, source, asked_at, problem) values ($1, $2, $3, $4)
  on conflict (store, source) do update set asked_at = excluded.asked_at, problem = excluded.problem`;

const openFound = (json: string | undefined): WebhooksFound | undefined =>
  json === undefined ? undefined : JSON.parse(json);

export const listWebhooks = async (db: Db): Promise<WebhookList[]> =>
  (await db.query('select * from webhook_lists order by store, source')).map((row) => ({
    store: text(row, 'store'),
    source: text(row, 'source'),
    asked_at: number(row, 'asked_at'),
    found: openFound(maybe(text, row, 'found')),
    problem: maybe(text, row, 'problem'),
  }));

/** Notes what came of asking; a problem leaves what was found before. */
export async function noteWebhooks(
  db: Db,
  { store, source }: Place,
  at: number,
  end: { found: WebhooksFound } | { problem: string },
): Promise<void> {
  const [sql, what] = 'found' in end ? [FOUND, JSON.stringify(end.found)] : [FAILED, end.problem];
  await change(db, sql, [store, source, at, what]);
}
