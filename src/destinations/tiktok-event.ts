// An event as TikTok has it: its name, the person by hashes, the ids of click and browser, and what was sold.
import type { Event } from '../event.ts';
import { isSaid } from '../lib/said.ts';
import {
  catalogItems,
  currencyOf,
  eventId,
  happenedAt,
  ipAddress,
  isOrder,
  orderName,
  stageName,
  unlessEmpty,
  userAgent,
  worthOf,
} from './facts.ts';
import { hashed, plain, TIKTOK } from './normalise.ts';
import { clip, urlWithoutEmail } from './text.ts';

/** What sends to TikTok: a website by its pixel, shops and phones by an offline event set, CRMs by a CRM event set. */
export const EVENT_SOURCES = ['web', 'offline', 'crm'] as const;
export type EventSource = (typeof EVENT_SOURCES)[number];

/** Where TikTok wants an event: each request is of one source. */
export function sourceOf(event: Event): EventSource {
  const { action_source: at = isOrder(event) ? 'website' : 'system_generated' } = event;
  if (at === 'website') return 'web';
  return isOrder(event) || at === 'phone_call' || at === 'physical_store' ? 'offline' : 'crm';
}

/** Names of before 2025, which pixels may still use, and those that came in their place. */
const NAMES = { current: ['Purchase', 'Lead'], former: ['CompletePayment', 'SubmitForm'] } as const;
const OTHER_NAMES = new Map([
  ['add_payment_info', 'AddPaymentInfo'],
  ['add_to_cart', 'AddToCart'],
  ['add_to_wishlist', 'AddToWishlist'],
  ['begin_checkout', 'InitiateCheckout'],
  ['search', 'Search'],
  ['sign_up', 'CompleteRegistration'],
  ['view_item', 'ViewContent'],
]);
/** A stage of such a name would be counted as a purchase. */
const PURCHASE = /^(?:purchase|complete\s*payment|place\s*an\s*order)$/i;
const NAME_LENGTH = 50;

/** Standard events by TikTok's name, stages by the CRM's: people map those in Events Manager. */
function eventName(event: Event, [purchase, lead]: (typeof NAMES)[keyof typeof NAMES]): string {
  if (event.name === 'purchase') return purchase;
  if (event.name === 'generate_lead') return lead;
  return OTHER_NAMES.get(event.name) ?? clip(stageName(event, PURCHASE) ?? event.name, NAME_LENGTH);
}

const ID = /^[\w.-]{1,1000}$/;
const idOf = (id: string | undefined): string | undefined =>
  id !== undefined && isSaid(id) && ID.test(id) ? id : undefined;
const ttclid = (event: Event) => idOf(event.ttclid) ?? idOf(event.page_location?.match(/[?&]ttclid=([^&#]+)/)?.[1]);

/** The browser of a buyer is only told of a website's. */
function browserOf(event: Event) {
  const { language } = event;
  return {
    external_id: hashed(TIKTOK.external_id, event.external_id ?? event.user_id),
    ttclid: ttclid(event),
    ttp: idOf(event.ttp),
    ip: ipAddress(event),
    user_agent: userAgent(event),
    locale:
      language !== undefined && /^[A-Za-z]{2,3}(?:[-_][A-Za-z\d]{2,8}){0,3}$/.test(language) ? language : undefined,
  };
}

function personOf({ user_data: person }: Event) {
  const address = person?.address;
  const country = address?.country;
  return {
    email: hashed(TIKTOK.email, person?.email_address),
    phone: hashed(TIKTOK.phone, person?.phone_number),
    first_name: hashed(TIKTOK.first_name, address?.first_name),
    last_name: hashed(TIKTOK.last_name, address?.last_name),
    city: plain(TIKTOK.city, address?.city),
    state: plain(TIKTOK.state, address?.region, country),
    zip_code: hashed(TIKTOK.zip_code, address?.postal_code, country),
    country: plain(TIKTOK.country, country),
  };
}

/** Whether TikTok has nothing to find anybody by: for what did not happen on a website it takes e-mail or phone alone. */
export function isTooWeak(event: Event): boolean {
  const { email, phone } = personOf(event);
  if (email !== undefined || phone !== undefined) return false;
  if (sourceOf(event) !== 'web') return true;
  const browser = browserOf(event);
  if ((browser.external_id ?? browser.ttclid ?? browser.ttp) !== undefined) return false;
  return browser.ip === undefined || browser.user_agent === undefined;
}

function contentsOf(event: Event) {
  const contents = catalogItems(event).map(({ id, quantity, price }) => ({ content_id: id, quantity, price }));
  return contents.length === 0 ? {} : { content_type: 'product', contents };
}

function propertiesOf(event: Event) {
  const value = worthOf(event);
  return unlessEmpty({
    value,
    currency: value === undefined ? undefined : currencyOf(event),
    order_id: orderName(event),
    ...contentsOf(event),
  });
}

/**
 * A CRM's name goes along only beside an id of TikTok's own lead forms, which no event has: without it e-mail or phone are
 * enough (https://ads.tiktok.com/help/article/how-to-postback-signals-through-csv).
 * https://business-api.tiktok.com/portal/docs?id=1771100865818625, as the connectors of Segment, RudderStack and Stape fill it.
 */
export function tiktokEvent(event: Event, names: keyof typeof NAMES, now: number) {
  const source = sourceOf(event);
  const url = source === 'web' ? urlWithoutEmail(event.page_location) : undefined;
  return {
    event: eventName(event, NAMES[names]),
    event_time: Math.floor(happenedAt(event, now) / 1000),
    event_id: eventId(event),
    user: { ...personOf(event), ...(source === 'web' && browserOf(event)) },
    properties: propertiesOf(event),
    page: url === undefined ? undefined : { url, referrer: urlWithoutEmail(event.page_referrer) },
  };
}
