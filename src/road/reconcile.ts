// One comparison with what a shop lists: page by page, and what no webhook told of is kept as a hook and takes the same road.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Comparison } from '../keep/comparisons.ts';
import type { Keep } from '../keep/keep.ts';
import { DAY_MS, MINUTE_MS } from '../lib/time.ts';
import { askNext, askPage, type Page, readPage, type Stretch } from '../map/listing.ts';
import type { Listing } from '../map/listing-compile.ts';
import type { Store } from '../map/load.ts';
import type { Asked } from '../map/lookup.ts';
import type { Source } from '../map/source.ts';
import type { Clock } from '../types.ts';
import type { Lookups } from './lookups.ts';
import { createFindMissing, type FindMissing, type Missing } from './missing.ts';

export type ReconcileParts = {
  lookups: Pick<Lookups, 'page'>;
  keep: Pick<Keep, 'findOrders' | 'knownKeys' | 'listHooks' | 'findHook' | 'keepFound'>;
  now: Clock;
  newId: () => string;
  signal: AbortSignal;
};
export type Reconcile = ReturnType<typeof createReconcile>;
export type Task = { store: Store; source: Source; listing: Listing; known_since?: number | undefined } & Stretch;
export type Options = {
  /** Only tells what is missing. */
  dry?: boolean;
  /** Asked before each page; false ends it. */
  mayGoOn?: () => Promise<boolean>;
};
/**
 * What was listed and missing until the end, until the `problem`, or until it was `stopped`. `kept` are those that were not kept
 * before.
 */
export type Compared = {
  listed: number;
  missing: Omit<Missing, 'hook'>[];
  kept: number;
  problem?: string;
  stopped?: true;
};

/** A list of more pages is asked for in vain: nobody knows how it would end. */
const MOST_PAGES = 1_000;
/** Within a run so long a wait that an API asks for is waited for; behind a longer one the next run goes on. */
const SHORT_WAIT_MS = 5_000;
const MOST_WAITS = 10;
/** A busy shop fails now and then: a page so often in a row ends the comparison, and all pages are asked for anew. */
const MOST_FAILURES = 3;

/** How far back webhooks that are still under way may go, and by how much two comparisons overlap. */
const GRACE_MS = 10 * MINUTE_MS;
const OVERLAP_MS = 15 * MINUTE_MS;

/** How far a list was compared, and since when its source is known; each may be unknown. */
export type Marks = { compared_until?: number | undefined; known_since?: number | undefined };

/**
 * What the next comparison is about: from the mark, never further back than events count; at first the last day. What lies
 * before its source was known has been counted by whoever did so then.
 */
export function stretchOf(
  { policies: { max_age } }: Source,
  { compared_until, known_since }: Marks,
  now: number,
): Stretch {
  const from =
    compared_until === undefined || compared_until > now
      ? now - Math.min(max_age, DAY_MS)
      : Math.max(compared_until - OVERLAP_MS, now - max_age);
  return { since: Math.max(from, known_since ?? from), until: now - GRACE_MS };
}

/** The last comparison of a list. */
export const comparisonOf = (
  all: readonly Comparison[],
  { store, name }: Source,
  listing: Listing,
): Comparison | undefined => all.find((one) => one.store === store && one.source === name && one.list === listing.name);

/** Has the source the settings that its list asks with? */
export const isAsked = async (source: Source, listing: Listing): Promise<boolean> =>
  (await askPage(source, listing, { since: 0, until: 0 }, 1)) !== undefined;

export function createReconcile({ lookups, keep, now, newId, signal }: ReconcileParts) {
  const beginToFind = createFindMissing({ keep, now, newId });

  const answerTo = async (source: Source, asked: Asked) => {
    let failures = 0;
    for (let waits = 0; ; waits += 1) {
      const given = await lookups.page(source, asked);
      if (!('later' in given)) return given;
      if (given.later === undefined) failures += 1;
      const wait = given.later === undefined ? 0 : given.later - now();
      if (signal.aborted || wait > SHORT_WAIT_MS || waits >= MOST_WAITS || failures >= MOST_FAILURES)
        return { lacks: given.reason };
      await sleep(Math.max(wait, 0), undefined, { signal }).catch(() => undefined);
    }
  };

  const nextOf = async ({ source, listing, ...stretch }: Task, asked: Asked, { next }: Page) => {
    if (next === undefined) return undefined;
    if ('url' in next) return { asked: askNext(asked, next.url), page: 1 };
    return { asked: await askPage(source, listing, stretch, next.page), page: next.page };
  };

  /** What was changed after the end of the stretch is left to the next comparison: its webhook may be under way. */
  const compare = async (
    findMissing: FindMissing,
    { until }: Task,
    { records }: Page,
    into: Compared,
    dry: boolean,
  ) => {
    const settled = records.filter(({ changed_at = until }) => changed_at <= until);
    const missing = await findMissing(settled);
    into.listed += settled.filter(({ counted }) => counted).length;
    // Without their bodies, of which there may be many.
    into.missing.push(...missing.map(({ hook: _, ...told }) => told));
    if (!dry && missing.length > 0) into.kept += (await keep.keepFound(missing.map(({ hook }) => hook))).size;
  };

  /** Compares all pages; undefined where the source has not the settings for it. Rejects where nothing can be kept. */
  return async function reconcile(task: Task, { dry = false, mayGoOn }: Options = {}): Promise<Compared | undefined> {
    const { source, listing } = task;
    const findMissing = beginToFind(task);
    const done: Compared = { listed: 0, missing: [], kept: 0 };
    let step: Awaited<ReturnType<typeof nextOf>> = { asked: await askPage(source, listing, task, 1), page: 1 };
    if (step.asked === undefined) return undefined;
    for (let pages = 0; step !== undefined; pages += 1) {
      const { asked, page }: typeof step = step;
      if (asked === undefined || 'problem' in asked) return { ...done, problem: asked?.problem ?? 'a setting is gone' };
      if (pages >= MOST_PAGES) return { ...done, problem: `the list has more than ${MOST_PAGES} pages` };
      if (signal.aborted || (await mayGoOn?.()) === false) return { ...done, stopped: true };
      const given = await answerTo(source, asked);
      if (signal.aborted) return { ...done, stopped: true };
      if (!('answer' in given)) return { ...done, problem: given.lacks };
      const headers = 'headers' in given ? given.headers : undefined;
      const read = await readPage(source, listing, given.answer, { headers: headers ?? {}, page });
      if ('problem' in read) return { ...done, problem: read.problem };
      await compare(findMissing, task, read, done, dry);
      step = await nextOf(task, asked, read);
    }
    return done;
  };
}
