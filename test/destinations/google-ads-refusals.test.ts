// What the Google Ads destination does not send, and until when it sends the rest.
import { describe, expect, it } from 'vitest';
import { googleAds } from '../../src/destinations/google-ads.ts';
import type { Event } from '../../src/event.ts';
import { DAY, googleAdsSettings, HOUR, NOW, order } from './example.ts';
import { CLICKED, clicked, lead } from './google-ads-example.ts';

const settings = googleAdsSettings();
const refused = (event: Event, now = NOW, more: object = {}) => googleAds.wants(event, googleAdsSettings(more), now);
const reason = (event: Event, now = NOW) => refused(event, now)?.reason;

describe('Google Ads wants', () => {
  it('what has a click, or a person', () => {
    expect(reason(clicked())).toBeUndefined();
    expect(reason(order())).toBeUndefined();
  });

  it.each<[string, Event, RegExp]>([
    ['refunds', order({ name: 'refund' }), /knows no refunds/],
    [
      'events without a conversion action',
      order({ name: 'qualify_lead' }),
      /no conversion action is set for qualify_lead/,
    ],
    ['events of inherited names', order({ name: 'toString' }), /no conversion action/],
    [
      'nobody without a click',
      order({ user_data: undefined }),
      /no click id of Google, e-mail, phone or whole address/,
    ],
    ['orders without an id', order({ transaction_id: undefined, order_id: undefined }), /no order or lead id/],
    ['negative amounts', order({ value: -1 }), /below 0/],
    ['times that are none', order({ event_time: 'soon' }), /no readable time/],
  ])('not %s', (_, event, message) => {
    expect(reason(event)).toMatch(message);
  });

  it('what a store calls by a name of its own, where its order or lead is known', () => {
    const conversion_actions = { big_order: '9' };
    const big = (more: object) => order({ name: 'big_order', transaction_id: undefined, ...more });
    expect(refused(big({ event_id: '1001.big_order' }), NOW, { conversion_actions })).toBeUndefined();
    expect(refused(big({}), NOW, { conversion_actions })?.reason).toMatch(/no order or lead id/);
  });

  it('nothing of a person whom it may not send', () => {
    expect(refused(order(), NOW, { user_data: false })?.reason).toMatch(/no click id/);
  });

  it('an order until its click is 90 days old, whenever the order was', () => {
    const end = Date.parse(CLICKED) + 90 * DAY;
    expect(reason(clicked(), end - HOUR)).toBeUndefined();
    expect(refused(clicked(), end + HOUR)).toMatchObject({
      expired: true,
      reason: expect.stringMatching(/90 days after the click/),
    });
    expect(googleAds.maxAge(clicked(), settings)).toBe(end - Date.parse(clicked().event_time));
  });

  it('a deal that is won long after its click only where the person is known', () => {
    const late = { gclid: { from: 'visit by lead_id', seen_at: '2026-05-01T00:00:00Z' } };
    const { user_data: _, ...nobody } = lead({ gclid: 'CjG', provenance: late });
    expect(refused(nobody)).toMatchObject({
      expired: true,
      reason: expect.stringMatching(/90 days after the click/),
    });
    expect(googleAds.maxAge(nobody, settings)).toBe(0);
    expect(refused(lead({ gclid: 'CjG', provenance: late }))).toBeUndefined();
  });

  it('a person for 63 days', () => {
    const happened = Date.parse(order().event_time);
    expect(reason(order(), happened + 62 * DAY)).toBeUndefined();
    expect(reason(order(), happened + 64 * DAY)).toMatch(/63 days after the event/);
  });
});
