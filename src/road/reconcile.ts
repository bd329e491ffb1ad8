// One comparison with what a shop lists: page by page, and what no webhook told of is kept as a hook and takes the same road.

import type { Keep } from '../keep/keep.ts';
import type { Comparison } from '../keep/questions/comparisons.ts';
import { DAY_MS, MINUTE_MS } from '../lib/time.ts';
import { askPage, type Listed, type Page, type Stretch } from '../map/asking/listing.ts';
import type { Listing } from '../map/asking/listing-compile.ts';
import type { Store } from '../map/files/load.ts';
import type { Source } from '../map/files/source.ts';
import { createComplete } from './complete.ts';
import { createPagesOf, createPatient, type ListedParts, type MayGoOn } from './listed.ts';
import type { Lookups } from './lookups.ts';
import { createFindMissing, type Missing } from './missing.ts';

export type ReconcileParts = ListedParts & {
  lookups: Pick<Lookups, 'page' | 'ask'>;
  keep: Pick<Keep, 'findOrders' | 'knownKeys' | 'listHooks' | 'findHook' | 'keepFound'>;
  newId: () => string;
};
export type Reconcile = ReturnType<typeof createReconcile>;
export type Task = { store: Store; source: Source; listing: Listing; known_since?: number | undefined } & Stretch;
export type Options = {
  /** Only tells what is missing. */
  dry?: boolean;
  mayGoOn?: MayGoOn;
  /** Told when all that was changed before is compared, with how much was listed so far, and more is to come; false ends it. */
  mark?: (until: number, listed: number) => Promise<boolean>;
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

/** How far back webhooks that are still under way may go, and by how much two comparisons overlap. */
const GRACE_MS = 10 * MINUTE_MS;
const OVERLAP_MS = 15 * MINUTE_MS;

/**
 * How far a list was compared, and since when its source is known; each may be unknown. `isMidway` is a mark that a comparison
 * left which is not at its end: what was changed before it had long been settled.
 */
export type Marks = { compared_until?: number | undefined; isMidway?: boolean; known_since?: number | undefined };

/**
 * What the next comparison is about: from the mark, never further back than events count; at first the last day. What lies
 * before its source was known has been counted by whoever did so then.
 */
export function stretchOf(
  { policies: { max_age } }: Source,
  { compared_until, isMidway = false, known_since }: Marks,
  now: number,
): Stretch {
  const from =
    compared_until === undefined || compared_until > now
      ? now - Math.min(max_age, DAY_MS)
      : Math.max(compared_until - (isMidway ? 0 : OVERLAP_MS), now - max_age);
  return { since: Math.max(from, known_since ?? from), until: now - GRACE_MS };
}

/** The last comparison of a list. */
export const comparisonOf = (
  all: readonly Comparison[],
  { store, name }: Source,
  listing: Listing,
): Comparison | undefined => all.find((one) => one.store === store && one.source === name && one.list === listing.name);

/** The topic of hooks that tell what a list has under other ids, of those that came; each would count twice. */
export const toldBy = ({ unless }: Listing, came: readonly { topic: string }[]): string | undefined =>
  came.find(({ topic }) => unless?.test(topic))?.topic;

/** Has the source the settings that its list asks with? */
export const isAsked = async (source: Source, listing: Listing): Promise<boolean> =>
  (await askPage(source, listing, { since: 0, until: 0 }, 1)) !== undefined;

export function createReconcile({ lookups, keep, now, newId, signal }: ReconcileParts) {
  const patient = createPatient({ now, signal });
  const ask: Lookups['ask'] = (asker, asked) => patient(() => lookups.ask(asker, asked));
  const complete = createComplete({ lookups: { ask }, keep, now });
  const beginToFind = createFindMissing({ keep, complete, now, newId });
  const pagesOf = createPagesOf({ lookups, now, signal });

  /** What was changed after the end of the stretch is left to the next comparison: its webhook may be under way. */
  const begin = (task: Task, dry: boolean) => {
    const findMissing = beginToFind(task);
    const told = new Map<string, Omit<Missing, 'hook'>>();
    const sums = { listed: 0, kept: 0 };
    const compare = async ({ since, until }: Stretch, { records }: Page): Promise<void> => {
      const isMeant = ({ counted, changed_at = since }: Pick<Listed, 'counted' | 'changed_at'>): boolean =>
        // What is part of a record need not have been changed when the record was.
        counted ? changed_at >= since && changed_at < until : changed_at <= task.until;
      // The others are not kept, but say whether what is part of them counts.
      const missing = (await findMissing(records)).filter(isMeant);
      // Without their bodies, of which there may be many.
      for (const { hook: _, ...one } of missing) told.set(`${one.topic} ${one.id}`, one);
      if (!dry && missing.length > 0) sums.kept += (await keep.keepFound(missing.map(({ hook }) => hook))).size;
      sums.listed += records.filter((one) => one.counted && isMeant(one)).length;
    };
    return { compare, compared: (): Compared => ({ ...sums, missing: [...told.values()] }) };
  };

  /** Compares page by page; undefined where the source has not the settings for it. Rejects where nothing can be kept. */
  return async function reconcile(
    task: Task,
    { dry = false, mayGoOn = async () => true, mark }: Options = {},
  ): Promise<Compared | undefined> {
    if (!(await isAsked(task.source, task.listing))) return undefined;
    const { compare, compared } = begin(task, dry);
    for await (const got of pagesOf(task, mayGoOn)) {
      if (!('page' in got)) return { ...compared(), ...got };
      await compare(got.part, got.page);
      const { until } = got.part;
      if (got.isLast && until < task.until && (await mark?.(until, compared().listed)) === false)
        return { ...compared(), stopped: true };
    }
    return compared();
  };
}
