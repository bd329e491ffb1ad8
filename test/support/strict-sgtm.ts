// A strict reader of Data Client requests, written from Stape's protocol page and what common tags do with the data.
import type { HttpRequest } from '../../src/types.ts';
import { createComplaints, HASH, listOf, readJsonPost, tableOf, walk } from './strict.ts';

const PLAIN = ['email_address', 'phone_number', 'first_name', 'last_name', 'street'];

/** Throws every violation of a request that is sent at `now` (milliseconds). */
export function strictSgtm(request: HttpRequest, now: number, userData: 'plain' | 'hashed' = 'plain'): void {
  const { check, done } = createComplaints();
  check(new URL(request.url).pathname === '/data', 'the path is /data');
  const body = readJsonPost(request, check);
  for (const key of ['event_name', 'client_id', 'ip_override', 'user_agent']) {
    check(typeof body[key] === 'string' && body[key] !== '', `${key} would be made up by the container`);
  }
  for (const [path, value] of walk(body)) check(value !== '', `${path} is empty`);
  const { event_time: time, timestamp, value, currency, items } = body;
  check(
    Number.isInteger(time) && Number(time) <= now / 1000 && time === timestamp,
    'event_time is no second of the past',
  );
  check(Number(time) >= now / 1000 - 7 * 86_400 - 1, 'event_time is older than 7 days');
  check(value === undefined || Number.isFinite(value), 'value is no number');
  check(value === undefined || /^[A-Z]{3}$/.test(String(currency)), 'value without currency is taken for dollars');
  if (value === 0) {
    check(
      listOf(items).every((item) => tableOf(item).price === undefined),
      'a value of 0 is summed up from prices',
    );
  }
  if (body['x-fb-ck-fbc'] !== undefined) {
    check(!/[?&]fbclid=/.test(String(body.page_location)), 'fbclid in the address makes tags replace the click id');
  }
  const consent = Object.values(tableOf(body.consent_state));
  check(
    consent.every((state) => typeof state === 'boolean'),
    'consent states are booleans',
  );
  for (const [path, text] of walk(body.user_data)) {
    const key = path.split('.').at(-1) ?? '';
    if (key.startsWith('sha256_')) check(HASH.test(String(text)), `${path} is no hash`);
    if (userData === 'hashed' && PLAIN.includes(key)) check(HASH.test(String(text)), `${path} is not hashed`);
  }
  done();
}
