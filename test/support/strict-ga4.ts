// A strict reader of Measurement Protocol requests, written from Google's pages alone: what it lets pass, Google counts.
import type { HttpRequest } from '../../src/types.ts';
import { createComplaints, EMAIL, HASH, isTable, type Json, listOf, readJsonPost, tableOf, walk } from './strict.ts';

const EVENT_NAME = /^[A-Za-z][A-Za-z0-9_]{0,39}$/;
const RESERVED_EVENTS =
  `ad_activeview ad_click ad_exposure ad_query ad_reward adunit_exposure app_clear_data app_exception
app_install app_remove app_store_refund app_update app_upgrade dynamic_link_app_open dynamic_link_app_update
dynamic_link_first_open error firebase_campaign firebase_in_app_message_action firebase_in_app_message_dismiss
firebase_in_app_message_impression first_open first_visit notification_dismiss notification_foreground notification_open
notification_receive notification_send os_update session_start user_engagement ad_impression in_app_purchase screen_view`.split(
    /\s+/,
  );
const RESERVED_PREFIXES = ['_', 'firebase_', 'ga_', 'google_', 'gtag.'];
const TOP = ['client_id', 'user_id', 'timestamp_micros', 'consent', 'user_data', 'ip_override', 'user_agent', 'events'];
const LIMITS = new Map([
  ['page_title', 300],
  ['page_referrer', 420],
  ['page_location', 1000],
]);
const ITEM_PARAMS = `item_id item_name affiliation coupon discount index item_brand item_category item_category2
item_category3 item_category4 item_category5 item_list_id item_list_name item_variant location_id price quantity`.split(
  /\s+/,
);
const HOUR_MICROS = 3_600_000_000;

type Check = (holds: boolean, violation: string) => void;

function checkUserData(userData: Json, check: Check): void {
  const hashes = (value: unknown) => (Array.isArray(value) ? value : [value]).every((one) => HASH.test(String(one)));
  for (const key of ['sha256_email_address', 'sha256_phone_number']) {
    const value = userData[key];
    check(value === undefined || hashes(value), `user_data.${key} is no hash`);
    check(listOf(value).length <= 3, `user_data.${key} has more than 3`);
  }
  check(listOf(userData.address).length <= 2, 'user_data.address has more than 2');
  for (const address of listOf(userData.address).map(tableOf)) {
    for (const [key, value] of Object.entries(address)) {
      if (key.startsWith('sha256_')) check(HASH.test(String(value)), `address.${key} is no hash`);
      else check(['city', 'region', 'postal_code', 'country'].includes(key), `address.${key} may not be plain`);
    }
    const { city, region, country } = address;
    for (const place of [city, region]) {
      check(
        place === undefined || !/[0-9.,;:!?$%&/()=@-]/.test(String(place)),
        'city and region have no digits or symbols',
      );
      check(
        place === undefined || String(place) === String(place).trim().toLowerCase(),
        'city and region are lower case',
      );
    }
    check(country === undefined || /^[A-Z]{2}$/.test(String(country)), 'the country is two capitals');
  }
}

function checkValue(name: string, value: unknown, check: Check): void {
  check(typeof value === 'string' || Number.isFinite(value), `${name} is neither text nor number`);
  if (typeof value !== 'string') return;
  check(value.length <= (LIMITS.get(name) ?? 100), `${name} is too long`);
  check(value !== '', `${name} is empty`);
  check(!EMAIL.test(value), `${name} carries an e-mail address`);
}

function checkItem(item: Json, check: Check): void {
  check(item.item_id !== undefined || item.item_name !== undefined, 'an item has neither item_id nor item_name');
  check(
    Object.keys(item).filter((key) => !ITEM_PARAMS.includes(key)).length <= 10,
    'an item has over 10 own parameters',
  );
  for (const [key, value] of Object.entries(item)) checkValue(key, value, check);
  for (const key of ['price', 'quantity', 'discount']) {
    check(item[key] === undefined || typeof item[key] === 'number', `item ${key} is no number`);
  }
}

