// What is found in when tokens end: told once two weeks before, until another one is said not to. Pure.
import { describe, expect, test } from 'vitest';
import { figuresOf } from '../../src/alert/figures.ts';
import { findInQualities } from '../../src/alert/find-qualities.ts';
import type { AskedEnd, Facts } from '../../src/alert/finding.ts';
import { decide, findAll, watchedIn } from '../../src/alert/look.ts';
import { factsOf } from '../support/facts.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 20, 12);
const SUBJECT = 'quality 123 end shop/meta';
const NAMES = [
  { store: 'shop', destination: 'meta' },
  { store: 'other', destination: 'meta' },
];
type Ends = NonNullable<AskedEnd['told']>['ends'];
const told = (ends: Ends): AskedEnd['told'] => ({
  ...{ at: NOW - HOUR, ends, words: 'The access token ends then.' },
  soon: typeof ends === 'number' && ends - NOW < 14 * DAY,
});
const end = (ends: Ends | undefined, names = NAMES): AskedEnd => ({
  ...{ name: 'access token', names, told: ends === undefined ? undefined : told(ends) },
  ...{ todo: 'Make another one.', problem: undefined },
});
const place = { store: 'shop', destination: 'meta', account: '123', delivered: 1, failed: 0, waiting: 0 };
const facts = (ends: readonly AskedEnd[], open: readonly string[] = []): Facts => {
  const account = { account: '123', title: 'Meta', names: NAMES, answered_at: NOW, silent: undefined, ends };
  const incident = { kind: 'quality', since: NOW - DAY, opened_at: NOW - DAY };
  return factsOf({
    ...{ now: NOW, accounts: [account], open: new Map(open.map((subject) => [subject, incident])) },
    places: [{ ...place, oldest: undefined, dead: [], more: false }],
  });
};
const weight = (ends: Ends | undefined, open: readonly string[] = []) =>
  findInQualities(facts([end(ends)], open)).map((one) => one.weight);
const isWatched = (ends: Ends | undefined) => watchedIn(facts([end(ends)]))({ kind: 'quality', subject: SUBJECT });

describe('an end of a token', () => {
  test('is told within two weeks, with its day, its places, and what to do', () => {
    expect(findInQualities(facts([end(NOW + 11 * DAY)]))).toEqual([
      {
        ...{ subject: SUBJECT, kind: 'quality', stores: ['shop', 'other'], weight: 'opens', path: '/destinations' },
        title: 'shop/meta, other/meta: the access token ends on 2026-12-01',
        detail:
          'The access token ends then. After that Meta refuses what is sent by it: events wait for another one, and those that grow too old meanwhile are lost to it.',
        ...{ todo: 'Make another one.', since: NOW - HOUR, later: true },
      },
    ]);
  });

  test('cannot wait any more two days before, and once it is over', () => {
    expect(findInQualities(facts([end(NOW + 47 * HOUR)]))).toMatchObject([{ weight: 'opens', later: false }]);
    expect(findInQualities(facts([end(NOW - HOUR)]))).toMatchObject([
      { weight: 'opens', later: false, title: 'shop/meta, other/meta: the access token ended on 2026-11-20' },
    ]);
  });

  test.each<Ends>([NOW + 15 * DAY, 'never', 'untold'])('that is %s is nothing to tell', (ends) => {
    expect([weight(ends), weight(ends, [SUBJECT])]).toEqual([[], []]);
  });

  test('of which nothing is told yet only holds what is open: the token may be a new one', () => {
    expect([weight(undefined), weight(undefined, [SUBJECT])]).toEqual([[], ['holds']]);
  });

  test('is watched, unless nobody says when it is', () => {
    expect([NOW, 'never' as const, undefined, 'untold' as const].map(isWatched)).toEqual([true, true, true, false]);
  });

  test('is one incident for each token, whichever place its token is of', () => {
    const [one, other] = NAMES.map((name, index) => end(NOW + index * DAY, [name]));
    const found = findInQualities(facts([one, other].flatMap((each) => each ?? [])));
    expect(found.map(({ subject, stores }) => [subject, stores])).toEqual([
      [SUBJECT, ['shop']],
      ['quality 123 end other/meta', ['other']],
    ]);
  });

  test('stays the incident that it is when a store of the same token is added before', () => {
    const names = [{ store: 'acme', destination: 'meta' }, ...NAMES];
    const found = facts([end(NOW + DAY, names)], [SUBJECT]);
    expect(findInQualities(found).map(({ subject }) => subject)).toEqual([SUBJECT]);
    expect(watchedIn(found)({ kind: 'quality', subject: SUBJECT })).toBe(true);
  });

  test('opens one incident, that ends as mended with another token', () => {
    const incident = {
      ...{ id: 'i', subject: SUBJECT, kind: 'quality', stores: ['shop'], title: '', detail: '', todo: '', path: '/' },
      ...{ since: NOW - DAY, opened_at: NOW - DAY, calm_since: undefined, ended_at: undefined, outcome: undefined },
    };
    const steps = (ends: Ends | undefined) => {
      const now = facts([end(ends)], [SUBJECT]);
      return decide(findAll(now), [incident], new Map(), NOW, watchedIn(now));
    };
    expect(decide(findAll(facts([end(NOW + DAY)])), [], new Map(), NOW)).toMatchObject([{ do: 'open' }]);
    expect([steps(NOW + DAY), steps(undefined)]).toEqual([[], []]);
    expect(steps('never')).toEqual([{ do: 'end', id: 'i', outcome: 'mended' }]);
    expect(steps(NOW + 60 * DAY)).toEqual([{ do: 'end', id: 'i', outcome: 'mended' }]);
    expect(steps('untold')).toEqual([{ do: 'end', id: 'i', outcome: 'unwatched' }]);
  });

  test('is told among what is watched, unless it never comes', () => {
    const wordsOf = (ends: Ends) => figuresOf(facts([end(ends)]))[0]?.words;
    expect(wordsOf(NOW + 40 * DAY)).toMatch(/ The access token ends then\.$/);
    expect(wordsOf('never')).not.toContain('access token');
  });
});
