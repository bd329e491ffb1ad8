// A thin hook mapped with the answers of its look-ups: asked for until nothing is missing, or until it has to wait.

import type { Keep } from '../keep/keep.ts';
import type { Answers } from '../keep/sealed.ts';
import { withoutFields } from '../lib/table.ts';
import { HOUR_MS } from '../lib/time.ts';
import type { Asked, Found, Known, Needless } from '../map/asking/lookup.ts';
import type { Source } from '../map/files/source.ts';
import { type Incoming, type MappedSource, type MapResult, mapHook } from '../map/map.ts';
import type { Clock } from '../types.ts';
import type { Asker, Given, Lookups } from './lookups.ts';

export type Completed = {
  mapped: MapResult;
  answers: Answers;
  /** Records of the hook are not mapped yet: when to go on, and why not now. */
  waits?: { due_at: number; reason: string };
  /** What the hook tells without the answers: the orders of which it will say whether they count. */
  without?: Pick<MapResult, 'events' | 'uncounted'>;
};
type AskedHook = Incoming & { answers?: Answers };

/** After this age a hook no longer waits, and is mapped without what nobody answered. */
const PATIENCE_MS = 6 * HOUR_MS;
const SHORTEST_WAIT_MS = 10_000;
const LONGEST_WAIT_MS = HOUR_MS;

const NOT_YET: Found = { lacks: 'not answered yet' };

/** A hook waits as long again as it has waited already. */
const waitOf = (age: number) => Math.min(Math.max(age, SHORTEST_WAIT_MS), LONGEST_WAIT_MS);

/** How the reason of a hook begins that waits for the answer about that. */
export const waitsFor = (about: string): string => `waits for ${about}: `;

/** What is known of a hook's questions before anybody is asked. */
export const knownOf =
  (answers: Answers | undefined): Known =>
  ({ key }) =>
    answers !== undefined && Object.hasOwn(answers, key) ? { answer: answers[key] } : undefined;

/** For a hook that nobody asks for any more. */
export const knownAtLast =
  (answers: Answers | undefined): Known =>
  (asked) =>
    knownOf(answers)(asked) ?? { lacks: 'nobody was asked' };

export type CompleteParts = { lookups: Pick<Lookups, 'ask'>; keep: Pick<Keep, 'knownKeys'>; now: Clock };

export function createComplete({ lookups, keep, now }: CompleteParts) {
  /** A record that is told again and again, such as an order with its refunds, is asked about while something in it is new. */
  const isNeedless = async ({ store }: Asker, { events }: Asked): Promise<boolean> => {
    if (events.length === 0) return false;
    const counted = await keep.knownKeys(store, events);
    return events.every((key) => counted.has(key));
  };
  const ask = async (asker: Asker, asked: Asked): Promise<[Asked, Given | Needless]> => [
    asked,
    (await isNeedless(asker, asked)) ? { needless: true } : await lookups.ask(asker, asked),
  ];

  /** `first` is what the hook was mapped to with the answers that are kept with it. */
  return async function complete(
    source: MappedSource & Pick<Source, 'strip'>,
    hook: AskedHook,
    first: MapResult,
  ): Promise<Completed> {
    const stripped = new Set(source.strip);
    const answers: Answers = { ...hook.answers };
    const lacking = new Map<string, Found | Needless>();
    const known: Known = (asked) => lacking.get(asked.key) ?? knownOf(answers)(asked);
    let mapped = first;
    while (mapped.pending !== undefined) {
      const given = await Promise.all(mapped.pending.map((asked) => ask(source, asked)));
      const age = now() - hook.received_at;
      const waits: { due_at: number; reason: string }[] = [];
      for (const [{ key, lookup }, found] of given) {
        // It is kept with the hook.
        if ('answer' in found) answers[key] = withoutFields(found.answer, stripped);
        else if ('lacks' in found || 'needless' in found) lacking.set(key, found);
        else if (age >= PATIENCE_MS)
          lacking.set(key, { lacks: `${found.reason}, and the hook has waited long enough` });
        else
          waits.push({
            due_at: found.later ?? now() + waitOf(age),
            reason: waitsFor(lookup.about) + found.reason,
          });
      }
      mapped = await mapHook(source, hook, known);
      const [soonest] = waits.sort((a, b) => a.due_at - b.due_at);
      if (soonest !== undefined) {
        const without = await mapHook(source, hook, (asked) => known(asked) ?? NOT_YET);
        return { mapped, answers, waits: soonest, without };
      }
    }
    return { mapped, answers };
  };
}
export type Complete = ReturnType<typeof createComplete>;
