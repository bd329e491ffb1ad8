// Google Ads by the Data Manager API: conversions of clicks, and of people who clicked (enhanced conversions for leads).
import { z } from 'zod';
import type { Event } from '../event.ts';
import { EVENT_NAME, misspelt } from '../event-name.ts';
import type { Destination, Probe } from '../types.ts';
import { age } from './facts.ts';
import { complaintsOf, judgeAdsAnswer } from './google-ads-answer.ts';
import { adsEvent, conversionId, usefulFor } from './google-ads-event.ts';
import { readStatus } from './google-ads-status.ts';
import { Credentials, checkCredentials, googleGrant, googleRefused } from './google-credentials.ts';
import { judgeFailure, SCHEDULE } from './judge.ts';
import { failedProbe, probeEvent } from './probe.ts';
import { postJson } from './request.ts';
import { Origin } from './settings.ts';

const ORIGIN = 'https://datamanager.googleapis.com';
const SCOPE = 'https://www.googleapis.com/auth/datamanager';
/** https://developers.google.com/data-manager/api/devguides/limits, 300 requests a minute; some are left for questions. */
const BATCH = 2000;
const REQUESTS_PER_SECOND = 4;
const MOST_ACTIONS = 10;
const TOO_OLD =
  'too old: Google Ads counts until 90 days after the click, or 63 days after the event where only the person is known';

const customerHelp = 'is the number shown at the top right of Google Ads, such as 123-456-7890';
const CustomerId = z
  .union([z.string(), z.int().transform(String)], {
    error: ({ input }) => (input === undefined ? `is missing; it ${customerHelp}` : customerHelp),
  })
  .transform((id) => id.replaceAll('-', ''))
  .pipe(z.string().regex(/^\d{10}$/, customerHelp));
const actionHelp = 'is the number behind ctId= in the address of the conversion action in Google Ads';
const ActionId = z
  .union([z.string(), z.int().transform(String)], actionHelp)
  .pipe(z.string().regex(/^\d{1,20}$/, actionHelp));
const Actions = z.record(z.string().regex(EVENT_NAME, 'is no event name'), ActionId).superRefine((actions, context) => {
  const names = Object.keys(actions);
  if (names.length === 0 || names.length > MOST_ACTIONS)
    context.addIssue({ code: 'custom', message: `names 1 to ${MOST_ACTIONS} events, such as purchase` });
  for (const name of names) {
    const hint = misspelt(name);
    if (hint === undefined) continue;
    context.addIssue({ code: 'custom', path: [name], message: `is no standard event: ${name}`, params: { hint } });
  }
});

const Settings = z
  .strictObject({
    customer_id: CustomerId.describe('The Google Ads account that owns the conversion actions'),
    login_customer_id: CustomerId.optional().describe('The manager account, where access is given to that one'),
    conversion_actions: Actions.describe(
      'The conversion action of each event that is to be sent, such as { purchase: "123456789" }',
    ),
    ...Credentials,
    user_data: z.boolean('is true or false').default(true).describe('Send hashed e-mail, phone and address'),
    endpoint: Origin.optional().describe('Origin that replaces Google’s; the path stays'),
  })
  .superRefine((settings, context) => {
    const problem = checkCredentials(settings);
    if (problem !== undefined) context.addIssue({ code: 'custom', path: ['service_account'], message: problem });
  });
type Settings = z.infer<typeof Settings>;

const actionOf = ({ name }: Event, { conversion_actions: actions }: Settings): string | undefined =>
  Object.hasOwn(actions, name) ? actions[name] : undefined;

/** https://developers.google.com/data-manager/api/devguides/concepts/destinations */
function destinationsOf(actions: readonly string[], { customer_id, login_customer_id }: Settings) {
  const account = (accountId: string) => ({ accountType: 'GOOGLE_ADS', accountId });
  return [...new Set(actions)].map((action) => ({
    reference: action,
    ...(login_customer_id !== undefined && { loginAccount: account(login_customer_id) }),
    operatingAccount: account(customer_id),
    productDestinationId: action,
  }));
}

