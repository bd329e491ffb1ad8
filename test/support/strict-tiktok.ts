// A strict reader of Events API requests, by what is known of TikTok's rules: one violation could refuse a whole batch.
import type { HttpRequest } from '../../src/types.ts';
import { createComplaints, EMAIL, HASH, type Json, listOf, readJsonPost, tableOf, walk } from './strict.ts';

const EVENT = 'event event_time event_id user properties page limited_data_use'.split(' ');
const HASHED = ['email', 'phone', 'first_name', 'last_name', 'zip_code'];
const PLACE = ['city', 'state', 'country'];
const OF_WEB = ['external_id', 'ttclid', 'ttp', 'ip', 'user_agent', 'locale'];
const DAY_SECONDS = 86_400;

type Complaints = ReturnType<typeof createComplaints>;

function checkUser(user: Json, source: string, { check, only }: Complaints): void {
  only(user, [...HASHED, ...PLACE, ...(source === 'web' ? OF_WEB : [])], 'user');
  for (const key of [...HASHED, 'external_id'])
    check(user[key] === undefined || HASH.test(String(user[key])), `${key} is no hash`);
  for (const key of PLACE)
    check(user[key] === undefined || /^[^\s@\p{P}\p{S}]+$/u.test(String(user[key])), `${key} has other signs`);
  check(user.country === undefined || /^[a-z]{2}$/.test(String(user.country)), 'country is none');
  for (const key of ['ttclid', 'ttp'])
    check(user[key] === undefined || /^[\w.-]+$/.test(String(user[key])), `${key} is malformed`);
  const known = Object.keys(user);
  const strong = source === 'web' ? ['email', 'phone', 'external_id', 'ttclid', 'ttp'] : ['email', 'phone'];
  const isBrowser = source === 'web' && known.includes('ip') && known.includes('user_agent');
  check(isBrowser || known.some((key) => strong.includes(key)), 'nobody can be found');
}

function checkProperties(properties: Json, name: unknown, { check, only }: Complaints): void {
  const { contents, content_type: type, value, currency, order_id: order } = properties;
  only(properties, ['contents', 'content_type', 'value', 'currency', 'order_id'], 'properties');
  check(value === undefined || (Number.isFinite(value) && currency !== undefined), 'value without currency');
  check(currency === undefined || (value !== undefined && /^[A-Z]{3}$/.test(String(currency))), 'currency is none');
  check(order === undefined || (typeof order === 'string' && order !== ''), 'order_id is none');
  check((contents === undefined) === (type === undefined), 'contents and their type go together');
  for (const content of listOf(contents).map(tableOf)) {
    only(content, ['content_id', 'quantity', 'price'], 'contents');
    check(typeof content.content_id === 'string' && content.content_id !== '', 'contents without id');
    check(Number.isInteger(content.quantity) && Number(content.quantity) > 0, 'contents without whole quantity');
    check(content.price === undefined || Number.isFinite(content.price), 'price is no number');
  }
  if (name === 'Purchase') check(typeof value === 'number' && value >= 0, 'Purchase without value');
}

function checkEvent(event: Json, source: string, nowSeconds: number, complaints: Complaints): void {
  const { check, only } = complaints;
  const { event: name, event_time: time, event_id: id, page } = event;
  only(event, EVENT, 'an event');
  check(typeof name === 'string' && name !== '' && name.length <= 50, 'event is missing or too long');
  check(Number.isInteger(time) && Number(time) <= nowSeconds, 'event_time is no second of the past');
  const days = source === 'offline' ? 28 : 7;
  check(Number(time) >= nowSeconds - days * DAY_SECONDS, `event_time is older than ${days} days`);
  check(typeof id === 'string' && id !== '' && id.length <= 100, 'event_id is none');
  check(page === undefined || source === 'web', 'a page of something else than a website');
  if (page !== undefined) check(/^https?:\/\//i.test(String(tableOf(page).url)), 'the page has no address');
  only(tableOf(page), ['url', 'referrer'], 'page');
  check(event.limited_data_use === undefined || source === 'web', 'limited_data_use is of websites');
  checkUser(tableOf(event.user), source, complaints);
  checkProperties(tableOf(event.properties), name, complaints);
}

/** Throws every violation of a request that is sent at `now` (milliseconds). */
export function strictTiktok(request: HttpRequest, now: number): void {
  const complaints = createComplaints();
  const { check, only, done } = complaints;
  const url = new URL(request.url);
  check(url.pathname === '/open_api/v1.3/event/track/' && url.search === '', 'the path is that of the Events API');
  check((request.headers['access-token'] ?? '') !== '', 'access-token is a header');
  const body = readJsonPost(request, check);
  only(body, ['event_source', 'event_source_id', 'data'], 'the body');
  const source = String(body.event_source);
  check(['web', 'offline', 'crm'].includes(source), `event_source ${source} is unknown`);
  const events = listOf(body.data).map(tableOf);
  check(events.length >= 1 && events.length <= 1000, 'there are 1 to 1000 events');
  for (const event of events) checkEvent(event, source, Math.floor(now / 1000), complaints);
  for (const [path, value] of walk(body)) {
    const isBrowser = path.endsWith('user_agent');
    check(typeof value !== 'string' || isBrowser || !EMAIL.test(value), `${path} carries an e-mail address`);
  }
  done();
}
