// What alerts are told of what destinations say of their events: only what another answer, a day before, says too is sure.
import type { AccountQuality } from '../admin/places/quality-view.ts';
import { type AccountFacts, type QualityFacts, WELL_SCORE } from '../alert/finding.ts';
import type { Said } from '../keep/questions/qualities.ts';
import { HOUR_MS } from '../lib/time.ts';
import type { EventQuality } from '../types.ts';
import { NEWS_MS, wrongWith } from './qualities.ts';

/** So many days back is looked for the answer before. */
export const BEFORE_DAYS = 5;
/** One bad answer may be a bad day: another one, so much before, must say so too. */
const APART_MS = 20 * HOUR_MS;

/** What is said of an event last, and a day before. An answer leaves out what there was too little of: those that tell it count. */
function lastTwo(said: readonly Said[], name: string, tells: (event: EventQuality) => boolean, now: number) {
  const told = said.flatMap(({ at, events }) => {
    const event = events.find((one) => one.event === name);
    return event !== undefined && tells(event) ? [{ at, score: event.score, ...wrongWith(event) }] : [];
  });
  const [last] = told;
  if (last === undefined || now - last.at > NEWS_MS) return undefined;
  return { last, before: told.find(({ at }) => at <= last.at - APART_MS) };
}

/** What is said of purchases and leads now, and what another answer said a day before. */
export function qualityFacts(accounts: readonly AccountQuality[], now: number): QualityFacts[] {
  return accounts.flatMap(({ account, title, todo, names, said }) => {
    const counting = said.flatMap(({ events }) => events.flatMap(({ event, counts }) => (counts ? [event] : [])));
    return [...new Set(counting)].flatMap((event): QualityFacts[] => {
      const match = lastTwo(said, event, ({ score }) => score !== undefined, now);
      const doubles = lastTwo(said, event, (one) => one.doubles.length > 0, now);
      if (match === undefined && doubles === undefined) return [];
      const { score, low = false } = match?.last ?? {};
      const doubled = doubles?.last.doubled;
      return [
        {
          ...{ account, title, todo, names, event, score, doubled },
          at: Math.max(match?.last.at ?? 0, doubles?.last.at ?? 0),
          low: low ? (match?.before?.low === true ? 'surely' : 'perhaps') : nearlyLow(score) ? 'nearly' : 'no',
          isDoubledSurely: doubled !== undefined && doubles?.before?.doubled !== undefined,
          tellsDoubles: doubles !== undefined,
        },
      ];
    });
  });
}

/** So many days in a row without an answer are told. */
const UNTOLD_DAYS = 3;

/** Accounts that are asked; some cannot say anything, such as after the rights of their token were taken back. */
export const accountFacts = (accounts: readonly AccountQuality[]): AccountFacts[] =>
  accounts.map(({ account, title, names, problem, said: [last], untold: [first, ...more], ends }) => {
    const isSilent = problem !== undefined && first !== undefined && more.length + 1 >= UNTOLD_DAYS;
    const silent = isSilent ? { problem, since: first } : undefined;
    return { account, title, names, answered_at: last?.at, silent, ends };
  });

const nearlyLow = (score: number | undefined): boolean => score !== undefined && score < WELL_SCORE;
