// A strict reader of Conversions API requests, written from Meta's pages alone: one violation would refuse a whole batch.
import type { HttpRequest } from '../../src/types.ts';
import { createComplaints, EMAIL, HASH, type Json, listOf, readJsonPost, tableOf, walk } from './strict.ts';

const EVENT =
  `event_name event_time event_id action_source event_source_url user_data custom_data data_processing_options
data_processing_options_country data_processing_options_state`.split(/\s+/);
const HASHED = ['em', 'ph', 'fn', 'ln', 'ct', 'st', 'zp', 'country', 'external_id', 'db', 'ge'];
const PLAIN = ['client_ip_address', 'client_user_agent', 'fbc', 'fbp', 'lead_id'];
const SOURCES = ['website', 'phone_call', 'system_generated', 'physical_store', 'email', 'chat', 'other'];
const DAY_SECONDS = 86_400;

type Check = (holds: boolean, violation: string) => void;

const within = (keys: string[], set: string[]) => keys.every((key) => set.includes(key));

function checkUserData(user: Json, check: Check): void {
  const keys = Object.keys(user);
  check(within(keys, [...HASHED, ...PLAIN]), `user_data has unknown keys among ${keys.join(', ')}`);
  for (const key of HASHED) {
    if (user[key] === undefined) continue;
    const values = listOf(user[key]);
    check(values.length > 0 && values.every((hash) => HASH.test(String(hash))), `${key} is no list of hashes`);
  }
  const { fbc, fbp, lead_id: lead, client_ip_address: ip } = user;
  check(
    fbc === undefined || /^fb\.[0-9]+\.[0-9]{1,16}\.[^\s.]+(\.[\w-]{2}|\.[\w-]{8})?$/.test(String(fbc)),
    'fbc is malformed',
  );
  check(fbp === undefined || /^fb\.[0-9]+\.[0-9]+\.[0-9]+/.test(String(fbp)), 'fbp is malformed');
  check(lead === undefined || /^[0-9]{15,17}$/.test(String(lead)), 'lead_id is malformed');
  check(ip === undefined || !/\s/.test(String(ip)), 'the address has a space');
  check(keys.length > 0, 'user_data is empty');
  check(!within(keys, ['ct', 'country', 'st', 'zp', 'ge', 'client_user_agent']), 'a place and a browser are too weak');
  check(!within(keys, ['db', 'client_user_agent']), 'a birthday is too weak');
  check(!within(keys, ['fn', 'ge']) && !within(keys, ['ln', 'ge']), 'half a name is too weak');
}

function checkCustomData(custom: Json, check: Check): void {
  const { contents, content_ids: ids, num_items: count, value, currency } = custom;
  check(value === undefined || Number.isFinite(value), 'value is no number');
  check(value === undefined || /^[A-Z]{3}$/.test(String(currency)), 'value without currency');
  check(ids === undefined || listOf(ids).every((id) => typeof id === 'string' && id !== ''), 'a content id is missing');
  for (const content of listOf(contents).map(tableOf)) {
    check(typeof content.id === 'string', 'contents without id');
    check(Number.isInteger(content.quantity) && Number(content.quantity) > 0, 'contents without whole quantity');
    check(content.item_price === undefined || Number.isFinite(content.item_price), 'item_price is no number');
  }
  check(count === undefined || Number.isInteger(count), 'num_items is no integer');
}

function checkEvent(event: Json, nowSeconds: number, check: Check): void {
  const { event_name: name, event_time: time, action_source: source, event_source_url: url } = event;
  const custom = tableOf(event.custom_data);
  check(typeof name === 'string' && name !== '' && name.length <= 50, 'event_name is missing or too long');
  check(Number.isInteger(time), 'event_time is no integer');
  check(Number(time) <= nowSeconds + 60, 'event_time lies in the future');
  const days = source === 'physical_store' ? 62 : 7;
  check(Number(time) >= nowSeconds - days * DAY_SECONDS, `event_time is older than ${days} days`);
  check(SOURCES.includes(String(source)), `action_source ${source} is unknown`);
  const user = tableOf(event.user_data);
  if (source === 'website') check(typeof user.client_user_agent === 'string', 'website without client_user_agent');
  check(url === undefined || source === 'website', 'event_source_url of something else than a website');
  check(event.event_id === undefined || event.event_id !== '', 'event_id is empty');
  if (name === 'Purchase') {
    check(typeof custom.value === 'number' && custom.value >= 0, 'Purchase without value');
    check(/^[A-Z]{3}$/.test(String(custom.currency)), 'Purchase without currency');
  }
  checkUserData(user, check);
  checkCustomData(custom, check);
}

/** Throws every violation of a request that is sent at `now` (milliseconds). */
export function strictMeta(request: HttpRequest, now: number): void {
  const { check, only, done } = createComplaints();
  const url = new URL(request.url);
  check(/^\/v\d+\.\d+\/\d+\/events$/.test(url.pathname), 'the path is /v<version>/<pixel>/events');
  check((url.searchParams.get('access_token') ?? '') !== '', 'access_token is in the query');
  const body = readJsonPost(request, check);
  only(body, ['data'], 'the body');
  const events = listOf(body.data).map(tableOf);
  check(events.length >= 1 && events.length <= 1000, 'there are 1 to 1000 events');
  for (const event of events) {
    only(event, EVENT, 'an event');
    checkEvent(event, Math.floor(now / 1000), check);
  }
  for (const [path, value] of walk(body)) {
    check(
      typeof value !== 'string' || path.endsWith('client_user_agent') || !EMAIL.test(value),
      `${path} carries an e-mail address`,
    );
  }
  done();
}
