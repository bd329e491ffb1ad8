// What the GA4 destination does not send, and what it makes of Google's answers.
import { describe, expect, it } from 'vitest';
import { ga4 } from '../../src/destinations/ga4.ts';
import type { Event } from '../../src/event.ts';
import { DAY, ga4Settings, HOUR, MINUTE, NOW, order, PLACED } from './example.ts';

const settings = ga4Settings();
const reason = (event: Event, now = NOW) => ga4.wants(event, settings, now)?.reason;

describe('GA4 refuses', () => {
  it('events older than 72 hours as expired, to the millisecond', () => {
    const placed = Date.parse(PLACED);
    expect(ga4.wants(order(), settings, placed + 72 * HOUR)).toBeUndefined();
    expect(ga4.wants(order(), settings, placed + 72 * HOUR + 1)).toMatchObject({ expired: true });
  });

  it('older events up to 63 days only where the store sends them', () => {
    const send = ga4Settings({ older_than_72h: 'send' });
    const placed = Date.parse(PLACED);
    expect(ga4.wants(order(), send, placed + 10 * DAY)).toBeUndefined();
    expect(ga4.wants(order(), send, placed + 64 * DAY)).toMatchObject({ expired: true });
    expect(ga4.maxAge(order(), send)).toBe(63 * DAY);
    expect(ga4.maxAge(order(), settings)).toBe(72 * HOUR);
  });

  it.each(['purchase', 'refund'])('a %s without a transaction id, and one of blanks', (name) => {
    expect(reason(order({ name, transaction_id: undefined, order_id: undefined }))).toContain('transaction id');
    expect(reason(order({ name, transaction_id: ' ' }))).toContain('transaction id');
  });

  it('a transaction id that is too long or an e-mail address, because cutting would merge orders', () => {
    expect(reason(order({ transaction_id: 'x'.repeat(101) }))).toContain('100 characters');
    expect(reason(order({ transaction_id: 'jane@example.com' }))).toContain('e-mail');
  });

  it('an order whose value has no currency', () => {
    expect(reason(order({ currency: undefined }))).toContain('currency');
  });

  it('a purchase below 0, but not one for nothing or a refund', () => {
    expect(reason(order({ value: -17.91 }))).toContain('below 0');
    expect(reason(order({ value: 0 }))).toBeUndefined();
    expect(reason(order({ name: 'refund', value: -1 }))).toBeUndefined();
  });

  it.each(['session_start', 'app_remove', 'screen_view', 'error', 'ga_x', 'google_order', 'firebase_x'])(
    'the reserved event name %s',
    (name) => {
      expect(reason(order({ name }))).toContain('keeps the event name');
    },
  );

  it('an event without a readable time', () => {
    expect(reason(order({ event_time: 'yesterday' }))).toContain('time');
  });
});

describe('GA4 judges', () => {
  const judge = (status: number, headers: Record<string, string> = {}) =>
    ga4.judge({ status, headers, body: '' }, [order()]);

  it.each([200, 204])('%d as delivered, saying accepted and never recorded', (status) => {
    expect(judge(status)).toMatchObject({ kind: 'delivered', note: expect.stringContaining('accepted') });
  });

  it('a delivered event without a client id as unattributed', () => {
    const outcome = ga4.judge({ status: 204, headers: {}, body: '' }, [order({ client_id: undefined })]);
    expect(outcome).toMatchObject({ note: expect.stringContaining('unattributed') });
  });

  it('a delivered event with parameters that were left out by naming them', () => {
    const outcome = ga4.judge({ status: 204, headers: {}, body: '' }, [order({ custom: { _bad: 1, good: 1 } })]);
    expect(outcome).toMatchObject({ note: expect.stringMatching(/left out: _bad$/) });
  });

  it.each([500, 502, 503, 408, 429])('%d as another try', (status) => {
    expect(judge(status)).toMatchObject({ kind: 'retry' });
  });

  it.each([301, 400, 404, 413])('%d as rejected, because the same again helps nobody', (status) => {
    expect(judge(status)).toMatchObject({ kind: 'rejected' });
  });

  it('only purchases as safe to send twice', () => {
    expect(ga4.deduplicates(order())).toBe(true);
    expect(ga4.deduplicates(order({ name: 'refund' }))).toBe(false);
    expect(ga4.deduplicates(order({ name: 'generate_lead' }))).toBe(false);
  });

  it('a wait of a minute as a minute', () => {
    expect(judge(503, { 'retry-after': '60' })).toMatchObject({ after: MINUTE });
  });
});
