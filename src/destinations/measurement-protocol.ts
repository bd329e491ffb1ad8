// GA4's Measurement Protocol: every rule Google states, checked here because Google answers 2xx to everything.
// https://developers.google.com/analytics/devguides/collection/protocol/ga4/reference
import type { Event, Item } from '../event.ts';
import { hasEmail } from '../lib/email-in-text.ts';
import type { Refusal } from '../types.ts';
import { derivedClientId, knownClientId } from './client-id.ts';
import {
  currencyOf,
  eventId,
  happenedAt,
  ipAddress,
  isOrder,
  refuseNegative,
  soldItems,
  transactionId,
  unlessEmpty,
  userAgent,
  worthOf,
} from './facts.ts';
import { googleUserData } from './google-user-data.ts';
import { sessionId } from './session.ts';
import { clip } from './text.ts';

export type MeasurementOptions = {
  /** Whether to send hashed user data, where consent is not denied. */
  user_data: boolean;
  /** Whose session goes along. */
  measurement_id: string | undefined;
  /** Through a tagging server: it must be told what it would else take from this server or make up. */
  container?: boolean;
};

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,39}$/;
const RESERVED_PREFIX = /^(?:_|firebase_|ga_|google_|gtag\.)/;
const RESERVED_EVENTS = new Set(
  `ad_activeview ad_click ad_exposure ad_impression ad_query ad_reward adunit_exposure app_clear_data app_exception
  app_install app_remove app_store_refund app_update app_upgrade dynamic_link_app_open dynamic_link_app_update
  dynamic_link_first_open error firebase_campaign firebase_in_app_message_action firebase_in_app_message_dismiss
  firebase_in_app_message_impression first_open first_visit in_app_purchase notification_dismiss
  notification_foreground notification_open notification_receive notification_send os_update screen_view
  session_start user_engagement`.split(/\s+/),
);
const VALUE_LENGTH = 100;
const LONGER_VALUES = new Map([
  ['page_title', 300],
  ['page_referrer', 420],
  ['page_location', 1000],
]);
const OWN_PARAMS = new Set(['session_id', 'engagement_time_msec', 'items', 'event_id', 'event_time', 'action_source']);
/** Of the 25 parameters those are kept free. */
const PARAMS = 25 - OWN_PARAMS.size;
const ITEMS = 200;
const BODY_BYTES = 130_000;
const USER_ID_LENGTH = 256;
const USER_AGENT_LENGTH = 500;
const ITEM_PARAMS: ReadonlySet<string> = new Set<keyof Item>([
  'item_id',
  'item_name',
  'item_brand',
  'item_category',
  'item_category2',
  'item_category3',
  'item_category4',
  'item_category5',
  'item_variant',
  'price',
  'quantity',
  'discount',
  'coupon',
]);

const isItemParam = (name: string): name is keyof Item => ITEM_PARAMS.has(name);

type Params = Record<string, string | number | undefined>;

/** Why Google would drop this event or count it wrongly, or undefined. */
export function refuseMeasurement(event: Event): Refusal | undefined {
  if (Number.isNaN(Date.parse(event.event_time))) return { reason: 'the event has no readable time' };
  if (RESERVED_EVENTS.has(event.name) || RESERVED_PREFIX.test(event.name)) {
    return { reason: `GA4 keeps the event name ${event.name} for itself` };
  }
  if (!isOrder(event)) return undefined;
  const id = transactionId(event);
  if (id === undefined) return { reason: `a ${event.name} without a transaction id cannot be told from another` };
  if (id.length > VALUE_LENGTH) return { reason: 'the transaction id is longer than 100 characters' };
  if (hasEmail(id)) return { reason: 'the transaction id contains an e-mail address' };
  if (event.value !== undefined && currencyOf(event) === undefined) return { reason: 'the value has no currency' };
  return refuseNegative(event);
}

/** A text parameter within Google's limit; undefined when it carries an e-mail address, which Google forbids. */
function text(value: string | undefined, limit = VALUE_LENGTH): string | undefined {
  return value === undefined || value === '' || hasEmail(value) ? undefined : clip(value, limit);
}

function ownParams(event: Event): Params {
  const hasCurrency = currencyOf(event) !== undefined;
  return {
    transaction_id: text(transactionId(event)),
    currency: currencyOf(event),
    value: worthOf(event),
    tax: hasCurrency ? event.tax : undefined,
    shipping: hasCurrency ? event.shipping : undefined,
    coupon: text(event.coupon),
    customer_type: event.customer_type,
    lead_source: text(event.lead_source),
    lead_status: text(event.lead_status),
    disqualified_lead_reason: text(event.disqualified_lead_reason),
    unconvert_lead_reason: text(event.unconvert_lead_reason),
  };
}

