// A server-side Google Tag Manager container, by Stape's Data Client or by Google's Measurement Protocol client.
import { z } from 'zod';
import type { Event } from '../event.ts';
import { DAY_MS } from '../lib/time.ts';
import type { Destination, Probe, Refusal } from '../types.ts';
import { age, currencyOf, only, refuseNegative, transactionId } from './facts.ts';
import { ga4Report, ReportSettings, refuseHalfReport } from './ga4-report.ts';
import { isWebPage, judgeFailure, judgeStatus, SCHEDULE } from './judge.ts';
import { measurementBody, refuseMeasurement } from './measurement-protocol.ts';
import { perSettings } from './per-settings.ts';
import { failedProbe, probeEvent } from './probe.ts';
import { postJson } from './request.ts';
import { ApiSecret, HttpUrl, MeasurementId } from './settings.ts';
import { eventData } from './sgtm-event-data.ts';

/** Tags stamp events with now or pass them to Meta, which takes no older ones. */
const WINDOW = 7 * DAY_MS;
const PATHS = { data_client: '/data', measurement_protocol: '/mp/collect' };
const HEADER_NAME = /^[A-Za-z0-9-]+$/;
/** Headers that belong to the HTTP client. */
const OWN_HEADERS = /^(?:connection|content-(?:length|type|encoding)|host|transfer-encoding|upgrade)$/i;

const Headers = z
  .record(z.string(), z.string().regex(/^[\t\x20-\x7e]+$/, 'must be one line of plain text'))
  .superRefine((headers, context) => {
    for (const name of Object.keys(headers)) {
      const own = OWN_HEADERS.test(name);
      if (!own && HEADER_NAME.test(name)) continue;
      context.addIssue({
        code: 'custom',
        path: [name],
        message: own ? 'is set by tagbridge itself' : 'is no name of a header',
      });
    }
  });
/** Google's own, which say yes to anything. */
const GOOGLE = /(?:^|\.)(?:google-analytics|googletagmanager|google)\.com$/;
const ContainerUrl = HttpUrl.refine(
  (text) => !GOOGLE.test(URL.parse(text)?.hostname ?? ''),
  'is an address of Google itself; write that of your own server container, such as https://sst.shop.example/data',
);
const Settings = z
  .strictObject({
    url: ContainerUrl.describe(
      'Address of the container with the path its client claims, such as https://sst.shop.example/data',
    ),
    format: z
      .enum(['data_client', 'measurement_protocol'], 'is data_client or measurement_protocol')
      .default('data_client')
      .describe(
        'The client in the container that takes the request: Stape’s Data Client or Google’s Measurement Protocol client',
      ),
    headers: Headers.default({}).describe('A secret header that the container checks, or X-Gtm-Server-Preview'),
    user_data: z
      .enum(['plain', 'hashed'], 'is plain or hashed')
      .default('plain')
      .describe('Whether the container gets e-mail, phone and names as they are or as hashes'),
    measurement_id: MeasurementId.optional().describe(
      'For measurement_protocol; for data_client where a site has several streams, to send the session of this one',
    ),
    api_secret: ApiSecret.optional().describe('For measurement_protocol, where the container checks it'),
    ...ReportSettings,
  })
  .superRefine(refuseHalfReport)
  .refine((settings) => settings.format === 'data_client' || settings.measurement_id !== undefined, {
    path: ['measurement_id'],
    message: 'is needed for format: measurement_protocol',
  })
  .refine(
    ({ format, url }) => format !== 'data_client' || !/\/(?:mp|g)\/collect$/.test(URL.parse(url)?.pathname ?? ''),
    {
      path: ['url'],
      message:
        'has the path of a client of Google’s; write that of the Data Client, such as /data, or format: measurement_protocol',
    },
  )
  .refine(({ format, api_secret }) => format === 'measurement_protocol' || api_secret === undefined, {
    path: ['api_secret'],
    message: 'is only for format: measurement_protocol',
  });
type Settings = z.infer<typeof Settings>;

/** The address with the usual path of the client where it has none, and for the Measurement Protocol its query. */
const addressOf = perSettings(({ url, format, measurement_id, api_secret }: Settings) => {
  const address = new URL(url);
  if (address.pathname === '/') address.pathname = PATHS[format];
  if (format === 'measurement_protocol' && measurement_id !== undefined)
    address.searchParams.set('measurement_id', measurement_id);
  if (api_secret !== undefined) address.searchParams.set('api_secret', api_secret);
  return address.href;
});

