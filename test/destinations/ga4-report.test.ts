// GA4's own report: its settings, the exact question, and what Google's answers mean.
import { describe, expect, test } from 'vitest';
import { ga4 } from '../../src/destinations/ga4.ts';
import { ga4Report } from '../../src/destinations/ga4-report.ts';
import { sgtm } from '../../src/destinations/sgtm.ts';
import { KEY_FILE } from '../support/report-api.ts';
import { ga4Settings, order, sgtmSettings } from './example.ts';

const REPORT = { property_id: 345678901, service_account: KEY_FILE };
const settings = ga4Settings(REPORT);
const read = (status: number, body: unknown, more: object = {}) =>
  ga4Report.read({ status, headers: {}, body: typeof body === 'string' ? body : JSON.stringify(body), ...more });
const row = (dimensions: string[], metrics: string[]) => ({
  dimensionValues: dimensions.map((value) => ({ value })),
  metricValues: metrics.map((value) => ({ value })),
});

describe('the settings of a report', () => {
  test('are a property and the key of whoever may look at it, at GA4 and at a container', () => {
    expect(ga4Report.subject(settings)).toBe('345678901');
    expect(ga4Report.subject(sgtmSettings(REPORT))).toBe('345678901');
    expect(ga4Report.subject(ga4Settings())).toBeUndefined();
    expect(ga4Report.token.grant(settings)).toMatchObject({
      kind: 'assertion',
      scope: 'https://www.googleapis.com/auth/analytics.readonly',
    });
  });

  test.each([
    [{ property_id: '345678901' }, 'service_account'],
    [{ service_account: KEY_FILE }, 'property_id'],
    [{ ...REPORT, property_id: 'G-ABC123' }, 'property_id'],
    [{ ...REPORT, property_id: 'properties/345678901' }, 'property_id'],
    [{ ...REPORT, service_account: 'not a key' }, 'service_account'],
  ])('%# that are half there, or something else, are mistakes with their place', (over, path) => {
    for (const parsed of [
      ga4.settings.safeParse({ measurement_id: 'G-ABC', api_secret: 'SECRET', ...over }),
      sgtm.settings.safeParse({ url: 'https://sst.shop.example/data', ...over }),
    ])
      expect(parsed.error?.issues.map((issue) => issue.path)).toEqual([[path]]);
  });

  test('name no secret that could stand in a store file', () => {
    expect([ga4.secrets, sgtm.secrets]).toEqual([
      expect.arrayContaining(['service_account']),
      expect.arrayContaining(['service_account']),
    ]);
  });
});

test('the question is this one', () => {
  const { url, body } = ga4Report.build(settings, { from: '2026-11-17', until: '2026-11-21' }, 5_000);
  expect(url).toBe('https://analyticsdata.googleapis.com/v1beta/properties/345678901:runReport?prettyPrint=false');
  expect(JSON.parse(body)).toEqual({
    dateRanges: [{ startDate: '2026-11-17', endDate: '2026-11-21' }],
    dimensions: [{ name: 'transactionId' }, { name: 'sessionDefaultChannelGroup' }, { name: 'date' }],
    metrics: [{ name: 'ecommercePurchases' }, { name: 'grossPurchaseRevenue' }],
    metricFilter: {
      filter: {
        fieldName: 'ecommercePurchases',
        numericFilter: { operation: 'GREATER_THAN', value: { int64Value: '0' } },
      },
    },
    orderBys: [
      { dimension: { dimensionName: 'date' } },
      { dimension: { dimensionName: 'transactionId' } },
      { dimension: { dimensionName: 'sessionDefaultChannelGroup' } },
    ],
    limit: '5000',
    offset: '5000',
  });
});

describe('an answer', () => {
  const metadata = { currencyCode: 'EUR', timeZone: 'Europe/Amsterdam' };

  test('tells how often each purchase was counted, its worth, its channel and its day', () => {
    const rows = [
      row(['1001', 'Paid Search', '20261118'], ['1', '119.9']),
      row(['1002', 'Direct', '20261119'], ['2', '50']),
    ];
    expect(read(200, { rows, rowCount: 7, metadata })).toEqual({
      counted: [
        { id: '1001', channel: 'Paid Search', day: '2026-11-18', times: 1, value: 119.9 },
        { id: '1002', channel: 'Direct', day: '2026-11-19', times: 2, value: 50 },
      ],
      rows: 7,
      currency: 'EUR',
      time_zone: 'Europe/Amsterdam',
      partial: false,
    });
  });

  test('whose rest Google merged into one row counts nobody’s purchases by it, and still all rows', () => {
    const rows = [row(['(other)', '(other)', '20261118'], ['400', '9999'])];
    expect(read(200, { rows, rowCount: 1, metadata: { ...metadata, dataLossFromOtherRow: true } })).toMatchObject({
      counted: [{ times: 0, value: 0 }],
      rows: 1,
      partial: true,
    });
  });

  test('of a day without purchases has no rows', () => {
    expect(read(200, { metadata, kind: 'analyticsData#runReport' })).toMatchObject({ counted: [], rows: 0 });
  });

  test.each([
    { dataLossFromOtherRow: true },
    { subjectToThresholding: true },
    { samplingMetadatas: [{ samplesReadCount: '1', samplingSpaceSize: '2' }] },
  ])('that is not whole says so: %o', (more) => {
    expect(read(200, { metadata: { ...metadata, ...more } })).toMatchObject({ partial: true });
  });

  test.each([
    [403, { error: { status: 'PERMISSION_DENIED', details: [{ reason: 'SERVICE_DISABLED' }] } }, 'is not enabled'],
    [403, { error: { status: 'PERMISSION_DENIED' } }, 'add its address as a viewer'],
    [400, { error: { status: 'INVALID_ARGUMENT' } }, 'compare property_id'],
    [404, '<html>', 'compare property_id'],
    [429, { error: { status: 'RESOURCE_EXHAUSTED' } }, 'no more questions'],
    [503, 'busy', 'Google answered 503'],
    [200, 'a page', 'not as Google’s reports do'],
    [200, { rows: [] }, 'not as Google’s reports do'],
  ])('%s %o is a problem in words', (status, body, words) => {
    expect(read(status, body)).toEqual({ problem: expect.stringContaining(words) });
  });

  test('that broke off, or never came, is a problem', () => {
    expect(read(200, { metadata }, { cut: 'broken' })).toEqual({ problem: expect.stringContaining('broke off') });
    const away = ga4Report.read({ failure: 'timeout', detail: '', sent: true });
    expect(away).toEqual({ problem: expect.stringContaining('No answer in time') });
  });
});

describe('an event', () => {
  test('is in the report under the id that GA4 was told, with its value', () => {
    expect(ga4Report.entryOf(order())).toEqual({ id: '1001', value: 119.9, currency: 'USD' });
    expect(ga4Report.entryOf(order({ transaction_id: undefined, order_id: '77' }))).toMatchObject({ id: '77' });
  });

  test('that is no purchase, or has no id, is not in it', () => {
    expect(ga4Report.entryOf(order({ name: 'refund' }))).toBeUndefined();
    expect(ga4Report.entryOf(order({ transaction_id: undefined, order_id: undefined }))).toBeUndefined();
  });
});
