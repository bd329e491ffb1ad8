// What TikTok is sent of events of the tests, and the order of somebody who clicked on an ad there.
import { tiktok } from '../../src/destinations/tiktok.ts';
import type { Event } from '../../src/event.ts';
import { bodyOf, NOW, order, tiktokSettings } from './example.ts';

export const request = (events: Event[], now = NOW, more: object = {}) =>
  tiktok.build(events, tiktokSettings(more), now);
export const sent = (event: Event, now = NOW, more: object = {}) => bodyOf(request([event], now, more)).data[0];

type Changes = Parameters<typeof order>[0];
const PAGE = { page_location: 'https://lamps.example/thanks?x=1', page_referrer: 'https://lamps.example/cart' };
/** Made on the website. */
export const webOrder = (changes: Changes = {}): Event =>
  order({
    action_source: 'website',
    ip_override: '203.0.113.7',
    user_agent: 'Mozilla/5.0',
    language: 'nl-NL',
    ttclid: 'E.C.P.AbCd-1_2',
    ...PAGE,
    ...changes,
  });
/** A stage of a deal, as a CRM tells of it. */
export const deal = (changes: Changes = {}): Event => {
  const none = { transaction_id: undefined, order_id: undefined, items: undefined, value: undefined };
  const crm = { lead_id: 'deal-7', lead_event_source: 'Own CRM', lead_stage: 'Offer made' };
  return order({ name: 'qualify_lead', action_source: 'system_generated', ...none, ...crm, ...changes });
};
