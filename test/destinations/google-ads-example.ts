// Events for Google Ads: a purchase by somebody who clicked an ad, and a lead that was won.
import type { Event } from '../../src/event.ts';
import { order } from './example.ts';

export const CLICKED = '2026-11-10T09:00:00Z';
export const clicked = (changes: Partial<Event> = {}): Event => ({
  ...order({ user_data: undefined }),
  gclid: 'Cj0KCQiA-b_c',
  provenance: { gclid: { from: 'visit by phone_number', seen_at: CLICKED } },
  ...changes,
});
export const lead = (changes: Partial<Event> = {}): Event => ({
  ...order({ name: 'close_convert_lead', transaction_id: undefined, order_id: undefined, items: undefined }),
  action_source: 'system_generated',
  lead_id: 'deal-7',
  ...changes,
});
