// Google Analytics 4 by the Measurement Protocol.
import { z } from 'zod';
import type { Event } from '../event.ts';
import type { Destination } from '../types.ts';
import { knownClientId } from './client-id.ts';
import { age, DAY, HOUR, only } from './facts.ts';
import { judgeFailure, judgeStatus, SCHEDULE } from './judge.ts';
import { leftOutParams, measurementBody, refuseMeasurement } from './measurement-protocol.ts';
import { perSettings } from './per-settings.ts';
import { ApiSecret, MeasurementId, Origin } from './settings.ts';

const ORIGINS = { worldwide: 'https://www.google-analytics.com', eu: 'https://region1.google-analytics.com' };
/** Google dates older events 72 hours back, so they count on a wrong day. */
const DATED_RIGHT = 72 * HOUR;
/** How long after a session Google still exports its conversions to ad platforms. */
const USEFUL = 63 * DAY;

const Settings = z.strictObject({
  measurement_id: MeasurementId,
  api_secret: ApiSecret,
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
});
type Settings = z.infer<typeof Settings>;

const addressOf = perSettings(({ api_secret, endpoint, measurement_id, region }: Settings) => {
  const query = new URLSearchParams({ measurement_id, api_secret });
  return `${endpoint ?? ORIGINS[region ?? 'worldwide']}/mp/collect?${query}`;
});

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

/** https://developers.google.com/analytics/devguides/collection/protocol/ga4 */
export const ga4: Destination<Settings> = {
  name: 'ga4',
  title: 'Google Analytics 4',
  settings: Settings,
  secrets: ['api_secret'],
  account: ({ measurement_id }) => measurement_id,
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

  build(events, settings, now) {
    return {
      method: 'POST',
      url: addressOf(settings),
      headers: { 'content-type': 'application/json' },
      body: measurementBody(only(events), settings, now),
    };
  },

  judge(reply, events) {
    if ('failure' in reply) return judgeFailure(reply);
    return judgeStatus(
      reply,
      () => events.map(acceptedNote).join('; '),
      () => 'Google takes no such request; check endpoint in the store file',
    );
  },
};
