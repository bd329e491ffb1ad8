// What a look around finds, kind by kind: pure functions with a clock that is moved.
import { describe, expect, test } from 'vitest';
import { figuresOf } from '../../src/alert/figures.ts';
import type { Facts, SourceFacts } from '../../src/alert/finding.ts';
import { findAll } from '../../src/alert/look.ts';
import { factsOf, placeOf as place, sourceOf } from '../support/facts.ts';

const NOW = Date.UTC(2026, 2, 2, 12);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const facts = (over: Partial<Facts> = {}): Facts => factsOf({ now: NOW, watchedSince: NOW - 90 * DAY, ...over });
const source = (over: Partial<SourceFacts> = {}): SourceFacts =>
  sourceOf({
    ...{ source: 'shopify', known_since: NOW - 90 * DAY, last: NOW - MINUTE },
    ...{ lately: { hooks: 50, refused: 0 }, lost: { fetched: 0, sent: 50 } },
    ...over,
  });
const waiting = (minutes: number) => ({
  store: 'shop',
  source: 'shopify',
  stuck: [],
  kept: 3,
  oldest: NOW - minutes * MINUTE,
  unanswered: undefined,
});
/** By currency: purchases, their worth, and that of the hour that is worth most. */
type Amounts = Record<string, [number, number] | [number, number, number]>;
const worthOf = (given: Amounts) =>
  new Map(
    Object.entries(given).map(([currency, [events, value, most = value / 10]]) => [currency, { events, value, most }]),
  );
const found = (over: Partial<Facts>) => findAll(facts(over)).map(({ kind, weight }) => `${kind} ${weight}`);
const isOpen = (subject: string, kind: string) =>
  new Map([[subject, { kind, since: NOW - HOUR, opened_at: NOW - HOUR }]]);

