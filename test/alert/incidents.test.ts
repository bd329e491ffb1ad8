// What findings mean for incidents, which open, calm down and end, and which contacts hear of them: pure, with a clock that is moved.
import { describe, expect, test } from 'vitest';
import { contactsFor, contactsOf, isWanted } from '../../src/alert/contacts.ts';
import type { Facts, Finding } from '../../src/alert/finding.ts';
import { decide, stillSeen, watchedIn } from '../../src/alert/look.ts';
import type { Incident } from '../../src/keep/questions/incidents.ts';
import { factsOf, placeOf as place } from '../support/facts.ts';

const NOW = Date.UTC(2026, 2, 2, 12);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const facts = (over: Partial<Facts>) => factsOf({ now: NOW, ...over });

describe('incidents', () => {
  test('of a report are looked at for as long as it tells something', () => {
    const told = { store: 'shop', destination: 'ga4', title: 'GA4', day: '2026-02-27', asked_at: NOW };
    const counts = { sent: 100, counted: 100, repeated: 0 };
    const recounts = [{ ...told, ...counts, partial: false, together: { ...counts, since: told.day } }];
    const incident = { kind: 'recount', subject: 'recount shop/ga4 missing' } as const;
    expect(watchedIn(facts({ places: [place()], recounts }))(incident)).toBe(true);
    expect(watchedIn(facts({ places: [place()] }))(incident)).toBe(false);
    for (const nothing of [{ sent: 0 }, { partial: true }]) {
      const untold = recounts.map((one) => ({ ...one, ...nothing }));
      expect(watchedIn(facts({ places: [place()], recounts: untold }))(incident)).toBe(false);
    }
  });

  const finding = (over: Partial<Finding> = {}): Finding => ({
    subject: 'sending shop/ga4',
    kind: 'queue',
    stores: ['shop'],
    title: '',
    detail: '',
    todo: '',
    path: '/',
    since: NOW,
    weight: 'opens',
    ...over,
  });
  const incident = (over: Partial<Incident> = {}): Incident => ({
    ...finding(),
    id: 'one',
    opened_at: NOW - HOUR,
    calm_since: undefined,
    ended_at: undefined,
    outcome: undefined,
    ...over,
  });
  const steps = (findings: Finding[], incidents: Incident[], now = NOW, seen = new Map<string, number>()) =>
    decide(findings, incidents, seen, now).map((step) => step.do);

  test('open once, and not again while they are open', () => {
    expect(steps([finding()], [])).toEqual(['open']);
    expect(steps([finding()], [incident()])).toEqual([]);
    expect(steps([finding({ weight: 'holds' })], [])).toEqual([]);
    expect(steps([finding({ weight: 'shown' })], [])).toEqual([]);
  });

  test('end after a while of calm, which begins anew when it is seen again: no flapping', () => {
    expect(steps([], [incident()])).toEqual(['calm']);
    expect(steps([], [incident({ calm_since: NOW - 9 * MINUTE })])).toEqual([]);
    expect(steps([finding({ weight: 'holds' })], [incident({ calm_since: NOW - 9 * MINUTE })])).toEqual(['calm']);
    expect(steps([], [incident({ calm_since: NOW - 10 * MINUTE })])).toEqual(['end']);
    expect(steps([], [incident({ kind: 'silence' })])).toEqual(['end']);
  });

  test('end as soon as ever where their calm began by a clock that was set back since', () => {
    expect(steps([], [incident({ calm_since: NOW + HOUR })])).toEqual(['calm']);
    expect(steps([finding({ weight: 'holds' })], [incident({ calm_since: NOW + HOUR })])).toEqual(['calm']);
  });

  test('open in time where they were first seen by a clock that was set back since', () => {
    const seen = stillSeen([finding()], new Map([[finding().subject, NOW + HOUR]]), NOW);
    expect(seen.get(finding().subject)).toBe(NOW);
  });

  test('of files that are saved half done open after two minutes', () => {
    const mapping = finding({ subject: 'mapping', kind: 'mapping' });
    const seen = stillSeen([mapping], new Map(), NOW);
    expect(steps([mapping], [], NOW, seen)).toEqual([]);
    expect(steps([mapping], [], NOW + MINUTE, stillSeen([mapping], seen, NOW + MINUTE))).toEqual([]);
    expect(steps([mapping], [], NOW + 2 * MINUTE, stillSeen([mapping], seen, NOW + 2 * MINUTE))).toEqual(['open']);
    expect(stillSeen([], seen, NOW + MINUTE).size).toBe(0);
  });
});

describe('contacts', () => {
  const slack = { slack: { url: 'https://x.example' } };
  const stores = [
    { store: 'a', alerts: { ...slack, ignore: ['silence' as const] } },
    { store: 'b', alerts: { email: { to: ['b@example.com'] }, ignore: [] } },
  ];
  const ids = (own: typeof slack | object, concerned: string[]) =>
    contactsFor(contactsOf(own, stores), concerned).map(({ id }) => id);

  test('of a store hear of it, the operator of everything', () => {
    expect(ids(slack, ['a'])).toEqual(['all/slack', 'a/slack']);
    expect(ids(slack, ['a', 'b'])).toEqual(['all/slack', 'a/slack', 'b/email']);
    expect(ids({}, ['b'])).toEqual(['b/email']);
  });
  test('of all stores hear of what concerns none, where the operator has no contact', () => {
    expect(ids(slack, [])).toEqual(['all/slack']);
    expect(ids({}, [])).toEqual(['a/slack', 'b/email']);
  });
  test('may ignore a kind; what concerns others too is told', () => {
    expect(isWanted('silence', ['a'], stores)).toBe(false);
    expect(isWanted('silence', ['a', 'b'], stores)).toBe(true);
    expect(isWanted('disk', [], stores)).toBe(true);
  });
});
