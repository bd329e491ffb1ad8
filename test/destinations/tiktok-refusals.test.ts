// What the TikTok destination does not send.
import { describe, expect, it } from 'vitest';
import { tiktok } from '../../src/destinations/tiktok.ts';
import type { Event } from '../../src/event.ts';
import { DAY, NOW, order, PLACED, tiktokSettings } from './example.ts';
import { deal, webOrder } from './tiktok-example.ts';

const reason = (event: Event, event_source = 'web', now = NOW) =>
  tiktok.wants(event, tiktokSettings({ event_source }), now)?.reason;
const phoneLead = () => deal({ name: 'generate_lead', action_source: 'phone_call' });

describe('TikTok takes', () => {
  it.each([
    ['an order of the website', webOrder(), 'web'],
    ['a lead of the website', deal({ name: 'generate_lead', action_source: 'website' }), 'web'],
    ['an order that says nothing of it', order({ action_source: undefined }), 'web'],
    ['an order by phone', order(), 'offline'],
    ['an order of a till', order({ action_source: 'physical_store' }), 'offline'],
    ['a renewal', order({ action_source: 'system_generated' }), 'offline'],
    ['a lead by phone', phoneLead(), 'offline'],
    ['a lead of a CRM', deal({ name: 'generate_lead' }), 'crm'],
    ['a stage of a deal', deal(), 'crm'],
  ])('%s in one of its three kinds of sets, and the others say which', (_, event, source) => {
    for (const one of ['web', 'offline', 'crm'])
      expect(reason(event, one)).toEqual(
        one === source ? undefined : expect.stringContaining(`event_source: ${source}`),
      );
  });
});

describe('TikTok refuses', () => {
  const placed = Date.parse(PLACED);

  it.each([
    ['web', 7, webOrder()],
    ['offline', 28, order()],
    ['crm', 7, deal()],
  ] as const)('for %s what is older than %i days, as expired', (event_source, days, event) => {
    const settings = tiktokSettings({ event_source });
    expect(tiktok.maxAge(event, settings)).toBe(days * DAY);
    expect(tiktok.wants(event, settings, placed + days * DAY)).toBeUndefined();
    expect(tiktok.wants(event, settings, placed + days * DAY + 1)).toMatchObject({ expired: true });
  });

  it('refunds', () => {
    expect(reason(webOrder({ name: 'refund' }))).toBe('TikTok knows no refunds');
  });

  it('a purchase without value or currency, or of less than nothing, but not one of 0', () => {
    expect(reason(webOrder({ value: undefined }))).toContain('value');
    expect(reason(webOrder({ currency: 'euro' }))).toContain('currency');
    expect(reason(webOrder({ value: -1 }))).toContain('below 0');
    expect(reason(webOrder({ value: 0 }))).toBeUndefined();
  });

  it('an event without a readable time, or without an id', () => {
    expect(reason(webOrder({ event_time: '' }))).toContain('time');
    const shipped = webOrder({ name: 'order_shipped', transaction_id: undefined });
    expect(reason(shipped)).toContain('no id by which TikTok would know a second copy');
  });

  const nobody = {
    user_data: undefined,
    external_id: undefined,
    user_id: undefined,
    ip_override: undefined,
    user_agent: undefined,
    ttclid: undefined,
  };
  it.each([
    ['nobody', {}],
    ['a browser alone', { user_agent: 'Mozilla/5.0' }],
    ['a place', { user_data: { address: { city: 'Springfield', country: 'US' } } }],
    ['a full name', { user_data: { address: { first_name: 'Jane', last_name: 'Doe' } } }],
    ['a phone number that is none', { user_data: { phone_number: '123' } }],
    ['a click id that is none', { ttclid: 'undefined' }],
  ])('an event of the website of which it knows %s', (_, known) => {
    expect(reason(webOrder({ ...nobody, ...known }))).toContain('too little');
  });

  it.each([
    ['an e-mail address', { user_data: { email_address: 'jane@example.com' } }],
    ['a phone number', { user_data: { phone_number: '+16505551212' } }],
    ['an external id', { external_id: 'c-1' }],
    ['a click id', { ttclid: 'E.C.P.AbCd' }],
    ['a browser id', { ttp: '2AbCdEfGh' }],
    ['an IP address and a browser', { ip_override: '203.0.113.7', user_agent: 'Mozilla/5.0' }],
  ])('nothing of the website of which it knows %s', (_, known) => {
    expect(reason(webOrder({ ...nobody, ...known }))).toBeUndefined();
  });

  it('an order by phone of which it knows neither e-mail nor phone', () => {
    const known = { ...nobody, ttclid: 'E.C.P.AbCd', external_id: 'c-1', action_source: 'phone_call' } as const;
    expect(reason(webOrder(known), 'offline')).toContain('too little');
    const called = webOrder({ ...known, user_data: { phone_number: '+16505551212' } });
    expect(reason(called, 'offline')).toBeUndefined();
  });
});
