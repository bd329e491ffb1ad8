// The circuit breaker, by explicit times.
import { describe, expect, it } from 'vitest';
import { type Breaker, CLOSED, failed, maySend, onProbation, started, unproven } from '../../src/deliver/breaker.ts';

const LIMITS = { failures: 3, first: 1_000, most: 3_000 };
const failing = (failures: number, breaker: Breaker = CLOSED, now = 0): Breaker =>
  failures === 0 ? breaker : failing(failures - 1, failed(breaker, now, LIMITS), now);

describe('breaker', () => {
  it('stays closed below the limit of consecutive failures', () => {
    expect(failing(2)).toEqual({ state: 'closed', failures: 2 });
    expect(maySend(failing(2), 0)).toBe(true);
  });

  it('opens at the limit and stays open for the first pause', () => {
    const open = failing(3);
    expect(open).toEqual({ state: 'open', until: 1_000, trips: 1 });
    expect([maySend(open, 999), maySend(open, 1_000)]).toEqual([false, true]);
  });

  it('F10 does not stay open longer than the longest pause when the clock is set back', () => {
    const open = failing(3, CLOSED, 30 * 86_400_000);
    expect(maySend(open, 0, LIMITS)).toBe(true);
  });

  it('lets exactly one probe through', () => {
    const probing = started(failing(3));
    expect(probing.state).toBe('half_open');
    expect(maySend(probing, 1e9)).toBe(false);
  });

  it('doubles the pause with each failed probe, up to the longest', () => {
    let breaker = failing(3);
    const pauses = [2_000, 4_000, 8_000].map((now) => {
      breaker = failed(started(breaker), now, LIMITS);
      return breaker.state === 'open' ? breaker.until - now : undefined;
    });
    expect(pauses).toEqual([2_000, 3_000, 3_000]);
  });

  it('is not moved by failures of requests that were under way when it opened', () => {
    const open = failing(3);
    expect(failed(open, 900, LIMITS)).toBe(open);
  });

  it('allows another probe when the first was never sent', () => {
    const breaker = unproven(started(failing(3)), 1_200);
    expect(maySend(breaker, 1_200)).toBe(true);
    expect(failed(started(breaker), 1_200, LIMITS)).toEqual({ state: 'open', until: 3_200, trips: 2 });
  });

  it('on probation sends one request at once, and opens for the first pause if that fails', () => {
    const breaker = onProbation(500);
    expect(maySend(breaker, 500)).toBe(true);
    expect(failed(started(breaker), 500, LIMITS)).toEqual({ state: 'open', until: 1_500, trips: 1 });
  });
});