/** The store's own parameters that may go along, and the names of those that may not. */
function customParams(event: Event, own: Params): { kept: Params; leftOut: string[] } {
  const kept: Params = {};
  const leftOut: string[] = [];
  let room = PARAMS - Object.values(own).filter((value) => value !== undefined).length;
  for (const [name, value] of Object.entries(event.custom ?? {})) {
    const reserved =
      RESERVED_PREFIX.test(name) || name === 'firebase_conversion' || OWN_PARAMS.has(name) || Object.hasOwn(own, name);
    const sendable = typeof value === 'number' ? value : text(String(value), LONGER_VALUES.get(name));
    if (reserved || !NAME.test(name) || sendable === undefined || room === 0) {
      leftOut.push(name);
    } else {
      kept[name] = sendable;
      room -= 1;
    }
  }
  return { kept, leftOut };
}

/** Names of the store's own parameters that GA4 does not get: reserved, too many, empty, or with an e-mail address. */
export function leftOutParams(event: Event): string[] {
  return event.custom === undefined ? [] : customParams(event, ownParams(event)).leftOut;
}

function measurementItem(item: Item): Params | undefined {
  const params: Params = {};
  for (const name in item) {
    if (!isItemParam(name)) continue;
    const value = item[name];
    params[name] = typeof value === 'string' ? text(value) : value;
  }
  return params.item_id === undefined && params.item_name === undefined ? undefined : params;
}

function measurementItems(event: Event): Params[] | undefined {
  const items = soldItems(event)
    .slice(0, ITEMS)
    .map(measurementItem)
    .filter((item) => item !== undefined);
  return items.length > 0 || isOrder(event) ? items : undefined;
}

function eventParams(event: Event, options: MeasurementOptions, now: number) {
  const own = ownParams(event);
  return {
    ...own,
    ...(options.container && {
      event_id: eventId(event),
      event_time: Math.floor(happenedAt(event, now) / 1000),
      action_source: event.action_source ?? 'other',
    }),
    session_id: sessionId(event, options.measurement_id, now),
    // A refund is the shop's act, not the buyer's: it engages nobody.
    engagement_time_msec: event.name === 'refund' ? undefined : 1,
    items: measurementItems(event),
    ...(event.custom === undefined ? {} : customParams(event, own).kept),
  };
}

const CONSENT = { granted: 'GRANTED', denied: 'DENIED', unknown: undefined };

function consentOf({ consent }: Event) {
  return unlessEmpty({
    ad_user_data: CONSENT[consent?.ad_user_data ?? 'unknown'],
    ad_personalization: CONSENT[consent?.ad_personalization ?? 'unknown'],
  });
}

function userId({ user_id }: Event): string | undefined {
  return user_id === undefined || user_id.length > USER_ID_LENGTH || hasEmail(user_id) ? undefined : user_id;
}

/** Older consent banners speak of ad_storage alone. */
const isDeniedForAds = ({ consent }: Event) => consent?.ad_storage === 'denied' || consent?.ad_user_data === 'denied';

/** The JSON body of one event, under Google's limit of 130 kB: where needed the items at the end are left out. */
export function measurementBody(event: Event, options: MeasurementOptions, now: number): string {
  const params = eventParams(event, options, now);
  const agent = userAgent(event);
  const body = {
    client_id: knownClientId(event) ?? derivedClientId(event),
    user_id: userId(event),
    timestamp_micros: happenedAt(event, now) * 1000,
    consent: consentOf(event),
    user_data: options.user_data && !isDeniedForAds(event) ? googleUserData(event) : undefined,
    ip_override: ipAddress(event) ?? (options.container ? '0.0.0.0' : undefined),
    user_agent: agent === undefined ? (options.container ? 'tagbridge' : undefined) : clip(agent, USER_AGENT_LENGTH),
    events: [{ name: event.name, params }],
  };
  let json = JSON.stringify(body);
  while (Buffer.byteLength(json) >= BODY_BYTES && params.items !== undefined && params.items.length > 0) {
    params.items.length = Math.floor(params.items.length / 2);
    json = JSON.stringify(body);
  }
  return json;
}
