// Visits and destinations in words for people who sell, not for people who measure.
import { EVENT_FIELDS, type Field, type JoinedVisit, type JoinKey } from '../event.ts';
import { ago } from '../lib/words.ts';
import type { Store } from '../map/files/load.ts';

const FIELDS: Record<string, Field> = EVENT_FIELDS;

/** “Google ad” of a click id: who made the id stands first in the help of its field. */
function adOf(click: string): string {
  const [maker = ''] = (FIELDS[click]?.help ?? '').split(/ (?:click|browser) id/);
  return maker === '' ? 'ad' : `${maker} ad`;
}

/** “Google ad, 3 days before the call”; the age is that of the click, or without one of the visit. */
export const visitWords = ({ click, age_seconds }: JoinedVisit, since = 'before the call'): string =>
  `${click === undefined ? 'no ad' : adOf(click)}, ${ago(age_seconds * 1000)} ${since}`;

const KEY_WORDS: Partial<Record<JoinKey, string>> = {
  email_address: 'the e-mail address',
  phone_number: 'the phone number',
  reference_code: 'the reference code',
  order_id: 'the order number',
  lead_id: 'the lead',
};
/** What found the visit. */
export const keyWords = (by: JoinKey): string => KEY_WORDS[by] ?? 'the browser';

/** The name people know a destination of a store by; of several of one kind it says which. */
export function titleOf(destination: string, store: Store | undefined): string {
  const titles = new Map(store?.routes.map((route) => [route.name, route.destination.title]));
  const title = titles.get(destination);
  if (title === undefined) return destination;
  const alike = [...titles.values()].filter((other) => other === title);
  return alike.length === 1 ? title : `${title} (${destination})`;
}

/** “A, B and C”. */
export const listWords = (names: readonly string[]): string => new Intl.ListFormat('en').format(names);
