// GA4's own report, by the Data API: which purchases it counted on a day, and to what channel it puts them down.
import { z } from 'zod';
import type { Event } from '../event.ts';
import { readJson } from '../lib/json.ts';
import type { Recounted, Reply, Report, ReportPage } from '../types.ts';
import { currencyOf, transactionId } from './facts.ts';
import { Credentials, googleGrant, googleRefused } from './google-credentials.ts';
import { failedProbe } from './probe.ts';
import { postJson } from './request.ts';
import { Origin } from './settings.ts';

const ORIGIN = 'https://analyticsdata.googleapis.com';
const SCOPE = 'https://www.googleapis.com/auth/analytics.readonly';
const ROWS = 5_000;

const propertyHelp =
  'is the number under Admin, Property details in GA4, such as 345678901; neither a measurement id nor a stream';
/** Settings of a destination behind which GA4 counts; `refuseHalfReport` says whether they fit together. */
export const ReportSettings = {
  property_id: z
    .union([z.string(), z.int().transform(String)], propertyHelp)
    .pipe(z.string().regex(/^\d{5,15}$/, propertyHelp))
    .optional()
    .describe('The GA4 property, to compare what it counted with what was sent; goes with service_account'),
  service_account: Credentials.service_account.describe(
    'The JSON key file of a service account that may look at the property, as text or in base64',
  ),
  token_endpoint: Credentials.token_endpoint,
  report_endpoint: Origin.optional().describe('Origin that replaces that of Google’s reports; the path stays'),
};
type Settings = { [Key in keyof typeof ReportSettings]?: z.infer<(typeof ReportSettings)[Key]> };

/** One of the two that go together without the other is a mistake. */
export function refuseHalfReport({ property_id, service_account }: Settings, context: z.RefinementCtx): void {
  if ((property_id === undefined) === (service_account === undefined)) return;
  const [name, message] =
    property_id === undefined
      ? ['property_id', `is missing, and goes with service_account; it ${propertyHelp}`]
      : ['service_account', 'is missing, and goes with property_id: the key of whoever may look at the property'];
  context.addIssue({ code: 'custom', path: [name], message });
}

const Cell = z.object({ value: z.string().catch('') });
const Answer = z.object({
  rows: z.array(z.object({ dimensionValues: z.array(Cell), metricValues: z.array(Cell) })).default([]),
  rowCount: z.number().default(0),
  metadata: z.object({
    currencyCode: z.string().default(''),
    timeZone: z.string().default('UTC'),
    dataLossFromOtherRow: z.boolean().default(false),
    subjectToThresholding: z.boolean().default(false),
    samplingMetadatas: z.array(z.unknown()).default([]),
  }),
});
const Refused = z.object({
  error: z.object({ details: z.array(z.object({ reason: z.string().catch('') })).catch([]) }),
});

/** `20261120` as Google writes it, `2026-11-20` as everybody else does. */
const dayOf = (text: string): string => text.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3');

/** The row into which Google merges what is too much for its table: purchases of anybody. */
const MERGED = '(other)';

function countedIn({ dimensionValues, metricValues }: z.infer<typeof Answer>['rows'][number]): Recounted {
  const [id, channel, day] = dimensionValues.map(({ value }) => value);
  const [times, value] = metricValues.map((cell) => Number(cell.value));
  const known = { id: id ?? '', channel: channel ?? '', day: dayOf(day ?? '') };
  return id === MERGED ? { ...known, times: 0, value: 0 } : { ...known, times: times ?? 0, value: value ?? 0 };
}

function problemOf({ status, body }: Exclude<Reply, { failure: string }>): string {
  const reasons = readJson(Refused, body)?.error.details.map(({ reason }) => reason) ?? [];
  if (reasons.includes('SERVICE_DISABLED'))
    return 'the Google Analytics Data API is not enabled in the Google Cloud project of the service account; enable it there under APIs and services';
  if (status === 403)
    return 'the service account may not look at this property; add its address as a viewer in GA4 under Admin, Property access management';
  if (status === 400 || status === 404)
    return `Google does not answer this question about this property; compare property_id with GA4, Admin, Property details (HTTP ${status})`;
  if (status === 429) return 'Google takes no more questions about this property for now (HTTP 429)';
  return `Google answered ${status}`;
}

function read(reply: Reply): ReportPage | { problem: string } {
  if ('failure' in reply) return { problem: failedProbe(reply).text };
  if (reply.cut !== undefined) return { problem: 'the answer of Google broke off, or was too long' };
  if (reply.status !== 200) return { problem: problemOf(reply) };
  const answer = readJson(Answer, reply.body);
  if (answer === undefined) return { problem: 'it answered, and not as Google’s reports do; check report_endpoint' };
  const { rows, rowCount, metadata } = answer;
  const { currencyCode: currency, timeZone: time_zone, ...more } = metadata;
  const partial = more.dataLossFromOtherRow || more.subjectToThresholding || more.samplingMetadatas.length > 0;
  return { counted: rows.map(countedIn), rows: rowCount, currency, time_zone, partial };
}

/** https://developers.google.com/analytics/devguides/reporting/data/v1/rest/v1beta/properties/runReport */
export const ga4Report: Report<Settings> = {
  title: 'GA4',
  subject: ({ property_id, service_account }) => (service_account === undefined ? undefined : property_id),
  token: { grant: (settings) => googleGrant(settings, SCOPE), refused: googleRefused },
  build: ({ property_id = '', report_endpoint = ORIGIN }, { from, until }, offset) =>
    postJson(
      `${report_endpoint}/v1beta/properties/${property_id}:runReport?prettyPrint=false`,
      JSON.stringify({
        dateRanges: [{ startDate: from, endDate: until }],
        dimensions: ['transactionId', 'sessionDefaultChannelGroup', 'date'].map((name) => ({ name })),
        metrics: ['ecommercePurchases', 'grossPurchaseRevenue'].map((name) => ({ name })),
        metricFilter: {
          filter: {
            fieldName: 'ecommercePurchases',
            numericFilter: { operation: 'GREATER_THAN', value: { int64Value: '0' } },
          },
        },
        orderBys: ['date', 'transactionId', 'sessionDefaultChannelGroup'].map((dimensionName) => ({
          dimension: { dimensionName },
        })),
        limit: String(ROWS),
        offset: String(offset),
      }),
    ),
  read,
  entryOf(event: Event) {
    const id = event.name === 'purchase' ? transactionId(event) : undefined;
    return id === undefined ? undefined : { id, value: event.value, currency: currencyOf(event) };
  },
};
