// Compares each source with what its shop lists, again and again, by one thread of one replica, and tells how it ended.

import type { Keep } from '../keep/keep.ts';
import type { Comparison } from '../keep/questions/comparisons.ts';
import { hourOf } from '../keep/questions/hours.ts';
import { describeError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { MINUTE_MS } from '../lib/time.ts';
import { every } from '../lib/wait.ts';
import type { Listing } from '../map/asking/listing-compile.ts';
import type { Store } from '../map/files/load.ts';
import type { Source } from '../map/files/source.ts';
import type { Clock } from '../types.ts';
import { createAlone, type Hold } from './alone.ts';
import { comparisonOf, isAsked, type Reconcile, stretchOf, toldBy } from './reconcile.ts';

export type ReconcilingParts = {
  stores: { all: () => readonly Store[] };
  keep: Pick<
    Keep,
    'listComparisons' | 'markComparison' | 'noteComparison' | 'knowSources' | 'listTopics' | 'takeWatch' | 'leaveWatch'
  >;
  reconcile: Reconcile;
  now: Clock;
  newId: () => string;
  log: Log;
  signal: AbortSignal;
};
type One = { store: Store; source: Source; listing: Listing };

const placeOf = ({ store, source, listing }: One) => ({ store: store.name, source: source.name, list: listing.name });

const LOOK_MS = MINUTE_MS;
const EVERY_MS = 15 * MINUTE_MS;
/** Of a list with more the rest is compared in the next round, behind the other lists. */
const TURN_MS = 5 * MINUTE_MS;
/** Another thread takes over when the one that compares is gone for this long; a page takes less. */
const LEASE_MS = 150_000;

const isDue = (last: Comparison | undefined, now: number): boolean =>
  last === undefined || now - last.tried_at >= EVERY_MS || last.tried_at > now;

export function createReconciling({ stores, keep, reconcile, now, newId, log, signal }: ReconcilingParts) {
  const alone = createAlone({ keep, now, newId }, LEASE_MS);
  /** How far comparisons came that are not at their end, and what the turns before listed of them. */
  const midway = new Map<string, { until: number; listed: number }>();

  const knownSince = async ({ store, source }: One): Promise<number | undefined> => {
    const known = await keep.knowSources([{ store: store.name, source: source.name }], now());
    return known.find((one) => one.store === store.name && one.source === source.name)?.known_since;
  };

  /** Of a list that hooks tell of under other ids; it counts as compared. */
  const isLeftOut = async (one: One, at: number, until: number): Promise<boolean> => {
    const place = placeOf(one);
    const topic = toldBy(one.listing, await keep.listTopics(place.store, place.source, hourOf(at)));
    if (topic === undefined) return false;
    await keep.noteComparison({ ...place, at, until, listed: 0 });
    log.info({ ...place, topic }, 'reconcile.left_out');
    return true;
  };

  /** Whoever had the lease before may have compared meanwhile. */
  const compare = async (one: One, name: string, hold: Hold): Promise<void> => {
    const { source, listing } = one;
    const at = now();
    const last = comparisonOf(await keep.listComparisons(), source, listing);
    if (!isDue(last, at)) return;
    const known_since = await knownSince(one);
    const compared_until = last?.compared_until;
    const begun = midway.get(name);
    const isMidway = compared_until !== undefined && begun?.until === compared_until;
    const before = isMidway && begun !== undefined ? begun.listed : 0;
    const stretch = stretchOf(source, { compared_until, isMidway, known_since }, at);
    if (stretch.since >= stretch.until) return;
    if (await isLeftOut(one, at, stretch.until)) return;
    const place = placeOf(one);
    const mark = async (until: number, listed: number): Promise<boolean> => {
      midway.set(name, { until, listed: before + listed });
      await keep.markComparison({ ...place, until });
      return Math.abs(now() - at) < TURN_MS;
    };
    const compared = await reconcile({ ...one, ...stretch, known_since }, { mayGoOn: hold, mark });
    if (compared === undefined || compared.stopped) return;
    const { kept, problem } = compared;
    const listed = before + compared.listed;
    const until = stretch.until;
    await keep.noteComparison(
      problem === undefined ? { ...place, at, until, listed } : { ...place, at: now(), problem },
    );
    const fields = { ...place, listed, missing: kept, ms: now() - at };
    if (problem === undefined) log.info(fields, 'reconcile.done');
    else log.warn({ ...fields, reason: problem }, 'reconcile.failed');
  };

  const compareAlone = async (one: One): Promise<void> => {
    const name = `reconcile ${one.store.name}/${one.source.name}/${one.listing.name}`;
    await alone(name, (hold) => compare(one, name, hold));
  };

  /** What the sources list whose settings are there. */
  const listings = async (): Promise<One[]> => {
    const asked: One[] = [];
    for (const store of stores.all())
      for (const source of store.sources.values())
        for (const listing of source.listings)
          if (await isAsked(source, listing)) asked.push({ store, source, listing });
    return asked;
  };

  /** Compares what is due, one list after the other. Never rejects. */
  const round = async (): Promise<void> => {
    let all: readonly Comparison[] | undefined;
    for (const one of await listings()) {
      if (signal.aborted) return;
      try {
        all ??= await keep.listComparisons();
        if (isDue(comparisonOf(all, one.source, one.listing), now())) await compareAlone(one);
      } catch (error) {
        log.error({ ...placeOf(one), error: describeError(error) }, 'reconcile.failed');
      }
    }
  };

  return { round, keepReconciling: (): Promise<void> => every(LOOK_MS, signal, round) };
}
