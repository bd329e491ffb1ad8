// Meta (Facebook, Instagram) by the Conversions API.
import { z } from 'zod';
import type { Event } from '../event.ts';
import { hasEmail } from '../lib/email-in-text.ts';
import { DAY_MS, HOUR_MS } from '../lib/time.ts';
import type { Destination, Probe } from '../types.ts';
import {
  ageOfSecond,
  catalogItems,
  currencyOf,
  eventId,
  happenedAt,
  isOrder,
  orderName,
  refuseWithoutWorth,
  soldItems,
  stageName,
  unlessEmpty,
  userAgent,
  wholePieces,
  worthOf,
} from './facts.ts';
import { judgeFailure, SCHEDULE } from './judge.ts';
import { graphAddress } from './meta-address.ts';
import { judgeMetaAnswer } from './meta-answer.ts';
import { ownParameters } from './meta-own-parameters.ts';
import { metaQuality } from './meta-quality.ts';
import { isTooWeak, metaUserData } from './meta-user-data.ts';
import { perSettings } from './per-settings.ts';
import { failedProbe, probeEvent, testEventCode } from './probe.ts';
import { postJson } from './request.ts';
import { Origin } from './settings.ts';
import { clip, urlWithoutEmail } from './text.ts';

const WINDOW = 7 * DAY_MS;
const WINDOW_IN_SHOPS = 62 * DAY_MS;
/** Meta knows an event again for 48 hours; clocks differ, and requests take their time. */
const KNOWN_AGAIN = 47 * HOUR_MS;
const NAME_LENGTH = 50;
const STANDARD_EVENTS = new Map([
  ['purchase', 'Purchase'],
  ['refund', 'Refund'],
  ['generate_lead', 'Lead'],
  ['add_payment_info', 'AddPaymentInfo'],
  ['add_to_cart', 'AddToCart'],
  ['add_to_wishlist', 'AddToWishlist'],
  ['begin_checkout', 'InitiateCheckout'],
  ['search', 'Search'],
  ['sign_up', 'CompleteRegistration'],
  ['view_item', 'ViewContent'],
]);

const pixelHelp = 'is the number shown in Events Manager under Data sources; put it in quotes';
const states = z.union(
  [z.literal(0), z.int().min(1000).max(1013)],
  'is 0 or a state number of Meta’s list, such as 1000',
);
const Settings = z
  .strictObject({
    pixel_id: z
      .union([z.string(), z.int().transform(String)], pixelHelp)
      .pipe(z.string().regex(/^\d{5,20}$/, pixelHelp))
      .describe('The number of the pixel or dataset: Events Manager, Data sources'),
    access_token: z
      .string()
      .min(1, 'is empty; create one in Events Manager under Settings, Conversions API')
      .describe('Made in Events Manager under Settings, Conversions API'),
    app_secret: z.string().min(1, 'is empty').optional().describe('Adds appsecret_proof to each request'),
    api_version: z
      .string()
      .regex(/^v\d+\.\d+$/, 'must look like v25.0')
      .default('v25.0')
      .describe('Version of Meta’s API'),
    endpoint: Origin.optional().describe('Origin that replaces Meta’s; the path stays'),
    data_processing_options: z
      .array(z.literal('LDU', 'is [LDU] for limited data use, or []'))
      .max(1)
      .optional()
      .describe('Limited data use for buyers in US states with privacy laws'),
    data_processing_options_country: z
      .literal([0, 1], 'is 1 for the USA or 0 to let Meta find out')
      .default(0)
      .describe('1 for the USA, 0 to let Meta find out'),
    data_processing_options_state: states.default(0).describe('Meta’s number of the state, 0 to let Meta find out'),
    refunds: z
      .enum(['skip', 'custom_event'], 'is skip or custom_event')
      .default('skip')
      .describe('Meta knows no refunds: send them as a custom event Refund, or not at all'),
    quality: z
      .boolean('is true or false')
      .optional()
      .describe(
        'Ask Meta once a day how well it finds the people behind these events, whether it knows doubles, and when the access token ends',
      ),
  })
  .refine(({ access_token, pixel_id }) => access_token !== pixel_id, {
    path: ['access_token'],
    message: 'is the pixel id; the token is a long text, made in Events Manager under Settings, Conversions API',
  })
  .refine(
    (settings) => settings.data_processing_options_country === 1 || settings.data_processing_options_state === 0,
    {
      path: ['data_processing_options_state'],
      message: 'needs data_processing_options_country: 1',
    },
  );
type Settings = z.infer<typeof Settings>;

const addressOf = perSettings((settings: Settings) => graphAddress(settings, `${settings.pixel_id}/events`));

/** A stage of this name would be counted as a purchase, and without a value refuse the whole batch. */
const PURCHASE = /^purchase$/i;

/** Standard events by Meta's name, CRM stages by the CRM's. */
const eventName = (event: Event): string =>
  STANDARD_EVENTS.get(event.name) ?? clip(stageName(event, PURCHASE) ?? event.name, NAME_LENGTH);

