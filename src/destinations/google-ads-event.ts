// An event as the Data Manager API has it for Google Ads: the click, the person by hashes, the time, the worth and the consent.
import type { Event } from '../event.ts';
import { hasEmail } from '../lib/email-in-text.ts';
import { sha256 } from '../lib/hash.ts';
import { DAY_MS } from '../lib/time.ts';
import { clickedAt, currencyOf, eventId, happenedAt, transactionId, unlessEmpty, worthOf } from './facts.ts';
import { GOOGLE_ADS, hashed, plain } from './normalise.ts';

/** One of them goes along, the first that is known. */
const CLICK_IDS = ['gclid', 'gbraid', 'wbraid'] as const;
const CLICK_ID = /^[\w-]{1,500}$/;
/**
 * How long after the click Google Ads takes a conversion, and after the event where only the person is known.
 * https://support.google.com/google-ads/answer/13321563; the 63 days are of older pages and may have changed.
 */
const OF_CLICK = 90 * DAY_MS;
const OF_PERSON = 63 * DAY_MS;
/** The longest id that Google Ads keeps for an order; a hash fits exactly. */
const ID_LENGTH = 64;

type Click = { id: (typeof CLICK_IDS)[number]; value: string; seen: number };

/** The click and when it was seen; where nobody noted when, as late as it can have been. */
function clickOf(event: Event): Click | undefined {
  const happened = Date.parse(event.event_time);
  for (const id of CLICK_IDS) {
    const value = event[id];
    if (value === undefined || !CLICK_ID.test(value)) continue;
    return { id, value, seen: clickedAt(event, id, happened) };
  }
  return undefined;
}

/** https://developers.google.com/data-manager/api/reference/rest/v1/UserData; an address only counts as a whole. */
function identifiersOf({ user_data: person }: Event): object[] {
  const address = person?.address;
  const emailAddress = hashed(GOOGLE_ADS.email, person?.email_address);
  const phoneNumber = hashed(GOOGLE_ADS.phone, person?.phone_number);
  const whole = {
    givenName: hashed(GOOGLE_ADS.given_name, address?.first_name),
    familyName: hashed(GOOGLE_ADS.family_name, address?.last_name),
    regionCode: plain(GOOGLE_ADS.country, address?.country),
    postalCode: plain(GOOGLE_ADS.postal_code, address?.postal_code),
  };
  return [
    ...(emailAddress === undefined ? [] : [{ emailAddress }]),
    ...(phoneNumber === undefined ? [] : [{ phoneNumber }]),
    ...(Object.values(whole).includes(undefined) ? [] : [{ address: whole }]),
  ];
}

/** What Google Ads knows a second copy by: the order, or the lead and what became of it. */
export function conversionId(event: Event): string | undefined {
  const id = event.name === 'purchase' ? (transactionId(event) ?? eventId(event)) : eventId(event);
  return id !== undefined && (id.length > ID_LENGTH || hasEmail(id)) ? sha256(id) : id;
}

/** How old the event may grow, in milliseconds; below 0 when its click was too old already. Undefined when nothing finds a click. */
export function usefulFor(event: Event, withPerson: boolean): number | undefined {
  const click = clickOf(event);
  const ofPerson = withPerson && identifiersOf(event).length > 0 ? [OF_PERSON] : [];
  const ofClick = click === undefined ? [] : [OF_CLICK - (Date.parse(event.event_time) - click.seen)];
  const all = [...ofPerson, ...ofClick];
  return all.length === 0 ? undefined : Math.max(...all);
}

/** IN_STORE may be for accounts only that Google let in; what chats and mails are to Google is not said. */
const SOURCES: Record<NonNullable<Event['action_source']>, string> = {
  website: 'WEB',
  phone_call: 'PHONE',
  physical_store: 'IN_STORE',
  system_generated: 'OTHER',
  email: 'OTHER',
  chat: 'OTHER',
  other: 'OTHER',
};
const CONSENT = { granted: 'CONSENT_GRANTED', denied: 'CONSENT_DENIED', unknown: undefined } as const;

/**
 * https://developers.google.com/data-manager/api/reference/rest/v1/events/ingest#event
 * The buyer's IP address is left out: Google asks not to send those of people in Europe.
 */
export function adsEvent(event: Event, action: string, withPerson: boolean, now: number) {
  const click = clickOf(event);
  const userIdentifiers = withPerson ? identifiersOf(event) : [];
  const { ad_user_data = 'unknown', ad_personalization = 'unknown' } = event.consent ?? {};
  return {
    destinationReferences: [action],
    transactionId: conversionId(event),
    eventTimestamp: new Date(happenedAt(event, now)).toISOString(),
    eventSource: event.action_source && SOURCES[event.action_source],
    adIdentifiers: click === undefined || now - click.seen > OF_CLICK ? undefined : { [click.id]: click.value },
    userData: userIdentifiers.length === 0 ? undefined : { userIdentifiers },
    conversionValue: worthOf(event),
    currency: worthOf(event) === undefined ? undefined : currencyOf(event),
    consent: unlessEmpty({ adUserData: CONSENT[ad_user_data], adPersonalization: CONSENT[ad_personalization] }),
  };
}
