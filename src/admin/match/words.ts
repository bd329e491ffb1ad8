// The match report's words: groups, keys and ages as people call them.
import type { JoinAge } from '../../keep/questions/joins.ts';
import type { Lack } from '../../keep/questions/lacking.ts';
import type { MatchGroup } from './facts.ts';

export const GROUP_NAMES: Record<MatchGroup, string> = {
  phone_orders: 'Phone orders',
  leads: 'Leads',
  other_orders: 'Other orders',
};

const KEY_NAMES: Record<string, string> = {
  lead_id: 'its lead',
  visitor_id: 'visitor cookie',
  checkout_token: 'checkout',
  cart_token: 'cart',
  order_id: 'order number',
  client_id: 'GA4 client id',
  email_address: 'e-mail',
  phone_number: 'phone number',
  reference_code: 'reference code',
};
export const keyName = (key: string): string => KEY_NAMES[key] ?? key;

export const AGE_NAMES: Record<JoinAge, string> = {
  hour: 'within an hour',
  day: 'within a day',
  week: 'within a week',
  month: 'within a month',
  older: 'later',
};

export const LACK_NAMES: Record<Lack, string> = {
  visit: 'nothing is known',
  click: 'no click of an ad',
  client_id: 'no GA4 client id',
};
