// What is found in what destinations say of purchases and leads: sure when two answers, a day apart, say so. Pure.
import { describe, expect, test } from 'vitest';
import type { AccountQuality } from '../../src/admin/places/quality-view.ts';
import { figuresOf } from '../../src/alert/figures.ts';
import { findInQualities } from '../../src/alert/find-qualities.ts';
import type { Facts } from '../../src/alert/finding.ts';
import { decide, findAll, watchedIn } from '../../src/alert/look.ts';
import { wrongWith } from '../../src/pages/qualities.ts';
import { qualityFacts } from '../../src/pages/quality-facts.ts';
import type { EventQuality } from '../../src/types.ts';
import { factsOf } from '../support/facts.ts';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 20, 12);
const DAY = 24 * HOUR;
const KNOWN = [{ key: 'event_id', browser: 100, server: 100, known: 90 }];
const APART = [
  { key: 'fbp', browser: 100, server: 0 },
  { key: 'event_id', browser: 0, server: 100 },
];
const purchase = (more: Partial<EventQuality>): EventQuality => ({
  ...{ event: 'Purchase', counts: true, keys: [], lacks: [], doubles: [], issues: [] },
  ...more,
});
/** What was said, each so many hours ago, the newest first. */
type Answer = [hoursAgo: number, event: Partial<EventQuality>];
function account(...answers: Answer[]): AccountQuality {
  const said = answers.map(([ago, event]) => ({ at: NOW - ago * HOUR, events: [purchase(event)] }));
  return {
    ...{ account: '123', title: 'Meta', todo: { score: 'Ask for more.', doubles: 'Say one id.' } },
    names: [
      { store: 'shop', destination: 'meta' },
      { store: 'other', destination: 'meta' },
    ],
    ...{ asked_at: NOW, problem: undefined, untold: [], said, ends: [] },
    events: (said[0]?.events ?? []).map((event) => ({ ...event, ...wrongWith(event) })),
  };
}
const place = (store: string) => ({
  ...{ store, destination: 'meta', account: '123', delivered: 1, failed: 0, waiting: 0 },
  ...{ oldest: undefined, dead: [], more: false },
});
const facts = (...answers: Answer[]): Facts =>
  factsOf({ now: NOW, places: [place('shop')], qualities: qualityFacts([account(...answers)], NOW) });
const weights = (...answers: Answer[]) =>
  findInQualities(facts(...answers)).map(({ subject, weight }) => `${subject.split(' ').at(-1)} ${weight}`);

describe('a low score', () => {
  test('is told when the answer of a day before was low too, with what to do', () => {
    expect(findInQualities(facts([1, { score: 4.2 }], [25, { score: 4.9 }]))).toMatchObject([
      {
        ...{ subject: 'quality 123 Purchase score', kind: 'quality', stores: ['shop', 'other'], weight: 'opens' },
        title: 'shop/meta, other/meta: Meta finds few of the people behind Purchase',
        detail: 'It gives the match of Purchase 4.2 of 10. Below 5 is low, and from 6 on this is over.',
        todo: 'Ask for more.',
      },
    ]);
  });

  test('of one answer, or of two that are hardly apart, only holds what is open', () => {
    expect(weights([1, { score: 4 }])).toEqual(['score holds']);
    expect(weights([1, { score: 4 }], [2, { score: 4 }])).toEqual(['score holds']);
    expect(weights([1, { score: 4 }], [2, { score: 4 }], [25, { score: 4 }])).toEqual(['score opens']);
    expect(weights([1, { score: 4 }], [25, { score: 6 }], [49, { score: 4 }])).toEqual(['score holds']);
    expect(weights([1, { score: 4 }], [25, {}])).toEqual(['score holds']);
  });

  test('is over when it is clearly higher, and not when nothing is told any more', () => {
    expect(weights([1, { score: 5.9 }], [25, { score: 4 }])).toEqual(['score holds']);
    expect(weights([1, { score: 6 }], [25, { score: 4 }])).toEqual([]);
    const incident = { kind: 'quality', subject: 'quality 123 Purchase score' };
    const watched = (...answers: Answer[]) => watchedIn(facts(...answers))(incident);
    expect(watched([1, { score: 8 }])).toBe(true);
    expect(watched([1, {}])).toBe(false);
    expect(watched([1, {}], [73, { score: 4 }])).toBe(false);
    expect(watched([73, { score: 4 }], [97, { score: 4 }])).toBe(false);
    expect(weights([73, { score: 4 }], [97, { score: 4 }])).toEqual([]);
    const untold = facts([1, { score: 8 }], [73, { doubles: APART }], [97, { doubles: APART }]);
    expect(watchedIn(untold)({ kind: 'quality', subject: 'quality 123 Purchase doubled' })).toBe(false);
  });

  test('goes on over an answer that leaves the event or its score out, and over days without one, until it is old', () => {
    const other = { event: 'PageView', counts: false };
    for (const gone of [{}, other]) {
      expect(weights([1, gone], [25, { score: 4 }], [49, { score: 4 }])).toEqual(['score opens']);
      expect(weights([1, { score: 4 }], [25, gone], [49, { score: 4 }])).toEqual(['score opens']);
      expect(weights([1, gone], [25, { score: 8 }], [49, { score: 4 }])).toEqual([]);
      const out = facts([1, gone], [25, { score: 4 }], [49, { score: 4 }]);
      expect(watchedIn(out)({ kind: 'quality', subject: 'quality 123 Purchase score' })).toBe(true);
    }
    expect(weights([1, { score: 8 }], [25, { doubles: APART }], [49, { doubles: APART }])).toEqual(['doubled opens']);
  });

  test('of what neither sells nor leads is nobody’s business', () => {
    const view = { event: 'PageView', counts: false, score: 1 };
    expect(weights([1, view], [25, view])).toEqual([]);
  });
});

