// Findings about shares that fell: what is known of buyers, and what destinations are given.
import { DAY_MS } from '../lib/time.ts';
import { counted } from '../lib/words.ts';
import { fallOf, percent, weightOf } from './fall.ts';
import {
  comparedWeight,
  type Facts,
  type Finding,
  type MatchFacts,
  pathOf,
  WATCHED_KEYS,
  type WatchedKey,
} from './finding.ts';

const KEY_WORDS: Record<WatchedKey, string> = {
  client_id: 'a GA4 client id',
  email: 'an e-mail address',
  click_id: 'the click id of an ad',
};
/** How much less is told, relative to the week before. Campaigns end, so click ids may fall further. */
const FALLS: Record<WatchedKey, number> = { client_id: 0.3, email: 0.3, click_id: 0.6 };
/** A key that few events had is nobody's business. */
const LEAST_BEFORE = 0.1;

/** The keys that fewer events carry now. */
const fallen = ({ now, before }: MatchFacts) =>
  WATCHED_KEYS.flatMap((key) => {
    const fall = fallOf({ part: now.keys[key], all: now.events }, { part: before.keys[key], all: before.events });
    const weight = fall && fall.was >= LEAST_BEFORE ? weightOf(fall, FALLS[key]) : undefined;
    return fall === undefined || weight === undefined ? [] : [{ key, weight, ...fall }];
  });

/** Whether buyers are known less than in the week before: a tag was lost, or a form. */
export function findInMatches(facts: Facts): Finding[] {
  return facts.matches.flatMap((match): Finding[] => {
    const { store, name } = match;
    const found = fallen(match);
    if (found.length === 0) return [];
    const words = found.map(
      ({ key, share, was }) => `${percent(share)} carry ${KEY_WORDS[key]} (${percent(was)} before)`,
    );
    const subject = `match ${store} ${name}`;
    const weight = found.some((one) => one.weight === 'opens') ? 'opens' : 'holds';
    return [
      {
        subject,
        kind: 'match',
        stores: [store],
        title: `${store}: less is known of buyers`,
        detail: `Of ${counted(match.now.events, `${name} event`, `${name} events`)} in 24 hours ${words.join(', ')}. Ads get less credit for them, and fewer of the people are found.`,
        todo: 'See whether the tag or snippet that writes these ids is still in the shop, and whether the consent banner changed.',
        path: pathOf('/', { store }),
        since: facts.now - DAY_MS,
        weight: comparedWeight(facts, subject, weight),
      },
    ];
  });
}

/** Half of what a destination took is left out now. */
const LESS_TAKEN = 0.5;

/** Whether a destination gets fewer of the events than in the week before: what is left out fails nowhere. */
export function findInReaches(facts: Facts): Finding[] {
  return facts.reaches.flatMap(({ store, destination, now: own, before }): Finding[] => {
    const alike = { part: Math.min(own.taken, own.alike), all: own.alike };
    const fall = fallOf(alike, { part: before.taken, all: before.events });
    const weight = fall && weightOf(fall, LESS_TAKEN);
    if (fall === undefined || weight === undefined) return [];
    const place = `${store}/${destination}`;
    const subject = `skipped ${place}`;
    return [
      {
        subject,
        kind: 'skipped',
        stores: [store],
        title: `${place}: fewer events go there`,
        detail: `Of ${counted(own.events, 'event', 'events')} in 24 hours ${percent(own.taken / own.events)} went there (${percent(fall.was)} the week before).`,
        todo: 'Look at why the others were left out: consent that is not given or not told any more, ids that are missing, or a change of the store file.',
        path: pathOf('/deliveries', { store, destination, kind: 'skipped' }),
        since: facts.now - DAY_MS,
        weight: comparedWeight(facts, subject, weight),
      },
    ];
  });
}
