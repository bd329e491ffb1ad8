// Google Analytics 4 by the Measurement Protocol.
import { z } from 'zod';
import type { Event } from '../event.ts';
import { readJson } from '../lib/json.ts';
import { DAY_MS, HOUR_MS } from '../lib/time.ts';
import type { Destination, Probe } from '../types.ts';
import { knownClientId } from './client-id.ts';
import { age, only } from './facts.ts';
import { ga4Report, ReportSettings, refuseHalfReport } from './ga4-report.ts';
import { judgeFailure, judgeStatus, SCHEDULE } from './judge.ts';
import { leftOutParams, measurementBody, refuseMeasurement } from './measurement-protocol.ts';
import { perSettings } from './per-settings.ts';
import { failedProbe, probeEvent } from './probe.ts';
import { postJson } from './request.ts';
import { ApiSecret, MeasurementId, Origin } from './settings.ts';

const ORIGINS = { worldwide: 'https://www.google-analytics.com', eu: 'https://region1.google-analytics.com' };
/** Google dates older events 72 hours back, so they count on a wrong day. */
const DATED_RIGHT = 72 * HOUR_MS;
/** How long after a session Google still exports its conversions to ad platforms. */
const USEFUL = 63 * DAY_MS;

const Settings = z
  .strictObject({
    measurement_id: MeasurementId.describe('The web stream: GA4, Admin, Data streams'),
    api_secret: ApiSecret.describe('GA4, Admin, Data streams, your stream, Measurement Protocol API secrets'),
    region: z.literal('eu', 'is eu, or left out').optional().describe('eu: data is collected in the EU'),
    endpoint: Origin.optional().describe('Origin that replaces Google’s; the path stays'),
    without_client_id: z
      .enum(['derive', 'skip'], 'is derive (count, unattributed) or skip')
      .default('derive')
      .describe('What to do with an event whose visitor is unknown'),
    older_than_72h: z
      .enum(['skip', 'send'], 'is skip, or send (Google then counts the event on a wrong day)')
      .default('skip')
      .describe('What to do with an event that Google would date 72 hours back'),
    user_data: z.boolean('is true or false').default(true).describe('Send hashed e-mail, phone and address'),
    ...ReportSettings,
  })
  .superRefine(refuseHalfReport);
type Settings = z.infer<typeof Settings>;

const addressAt = (path: string, { api_secret, endpoint, measurement_id, region }: Settings) => {
  const query = new URLSearchParams({ measurement_id, api_secret });
  return `${endpoint ?? ORIGINS[region ?? 'worldwide']}${path}?${query}`;
};
const addressOf = perSettings((settings: Settings) => addressAt('/mp/collect', settings));

const maxAge = (_: Event, settings: Settings) => (settings.older_than_72h === 'send' ? USEFUL : DATED_RIGHT);

/** What an accepted event deserves to be known for; "accepted" because Google says 2xx to anything. */
function acceptedNote(event: Event): string {
  const leftOut = leftOutParams(event);
  return [
    'accepted by Google, which does not say whether it counts',
    ...(knownClientId(event) === undefined ? ['no client id was known, so the event is unattributed'] : []),
    ...(leftOut.length > 0 ? [`left out: ${leftOut.join(', ')}`] : []),
  ].join('; ');
}

const Validation = z.object({
  validationMessages: z.array(
    z.object({
      fieldPath: z.string().optional(),
      description: z.string(),
      validationCode: z.string(),
    }),
  ),
});
const CODES: Record<string, string> = {
  VALUE_INVALID: 'has a value that is not allowed',
  VALUE_REQUIRED: 'is missing',
  VALUE_OUT_OF_BOUNDS: 'is too large, too small or too old',
  NAME_INVALID: 'has a name that is not allowed',
  NAME_RESERVED: 'has a name that Google keeps for itself',
  NAME_DUPLICATED: 'has a name that was given before',
  EXCEEDED_MAX_ENTITIES: 'has too many entries',
};

/** Google's complaints, undefined when the answer is none of its validation server's. */
function complaintsOf(body: string): string[] | undefined {
  return readJson(Validation, body)?.validationMessages.map(({ fieldPath, description, validationCode }) => {
    const where = fieldPath === undefined || fieldPath === '' ? 'The request' : fieldPath;
    return `${where} ${CODES[validationCode] ?? 'is not understood'}: ${description}`;
  });
}

/** https://developers.google.com/analytics/devguides/collection/protocol/ga4/validating-events */
const probe: Probe<Settings> = {
  help: 'Sends a made-up event to Google’s validation server, which records nothing. It does not check the measurement id and the API secret: for these look at Realtime in GA4 when the next order comes.',
  asks: [],
  build: (settings, _, now) =>
    postJson(addressAt('/debug/mp/collect', settings), measurementBody(probeEvent(now), settings, now)),
  read(reply) {
    if ('failure' in reply) return failedProbe(reply);
    const complaints = reply.status === 200 ? complaintsOf(reply.body) : undefined;
    if (complaints === undefined) {
      const text = `It answered ${reply.status}, and not as Google’s validation server does. Check endpoint in the store file.`;
      return { ok: false, text, details: [] };
    }
    return complaints.length === 0
      ? { ok: true, text: 'Google was reached and finds nothing wrong with the request.', details: [] }
      : { ok: false, text: 'Google was reached and complains about the request:', details: complaints };
  },
};

/** https://developers.google.com/analytics/devguides/collection/protocol/ga4 */
export const ga4: Destination<Settings> = {
  name: 'ga4',
  title: 'Google Analytics 4',
  settings: Settings,
  secrets: ['api_secret', 'service_account'],
  account: ({ measurement_id }) => measurement_id,
  countedBy: ['measurement_id', 'endpoint'],
  consent: ['analytics_storage'],
  batch: 1,
  schedule: SCHEDULE,
  deduplicates: (event) => event.name === 'purchase',
  maxAge,

  wants(event, settings, now) {
    const refusal = refuseMeasurement(event);
    if (refusal !== undefined) return refusal;
    if (age(event, now) > maxAge(event, settings)) {
      return settings.older_than_72h === 'send'
        ? { reason: 'older than 63 days', expired: true }
        : { reason: 'older than 72 hours, GA4 would count it on a wrong day', expired: true };
    }
    if (settings.without_client_id === 'skip' && knownClientId(event) === undefined) {
      return { reason: 'no GA4 client id is known and without_client_id is skip' };
    }
    return undefined;
  },

  build: (events, settings, now) => postJson(addressOf(settings), measurementBody(only(events), settings, now)),

  probe,
  report: ga4Report,

  judge(reply, events) {
    if ('failure' in reply) return judgeFailure(reply);
    return judgeStatus(
      reply,
      () => events.map(acceptedNote).join('; '),
      () => 'Google takes no such request; check endpoint in the store file',
    );
  },
};
