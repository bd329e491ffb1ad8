// TikTok by the Events API 2.0: purchases and leads of a website, of shops and phones, and of a CRM, each a destination of its own.
import { z } from 'zod';
import type { Event } from '../event.ts';
import { DAY_MS, HOUR_MS } from '../lib/time.ts';
import type { Destination, Probe } from '../types.ts';
import { ageOfSecond, eventId, refuseWithoutWorth } from './facts.ts';
import { judgeFailure, SCHEDULE } from './judge.ts';
import { failedProbe, probeEvent, testEventCode } from './probe.ts';
import { postJson } from './request.ts';
import { Origin } from './settings.ts';
import { judgeTiktokAnswer } from './tiktok-answer.ts';
import { EVENT_SOURCES, isTooWeak, sourceOf, tiktokEvent } from './tiktok-event.ts';

const ORIGIN = 'https://business-api.tiktok.com';
const PATH = '/open_api/v1.3/event/track/';
/** RudderStack sends 1,000, by TikTok's page; Tealium 50. Nothing is lost by fewer. */
const BATCH = 50;
/**
 * Not to be read without an account: 7 days for websites are quoted widely, 28 days for shops and phones by Amperity.
 * For CRMs nobody says any, so they get the shorter one.
 */
const WINDOW = 7 * DAY_MS;
const WINDOW_OFFLINE = 28 * DAY_MS;
/** 48 hours (https://ads.tiktok.com/help/article/event-deduplication); clocks differ, and requests take their time. */
const KNOWN_AGAIN = 47 * HOUR_MS;

const pixelHelp =
  'is the ID that Events Manager shows with the pixel or event set, of letters and digits; put it in quotes';
const Settings = z
  .strictObject({
    pixel_id: z
      .union([z.string(), z.int().transform(String)], pixelHelp)
      .pipe(z.string().regex(/^[A-Za-z0-9]{5,40}$/, pixelHelp))
      .describe('The ID of the pixel: TikTok Events Manager, your pixel. With offline or crm that of the event set'),
    access_token: z
      .string()
      .min(1, 'is empty; generate one in TikTok Events Manager, your pixel or event set, Settings')
      .regex(/^[!-~]*$/, 'has a character that no token has, such as a space; copy it again from TikTok Events Manager')
      .describe('Generated in TikTok Events Manager, your pixel or event set, Settings'),
    event_source: z
      .enum(EVENT_SOURCES, 'is web, offline or crm')
      .default('web')
      .describe('web: what happened on the website; offline: by phone or in a shop; crm: what a CRM tells of leads'),
    names: z
      .enum(['current', 'former'], 'is current or former')
      .default('current')
      .describe('Purchase and Lead, or where the pixel still says so CompletePayment and SubmitForm'),
    limited_data_use: z
      .boolean('is true or false')
      .optional()
      .describe('With web: limited data use for buyers in US states with privacy laws'),
    endpoint: Origin.optional().describe('Origin that replaces TikTok’s; the path stays'),
  })
  .refine(({ access_token, pixel_id }) => access_token !== pixel_id, {
    path: ['access_token'],
    message: 'is the pixel id; the token is a longer text, generated in TikTok Events Manager under Settings',
  })
  .refine(({ event_source, limited_data_use }) => event_source === 'web' || limited_data_use === undefined, {
    path: ['limited_data_use'],
    message: 'is for event_source: web alone; nobody says that TikTok takes it elsewhere, so take it out',
  });
type Settings = z.infer<typeof Settings>;

/** Where an event belongs that is not of this destination. */
const ELSEWHERE = {
  web: 'it happened on the website, so it belongs to a pixel (event_source: web)',
  offline:
    'it did not happen on the website; TikTok takes it by an offline event set, in a destination with event_source: offline',
  crm: 'it is of a CRM; TikTok takes it by a CRM event set, in a destination with event_source: crm',
} as const;

const maxAge = (event: Event) => (sourceOf(event) === 'offline' ? WINDOW_OFFLINE : WINDOW);

/** TikTok says that it knows events of websites again, and nothing of the others. */
const isKnownAgain = (event: Event) => sourceOf(event) === 'web' && eventId(event) !== undefined;

const post = ({ access_token, endpoint = ORIGIN, event_source, pixel_id }: Settings, body: object) =>
  postJson(`${endpoint}${PATH}`, JSON.stringify({ event_source, event_source_id: pixel_id, ...body }), {
    'access-token': access_token,
  });

const dataOf = (event: Event, { names, limited_data_use }: Settings, now: number) => ({
  ...tiktokEvent(event, names, now),
  limited_data_use,
});

const SOMEWHERE = { web: 'website', offline: 'phone_call', crm: 'system_generated' } as const;

const probe: Probe<Settings> = {
  help: 'Sends a made-up event named tagbridge_test, of nobody and worth nothing. It is shown in Events Manager under Test events.',
  asks: [testEventCode('TikTok Events Manager, your pixel or event set, Test events: it looks like TEST12345.')],
  build(settings, { test_event_code }, now) {
    const action_source = SOMEWHERE[settings.event_source];
    const event = { ...probeEvent(now), action_source, user_data: { email_address: 'nobody@example.com' } };
    return post(settings, { test_event_code, data: [dataOf(event, settings, now)] });
  },
  read(reply) {
    if ('failure' in reply) return failedProbe(reply);
    const outcome = judgeTiktokAnswer(reply, 1, true);
    if (reply.status !== 200 || outcome.kind !== 'delivered')
      return { ok: false, text: 'reason' in outcome ? outcome.reason : `It answered ${reply.status}.`, details: [] };
    const text = 'TikTok took the event. Events Manager shows it under Test events within a few minutes.';
    return { ok: true, text, details: outcome.note === undefined ? [] : [outcome.note] };
  },
};

/** https://business-api.tiktok.com/portal/docs?id=1771100779668482 */
export const tiktok: Destination<Settings> = {
  name: 'tiktok',
  title: 'TikTok Events API',
  settings: Settings,
  secrets: ['access_token'],
  account: ({ pixel_id }) => `tiktok/${pixel_id}`,
  countedBy: ['pixel_id', 'endpoint'],
  consent: ['ad_storage', 'ad_user_data'],
  batch: BATCH,
  schedule: SCHEDULE,
  deduplicates: isKnownAgain,
  deduplicatesFor: KNOWN_AGAIN,
  maxAge,

  wants(event, { event_source }, now) {
    if (event.name === 'refund') return { reason: 'TikTok knows no refunds' };
    const source = sourceOf(event);
    if (source !== event_source) return { reason: ELSEWHERE[source] };
    if (Number.isNaN(Date.parse(event.event_time))) return { reason: 'the event has no readable time' };
    const window = maxAge(event);
    if (ageOfSecond(event, now) > window)
      return { reason: `older than ${window / DAY_MS} days, too old for TikTok`, expired: true };
    const worthless = refuseWithoutWorth(event);
    if (worthless !== undefined) return worthless;
    if (eventId(event) === undefined)
      return { reason: 'it has no id by which TikTok would know a second copy; map event_id' };
    if (isTooWeak(event)) return { reason: 'too little is known about the person for TikTok to find them' };
    return undefined;
  },

  build(events, settings, now) {
    return post(settings, { data: events.map((event) => dataOf(event, settings, now)) });
  },

  probe,

  judge(reply, events) {
    if ('failure' in reply) return judgeFailure(reply);
    return judgeTiktokAnswer(reply, events.length, events.every(isKnownAgain));
  },
};