/** Where it happened. Meta wants the browser of a website's visitor; without it the event counts as `other`. */
function actionSource(event: Event): NonNullable<Event['action_source']> {
  const source = event.action_source ?? (isOrder(event) ? 'website' : 'system_generated');
  return source === 'website' && userAgent(event) === undefined ? 'other' : source;
}

const maxAge = (event: Event) => (actionSource(event) === 'physical_store' ? WINDOW_IN_SHOPS : WINDOW);

function contentsOf(event: Event) {
  const items = catalogItems(event);
  if (items.length === 0) return undefined;
  return {
    content_type: 'product',
    content_ids: items.map(({ id }) => id),
    contents: items.map(({ id, quantity, price }) => ({ id, quantity, item_price: price })),
    num_items: soldItems(event).reduce((sum, { quantity }) => sum + wholePieces(quantity), 0),
  };
}

function customData(event: Event) {
  const fromCrm = !isOrder(event) && actionSource(event) === 'system_generated';
  const crm = event.lead_event_source ?? event.lead_source ?? '';
  const data = {
    value: worthOf(event),
    currency: currencyOf(event),
    order_id: orderName(event),
    ...contentsOf(event),
    event_source: fromCrm ? 'crm' : undefined,
    lead_event_source: fromCrm && crm !== '' && !hasEmail(crm) ? crm : undefined,
  };
  return unlessEmpty(event.custom === undefined ? data : { ...ownParameters(event), ...data });
}

function metaEvent(event: Event, settings: Settings, now: number) {
  const source = actionSource(event);
  const limited = settings.data_processing_options;
  const located = limited !== undefined && limited.length > 0;
  return {
    event_name: eventName(event),
    event_time: Math.floor(happenedAt(event, now) / 1000),
    event_id: eventId(event),
    action_source: source,
    event_source_url: source === 'website' ? urlWithoutEmail(event.page_location) : undefined,
    user_data: metaUserData(event, now),
    custom_data: customData(event),
    data_processing_options: limited,
    data_processing_options_country: located ? settings.data_processing_options_country : undefined,
    data_processing_options_state: located ? settings.data_processing_options_state : undefined,
  };
}

/** https://developers.facebook.com/docs/marketing-api/conversions-api/using-the-api#testEvents */
const probe: Probe<Settings> = {
  help: 'Sends a made-up event named tagbridge_test, of nobody and worth nothing. It is shown in Events Manager under Test events; Meta keeps it like any other event.',
  asks: [testEventCode('Events Manager, your dataset, Test events, Server: it looks like TEST12345.')],
  build(settings, { test_event_code }, now) {
    const data = [metaEvent(probeEvent(now), settings, now)];
    return postJson(addressOf(settings), JSON.stringify({ data, test_event_code }));
  },
  read(reply) {
    if ('failure' in reply) return failedProbe(reply);
    const outcome = judgeMetaAnswer(reply, 1);
    if (outcome.kind !== 'delivered') return { ok: false, text: outcome.reason, details: [] };
    const text = 'Meta took the event. Events Manager shows it under Test events within a minute.';
    return { ok: true, text, details: outcome.note === undefined ? [] : [outcome.note] };
  },
};

/** https://developers.facebook.com/docs/marketing-api/conversions-api/using-the-api */
export const meta: Destination<Settings> = {
  name: 'meta',
  title: 'Meta Conversions API',
  settings: Settings,
  secrets: ['access_token', 'app_secret'],
  account: ({ pixel_id }) => pixel_id,
  countedBy: ['pixel_id', 'endpoint'],
  consent: ['ad_storage', 'ad_user_data'],
  batch: 1000,
  schedule: SCHEDULE,
  deduplicates: (event) => eventId(event) !== undefined,
  deduplicatesFor: KNOWN_AGAIN,
  maxAge,

  wants(event, settings, now) {
    if (event.name === 'refund' && settings.refunds === 'skip') return { reason: 'Meta knows no refunds' };
    if (Number.isNaN(Date.parse(event.event_time))) return { reason: 'the event has no readable time' };
    const window = maxAge(event);
    if (ageOfSecond(event, now) > window) {
      return { reason: `older than ${window / DAY_MS} days, Meta refuses it`, expired: true };
    }
    const worthless = refuseWithoutWorth(event);
    if (worthless !== undefined) return worthless;
    if (isTooWeak(event, now)) return { reason: 'too little is known about the person for Meta to find them' };
    return undefined;
  },

  build(events, settings, now) {
    const data = events.map((event) => metaEvent(event, settings, now));
    return postJson(addressOf(settings), JSON.stringify({ data }));
  },

  probe,
  quality: metaQuality,

  judge(reply, events) {
    return 'failure' in reply ? judgeFailure(reply) : judgeMetaAnswer(reply, events.length);
  },
};
