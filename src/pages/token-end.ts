// When what lets us in at a destination ends, in words.
import { type AskedEnd, ENDS_SOON_MS } from '../alert/finding.ts';
import type { AskedQuality } from '../keep/questions/qualities.ts';
import { dayAt } from '../lib/time.ts';
import { ago } from '../lib/words.ts';
import type { Route } from '../map/files/route.ts';
import { askedEnds } from '../road/quality-questions.ts';
import type { End, EndQuestion } from '../types.ts';

function wordsOf(ends: End, { name }: Pick<EndQuestion<unknown>, 'name'>, title: string, now: number): string {
  if (ends === 'never') return `The ${name} never ends.`;
  if (ends === 'untold') return `${title} does not say when the ${name} ends.`;
  if (ends <= now) return `The ${name} ended on ${dayAt(ends)}.`;
  return `The ${name} ends on ${dayAt(ends)}, in ${ago(ends - now)}.`;
}

/** Of all that lets us in at an account, with the places that use it. `past` is what was kept, the newest first. */
export const endsOf = (
  account: string,
  routes: readonly Route[],
  past: readonly AskedQuality[],
  now: number,
): AskedEnd[] =>
  [...askedEnds(account, routes)].flatMap(([key, own]): AskedEnd[] => {
    const { title, end } = own[0]?.destination.quality ?? {};
    if (title === undefined || end === undefined) return [];
    const asked = past.filter((one) => one.account === key);
    const [told] = asked.flatMap(({ said }) => {
      if (said?.ends === undefined) return [];
      const { at, ends } = said;
      const soon = typeof ends === 'number' && ends - now <= ENDS_SOON_MS;
      return [{ at, ends, soon, words: wordsOf(ends, end, title, now) }];
    });
    const names = own.map((route) => ({ store: route.store, destination: route.name }));
    return [{ name: end.name, names, told, todo: end.todo, problem: asked[0]?.problem }];
  });
