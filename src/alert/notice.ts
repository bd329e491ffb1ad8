// What is told of an incident, in words: that it began, and how it ended. Pure.
import type { Incident, Outcome } from '../keep/questions/incidents.ts';
import { ago } from '../lib/words.ts';
import { COMPARED } from './finding.ts';
import type { Notice } from './messenger.ts';

const HOW_IT_ENDED: Record<string, string> = {
  silence: 'Hooks come again.',
  purchases: 'Purchases are made again.',
  lost: 'Nothing had to be fetched for a day.',
  reconcile: 'It is compared again, or need not be: hooks tell of what it lists.',
  token: 'It is sent to again.',
  keep: 'Hooks are kept again.',
  disk: 'There is room again.',
  mapping: 'The files are in order again.',
  match: 'As much is known as before, or too few came to tell.',
  skipped: 'As many go there as before, or too few came to tell.',
  value: 'They are as before.',
};

const TITLES: Record<Outcome, string> = { mended: 'Over', left: 'Still there', unwatched: 'Not watched any more' };
const WITHOUT_MENDING: Record<Exclude<Outcome, 'mended'>, string> = {
  left: 'Nobody has seen to it, and nothing new came of it for a while. This is the last that you hear of it; it stays on the pages.',
  unwatched: 'The store files do not name it any more, or ask not to be told.',
};
const KEYLESS = 'The store files do not let it be asked any more, or ask not to be told.';
/** Of what others tell themselves an alert ends too when they tell nothing more, or nobody can ask them any more. */
const UNTOLD: Record<string, string> = {
  lost: KEYLESS,
  reconcile: KEYLESS,
  webhooks: KEYLESS,
  recount: 'The report tells nothing of it any more, or the store files do not ask for it or ask not to be told.',
  quality: 'Nothing is said of it any more, or the store files do not ask for it or ask not to be told.',
};
const USUAL_NOW =
  'It has been so for more than a week, or too few came to tell, and is taken for usual from now on. This is the last that you hear of it.';

/** What a notice tells of an incident. */
export type Told = Pick<
  Incident,
  'id' | 'kind' | 'title' | 'detail' | 'todo' | 'since' | 'calm_since' | 'ended_at' | 'outcome'
>;

/** Until when it lasted: it was over when nothing more was seen of it, and is told when that stayed so. */
export const overAt = ({ since, calm_since, ended_at }: Pick<Told, 'since' | 'calm_since' | 'ended_at'>): number =>
  calm_since ?? ended_at ?? since;

/** What to tell of an incident when it begins, and when it is over; `link` leads to more. */
export function noticeOf(incident: Told, phase: 'open' | 'end', link: string | undefined): Notice {
  const { id, kind, title, detail, todo, since, ended_at, outcome = 'mended' } = incident;
  if (phase === 'open') return { id, phase, kind, title, detail, todo, link, since, ended_at: undefined };
  const lasted = `It lasted ${ago(overAt(incident) - since)}.`;
  const how = HOW_IT_ENDED[kind];
  const mended = how === undefined ? lasted : `${how} ${lasted}`;
  const detailOf = (unmended: Exclude<Outcome, 'mended'>): string => {
    if (unmended === 'left' && COMPARED.has(kind)) return USUAL_NOW;
    return (unmended === 'unwatched' ? UNTOLD[kind] : undefined) ?? WITHOUT_MENDING[unmended];
  };
  return {
    id,
    phase,
    kind,
    title: `${TITLES[outcome]}: ${title}`,
    detail: outcome === 'mended' ? mended : detailOf(outcome),
    todo: outcome === 'left' ? todo : undefined,
    link,
    since,
    ended_at,
    outcome,
  };
}
