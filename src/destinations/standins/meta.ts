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

/** Answers that depend on the token alone. */
function refuseToken(token: string | null): StandinAnswer | undefined {
  if (token === null) return refuse(401, 190, 'Missing Access Token');
  if (token === 'expired') return refuse(401, 190, 'Session Has Expired', { error_subcode: 463 });
  if (token === 'throttled') return refuse(400, 17, 'User Request Limit Reached', { error_subcode: 2446079 });
  if (token === 'boom') return { status: 503, type: 'text/html', body: '<html><body>Sorry</body></html>', taken: [] };
  return undefined;
}

/** Answers that depend on the token or the pixel alone. */
function refuseAccount(token: string | null, pixel: string): StandinAnswer | undefined {
  const isPixel = /^[1-9]\d+$/.test(pixel);
  const unknown = isPixel ? undefined : refuse(400, 100, 'Unsupported Post Request', { error_subcode: 33 });
  return refuseToken(token) ?? unknown;
}

const percent = (percentage: number) => ({ percentage });
/** What is told of a pixel whose browser and server both send purchases, and of which leads are of the server alone. */
const QUALITY = {
  web: [
    {
      event_name: 'Purchase',
      event_match_quality: {
        composite_score: 7.4,
        match_key_feedback: [
          { identifier: 'email', coverage: percent(98.6) },
          { identifier: 'phone', coverage: percent(61) },
          { identifier: 'external_id', coverage: percent(100) },
          { identifier: 'fbp', coverage: percent(72.5) },
          { identifier: 'fbc', coverage: percent(31.2) },
        ],
        diagnostics: [],
      },
      event_coverage: { percentage: 91.3, goal_percentage: 75 },
      dedupe_key_feedback: [
        {
          dedupe_key: 'event_id',
          browser_events_with_dedupe_key: percent(100),
          server_events_with_dedupe_key: percent(100),
          overall_browser_coverage_from_dedupe_key: percent(90.8),
        },
      ],
      data_freshness: { upload_frequency: 'real_time' },
    },
    { event_name: 'Lead', event_match_quality: { composite_score: 5.9 } },
  ],
};

/** https://developers.facebook.com/docs/marketing-api/conversions-api/dataset-quality-api */
function tellQuality(query: URLSearchParams): StandinAnswer {
  const refusal = refuseAccount(query.get('access_token'), query.get('dataset_id') ?? '');
  if (refusal !== undefined) return refusal;
  return query.get('fields')?.startsWith('web{') ? json(200, QUALITY) : refuse(400, 100, 'Invalid Parameter fields');
}

const TOKEN_DAYS = 40;

/** https://developers.facebook.com/docs/graph-api/reference/debug_token */
function tellToken(query: URLSearchParams, now: number): StandinAnswer {
  const token = query.get('access_token');
  const refusal = refuseToken(token);
  if (refusal !== undefined) return refusal;
  if (query.get('input_token') !== token) return refuse(400, 100, 'Unknown Access Token');
  const ends = Math.floor(now / 1000) + TOKEN_DAYS * DAY_SECONDS;
  return json(200, { data: { type: 'USER', is_valid: true, expires_at: ends, data_access_expires_at: ends } });
}

export const meta: Behaviour = ({ method, path, query, body, now }) => {
  if (method === 'GET' && /^\/v\d+\.\d+\/dataset_quality$/.test(path)) return tellQuality(query);
  if (method === 'GET' && /^\/v\d+\.\d+\/debug_token$/.test(path)) return tellToken(query, now);
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
