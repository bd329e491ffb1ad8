// Lists of a sender's API, without I/O: what to ask for a page, and what the answer gives.
import { isTable } from '../../lib/table.ts';
import { parseBody } from '../body.ts';
import { valuesOf } from '../condition-test.ts';
import { parseInstant } from '../convert.ts';
import { ExpressionError } from '../expression/expression.ts';
import type { Source } from '../files/source.ts';
import { firstText } from '../map.ts';
import { evaluate, messageOf, type Results, untilSettled } from '../run.ts';
import type { Listing } from './listing-compile.ts';
import { type Asked, askAlone } from './lookup.ts';

/** From when to when what was changed is asked for, in milliseconds since 1970. */
export type Stretch = { since: number; until: number };
/** A record as a hook of that topic would tell it. */
export type Listed = {
  topic: string;
  id: string;
  changed_at: number | undefined;
  /** Of the records that are counted; the others are parts of them. */
  counted: boolean;
  record: Record<string, unknown>;
};
export type Page = { records: Listed[]; next: { url: string } | { page: number } | undefined };
export type Problem = { problem: string };
type Told = { headers: Record<string, string>; body: Uint8Array };

/** Once its expressions have answered; what they throw is a problem. */
export const settled = <T>(work: (results: Results) => T): T | Problem | Promise<T | Problem> =>
  untilSettled((results): T | Problem => {
    try {
      return work(results);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      return { problem: messageOf(error) };
    }
  });

/** Whole seconds, as every API takes them. */
const written = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');

/**
 * The question for a page by its number; undefined where the source has not the settings for it. Some APIs leave out what was
 * changed in the very second from which they are asked.
 */
export async function askPage(
  { settings, store }: Source,
  { question }: Listing,
  { since, until }: Stretch,
  page: number,
): Promise<Asked | Problem | undefined> {
  const env = { settings, store, since: written(since - 1_000), until: written(until), page };
  const asked = await settled((results) => askAlone(question, settings, env, results));
  return asked !== undefined && 'lacks' in asked ? { problem: asked.lacks } : asked;
}

/** The question for the page that an answer names: nowhere else than where this one went, for it carries credentials. */
export function askNext(asked: Asked, url: string): Asked | Problem {
  const isThere = URL.canParse(url) && new URL(url).origin === new URL(asked.url).origin;
  return isThere ? { ...asked, url, key: url } : { problem: 'the answer names a next page of another host' };
}

/** The id by which a list would know what a hook tells; undefined where it tells no such record. */
export async function idOf(
  { settings }: Source,
  { id }: Listing,
  { headers, body }: Told,
): Promise<string | undefined> {
  const parsed = parseBody(body, headers['content-type']);
  if (!('value' in parsed)) return undefined;
  const found = await settled((results) => firstText([id], parsed.value, { settings, record: parsed.value }, results));
  return typeof found === 'string' ? found : undefined;
}

/** An answer that is, or holds, an empty list is no broken one. */
const isEmpty = (answer: unknown): boolean =>
  Array.isArray(answer)
    ? answer.length === 0
    : isTable(answer) && Object.values(answer).some((value) => Array.isArray(value) && value.length === 0);

/** The topic of a record is that of its hooks: where no header says it, it stands in the record, which is such a hook's body. */
function topicOf({ topicHeader, topic, settings }: Source, record: unknown, named: string, results: Results): string {
  if (topicHeader !== undefined) return named;
  return firstText(topic, record, { settings, headers: {}, hook: record }, results) ?? named;
}

/** The records of an answer and the way to the next page, or why it cannot be taken for a whole page. */
export async function readPage(
  source: Source,
  listing: Listing,
  answer: unknown,
  { headers, page, url }: { headers: Readonly<Record<string, string>>; page: number; url: string },
): Promise<Page | Problem> {
  const { settings } = source;
  const env = { settings, headers, page, url };
  return settled((results): Page | Problem => {
    const records: Listed[] = [];
    for (const [index, { topic: named, run }] of listing.each.entries()) {
      const found = evaluate(run, answer, env, results);
      if (found === undefined && index === 0 && !isEmpty(answer)) return { problem: 'the answer holds no list' };
      for (const record of valuesOf(found)) {
        const topic = topicOf(source, record, named, results);
        const own = { settings, topic, record };
        const id = isTable(record) ? firstText([listing.id], record, own, results) : undefined;
        if (!isTable(record) || id === undefined) return { problem: 'a record of the answer has no id' };
        const changed_at = parseInstant(listing.changed && evaluate(listing.changed, record, own, results));
        records.push({ topic, id, changed_at, counted: index === 0, record });
      }
    }
    const next = listing.next && evaluate(listing.next, answer, env, results);
    if (typeof next === 'string' && next !== '') return { records, next: { url: next } };
    return { records, next: typeof next === 'number' ? { page: next } : undefined };
  });
}
