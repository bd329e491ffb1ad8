// A stand-in for TikTok's Events API: all it says is a code under HTTP 200, one bad event refuses the whole request, and some tokens always fail the same way.
import { type Table, tableOf } from '../../lib/table.ts';
import { type Behaviour, json, listOf, type StandinAnswer } from './standin.ts';

const DAY_SECONDS = 86_400;
const LARGEST_BATCH = 1000;
const DAYS: Readonly<Record<string, number>> = { web: 7, offline: 28, crm: 7 };
const HASHED = ['email', 'phone', 'external_id', 'first_name', 'last_name', 'zip_code'];
/** So that something that shops do can be refused; which length TikTok takes is not known. */
const LONGEST_ID = 200;
const STRONG = ['email', 'phone', 'external_id', 'ttclid', 'ttp'];

const answer = (code: number, message: string, taken: string[] = []): StandinAnswer =>
  json(200, { code, message, request_id: 'standin', data: {} }, taken);

function isFound(user: Table, source: string): boolean {
  const known = Object.keys(user).filter((key) => user[key] !== undefined);
  if (source !== 'web') return known.includes('email') || known.includes('phone');
  return known.some((key) => STRONG.includes(key)) || (known.includes('ip') && known.includes('user_agent'));
}

/** What is wrong with an event, by the field at fault. */
function complaintAbout(event: Table, source: string, nowSeconds: number): string | undefined {
  const { event: name, event_time: time, event_id: id } = event;
  const user = tableOf(event.user);
  const properties = tableOf(event.properties);
  const isBadText = (text: unknown) => typeof text !== 'string' || text === '';
  if (isBadText(name)) return 'event: Missing data for required field';
  if (!Number.isInteger(time)) return 'event_time: Not a valid integer';
  if (Number(time) < nowSeconds - (DAYS[source] ?? 0) * DAY_SECONDS) return 'event_time: Too old';
  if (Number(time) > nowSeconds + 60) return 'event_time: In the future';
  if (id !== undefined && isBadText(id)) return 'event_id: Not a valid string';
  const plain = HASHED.find((key) => user[key] !== undefined && !/^[a-f0-9]{64}$/.test(String(user[key])));
  if (plain !== undefined) return `user.${plain}: Not a valid hash`;
  if (!isFound(user, source)) return 'user.email: Missing data for required field';
  if (properties.value !== undefined && !Number.isFinite(properties.value)) return 'properties.value: Not a number';
  const isBought = name === 'Purchase' || name === 'CompletePayment';
  if (isBought && !/^[A-Z]{3}$/.test(String(properties.currency))) return 'properties.currency: Not a valid choice';
  const ids = listOf(properties.contents).map((one) => tableOf(one).content_id);
  const bad = ids.findIndex((one) => isBadText(one) || String(one).length > LONGEST_ID);
  return bad < 0 ? undefined : `properties.contents.${bad}.content_id: Not a valid string`;
}

/** Answers that depend on the token alone. */
function refuseToken(token: unknown): StandinAnswer | undefined {
  if (typeof token !== 'string') return answer(40104, 'Access token is empty');
  if (token === 'expired') return answer(40105, 'Access token is incorrect or has been revoked.');
  if (token === 'forbidden') return answer(40001, 'No permission to operate this pixel.');
  if (token === 'throttled') return answer(40100, 'Too many requests.');
  if (token === 'boom') return { status: 503, type: 'text/html', body: '<html><body>Sorry</body></html>', taken: [] };
  return undefined;
}

/** With the token `partial` it takes what is good and says that it took a part. */
export const tiktok: Behaviour = ({ path, headers, body, now }) => {
  if (path !== '/open_api/v1.3/event/track/') return { status: 404, taken: [] };
  const token = headers['access-token'];
  const refusal = refuseToken(token);
  if (refusal !== undefined) return refusal;
  const { event_source: source, event_source_id: pixel, data } = tableOf(body);
  if (typeof source !== 'string' || DAYS[source] === undefined)
    return answer(40002, 'event_source: Not a valid choice');
  if (typeof pixel !== 'string' || /^0+$/.test(pixel)) return answer(40002, 'event_source_id: Not a valid value');
  const events = listOf(data).map(tableOf);
  if (events.length === 0 || events.length > LARGEST_BATCH) return answer(40002, 'data: Length must be 1 to 1000');
  const complaints = events.map((event) => complaintAbout(event, source, Math.floor(now / 1000)));
  const taken = events.flatMap(({ event, event_id }, index) =>
    complaints[index] === undefined ? [`${event}:${event_id ?? ''}`] : [],
  );
  if (taken.length === events.length) return answer(0, 'OK', taken);
  if (token === 'partial' && taken.length > 0) return answer(20001, 'Partial success', taken);
  const first = complaints.findIndex((complaint) => complaint !== undefined);
  return answer(40002, `data.${first}.${complaints[first]}`);
};
