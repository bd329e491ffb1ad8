// One JSON object that the stock tags of a container understand: Google's common event data and what Meta's tags read.
// https://developers.google.com/tag-platform/tag-manager/server-side/common-event-data
import type { Event } from '../event.ts';
import { hasEmail } from '../lib/email-in-text.ts';
import { derivedClientId, knownClientId } from './client-id.ts';
import { fbc, fbp } from './facebook-ids.ts';
import {
  currencyOf,
  eventId,
  happenedAt,
  ipAddress,
  soldItems,
  transactionId,
  unlessEmpty,
  userAgent,
  worthOf,
} from './facts.ts';
import { googleAddress, googleEmail, googlePhone } from './google-user-data.ts';
import { GOOGLE, hashed, META, plain } from './normalise.ts';
import { sessionId } from './session.ts';
import { pageUrl } from './text.ts';

const granted = { granted: true, denied: false, unknown: undefined };

const SIGNALS = { granted: '1', denied: '0', unknown: '-' };

/**
 * The consent as Google's tags write it into a browser's request, and as Google's own tags and the triggers in a
 * container read it: G1 and then a sign each for ads and analytics.
 * https://developers.google.com/tag-platform/tag-manager/server-side/consent-mode
 */
function consentSignal({ consent }: Event): string | undefined {
  const { ad_storage: ads = 'unknown', analytics_storage: analytics = 'unknown' } = consent ?? {};
  return ads === 'unknown' && analytics === 'unknown' ? undefined : `G1${SIGNALS[ads]}${SIGNALS[analytics]}`;
}

/** Google's form, with Meta's where Meta's tags hash a field as it comes. */
function plainUserData(event: Event) {
  const address = event.user_data?.address;
  const country = address?.country;
  const region = plain(META.st, address?.region, country);
  return {
    email_address: plain(META.em, event.user_data?.email_address),
    phone_number: plain(GOOGLE.phone, event.user_data?.phone_number),
    sha256_email_address: googleEmail(event),
    sha256_phone_number: googlePhone(event),
    address: unlessEmpty({
      first_name: plain(GOOGLE.given_name, address?.first_name),
      last_name: plain(GOOGLE.family_name, address?.last_name),
      street: plain(GOOGLE.street, address?.street),
      city: plain(GOOGLE.city, address?.city),
      region: region?.length === 2 ? region : plain(GOOGLE.region, address?.region),
      postal_code: plain(META.zp, address?.postal_code, country),
      country: plain(META.country, country),
    }),
  };
}

/** Hashes only. The phone's is Meta's under the plain name, because Stape's Meta tag passes a hash there and reads no other. */
function hashedUserData(event: Event) {
  return {
    sha256_email_address: googleEmail(event),
    sha256_phone_number: googlePhone(event),
    phone_number: hashed(META.ph, event.user_data?.phone_number),
    address: googleAddress(event),
  };
}

