// Whom to tell: the contacts of the operator, who hear everything, and those of each store, who hear of it alone.
import type { Messenger } from './messenger.ts';
import { messengers } from './messengers/index.ts';
import type { AlertSettings } from './settings.ts';

/** `id` is `all/slack` or `<store>/slack`; the settings fit the messenger. */
export type Contact = { id: string; store: string | undefined; messenger: Messenger; settings: unknown };
export type StoreAlerts = { store: string; alerts: AlertSettings };

const EVERYTHING = 'all';

const contactsIn = (store: string | undefined, alerts: Partial<AlertSettings>): Contact[] =>
  messengers.flatMap((messenger) => {
    const settings = Object.entries(alerts).find(([name]) => name === messenger.name)?.[1];
    if (settings === undefined) return [];
    return [{ id: `${store ?? EVERYTHING}/${messenger.name}`, store, messenger, settings }];
  });

/** All contacts, those of the operator first. */
export const contactsOf = (own: Partial<AlertSettings>, stores: readonly StoreAlerts[]): Contact[] => [
  ...contactsIn(undefined, own),
  ...stores.flatMap(({ store, alerts }) => contactsIn(store, alerts)),
];

/** Does somebody want to hear of this kind? What concerns several stores is told unless each of them ignores it. */
export const isWanted = (kind: string, concerned: readonly string[], stores: readonly StoreAlerts[]): boolean =>
  concerned.length === 0 ||
  concerned.some(
    (name) => stores.find(({ store }) => store === name)?.alerts.ignore.some((one) => one === kind) !== true,
  );

/** Who is told about an incident of these stores; what concerns none is the operator's, or everybody's where there is none. */
export function contactsFor(contacts: readonly Contact[], stores: readonly string[]): Contact[] {
  const operator = contacts.filter(({ store }) => store === undefined);
  if (stores.length === 0) return operator.length > 0 ? operator : [...contacts];
  return contacts.filter(({ store }) => store === undefined || stores.includes(store));
}
