// Stands in for Google's reports: gives tokens to whoever has the key, and answers with the rows that a test sets, as the Data API does.
import { generateKeyPairSync } from 'node:crypto';
import { z } from 'zod';
import type { Recounted } from '../../src/types.ts';
import { startReceiver } from './deliver-receiver.ts';

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
/** The key file of a service account that nobody has. */
export const KEY_FILE = JSON.stringify({
  type: 'service_account',
  client_email: 'reader@project.iam.gserviceaccount.com',
  private_key: privateKey,
});

const Name = z.strictObject({ name: z.string() });
const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
/** https://developers.google.com/analytics/devguides/reporting/data/v1/rest/v1beta/properties/runReport */
const Question = z.strictObject({
  dateRanges: z.array(z.strictObject({ startDate: day, endDate: day })).length(1),
  dimensions: z.array(Name),
  metrics: z.array(Name),
  metricFilter: z.strictObject({
    filter: z.strictObject({
      fieldName: z.string(),
      numericFilter: z.strictObject({
        operation: z.literal('GREATER_THAN'),
        value: z.strictObject({ int64Value: z.string() }),
      }),
    }),
  }),
  orderBys: z.array(z.strictObject({ dimension: z.strictObject({ dimensionName: z.string() }) })),
  limit: z.string().regex(/^\d+$/),
  offset: z.string().regex(/^\d+$/),
});
export type Asked = z.infer<typeof Question>;

const cell = (value: string | number) => ({ value: String(value) });
const rowOf = ({ id, channel, day: on, times, value }: Recounted) => ({
  dimensionValues: [id, channel, on.replaceAll('-', '')].map(cell),
  metricValues: [times, value].map(cell),
});

export async function startReportApi() {
  const api = {
    rows: [] as Recounted[],
    /** No more rows than this in an answer, whatever was asked for. */
    most: Number.POSITIVE_INFINITY,
    metadata: { currencyCode: 'EUR', timeZone: 'Europe/Amsterdam' } as Record<string, unknown>,
    failing: undefined as { status: number; body: string } | undefined,
    asked: [] as Asked[],
  };
  const receiver = await startReceiver(({ url, headers, body }, response) => {
    const json = (status: number, value: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (url === '/token')
      return void json(200, { access_token: 'ya29.reader', token_type: 'Bearer', expires_in: 3600 });
    if (api.failing !== undefined) return void response.writeHead(api.failing.status).end(api.failing.body);
    if (headers.authorization !== 'Bearer ya29.reader') return void json(401, { error: { status: 'UNAUTHENTICATED' } });
    if (url !== '/v1beta/properties/345678901:runReport?prettyPrint=false') return void json(404, {});
    const asked = Question.parse(JSON.parse(body));
    api.asked.push(asked);
    const [range = { startDate: '', endDate: '' }] = asked.dateRanges;
    const rows = api.rows.filter((one) => one.day >= range.startDate && one.day <= range.endDate);
    const from = Number(asked.offset);
    const page = rows.slice(from, from + Math.min(Number(asked.limit), api.most)).map(rowOf);
    const list = page.length === 0 ? {} : { rows: page };
    json(200, { ...list, rowCount: rows.length, metadata: api.metadata, kind: 'analyticsData#runReport' });
  });
  /** What the store file says of it. */
  const settings = {
    property_id: '345678901',
    service_account: KEY_FILE,
    token_endpoint: `${receiver.url}/token`,
    report_endpoint: receiver.url,
  };
  return Object.assign(api, { settings, close: receiver.close });
}
export type ReportApi = Awaited<ReturnType<typeof startReportApi>>;
