// What alerts are told of what destinations say of their events: only what another answer, a day before, says too is sure.
import type { AccountQuality } from '../admin/places/quality-view.ts';
import type { QualityFacts } from '../alert/finding.ts';
import type { Said } from '../keep/qualities.ts';
import { DAY_MS, HOUR_MS } from '../lib/time.ts';
import { LOW, wrongWith } from './qualities.ts';

/** What was said longer ago says nothing of now. */
const STALE_MS = 3 * DAY_MS;
/** So many days back is looked for the answer before. */
export const BEFORE_DAYS = 5;
/** One bad answer may be a bad day: another one, so much before, must say so too. */
const APART_MS = 20 * HOUR_MS;
/** What was told as low is not well again until it is so much above. */
const NEARLY = 0.3;

const eventIn = (said: Said | undefined, name: string) => said?.events.find(({ event }) => event === name);

/** What is said of purchases and leads now, and what another answer said a day before. */
export function qualityFacts(accounts: readonly AccountQuality[], now: number): QualityFacts[] {
  return accounts.flatMap(({ account, title, todo, names, said, events }) => {
    const [last] = said;
    if (last === undefined || now - last.at > STALE_MS) return [];
    const before = said.find(({ at }) => at <= last.at - APART_MS);
    return events
      .filter(({ counts }) => counts)
      .map(({ event, score, low, doubled, doubles }): QualityFacts => {
        const was = eventIn(before, event);
        const wrong = was && wrongWith(was);
        return {
          ...{ account, title, todo, names, event, score, doubled, at: last.at },
          low: low ? (wrong?.low === true ? 'surely' : 'perhaps') : nearlyLow(score) ? 'nearly' : 'no',
          isDoubledSurely: doubled !== undefined && wrong?.doubled !== undefined,
          tellsDoubles: doubles.length > 0,
        };
      });
  });
}

const nearlyLow = (score: number | undefined): boolean => score !== undefined && score < LOW + NEARLY;
