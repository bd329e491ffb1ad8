// What keeps an event from a destination: what the store asks a yes for, and what the kind of destination takes no no for.
import { expect, test } from 'vitest';
import { consentRefuses, settleConsent } from '../../src/enrich/consent.ts';
import type { Event } from '../../src/event.ts';

const event = (consent?: Event['consent']): Event => ({
  name: 'purchase',
  event_time: '2026-11-18T09:00:00.000Z',
  ...(consent !== undefined && { consent }),
});
const asking = { require: { meta: ['ad_user_data' as const] } };

test('a yes that the store asks for: says what there is in its place', () => {
  const why = (consent?: Event['consent']) => consentRefuses(event(consent), 'meta', [], asking);
  expect(why()).toBe('no consent: ad_user_data is unknown, and the store requires it for meta');
  expect(why({ ad_user_data: 'unknown' })).toBe(why());
  expect(why({ ad_user_data: 'denied' })).toBe(
    'no consent: ad_user_data is denied, and the store requires it for meta',
  );
  expect(why({ ad_user_data: 'granted' })).toBeUndefined();
  expect(consentRefuses(event(), 'ga4', [], asking)).toBeUndefined();
});

test('a no to what a destination needs: keeps the event from it, silence does not', () => {
  const why = (consent?: Event['consent']) => consentRefuses(event(consent), 'meta', ['ad_storage'], {});
  expect(why({ ad_storage: 'denied' })).toBe('no consent: ad_storage is denied');
  expect(why({ ad_storage: 'granted', ad_user_data: 'denied' })).toBeUndefined();
  expect(why()).toBeUndefined();
});

test('the store’s default: stands where nothing is known, and never over an answer', () => {
  const settled = settleConsent(event({ ad_storage: 'denied', ad_user_data: 'unknown' }), { default: 'granted' });
  expect(settled.consent).toEqual({
    ad_storage: 'denied',
    ad_user_data: 'granted',
    analytics_storage: 'granted',
    ad_personalization: 'granted',
  });
  expect(settleConsent(event(), {})).toEqual(event());
});
