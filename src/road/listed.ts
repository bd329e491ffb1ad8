// Reads what a shop lists, part by part and page by page: waits as it asks for, tries again, and halves what is too much for one page.
import { setTimeout as sleep } from 'node:timers/promises';
import { HOUR_MS, MINUTE_MS } from '../lib/time.ts';
import { askNext, askPage, type Page, readPage, type Stretch } from '../map/asking/listing.ts';
import type { Listing } from '../map/asking/listing-compile.ts';
import type { Asked } from '../map/asking/lookup.ts';
import type { Source } from '../map/files/source.ts';
import type { Clock } from '../types.ts';
import type { Given, Lookups } from './lookups.ts';
import { createParts, type Parts } from './parts.ts';

export type ListedParts = { lookups: Pick<Lookups, 'page'>; now: Clock; signal: AbortSignal };
export type Task = { source: Source; listing: Listing } & Stretch;
/** A page of what was changed in `part`; `isLast` of it. Or why there is none, or that nobody may go on. */
export type Got = { part: Stretch; page: Page; isLast: boolean } | { problem: string } | { stopped: true };
/** Asked before each page; false ends it. */
export type MayGoOn = () => Promise<boolean>;

type Step = { asked: Asked | { problem: string } | undefined; page: number };
/** `again` may be had another time, what `isTooLarge` in parts. */
type NoPage = { problem: string; again?: true; isTooLarge?: true } | { stopped: true };
type Read = (Page & { asked: Asked }) | NoPage;
/** How many pages of a part were had, and records on them; `failed` is why there are no more of them. */
type PartEnd = { pages: number; listed: number; failed?: NoPage };

/** A second of which there are more pages, or a list that cannot be cut, is read in vain: nobody knows how it would end. */
const MOST_PAGES = 1_000;
/** Within a run so long a wait that an API asks for is waited for; behind a longer one the next run goes on. */
const SHORT_WAIT_MS = 5_000;
const MOST_WAITS = 10;
/**
 * A busy shop fails now and then, or is too slow for a full page: so often in a row ends it. One that fails at once may do so
 * over a single record, which is looked for so long.
 */
const MOST_FAILURES = 3;
const SEARCH_MS = MINUTE_MS;
/** A second is asked for with those beside it, where a list has both its borders in it. */
const MOST_LEFT_OUT = 3;
const SECOND_MS = 1_000;

const isOfRecords = ({ again, isTooLarge }: Exclude<NoPage, { stopped: true }>): boolean =>
  again === true || isTooLarge === true;

const countedIn = ({ records }: Page): number => records.filter(({ counted }) => counted).length;

/** A shop that is too old to be asked for a time lists all that it has. */
const ELSEWHEN = 'the shop lists what was changed at other times than it was asked for: it may be too old';
/** By so much daylight saving may move what is asked for. */
const ASIDE_MS = 2 * HOUR_MS;
const isElsewhen = ({ records }: Page, { since, until }: Stretch): boolean =>
  records.length > 0 &&
  records.every(({ changed_at = since }) => changed_at < since - ASIDE_MS || changed_at > until + ASIDE_MS);

/** Asks, and where the answer is to come a moment later, again then. */
export const createPatient =
  ({ now, signal }: Pick<ListedParts, 'now' | 'signal'>) =>
  async <Answer extends Given>(ask: () => Promise<Answer>): Promise<Answer> => {
    for (let waits = 0; ; waits += 1) {
      const given = await ask();
      if (!('later' in given) || given.later === undefined) return given;
      const wait = given.later - now();
      if (signal.aborted || wait > SHORT_WAIT_MS || waits >= MOST_WAITS) return given;
      await sleep(Math.max(wait, 0), undefined, { signal }).catch(() => undefined);
    }
  };

