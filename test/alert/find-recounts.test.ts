// What is found in the reports of destinations: purchases that are not counted, or more than once. Pure.
import { describe, expect, test } from 'vitest';
import { findInRecounts } from '../../src/alert/find-recounts.ts';
import type { RecountFacts } from '../../src/alert/finding.ts';

const NOW = Date.UTC(2026, 10, 20, 12);
type Counts = { sent?: number; counted?: number; repeated?: number; partial?: boolean };
/** A day of a report, with days before it where it had few. */
function recount(over: Counts = {}, together: Counts & { since?: string } = over): RecountFacts {
  const day = '2026-11-17';
  const all = { sent: 100, counted: 100, repeated: 0 };
  const place = { store: 'shop', destination: 'ga4', title: 'GA4', day, asked_at: NOW, partial: false };
  return { ...place, ...all, ...over, together: { ...all, since: day, ...together } };
}
const found = (...days: Parameters<typeof recount>) =>
  findInRecounts({ recounts: [recount(...days)], reports: [], open: new Map() }).map(({ subject, weight }) => [
    subject,
    weight,
  ]);
const MISSING = 'recount shop/ga4 missing';
const TWICE = 'recount shop/ga4 repeated';

describe('a day of a report', () => {
  test.each([
    ['with all of them, each once', {}, []],
    ['without one in twenty', { counted: 95 }, [[MISSING, 'opens']]],
    ['without four in a hundred', { counted: 96 }, [[MISSING, 'holds']]],
    ['without two in a hundred', { counted: 98 }, []],
    ['without two of three', { sent: 3, counted: 1 }, [[MISSING, 'holds']]],
    ['without three of three', { sent: 3, counted: 0 }, [[MISSING, 'opens']]],
    ['with one in twenty more than once', { repeated: 5 }, [[TWICE, 'opens']]],
    [
      'without some, and with others twice',
      { counted: 90, repeated: 9 },
      [
        [MISSING, 'opens'],
        [TWICE, 'opens'],
      ],
    ],
    ['that is not whole, without some', { counted: 50, partial: true }, []],
    ['that is not whole, with some twice', { counted: 50, repeated: 9, partial: true }, []],
  ])('%s', (_, over, expected) => {
    expect(found(over)).toEqual(expected);
  });

  test('of few purchases is told together with the days before, for as long as the latest is wrong too', () => {
    const few = { sent: 2, counted: 0 };
    const week = { sent: 13, counted: 0, since: '2026-11-11' };
    expect(found(few, week)).toEqual([[MISSING, 'opens']]);
    expect(found(few, { sent: 13, counted: 11 })).toEqual([[MISSING, 'holds']]);
    expect(found({ sent: 9, counted: 8 }, { sent: 21, counted: 16 })).toEqual([[MISSING, 'holds']]);
    expect(found({ sent: 2, counted: 2 }, week)).toEqual([]);
    const [finding] = findInRecounts({ recounts: [recount(few, week)], reports: [], open: new Map() });
    expect(finding?.detail).toBe(
      '13 of 13 purchases that it took for 2026-11-11 to 2026-11-17 are not in the report of GA4.',
    );
  });

  test('is told in words, with what to do and where to look', () => {
    const [missing, twice] = findInRecounts({
      recounts: [recount({ counted: 90, repeated: 9 })],
      reports: [],
      open: new Map(),
    });
    expect(missing).toMatchObject({
      kind: 'recount',
      stores: ['shop'],
      title: 'shop/ga4: purchases are not counted',
      detail: '10 of 100 purchases that it took for 2026-11-17 are not in the report of GA4.',
      todo: expect.stringContaining('compare the measurement id and the secret'),
      path: '/destinations/counted?store=shop&destination=ga4',
      since: NOW,
    });
    expect(twice).toMatchObject({
      title: 'shop/ga4: purchases are counted more than once',
      detail: '9 of 100 purchases that it took for 2026-11-17 are in the report of GA4 more than once.',
      todo: expect.stringContaining('switch one of the two off'),
    });
  });
});

test('a report that cannot be asked is told, with why', () => {
  const silent = { problem: 'the key is gone', since: NOW };
  const reports = [{ store: 'shop', destination: 'ga4', title: 'GA4', answered_at: undefined, silent }];
  expect(findInRecounts({ recounts: [], reports, open: new Map() })).toMatchObject([
    {
      subject: 'recount shop/ga4 asked',
      title: 'shop/ga4: GA4 cannot be asked what it counted',
      detail: 'It could not be asked about the latest days: the key is gone.',
      weight: 'opens',
      since: NOW,
    },
  ]);
});
