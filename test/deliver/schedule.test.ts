// When a delivery is tried again, and when it is too old.
import { describe, expect, it } from 'vitest';
import { expiresAt, isHeld, nextDue, waitAsked } from '../../src/deliver/schedule.ts';

const NOW = Date.parse('2026-03-02T10:00:00Z');
const HOUR = 3_600_000;
const MINUTE = 60_000;
const base = {
  schedule: [1_000, 60_000, HOUR],
  attempts: 1,
  now: NOW,
  after: undefined,
  random: 1,
  expires: NOW + 72 * HOUR,
};
const waitOf = (changes: Partial<Parameters<typeof nextDue>[0]>) => {
  const due = nextDue({ ...base, ...changes });
  return due === undefined ? undefined : due - NOW;
};

describe('nextDue', () => {
  it.each([
    [1, 1_000],
    [2, 60_000],
    [3, HOUR],
    [4, HOUR],
    [50, HOUR],
  ])('waits after attempt %d for %d ms, the last wait repeating', (attempts, wait) => {
    expect(waitOf({ attempts })).toBe(wait);
  });

  it.each([
    [0, 0],
    [0.25, 15_000],
    [0.999, 59_940],
  ])('spreads the wait over its whole length: random %d gives %d ms', (random, wait) => {
    expect(waitOf({ attempts: 2, random })).toBe(wait);
  });

  it('never comes before what the receiver asked for, and later if the schedule says so', () => {
    expect(waitOf({ after: 30_000, random: 0 })).toBe(30_000);
    expect(waitOf({ after: 30_000, attempts: 2 })).toBe(60_000);
  });

  it('ends a wait that would be too long ten minutes before the delivery expires', () => {
    expect(waitOf({ attempts: 3, expires: NOW + HOUR + 1 })).toBe(HOUR);
    expect(waitOf({ attempts: 3, expires: NOW + HOUR })).toBe(50 * MINUTE);
    expect(waitOf({ attempts: 3, expires: NOW + 10 * MINUTE + 1 })).toBe(1);
  });

  it('expires a delivery whose next try would be too late and whose last one was in these ten minutes', () => {
    expect(waitOf({ attempts: 3, expires: NOW + 10 * MINUTE })).toBeUndefined();
    expect(waitOf({ attempts: 3, expires: NOW + 1 })).toBeUndefined();
    expect(waitOf({ attempts: 3, expires: NOW - 1 })).toBeUndefined();
  });

  it('never makes the last try come before what the receiver asked for', () => {
    expect(waitOf({ attempts: 3, after: 55 * MINUTE, expires: NOW + HOUR })).toBe(55 * MINUTE);
    expect(waitOf({ attempts: 3, after: HOUR, expires: NOW + HOUR })).toBeUndefined();
  });
});

describe('waitAsked', () => {
  it.each([
    [undefined, 0],
    [-5_000, 0],
    [Number.NaN, 0],
    [0, 0],
    [30_000, 30_000],
    [HOUR, HOUR],
    [1e12, HOUR],
    [Number.POSITIVE_INFINITY, HOUR],
  ])('F13 takes a Retry-After of %d ms for %d ms', (after, wait) => {
    expect(waitAsked(after)).toBe(wait);
  });
});

describe('isHeld', () => {
  it.each([
    [NOW + HOUR, true],
    [NOW + 1, true],
    [NOW, false],
    [NOW - 1, false],
  ])('until %d is %s', (until, held) => {
    expect(isHeld(until, NOW)).toBe(held);
  });

  it('F10 is over when the clock was set back since', () => {
    expect(isHeld(NOW + HOUR, NOW - 30 * 24 * HOUR)).toBe(false);
  });
});

describe('expiresAt', () => {
  const at = (event_time: string) => expiresAt({ event: { name: 'purchase', event_time }, created_at: NOW }, HOUR);

  it('counts from the event, not from when its hook came', () => {
    expect(at('2026-03-02T08:00:00Z')).toBe(NOW - HOUR);
  });

  it.each(['2026-03-09T00:00:00Z', 'soon'])('counts from its making when the event is said to be of %s', (time) => {
    expect(at(time)).toBe(NOW + HOUR);
  });
});