function checkEvent(event: Json, body: Json, check: Check): void {
  const name = String(event.name);
  const params = tableOf(event.params);
  check(EVENT_NAME.test(name), `the name ${name} is not allowed`);
  check(!RESERVED_EVENTS.includes(name), `the name ${name} is reserved`);
  check(!RESERVED_PREFIXES.some((prefix) => name.startsWith(prefix)), `the name ${name} has a reserved prefix`);
  check(Object.keys(params).length <= 25, 'more than 25 parameters');
  for (const [key, value] of Object.entries(params)) {
    check(EVENT_NAME.test(key), `the parameter name ${key} is not allowed`);
    check(!RESERVED_PREFIXES.some((prefix) => key.startsWith(prefix)), `the parameter ${key} has a reserved prefix`);
    check(key !== 'firebase_conversion', 'firebase_conversion is reserved');
    if (key !== 'items') checkValue(key, value, check);
  }
  check(params.value === undefined || typeof params.value === 'number', 'value is no number');
  check(params.value === undefined || /^[A-Z]{3}$/.test(String(params.currency)), 'value without currency');
  check(listOf(params.items).length <= 200, 'more than 200 items');
  for (const item of listOf(params.items)) checkItem(tableOf(item), check);
  if (name === 'purchase' || name === 'refund') {
    check(typeof params.transaction_id === 'string' && params.transaction_id.trim() !== '', 'no transaction_id');
    check(Array.isArray(params.items), 'no list of items');
  }
  if (params.session_id !== undefined) {
    const start = Number(params.session_id) * 1_000_000;
    check(/^\d+$/.test(String(params.session_id)), 'session_id is no number');
    check(Number(body.timestamp_micros) >= start, 'the event lies before its session');
    check(Number(body.timestamp_micros) <= start + 24 * HOUR_MICROS, 'the event lies a day after its session began');
  }
}

/** Throws every violation of a request that is sent at `now` (milliseconds). */
export function strictGa4(request: HttpRequest, now: number): void {
  const { check, only, done } = createComplaints();
  const url = new URL(request.url);
  check(url.pathname.endsWith('/mp/collect'), 'the path ends in /mp/collect');
  check(/^G-[A-Z0-9]+$/.test(url.searchParams.get('measurement_id') ?? ''), 'measurement_id is in the query');
  check((url.searchParams.get('api_secret') ?? '') !== '', 'api_secret is in the query');
  check(Buffer.byteLength(request.body) < 130_000, 'the body has 130 kB or more');
  const body = readJsonPost(request, check);
  only(body, TOP, 'the body');
  check(typeof body.client_id === 'string' && /\S/.test(body.client_id), 'no client_id');
  check(body.user_id === undefined || String(body.user_id).length <= 256, 'user_id is too long');
  const micros = Number(body.timestamp_micros);
  check(Number.isSafeInteger(micros), 'timestamp_micros is no integer');
  check(micros <= now * 1000, 'timestamp_micros lies in the future');
  check(micros >= now * 1000 - 72 * HOUR_MICROS, 'timestamp_micros is older than 72 hours');
  const consent = tableOf(body.consent);
  only(consent, ['ad_user_data', 'ad_personalization'], 'consent');
  check(
    Object.values(consent).every((state) => state === 'GRANTED' || state === 'DENIED'),
    'a consent state is unknown',
  );
  checkUserData(tableOf(body.user_data), check);
  const events = listOf(body.events);
  check(events.length >= 1 && events.length <= 25, 'there are 1 to 25 events');
  for (const event of events) checkEvent(tableOf(event), body, check);
  for (const [path, value] of walk(body)) {
    if (path.endsWith('.params.items') || !path.startsWith('.events')) continue;
    check(!(isTable(value) && /\.params\.(?!items)/.test(path)), `${path} is nested`);
  }
  done();
}
