// A stand-in for Meta's Graph API: one bad event refuses the whole request, and some tokens always fail the same way.
import { type Table, tableOf } from '../../lib/table.ts';
import { type Behaviour, json, listOf, type StandinAnswer } from './standin.ts';

const DAY_SECONDS = 86_400;
const LARGEST_BATCH = 1000;
const STRONG = ['em', 'ph', 'external_id', 'fbc', 'fbp', 'lead_id', 'madid'];
/** People cannot be told apart by these alone. */
const WEAK_SETS = [
  ['ct', 'country', 'st', 'zp', 'ge', 'client_user_agent'],
  ['db', 'client_user_agent'],
  ['fn', 'ge'],
  ['ln', 'ge'],
];

type Complaint = { subcode?: number; field: string; title: string };

function refuse(status: number, code: number, title: string, more: Table = {}): StandinAnswer {
  const error = { message: title, type: 'OAuthException', code, ...more, error_user_title: title, fbtrace_id: 'A' };
  return json(status, { error });
}

function isWeak(user: Table): boolean {
  const known = Object.keys(user).filter((key) => user[key] !== undefined);
  if (known.some((key) => STRONG.includes(key))) return false;
  return known.length === 0 || WEAK_SETS.some((set) => known.every((key) => set.includes(key)));
}

function complaintAbout(event: Table, nowSeconds: number): Complaint | undefined {
  const { event_name, event_time, action_source } = event;
  const custom = tableOf(event.custom_data);
  if (typeof event_name !== 'string' || event_name === '') return { field: 'event_name', title: 'Missing Event Name' };
  if (typeof action_source !== 'string') return { field: 'action_source', title: 'Missing Action Source' };
  if (!Number.isInteger(event_time)) return { field: 'event_time', title: 'Missing Event Time' };
  const days = action_source === 'physical_store' ? 62 : 7;
  if (Number(event_time) < nowSeconds - days * DAY_SECONDS) {
    return { subcode: 2804003, field: 'event_time', title: 'Event Timestamp Too Old' };
  }
  if (Number(event_time) > nowSeconds + 60) return { field: 'event_time', title: 'Event Timestamp In The Future' };
  if (event_name === 'Purchase' && typeof custom.value !== 'number') {
    return { subcode: 2804009, field: 'value', title: 'Missing Value for Purchase Event' };
  }
  if (event_name === 'Purchase' && typeof custom.currency !== 'string') {
    return { field: 'currency', title: 'Missing Currency for Purchase Event' };
  }
  if (isWeak(tableOf(event.user_data))) {
    return { subcode: 2804050, field: 'user_data', title: 'Not Enough Customer Information' };
  }
  return undefined;
}

/** Answers that depend on the token or the pixel alone. */
function refuseAccount(token: string | null, pixel: string): StandinAnswer | undefined {
  if (token === null) return refuse(401, 190, 'Missing Access Token');
  if (token === 'expired') return refuse(401, 190, 'Session Has Expired', { error_subcode: 463 });
  if (token === 'throttled') return refuse(400, 17, 'User Request Limit Reached', { error_subcode: 2446079 });
  if (token === 'boom') return { status: 503, type: 'text/html', body: '<html><body>Sorry</body></html>', taken: [] };
  if (!/^[1-9]\d+$/.test(pixel)) return refuse(400, 100, 'Unsupported Post Request', { error_subcode: 33 });
  return undefined;
}

export const meta: Behaviour = ({ path, query, body, now }) => {
  const pixel = /^\/v\d+\.\d+\/([^/]+)\/events$/.exec(path)?.[1];
  if (pixel === undefined) return refuse(404, 2500, 'Unknown Path Components');
  const refusal = refuseAccount(query.get('access_token'), pixel);
  if (refusal !== undefined) return refusal;
  const events = listOf(tableOf(body).data).map(tableOf);
  if (events.length === 0 || events.length > LARGEST_BATCH) return refuse(400, 100, 'Invalid Parameter data');
  for (const [index, event] of events.entries()) {
    const complaint = complaintAbout(event, Math.floor(now / 1000));
    if (complaint === undefined) continue;
    const blame = { blame_field_specs: [['data', String(index), complaint.field]] };
    return refuse(400, 100, complaint.title, { error_subcode: complaint.subcode, error_data: JSON.stringify(blame) });
  }
  const taken = events.map(({ event_name, event_id }) => `${event_name}:${event_id ?? ''}`);
  return json(200, { events_received: events.length, messages: [], fbtrace_id: 'A' }, taken);
};
