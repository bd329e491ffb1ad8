// What all destinations conclude from silence, and how long a receiver may ask us to wait.
import { describe, expect, it } from 'vitest';
import { ga4 } from '../../src/destinations/ga4.ts';
import { destinations } from '../../src/destinations/index.ts';
import { sgtm } from '../../src/destinations/sgtm.ts';
import { retryAfter } from '../../src/lib/retry-after.ts';
import { phoneOrder } from './example.ts';

describe.each(destinations.map((one) => [one.name, one] as const))('%s, when nothing came back', (_, destination) => {
  const judge = (failure: 'dns' | 'refused' | 'tls' | 'timeout' | 'reset' | 'forbidden_address', sent: boolean) =>
    destination.judge({ failure, detail: 'detail', sent }, [phoneOrder]);

  it.each(['dns', 'refused', 'tls', 'timeout', 'reset', 'forbidden_address'] as const)(
    'tries again after %s before the request was sent',
    (failure) => {
      const outcome = judge(failure, false);
      expect(outcome.kind).toBe('retry');
      expect(outcome).not.toHaveProperty('ambiguous');
      expect(outcome).not.toHaveProperty('pause');
    },
  );

  it.each(['timeout', 'reset'] as const)(
    'says that the end is unknown after %s once the request was sent',
    (failure) => {
      expect(judge(failure, true)).toMatchObject({ kind: 'retry', ambiguous: true });
    },
  );

  it('tries again within seconds first and within hours in the end', () => {
    expect(destination.schedule[0]).toBeLessThanOrEqual(10_000);
    expect(destination.schedule.at(-1)).toBeGreaterThanOrEqual(3_600_000);
    expect([...destination.schedule].sort((a, b) => a - b)).toEqual(destination.schedule);
  });
});

describe.each([
  ['ga4', ga4],
  ['sgtm', sgtm],
])('%s, judged by the status of the answer', (_, { judge }) => {
  const answer = (status: number, body = '') => judge({ status, headers: {}, body }, [phoneOrder]);

  it.each([504, 520, 524])('says that the end is unknown after %d: the receiver did not answer its proxy', (status) => {
    expect(answer(status)).toMatchObject({ kind: 'retry', ambiguous: true });
  });

  it.each(['<!DOCTYPE html><title>Log in</title>', '\n <html lang="nl">Our shop</html>'])(
    'tries again after 200 with the web page %j: that was somebody else',
    (page) => {
      expect(answer(200, page)).toMatchObject({
        kind: 'retry',
        reason: expect.stringMatching(/a web page.*url|endpoint/),
      });
      expect(answer(200, page)).not.toHaveProperty('ambiguous');
    },
  );

  it.each(['', '{"timestamp":1706000000}', '[]', 'GIF89a', 'ok <html>'])('believes 200 with %j', (body) => {
    expect(answer(200, body)).toMatchObject({ kind: 'delivered' });
  });

  it.each([500, 502, 503, 522])('tries again after %d, because it was not taken', (status) => {
    expect(answer(status)).toMatchObject({ kind: 'retry' });
    expect(answer(status)).not.toHaveProperty('ambiguous');
  });
});

describe('Retry-After', () => {
  it('in seconds is taken as such', () => {
    expect(retryAfter({ 'retry-after': '120' })).toBe(120_000);
  });

  it('in seconds with decimals, as Shopify writes them, is taken as such', () => {
    expect(retryAfter({ 'retry-after': '2.0' })).toBe(2_000);
    expect(retryAfter({ 'retry-after': '0.5' })).toBe(500);
  });

  it('as a date is taken against the answer’s own date', () => {
    const headers = { 'retry-after': 'Wed, 18 Nov 2026 14:05:00 GMT', date: 'Wed, 18 Nov 2026 14:03:00 GMT' };
    expect(retryAfter(headers)).toBe(120_000);
  });

  it('of more than an hour is an hour', () => {
    expect(retryAfter({ 'retry-after': '86400' })).toBe(3_600_000);
  });

  it.each(['', '0', '-5', 'soon', 'Wed, 18 Nov 2026 14:05:00 GMT'])(
    'that says "%s" and nothing else says nothing',
    (text) => {
      expect(retryAfter({ 'retry-after': text })).toBeUndefined();
    },
  );

  it('that is missing says nothing', () => {
    expect(retryAfter({})).toBeUndefined();
  });
});
