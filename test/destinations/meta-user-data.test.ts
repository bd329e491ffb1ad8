// What Meta is told of the buyer: ids of their own, of their click and of their browser.
import { describe, expect, it } from 'vitest';
import type { Event } from '../../src/event.ts';
import { sha256 } from '../../src/lib/hash.ts';
import { HOUR, NOW, order, PLACED } from './example.ts';
import { sent } from './meta-example.ts';

describe('Meta user data', () => {
  const user = (changes: { [K in keyof Event]?: Event[K] | undefined }) => sent(order(changes)).user_data;

  it('has the user id as external id when there is no other', () => {
    expect(user({ external_id: undefined, user_id: 'cust-42' }).external_id).toEqual([sha256('cust-42')]);
  });

  it('has click and browser ids only in Meta’s form', () => {
    expect(user({ fbc: 'fb.1.1554763741205.AbCd', fbp: 'fb.1.1558571054389.1098115397' })).toMatchObject({
      fbc: 'fb.1.1554763741205.AbCd',
      fbp: 'fb.1.1558571054389.1098115397',
    });
    expect(user({ fbc: 'fb.1.1554763741205.AbCd.AQQCAQAA' }).fbc).toBe('fb.1.1554763741205.AbCd.AQQCAQAA');
    const wrong = user({ fbc: 'AbCd', fbp: 'fb.1.x.y' });
    expect(wrong).not.toHaveProperty('fbc');
    expect(wrong).not.toHaveProperty('fbp');
  });

  it('has a click id made from the fbclid and when it was seen, else when the event happened', () => {
    const seen_at = '2026-11-17T10:00:00Z';
    const provenance = { fbclid: { from: 'capture', seen_at } };
    expect(user({ fbclid: 'IwAR0_x-Y', provenance }).fbc).toBe(`fb.1.${Date.parse(seen_at)}.IwAR0_x-Y`);
    expect(user({ fbclid: 'IwAR0_x-Y' }).fbc).toBe(`fb.1.${Date.parse(PLACED)}.IwAR0_x-Y`);
    expect(user({ page_location: 'https://shop.example.com/?a=1&fbclid=IwAR1#top' }).fbc).toMatch(/\.IwAR1$/);
    expect(user({ page_location: 'https://shop.example.com/?fbclid=undefined' }).fbc).toBeUndefined();
  });

  it('has no click of the future, where the clock of a sender runs ahead', () => {
    const ahead = new Date(NOW + HOUR).toISOString();
    const provenance = { fbclid: { from: 'capture', seen_at: ahead } };
    expect(user({ event_time: ahead, fbclid: 'IwAR0' }).fbc).toBe(`fb.1.${NOW}.IwAR0`);
    expect(user({ event_time: ahead, fbclid: 'IwAR0', provenance }).fbc).toBe(`fb.1.${NOW}.IwAR0`);
  });

  it.each([
    ['123456789012345', 123456789012345],
    ['12345678901234567', '12345678901234567'],
    ['12345678901234', undefined],
    ['123456789012345678', undefined],
    ['l:123456789012345', undefined],
  ])('has the lead id %s as %s', (meta_lead_id, expected) => {
    expect(user({ meta_lead_id }).lead_id).toBe(expected);
  });
});