describe('a look around', () => {
  test('finds nothing where all is well', () => {
    expect(found({ sources: [source()], places: [place()], disk: { free: 50e9, size: 100e9 } })).toEqual([]);
  });

  test.each<[string, Partial<Facts>, string[]]>([
    ['a source that never sent anything', { sources: [source({ last: undefined })] }, ['silence opens']],
    [
      'such a source on its first day',
      { sources: [source({ last: undefined, known_since: NOW - HOUR })] },
      ['silence shown'],
    ],
    ['half of all signatures wrong', { sources: [source({ lately: { hooks: 5, refused: 5 } })] }, ['signature opens']],
    ['four wrong signatures', { sources: [source({ lately: { hooks: 0, refused: 4 } })] }, ['signature holds']],
    [
      'one webhook of many with another secret',
      { sources: [source({ lately: { hooks: 150, refused: 20 } })] },
      ['signature opens'],
    ],
    ['a tenth of all hooks fetched', { sources: [source({ lost: { fetched: 5, sent: 45 } })] }, ['lost opens']],
    ['all of few hooks fetched', { sources: [source({ lost: { fetched: 1, sent: 0 } })] }, ['lost opens']],
    ['one hook of many fetched', { sources: [source({ lost: { fetched: 1, sent: 3 } })] }, ['lost holds']],
    [
      'a list that the shop refuses',
      {
        sources: [source({ uncompared: { problem: 'api_token was refused (401)', done_at: NOW - DAY, stale: false } })],
      },
      ['reconcile opens'],
    ],
    [
      'one that nobody could ask for hours',
      {
        sources: [source({ uncompared: { problem: 'api_token was refused (401)', done_at: NOW - DAY, stale: true } })],
      },
      ['reconcile holds'],
    ],
    ['strangers at a busy source', { sources: [source({ lately: { hooks: 1_500, refused: 20 } })] }, []],
    ['one stranger', { sources: [source({ lately: { hooks: 150, refused: 1 } })] }, []],
    ['deliveries waiting for an hour', { places: [place({ waiting: 3, oldest: NOW - HOUR })] }, ['queue opens']],
    [
      'deliveries waiting for ten minutes',
      { places: [place({ waiting: 3, oldest: NOW - 10 * MINUTE })] },
      ['queue holds'],
    ],
    ['deliveries waiting for four minutes', { places: [place({ waiting: 3, oldest: NOW - 4 * MINUTE })] }, []],
    ['half of many tries failing', { places: [place({ delivered: 20, failed: 20 })] }, ['failures opens']],
    ['the only tries of a quiet place failing', { places: [place({ delivered: 0, failed: 4 })] }, []],
    ['all of few tries failing', { places: [place({ delivered: 0, failed: 5 })] }, ['failures opens']],
    ['a quarter of tries failing', { places: [place({ delivered: 30, failed: 10 })] }, ['failures holds']],
    ['a delivery that died', { places: [place({ dead: [NOW - HOUR] })] }, ['dead opens']],
    ['one that died yesterday', { places: [place({ dead: [NOW - DAY] })] }, ['dead left']],
    [
      'some that died of failing tries',
      { places: [place({ delivered: 0, failed: 50, dead: [NOW] })] },
      ['failures opens', 'dead shown'],
    ],
    [
      'some that died yesterday, before tries fail',
      { places: [place({ delivered: 0, failed: 50, dead: [NOW - DAY] })] },
      ['failures opens', 'dead left'],
    ],
    ['room for 1 GB on a disk of 100', { disk: { free: 1e9, size: 100e9 } }, ['disk opens']],
    ['room for 2.2 GB on it', { disk: { free: 2.2e9, size: 100e9 } }, ['disk holds']],
    [
      'what holds the database up',
      { worries: [{ name: 'slot old', detail: 'Nobody reads it.', todo: 'Drop it.' }] },
      ['database opens'],
    ],
    ['hooks waiting for 16 minutes', { mapped: [waiting(16)] }, ['behind opens']],
    ['hooks waiting for 14 minutes', { mapped: [waiting(14)] }, ['behind holds']],
    ['hooks waiting for 4 minutes', { mapped: [waiting(4)] }, []],
    ['room for 200 MB on a disk of 1 GB', { disk: { free: 200e6, size: 1e9 } }, []],
  ])('finds %s', (_, over, expected) => {
    expect(found(over)).toEqual(expected);
  });

  test('tells a paused destination and nothing that follows from it', () => {
    const pauses = [{ account: 'G-1', reason: 'the token is not valid', since: NOW - HOUR, settings: 'stamp' }];
    const other = place({ destination: 'meta', account: '1234567890' });
    const findings = findAll(facts({ pauses, places: [place({ waiting: 9, oldest: NOW - HOUR, failed: 90 }), other] }));
    expect(findings.map(({ kind, weight }) => `${kind} ${weight}`)).toEqual(['token opens', 'queue holds']);
    expect(findings[0]).toMatchObject({ stores: ['shop'], title: 'shop/ga4 is paused', path: '/destinations' });
  });

  test('says of a pause of several places that they are, of wrong signatures what they cost, and of files where they are shown', () => {
    const pauses = [{ account: 'G-1', reason: 'the secret is wrong', since: NOW - HOUR, settings: 'those' }];
    const places = [place(), place({ store: 'other' })];
    const [paused] = findAll(facts({ places, pauses }));
    expect(paused?.title).toBe('shop/ga4, other/ga4 are paused');
    const [refused] = findAll(facts({ sources: [source({ lately: { hooks: 0, refused: 9 } })] }));
    expect(refused?.detail).toContain('What is refused is not kept, and counts nowhere unless it is sent again.');
    const problems = [{ file: 'shop.yaml', line: 3, column: 1, code: 'UNKNOWN_KEY', message: '', hint: '' }];
    expect(findAll(facts({ problems }))[0]?.path).toBe('/mappings');
  });

  test('says of wrong signatures that the clock may be wrong too', () => {
    const [refused] = findAll(facts({ sources: [source({ lately: { hooks: 0, refused: 9 } })] }));
    expect(refused?.todo).toContain('clock');
  });

  test.each<[string, Partial<Facts>, string]>([
    ['failing tries', { places: [place({ delivered: 0, failed: 5 })] }, 'sending shop/ga4'],
    ['wrong signatures', { sources: [source({ lately: { hooks: 0, refused: 9 } })] }, 'signature shop/shopify'],
  ])('tells %s, whose beginning nobody knows, since they were noticed', (_, over, subject) => {
    const sinceOf = (open: Facts['open']) => findAll(facts({ ...over, open })).map(({ since }) => since);
    expect(sinceOf(new Map())).toEqual([NOW]);
    expect(sinceOf(isOpen(subject, 'any'))).toEqual([NOW - HOUR]);
  });

  test.each<[string, string, string, (tried: number) => Partial<Facts>]>([
    [
      'signatures that strangers tried',
      'signature',
      'signature shop/shopify',
      (refused) => ({ sources: [source({ last: undefined, lately: { hooks: 0, refused } })] }),
    ],
    [
      'a destination that gets nothing any more',
      'failures',
      'sending shop/ga4',
      (failed) => ({ places: [place({ delivered: 0, failed })] }),
    ],
  ])('tells no further, after a week, of %s', (_, kind, subject, tried) => {
    const weightOf = (days: number, tries: number) => {
      const since = NOW - days * DAY;
      const looked = facts({ ...tried(tries), open: new Map([[subject, { kind, since, opened_at: since }]]) });
      return findAll(looked).find((one) => one.subject === subject)?.weight;
    };
    expect(weightOf(6, 0)).toBe('holds');
    expect(weightOf(8, 0)).toBe('left');
    expect(weightOf(8, 1)).toBe('holds');
    expect(weightOf(8, 9)).toBe('opens');
  });

  test('finds stuck hooks of the last day, and hooks that wait to be mapped', () => {
    const mapped = [{ ...waiting(60), stuck: [NOW - HOUR, NOW - 3 * DAY], kept: 2 }];
    expect(findAll(facts({ mapped })).map(({ detail }) => detail)).toEqual([
      '1 hook of the last 24 hours could not be mapped. Nothing of it is lost.',
      '2 hooks wait, the oldest for 60 min. Nothing of it is lost.',
    ]);
  });

  test.each([
    ['half as many client ids', { client_id: 40, email: 80, click_id: 30 }, ['match opens']],
    ['a tenth fewer', { client_id: 72, email: 80, click_id: 30 }, []],
    ['a fifth fewer', { client_id: 60, email: 80, click_id: 30 }, ['match holds']],
    ['half as many click ids, as when a campaign ends', { client_id: 80, email: 80, click_id: 15 }, ['match holds']],
    ['no click ids', { client_id: 80, email: 80, click_id: 0 }, ['match opens']],
  ])('finds %s', (_, keys, expected) => {
    const before = { events: 700, keys: { client_id: 560, email: 560, click_id: 210 } };
    expect(found({ matches: [{ store: 'shop', name: 'purchase', now: { events: 100, keys }, before }] })).toEqual(
      expected,
    );
    const few = { events: 10, keys: { client_id: 0, email: 0, click_id: 0 } };
    expect(found({ matches: [{ store: 'shop', name: 'purchase', now: few, before }] })).toEqual([]);
  });

  test.each<[string, [number, number], [number, number], string[]]>([
    ['none of the events at a destination any more', [100, 0], [700, 690], ['skipped opens']],
    ['less than half of what it got', [100, 45], [700, 690], ['skipped opens']],
    ['two thirds of what it got', [100, 66], [700, 690], ['skipped holds']],
    ['a few less', [100, 90], [700, 690], []],
    ['a destination that never got anything', [100, 0], [700, 0], []],
    ['too few events to say', [10, 0], [700, 690], []],
    ['a store without events before', [100, 0], [0, 0], []],
  ])('finds %s', (_, [events, taken], [eventsBefore, takenBefore], expected) => {
    const before = { events: eventsBefore, taken: takenBefore };
    const now = { events, taken, alike: events };
    expect(found({ reaches: [{ store: 'shop', destination: 'meta', now, before }] })).toEqual(expected);
  });

  test.each<[string, Amounts, Amounts, string[]]>([
    ['purchases in cents instead of euros', { EUR: [40, 340_000] }, { EUR: [300, 25_500] }, ['value opens']],
    ['purchases worth nothing', { EUR: [40, 0] }, { EUR: [300, 25_500] }, ['value opens']],
    ['a few wholesale orders', { EUR: [40, 17_000] }, { EUR: [300, 25_500] }, ['value holds']],
    ['a sale', { EUR: [90, 5_000] }, { EUR: [300, 25_500] }, []],
    ['one very large order among many', { EUR: [40, 53_400, 50_170] }, { EUR: [300, 25_500] }, []],
    ['one in the week before', { EUR: [40, 3_400] }, { EUR: [300, 1_025_500, 1_000_100] }, []],
    ['cents of orders that come all at once', { EUR: [40, 340_000, 340_000] }, { EUR: [300, 25_500] }, ['value opens']],
    ['cents instead of euros again', { EUR: [40, 3_400] }, { EUR: [300, 2_550_000] }, ['value opens']],
    ['cents instead of euros in a small shop', { EUR: [6, 51_000] }, { EUR: [40, 3_400] }, ['value opens']],
    ['cents in so small a shop that five come in a day', { EUR: [5, 42_500] }, { EUR: [30, 2_550] }, []],
    ['two large orders in a small shop', { EUR: [6, 12_340, 6_000] }, { EUR: [40, 3_400] }, ['value holds']],
    ['one large order in a small shop', { EUR: [6, 42_925, 42_500] }, { EUR: [40, 3_400] }, []],
    ['one large order of few', { EUR: [3, 340_000] }, { EUR: [300, 25_500] }, []],
    ['a currency that was never there', { USD: [30, 2_550], EUR: [10, 850] }, { EUR: [300, 25_500] }, ['value opens']],
    ['no currency any more', { '': [30, 2_550] }, { EUR: [300, 25_500] }, ['value opens']],
    ['the first buyers from abroad', { USD: [5, 500], EUR: [40, 3_400] }, { EUR: [300, 25_500] }, []],
    [
      'a currency of some, and cents of others',
      { USD: [30, 2_550], EUR: [70, 595_000] },
      { EUR: [300, 25_500] },
      ['value opens'],
    ],
    [
      'two currencies that were never there',
      { USD: [30, 2_550], CHF: [70, 5_950] },
      { EUR: [300, 25_500] },
      ['value opens'],
    ],
    ['a currency that sells more', { USD: [30, 2_550] }, { EUR: [280, 25_500], USD: [20, 1_700] }, []],
    ['another worth than the few before had', { EUR: [40, 34_000] }, { EUR: [19, 1_615] }, []],
    ['a store without purchases before', { EUR: [40, 340_000] }, {}, []],
  ])('finds %s', (_, now, before, expected) => {
    expect(found({ worths: [{ store: 'shop', now: worthOf(now), before: worthOf(before) }] })).toEqual(expected);
  });

  test.each<[string, Amounts, string[]]>([
    ['no purchase', {}, ['value holds']],
    ['one, in cents', { EUR: [1, 8_500, 8_500] }, ['value holds']],
    ['a few of one hour, in cents', { EUR: [5, 42_500, 42_500] }, ['value holds']],
    ['a few as before', { EUR: [5, 425] }, ['value holds']],
    ['many of one hour, in cents', { EUR: [12, 102_000, 102_000] }, ['value opens']],
    ['a few in euros and more in another currency', { EUR: [2, 170], USD: [9, 900] }, ['value holds']],
    ['enough as before', { EUR: [6, 510] }, []],
    ['enough as before, and a few more in another currency', { EUR: [8, 680], USD: [1, 100] }, []],
  ])('holds what purchases are worth until enough are as before: %s', (_, now, expected) => {
    const worths = [{ store: 'shop', now: worthOf(now), before: worthOf({ EUR: [40, 3_400] }) }];
    expect(found({ worths, open: isOpen('value shop', 'value') })).toEqual(expected);
  });

  test('names file and line of a broken mapping, and nothing that is written there', () => {
    const problems = [
      { file: 'stores/shop.yaml', line: 3, column: 1, code: 'UNKNOWN_KEY', message: 'unknown key ann@example.com' },
    ];
    const [finding] = findAll(facts({ problems }));
    expect(finding?.detail).toBe('1 mistake, the first in stores/shop.yaml, line 3: UNKNOWN_KEY.');
  });

  test('ends the silence of a source only when a hook came', () => {
    const open = isOpen('hooks shop/shopify', 'silence');
    const silent = source({ last: NOW - 80 * DAY });
    expect(found({ open, sources: [silent] })).toEqual(['silence holds']);
    expect(found({ open, sources: [source()] })).toEqual([]);
  });

  test('says in words what is usual and what is the case', () => {
    const words = figuresOf(
      facts({ sources: [source()], places: [place({ failed: 1 })], disk: { free: 50e9, size: 100e9 } }),
    );
    expect(words.map((figure) => figure.words)).toEqual([
      'The last hook came 60 s ago. What is usual is known after a week; until then silence is not told.',
      '1 of 101 tries failed in two hours. 0 deliveries wait. 0 dead.',
      '0 hooks are stuck, 0 hooks wait to be mapped, 0 mistakes in mapping files.',
      '50,000 MB of 100,000 MB are free.',
    ]);
    const reach = {
      store: 'shop',
      destination: 'ga4',
      now: { events: 40, taken: 30, alike: 0 },
      before: { events: 0, taken: 0 },
    };
    expect(figuresOf(facts({ places: [place()], reaches: [reach] }))[0]?.words).toContain(
      '75% of 40 events in 24 hours went there (– the week before).',
    );
  });
});
