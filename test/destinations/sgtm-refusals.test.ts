// What the sGTM destination does not send, and what it makes of a container's answers.
import { describe, expect, it } from 'vitest';
import { sgtm } from '../../src/destinations/sgtm.ts';
import { DAY, order, PLACED, sgtmSettings } from './example.ts';
import { reason } from './sgtm-example.ts';

describe('sGTM refuses', () => {
  it('events older than 7 days as expired', () => {
    const placed = Date.parse(PLACED);
    expect(sgtm.wants(order(), sgtmSettings(), placed + 7 * DAY)).toBeUndefined();
    expect(sgtm.wants(order(), sgtmSettings(), placed + 7 * DAY + 1)).toMatchObject({ expired: true });
  });

  it('a purchase below 0', () => {
    expect(reason(order({ value: -1 }))).toContain('below 0');
    expect(reason(order({ name: 'refund', value: -1 }))).toBeUndefined();
  });

  it('a purchase whose value has no currency, which tags take for dollars', () => {
    expect(reason(order({ currency: undefined }))).toContain('currency');
  });

  it('an event without a readable time', () => {
    expect(reason(order({ event_time: 'soon' }))).toContain('time');
  });
});

describe('sGTM judges', () => {
  const judge = (status: number, headers: Record<string, string> = {}) =>
    sgtm.judge({ status, headers, body: '' }, [order()]);

  it.each([200, 201, 204])('%d as delivered', (status) => {
    expect(judge(status)).toEqual({ kind: 'delivered' });
  });

  it('400 as a path that no client claims', () => {
    expect(judge(400)).toMatchObject({
      kind: 'rejected',
      reason: expect.stringContaining('no client in the container claims this path'),
    });
  });

  it.each([301, 401, 403, 404, 413])('%d as rejected', (status) => {
    expect(judge(status)).toMatchObject({ kind: 'rejected' });
  });

  it.each([408, 429, 500, 502, 503, 504])('%d as another try, when the container says so', (status) => {
    expect(judge(status, { 'retry-after': '7' })).toMatchObject({ kind: 'retry', after: 7000 });
  });

  it('a purchase as safe to send twice, a refund and a lead not: GA4 behind the container counts them again', () => {
    expect(sgtm.deduplicates(order())).toBe(true);
    expect(sgtm.deduplicates(order({ name: 'refund' }))).toBe(false);
    expect(sgtm.deduplicates(order({ name: 'generate_lead' }))).toBe(false);
  });

  it('a purchase without any id as one that would count again', () => {
    const { transaction_id: _, order_id: __, ...nameless } = order();
    expect(sgtm.deduplicates(nameless)).toBe(false);
  });
});