export function createPagesOf({ lookups, now, signal }: ListedParts) {
  const patient = createPatient({ now, signal });
  /** Where lists failed over a single second. */
  const suspects = new Map<string, number>();
  /** Whether the run before failed there too, and the shop was not just away for a moment. */
  const isSuspect = ({ source, listing }: Task, since: number): boolean => {
    const name = `${source.store}/${source.name}/${listing.name}`;
    const known = suspects.get(name);
    if (known !== undefined && Math.abs(since - known) <= MOST_LEFT_OUT * SECOND_MS) return true;
    suspects.set(name, since);
    return false;
  };

  const answerTo = async (source: Source, asked: Asked) => {
    const given = await patient(() => lookups.page(source, asked));
    if (!('later' in given)) return given;
    return { lacks: given.reason, ...(given.later === undefined && { again: true as const }) };
  };

  const readOnce = async ({ source, listing }: Task, { asked, page }: Step, mayGoOn: MayGoOn): Promise<Read> => {
    if (asked === undefined || 'problem' in asked) return asked ?? { problem: 'a setting is gone' };
    if (signal.aborted || !(await mayGoOn())) return { stopped: true };
    const given = await answerTo(source, asked);
    if (signal.aborted) return { stopped: true };
    if (!('answer' in given)) {
      const { lacks: problem, ...how } = given;
      return { problem, ...how };
    }
    const headers = ('headers' in given ? given.headers : undefined) ?? {};
    const read = await readPage(source, listing, given.answer, { headers, page, url: asked.url });
    return 'problem' in read ? read : { ...read, asked };
  };

  /** Asks again for what the shop failed to give; what is too much for one page is asked for in halves, where it can be. */
  const read = async (task: Task, ask: () => Promise<Step>, halve: Parts['halve'], mayGoOn: MayGoOn): Promise<Read> => {
    const began = now();
    for (let failures = 0; ; ) {
      const got = await readOnce(task, await ask(), mayGoOn);
      if ('stopped' in got) return got;
      if ('asked' in got) {
        if (got.next === undefined || !halve(countedIn(got))) return got;
        failures = 0;
      } else if (got.again === true) {
        failures += 1;
        const isLess = halve();
        if (failures >= MOST_FAILURES && (!isLess || now() - began >= SEARCH_MS)) return got;
      } else if (got.isTooLarge !== true || !halve(0)) return got;
    }
  };

  const stepAfter = async ({ source, listing }: Task, part: Stretch, { asked, next }: Page & { asked: Asked }) => {
    if (next === undefined) return undefined;
    if ('url' in next) return { asked: askNext(asked, next.url), page: 1 };
    return { asked: await askPage(source, listing, part, next.page), page: next.page };
  };

  /** All pages of the current part, until the first that cannot be had. */
  async function* pagesOfPart(task: Task, parts: Parts, mayGoOn: MayGoOn): AsyncGenerator<Got, PartEnd> {
    const { source, listing } = task;
    const first = async () => ({ asked: await askPage(source, listing, parts.current(), 1), page: 1 });
    let listed = 0;
    let step: Step | undefined;
    for (let pages = 0; pages < MOST_PAGES; pages += 1) {
      const next = step;
      // With its first page it is settled how long the part is.
      const [ask, halve] = next === undefined ? [first, parts.halve] : [async () => next, () => false];
      const got = await read(task, ask, halve, mayGoOn);
      if (!('asked' in got)) return { pages, listed, failed: got };
      listed += countedIn(got);
      const part = parts.current();
      step = await stepAfter(task, part, got);
      if (step !== undefined && listing.isCut && isElsewhen(got, part))
        return { pages, listed, failed: { problem: ELSEWHEN } };
      yield { part, page: got, isLast: step === undefined };
      if (step === undefined) return { pages: pages + 1, listed };
    }
    return { pages: MOST_PAGES, listed, failed: { problem: `the list has more than ${MOST_PAGES} pages` } };
  }

  /**
   * All pages of the stretch in the order of its parts, until the first that cannot be had. Single seconds that two runs
   * could not have are told at the end, where the next ones can: one record that the shop fails over must not hold up all later ones.
   */
  return async function* pagesOf(task: Task, mayGoOn: MayGoOn): AsyncGenerator<Got, undefined> {
    const parts = createParts(task, task.listing.isCut);
    let leftOut: string | undefined;
    let inARow = 0;
    for (let goesOn = true; goesOn; ) {
      const { pages, listed, failed } = yield* pagesOfPart(task, parts, mayGoOn);
      if (pages > 0) inARow = 0;
      if (failed !== undefined) {
        const { since } = parts.current();
        if ('stopped' in failed || !isOfRecords(failed) || !parts.isLeast()) return yield failed;
        if (!isSuspect(task, since) || inARow >= MOST_LEFT_OUT) return yield failed;
        inARow += 1;
        leftOut ??= `${failed.problem}, which leaves out what was changed about ${new Date(since).toISOString()}`;
      }
      goesOn = parts.next(listed);
    }
    if (leftOut !== undefined) yield { problem: leftOut };
  };
}