function bodyOf(event: Event, settings: Settings, now: number): string {
  if (settings.format === 'data_client') return JSON.stringify(eventData(event, settings, now));
  const { measurement_id } = settings;
  return measurementBody(event, { user_data: true, measurement_id, container: true }, now);
}

/** The Data Client is told, and its tags decide; this format has no word for it, and Google's tags would count the event. */
function refuseUntold({ consent }: Event): Refusal | undefined {
  return consent?.analytics_storage === 'denied'
    ? { reason: 'no consent: analytics_storage is denied, and format: measurement_protocol cannot tell the container' }
    : undefined;
}

function hintOf(status: number): string {
  if (status === 400)
    return 'no client in the container claims this path; compare the path of url with the path in the client';
  if (status === 401 || status === 403) return 'the container refuses the request; check the secret header or path';
  if (status === 404) return 'nothing is there; check url in the store file';
  if (status === 413) return 'the event is too large for the container';
  return 'check url in the store file and the client in the container';
}

const PREVIEW = 'x-gtm-server-preview';
const withoutPreview = (headers: Settings['headers']) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== PREVIEW));

/** https://developers.google.com/tag-platform/tag-manager/server-side/debug */
const probe: Probe<Settings> = {
  help: 'Sends a made-up event named tagbridge_test into the preview of the container, where you see what its tags make of it.',
  asks: [
    {
      name: 'preview',
      label: 'Preview header',
      help: 'In Tag Manager open Preview, then ⋮, Send requests manually, and copy the value of X-Gtm-Server-Preview.',
      pattern: /^[\x21-\x7e]{4,400}$/,
    },
  ],
  build: (settings, { preview = '' }, now) =>
    postJson(addressOf(settings), bodyOf(probeEvent(now), settings, now), {
      ...withoutPreview(settings.headers),
      [PREVIEW]: preview,
    }),
  read(reply) {
    if ('failure' in reply) return failedProbe(reply);
    const { status, body } = reply;
    const isPage = isWebPage(body);
    if (status >= 200 && status < 300 && !isPage) {
      const text =
        'The container took the event. The preview shows it as tagbridge_test, if the value was of this preview.';
      return { ok: true, text, details: [] };
    }
    const todo = status >= 500 ? 'the container is in trouble; look at its server' : hintOf(status);
    return { ok: false, text: `It answered ${status}${isPage ? ' with a web page' : ''}: ${todo}.`, details: [] };
  },
};

/** https://developers.google.com/tag-platform/tag-manager/server-side/send-data */
export const sgtm: Destination<Settings> = {
  name: 'sgtm',
  title: 'Server-side Google Tag Manager',
  settings: Settings,
  secrets: ['api_secret', 'headers', 'service_account'],
  // The path may be secret, so the host stands for the container.
  account: ({ url }) => new URL(url).host,
  countedBy: ['url', 'format', 'measurement_id'],
  consent: [],
  batch: 1,
  schedule: SCHEDULE,
  // As the GA4 behind most containers does, which knows purchases by their id and nothing else.
  deduplicates: (event) => event.name === 'purchase' && transactionId(event) !== undefined,
  maxAge: () => WINDOW,

  wants(event, settings, now) {
    if (Number.isNaN(Date.parse(event.event_time))) return { reason: 'the event has no readable time' };
    if (age(event, now) > WINDOW)
      return { reason: 'older than 7 days, the tags of a container count events as of now', expired: true };
    if (settings.format === 'measurement_protocol') return refuseMeasurement(event) ?? refuseUntold(event);
    // Tags take an amount without currency for dollars.
    const unpriced = event.value !== undefined && currencyOf(event) === undefined;
    if (unpriced && event.name === 'purchase') return { reason: 'the value has no currency' };
    return refuseNegative(event);
  },

  build: (events, settings, now) =>
    postJson(addressOf(settings), bodyOf(only(events), settings, now), settings.headers),

  probe,
  report: ga4Report,

  judge(reply) {
    if ('failure' in reply) return judgeFailure(reply);
    return judgeStatus(reply, () => undefined, hintOf);
  },
};
