// What the Meta destination does not send.
import { describe, expect, it } from 'vitest';
import { meta } from '../../src/destinations/meta.ts';
import type { Event } from '../../src/event.ts';
import { DAY, metaSettings, NOW, order, PLACED } from './example.ts';
import { BROWSER, sent } from './meta-example.ts';

const settings = metaSettings();
const reason = (event: Event, now = NOW) => meta.wants(event, settings, now)?.reason;

describe('Meta refuses', () => {
  const placed = Date.parse(PLACED);

  it.each(['website', 'phone_call', 'system_generated', 'email', 'chat', 'other'] as const)(
    'a %s event older than 7 days as expired',
    (action_source) => {
      const event = order({ action_source, ...BROWSER });
      expect(meta.maxAge(event, settings)).toBe(7 * DAY);
      expect(meta.wants(event, settings, placed + 7 * DAY)).toBeUndefined();
      expect(meta.wants(event, settings, placed + 7 * DAY + 1)).toMatchObject({ expired: true });
    },
  );

  it('an event whose whole seconds are older, although it is not', () => {
    const event = order({ event_time: new Date(placed + 900).toISOString() });
    expect(meta.wants(event, settings, placed + 7 * DAY)).toBeUndefined();
    expect(meta.wants(event, settings, placed + 7 * DAY + 1)).toMatchObject({ expired: true });
  });

  it('a physical_store event only after 62 days', () => {
    const event = order({ action_source: 'physical_store' });
    expect(meta.maxAge(event, settings)).toBe(62 * DAY);
    expect(meta.wants(event, settings, placed + 62 * DAY)).toBeUndefined();
    expect(meta.wants(event, settings, placed + 62 * DAY + 1)).toMatchObject({ expired: true });
  });

  it('refunds unless the store wants them as a custom event', () => {
    expect(reason(order({ name: 'refund' }))).toContain('refunds');
    const wanted = metaSettings({ refunds: 'custom_event' });
    expect(meta.wants(order({ name: 'refund' }), wanted, NOW)).toBeUndefined();
    expect(sent(order({ name: 'refund' }), NOW, { refunds: 'custom_event' }).event_name).toBe('Refund');
  });

  it('a purchase without value or currency, or of less than nothing, but not one of 0', () => {
    expect(reason(order({ value: undefined }))).toContain('value');
    expect(reason(order({ currency: undefined }))).toContain('currency');
    expect(reason(order({ value: -1 }))).toContain('below 0');
    expect(reason(order({ value: 0 }))).toBeUndefined();
  });

  it('an event without a readable time', () => {
    expect(reason(order({ event_time: '' }))).toContain('time');
  });

  const nobody = { user_data: undefined, external_id: undefined, user_id: undefined };
  const address = { first_name: 'Jane', last_name: 'Doe', city: 'Springfield', postal_code: '12345', country: 'US' };

  it.each([
    ['nobody', {}],
    ['a browser alone', { user_agent: 'Mozilla/5.0' }],
    ['an IP address alone', { ip_override: '203.0.113.7' }],
    ['a place', { user_data: { address: { ...address, first_name: undefined, last_name: undefined } } }],
    [
      'a place and a browser',
      { user_data: { address: { city: 'Springfield', country: 'US' } }, user_agent: 'Mozilla/5.0' },
    ],
    ['a first name alone', { user_data: { address: { first_name: 'Jane' } } }],
    ['an e-mail address that is none', { user_data: { email_address: 'jane' } }],
    ['a phone number that is none', { user_data: { phone_number: '123' } }],
    ['a click id that is none', { fbc: 'fb.1.2', fbp: 'x' }],
  ])('an event of which it knows %s', (_, known) => {
    expect(reason(order({ ...nobody, ...known } as Partial<Event>))).toContain('too little');
  });

  it.each([
    ['an e-mail address', { user_data: { email_address: 'jane@example.com' } }],
    ['a phone number', { user_data: { phone_number: '+16505551212' } }],
    ['an external id', { external_id: 'c-1' }],
    ['a click id', { fbc: 'fb.1.1554763741205.AbCd' }],
    ['a browser id', { fbp: 'fb.1.1558571054389.1098115397' }],
    ['a lead id', { meta_lead_id: '123456789012345' }],
    ['an IP address and a browser', BROWSER],
    ['a full name', { user_data: { address: { first_name: 'Jane', last_name: 'Doe' } } }],
    ['a last name and a place', { user_data: { address: { last_name: 'Doe', country: 'US' } } }],
  ])('nothing of which it knows %s', (_, known) => {
    expect(reason(order({ ...nobody, ...known } as Partial<Event>))).toBeUndefined();
  });
});
