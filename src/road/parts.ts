// Cuts a stretch of time into parts so short that a shop lists each on one page: no record moves to another page while it is read.
import { HOUR_MS } from '../lib/time.ts';
import type { Stretch } from '../map/asking/listing.ts';

/** Lists are asked for by whole seconds. */
const LEAST_MS = 1_000;
/** A part is to hold this much of what a page does, where many records were changed. */
const FULL = 0.8;

export type Parts = ReturnType<typeof createParts>;

const wholeSeconds = (ms: number): number => Math.max(LEAST_MS, Math.floor(ms / LEAST_MS) * LEAST_MS);

/** The first part is an hour long, the next ones as long as what was listed lets expect. A list that is not cut is one part. */
export function createParts({ since, until }: Stretch, isCut: boolean) {
  let from = wholeSeconds(since);
  let length = isCut ? HOUR_MS : Number.POSITIVE_INFINITY;
  let mostOnPage = Number.POSITIVE_INFINITY;
  const current = (): Stretch => ({ since: from, until: Math.min(from + length, until) });
  const isLeast = (): boolean => isCut && current().until - from <= LEAST_MS;

  return {
    current,
    /** Nothing shorter can be asked for. */
    isLeast,
    /** Goes on behind the part of which so many records were listed; false where it was the last. */
    next: (listed: number): boolean => {
      from = current().until;
      mostOnPage = Math.max(mostOnPage, listed);
      const growth = listed === 0 ? 2 : Math.min(2, (FULL * mostOnPage) / listed);
      length = wholeSeconds(length * growth);
      return from < until;
    },
    /** Halves the part; false where it is too short for that. `fit` is how many of its records a page did hold, where it was full. */
    halve: (fit = mostOnPage): boolean => {
      const { since: start, until: end } = current();
      if (!isCut || isLeast()) return false;
      mostOnPage = fit;
      length = wholeSeconds((end - start) / 2);
      return true;
    },
  };
}