/** Meta's tags make a new click id, as of now, from an fbclid in the page's address: with the click id sent it must go. */
function withoutFbclid(url: string): string {
  const rest = url.replace(/(?<=[?&])fbclid=[^&#]*&?/g, '');
  return rest === url ? url : rest.replace(/[?&](?=#|$)/, '');
}

const hostOf = (url: string) => /^https?:\/\/(?:[^/?#@]*@)?([^/?#:]+)/i.exec(url)?.[1]?.toLowerCase();

/** Cookies as the browser would have sent them, for tags that read cookies. */
function cookies(event: Event, clickId: string | undefined, browserId: string | undefined, now: number) {
  const { gclid, provenance } = event;
  const noted = Date.parse(provenance?.gclid?.seen_at ?? event.event_time);
  const seen = Math.floor(Math.min(noted, now) / 1000);
  return unlessEmpty({
    _fbc: clickId,
    _fbp: browserId,
    _gcl_aw: gclid === undefined || Number.isNaN(seen) ? undefined : `GCL.${seen}.${gclid}`,
    ttclid: event.ttclid,
    _epik: event.epik,
    _scclid: event.sc_click_id,
    uet_msclkid: event.msclkid,
  });
}

/** The Data Client takes a value of 0 for a missing one and adds up the prices: then no price may go along. */
function itemsOf(event: Event) {
  const known = soldItems(event).filter(({ item_id, item_name }) => item_id !== undefined || item_name !== undefined);
  if (known.length === 0) return undefined;
  return event.value === 0 ? known.map((item) => ({ ...item, price: undefined })) : known;
}

/** What would be taken from this server's own request if it were missing: always said. */
function visitor(event: Event, clickId: string | undefined) {
  const { page_location, page_referrer, language } = event;
  const known = pageUrl(page_location);
  const page = known !== undefined && clickId !== undefined ? withoutFbclid(known) : known;
  return {
    page_location: page,
    page_hostname: page === undefined ? undefined : hostOf(page),
    page_referrer: pageUrl(page_referrer),
    ip_override: ipAddress(event) ?? '0.0.0.0',
    user_agent: userAgent(event) ?? 'tagbridge',
    language,
  };
}

/** Tags take "" for a value; nothing empty is sent. */
const filled = (custom: NonNullable<Event['custom']>) =>
  Object.fromEntries(Object.entries(custom).filter(([, value]) => value !== ''));

/** Where only hashes may go, no id, address of a page, article or parameter of the store may carry an e-mail address. */
function withoutEmails(value: unknown): unknown {
  if (typeof value === 'string') return hasEmail(value) ? undefined : value;
  if (Array.isArray(value)) return value.map(withoutEmails).filter((inner) => inner !== undefined);
  if (typeof value !== 'object' || value === null) return value;
  return unlessEmpty(Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutEmails(inner)])));
}

export type DataOptions = {
  /** In which form personal data goes. */
  user_data: 'plain' | 'hashed';
  /** Whose session goes along. */
  measurement_id?: string | undefined;
};

/** The event for a container's Data Client. */
export function eventData(event: Event, { user_data: form, measurement_id }: DataOptions, now: number): unknown {
  const happened = happenedAt(event, now);
  const seconds = Math.floor(happened / 1000);
  const clickId = fbc(event, now);
  const browserId = fbp(event);
  const transaction = transactionId(event);
  const { consent = {} } = event;
  const data = {
    event_name: event.name,
    event_id: eventId(event),
    event_time: seconds,
    timestamp: seconds,
    // Stape's LinkedIn tag takes milliseconds, and event_time for such where this is missing.
    conversion_happened_at: happened,
    action_source: event.action_source ?? 'other',
    client_id: knownClientId(event) ?? derivedClientId(event),
    ga_session_id: sessionId(event, measurement_id, now),
    user_id: event.user_id,
    external_id: event.external_id ?? event.user_id,
    ...visitor(event, clickId),
    transaction_id: transaction,
    // The tags for Google Ads take it before transaction_id, and Google Ads knows the browser's conversion by the latter.
    order_id: transaction ?? event.order_id,
    value: worthOf(event),
    currency: currencyOf(event),
    tax: event.tax,
    shipping: event.shipping,
    discount: event.discount,
    coupon: event.coupon,
    customer_type: event.customer_type,
    channel: event.channel,
    items: itemsOf(event),
    // Meta's tags read lead_id as Meta's own lead id, so the CRM's has another name.
    lead_id: event.meta_lead_id,
    crm_lead_id: event.lead_id,
    lead_source: event.lead_source,
    lead_status: event.lead_status,
    lead_stage: event.lead_stage,
    disqualified_lead_reason: event.disqualified_lead_reason,
    unconvert_lead_reason: event.unconvert_lead_reason,
    user_data: unlessEmpty(form === 'plain' ? plainUserData(event) : hashedUserData(event)),
    common_cookie: cookies(event, clickId, browserId, now),
    'x-fb-ck-fbc': clickId,
    'x-fb-ck-fbp': browserId,
    gclid: event.gclid,
    gbraid: event.gbraid,
    wbraid: event.wbraid,
    dclid: event.dclid,
    ttclid: event.ttclid,
    msclkid: event.msclkid,
    li_fat_id: event.li_fat_id,
    epik: event.epik,
    sc_click_id: event.sc_click_id,
    utm_source: event.utm_source,
    utm_medium: event.utm_medium,
    utm_campaign: event.utm_campaign,
    utm_term: event.utm_term,
    utm_content: event.utm_content,
    utm_id: event.utm_id,
    consent_state: unlessEmpty({
      ad_storage: granted[consent.ad_storage ?? 'unknown'],
      ad_user_data: granted[consent.ad_user_data ?? 'unknown'],
      ad_personalization: granted[consent.ad_personalization ?? 'unknown'],
      analytics_storage: granted[consent.analytics_storage ?? 'unknown'],
    }),
    'x-ga-gcs': consentSignal(event),
  };
  const all = event.custom === undefined ? data : { ...filled(event.custom), ...data };
  return form === 'plain' ? all : withoutEmails(all);
}