const post = ({ endpoint = ORIGIN }: Settings, body: object) =>
  postJson(`${endpoint}/v1/events:ingest`, JSON.stringify(body));

const probe: Probe<Settings> = {
  help: 'Asks Google to check a made-up conversion of nobody for every conversion action. Google only checks it and records nothing.',
  asks: [],
  build(settings, _, now) {
    const actions = Object.values(settings.conversion_actions);
    const person = { email_address: 'nobody@example.com' };
    const event = { ...probeEvent(now), event_id: 'tagbridge_test', gclid: 'tagbridge_test', user_data: person };
    const { destinationReferences: _all, ...checked } = adsEvent(event, '', settings.user_data, now);
    return post(settings, {
      destinations: destinationsOf(actions, settings),
      events: [checked],
      encoding: 'HEX',
      validateOnly: true,
    });
  },
  read(reply) {
    if ('failure' in reply) return failedProbe(reply);
    const outcome = judgeAdsAnswer(reply);
    const isFine = reply.status === 200 && (outcome.kind === 'delivered' || reply.body.trim() === '{}');
    if (isFine)
      return {
        ok: true,
        text: 'Google was reached, takes the credentials and finds nothing wrong with the request.',
        details: [],
      };
    const text = outcome.kind === 'delivered' ? `It answered ${reply.status}.` : outcome.reason;
    return { ok: false, text, details: complaintsOf(reply) };
  },
};

/** https://developers.google.com/data-manager/api/devguides/events/google-ads/offline */
export const googleAds: Destination<Settings> = {
  name: 'google_ads',
  title: 'Google Ads',
  settings: Settings,
  secrets: ['service_account', 'client_secret', 'refresh_token'],
  account: ({ customer_id }) => `google_ads/${customer_id}`,
  countedBy: ['customer_id', 'endpoint'],
  consent: ['ad_storage', 'ad_user_data'],
  byEvent: 'conversion_actions',
  batch: BATCH,
  rate: REQUESTS_PER_SECOND,
  schedule: SCHEDULE,
  // A second copy under the same id only says the same value again.
  deduplicates: () => true,
  maxAge: (event, { user_data }) => Math.max(0, usefulFor(event, user_data) ?? 0),

  wants(event, settings, now) {
    if (event.name === 'refund')
      return {
        reason: 'Google Ads knows no refunds; lower the value of the conversion in Google Ads where it matters',
      };
    if (actionOf(event, settings) === undefined)
      return { reason: `no conversion action is set for ${event.name} under conversion_actions` };
    if (Number.isNaN(Date.parse(event.event_time))) return { reason: 'the event has no readable time' };
    if (conversionId(event) === undefined)
      return { reason: 'it has no order or lead id, by which Google Ads would know a second copy' };
    if (event.value !== undefined && event.value < 0) return { reason: 'a conversion cannot have a value below 0' };
    const useful = usefulFor(event, settings.user_data);
    if (useful === undefined)
      return {
        reason: 'no click id of Google, e-mail, phone or whole address is known, so Google could not find the click',
      };
    if (age(event, now) > useful) return { reason: TOO_OLD, expired: true };
    return undefined;
  },

  build(events, settings, now) {
    const made = events.map((event) => adsEvent(event, actionOf(event, settings) ?? '', settings.user_data, now));
    const actions = made.flatMap(({ destinationReferences }) => destinationReferences);
    return post(settings, { destinations: destinationsOf(actions, settings), events: made, encoding: 'HEX' });
  },

  judge: (reply) => ('failure' in reply ? judgeFailure(reply) : judgeAdsAnswer(reply)),
  probe,
  token: { grant: (settings) => googleGrant(settings, SCOPE), refused: googleRefused },
  inquiry: {
    help: 'Google knows this after half an hour, at the latest after a day.',
    build: ({ endpoint = ORIGIN }, receipt) => ({
      method: 'GET',
      url: `${endpoint}/v1/requestStatus:retrieve?${new URLSearchParams({ requestId: receipt })}`,
      headers: {},
    }),
    read: readStatus,
  },
};