describe('doubles', () => {
  test('without a common key are told when the answer of a day before says so too', () => {
    expect(findInQualities(facts([1, { score: 8, doubles: APART }], [25, { doubles: APART }]))).toMatchObject([
      {
        ...{ subject: 'quality 123 Purchase doubled', weight: 'opens', todo: 'Say one id.' },
        title: 'shop/meta, other/meta: Purchase may count twice',
        detail: expect.stringContaining('no key in common'),
      },
    ]);
    expect(weights([1, { doubles: APART }], [25, { doubles: KNOWN }])).toEqual(['doubled holds']);
  });

  test('that are never known again are told alike, and those that are known are no finding', () => {
    const never = KNOWN.map((one) => ({ ...one, known: 0 }));
    const [one] = findInQualities(facts([1, { doubles: never }], [25, { doubles: APART }]));
    expect(one).toMatchObject({ weight: 'opens', detail: expect.stringContaining('none of the browser’s events') });
    expect(weights([1, { doubles: KNOWN }], [25, { doubles: APART }])).toEqual([]);
  });
});

test('one incident is opened, and ends when an answer says that all is well', () => {
  const bad = facts([1, { score: 4, doubles: APART }], [25, { score: 4, doubles: APART }]);
  const opened = decide(findAll(bad), [], new Map(), NOW);
  expect(opened.map((step) => step.do === 'open' && step.finding.subject)).toEqual([
    'quality 123 Purchase score',
    'quality 123 Purchase doubled',
  ]);
  const incident = {
    ...{ id: 'i', subject: 'quality 123 Purchase score', kind: 'quality', stores: ['shop'], title: '', detail: '' },
    ...{ todo: '', path: '/', since: NOW - DAY, opened_at: NOW - DAY, calm_since: undefined, ended_at: undefined },
    ...{ outcome: undefined },
  };
  expect(decide(findAll(bad), [incident], new Map(), NOW).map((step) => step.do)).toEqual(['open']);
  const well = facts([1, { score: 8 }], [25, { score: 4 }]);
  const watching = watchedIn(well);
  expect(decide(findAll(well), [incident], new Map(), NOW, watching)).toEqual([
    { do: 'end', id: 'i', outcome: 'mended' },
  ]);
});

test('what is watched tells the score of the place', () => {
  const [figure] = figuresOf(facts([1, { score: 7.4, doubles: KNOWN }]));
  expect(figure?.words).toContain('Meta gives the match of Purchase 7.4 of 10.');
  expect(figure?.subjects).toEqual(
    expect.arrayContaining(['quality 123 Purchase score', 'quality 123 Purchase doubled']),
  );
});
