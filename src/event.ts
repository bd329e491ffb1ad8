// The canonical event: one table of fields from which the schema, the typed conversion and the README table are made.
import { z } from 'zod';
import { EVENT_NAME } from './event-name.ts';

/** How a mapped value becomes the field's value; see `map/convert.ts`. */
export type Kind =
  | 'text'
  | 'money'
  | 'number'
  | 'instant'
  | 'page'
  | 'currency'
  | 'country'
  | 'email'
  | 'phone'
  | 'ip'
  | 'choice'
  | 'consent'
  | 'flag';

export type Field = {
  kind: Kind;
  help: string;
  choices?: readonly string[];
  /** Only feeds the value policy or the join, and is not sent. */
  input?: true;
  id?: true;
  /** Finds the visit of the event; not read where a store keeps no visits. */
  joins?: true;
};

export const ACTION_SOURCES = [
  'website',
  'phone_call',
  'physical_store',
  'system_generated',
  'email',
  'chat',
  'other',
] as const;
export const CHANNELS = ['online', 'phone', 'pos', 'renewal'] as const;
export const CONSENT_STATES = ['granted', 'denied', 'unknown'] as const;
export const CONSENT_KEYS = ['ad_storage', 'analytics_storage', 'ad_user_data', 'ad_personalization'] as const;
export type ConsentKey = (typeof CONSENT_KEYS)[number];

const text = (help: string): Field => ({ kind: 'text', help });
const id = (help: string): Field => ({ kind: 'text', help, id: true });
const page = (help: string): Field => ({ kind: 'page', help });
const money = (help: string): Field => ({ kind: 'money', help });
const joins = (help: string): Field => ({ kind: 'text', help, input: true, joins: true });
const choice = (choices: readonly string[], help: string): Field => ({ kind: 'choice', choices, help });
const agreed = (help: string): Field => ({ kind: 'consent', choices: CONSENT_STATES, help });

/** Fields that find the visit of an event and are not sent. */
export const TOKEN_FIELDS = {
  visitor_id: joins('The visitor, from the _tb cookie of the visit script'),
  checkout_token: joins('The shop’s token of the checkout'),
  cart_token: joins('The shop’s token of the cart'),
  reference_code: joins('The code that the page showed and the buyer said, such as 7K4P'),
  lead_key: joins('Tells records of a CRM apart whose ids overlap, such as deal:51; the lead id unless mapped'),
  from_lead: joins('The lead or contact a deal came from, by its lead_key; the deal takes over its ids'),
} as const satisfies Record<string, Field>;

/** Every field of an event by its path, as used under `fields:` and `set:`. Items have their own table. */
export const EVENT_FIELDS = {
  event_id: text('Id shared with the browser pixel so that both count once; the transaction id unless mapped'),
  event_time: { kind: 'instant', help: 'When it happened, UTC' },
  action_source: choice(ACTION_SOURCES, 'Where it happened; follows from the channel unless mapped'),
  channel: choice(CHANNELS, 'How the order came: online, phone, pos (in a shop) or renewal (of a subscription)'),
  test: { kind: 'flag', help: 'True for a test order', input: true },

  order_id: text('The shop’s own id of the order; joins refunds to purchases'),
  transaction_id: text('The order id the browser tag sends; the order id unless mapped'),
  order_number: {
    kind: 'text',
    help: 'The number people know the order by, such as #1042: the search finds it',
    input: true,
  },
  currency: { kind: 'currency', help: 'ISO 4217, of every amount of the event' },
  value: money('Worth of the event under the store’s value policy; computed for purchases and refunds unless mapped'),
  total: money('Grand total the buyer pays, or the money that went back'),
  tax: money('Tax contained in the total'),
  shipping: money('Shipping without tax'),
  shipping_tax: { kind: 'money', help: 'Tax on shipping', input: true },
  tip: { kind: 'money', help: 'Tips, duties and fees in the total, which never count into the value', input: true },
  tip_tax: { kind: 'money', help: 'Tax on what the tip names', input: true },
  discount: money('Sum of all discounts'),
  coupon: text('Coupon codes'),
  customer_type: choice(['new', 'returning'], 'First order of this customer or not'),

  lead_id: text('The CRM’s own id of the lead, contact or deal'),
  meta_lead_id: text('Meta’s leadgen id, 15 to 17 digits, of leads from Meta lead ads'),
  lead_source: text('Where the lead came from'),
  lead_event_source: text('Name of the CRM that tells of the lead, which Meta asks for'),
  lead_status: text('The CRM’s status'),
  lead_stage: text('The CRM’s stage'),
  disqualified_lead_reason: text('Why the lead was disqualified'),
  unconvert_lead_reason: text('Why the deal was lost'),

  'user_data.email_address': { kind: 'email', help: 'The buyer’s e-mail, plain; hashed per destination' },
  'user_data.phone_number': { kind: 'phone', help: 'The buyer’s phone, E.164; hashed per destination' },
  'user_data.address.first_name': text('First name'),
  'user_data.address.last_name': text('Last name'),
  'user_data.address.street': text('Street and number'),
  'user_data.address.city': text('City'),
  'user_data.address.region': text('State or province'),
  'user_data.address.postal_code': text('Postal code'),
  'user_data.address.country': { kind: 'country', help: 'ISO 3166-1 alpha-2' },
  user_id: id('Your own id of a signed-in customer; never an e-mail'),
  external_id: id('Customer id for Meta and TikTok'),

  client_id: id('GA4 client id, from the _ga cookie'),
  session_id: id('GA4 session id, from the _ga_<stream> cookie'),
  session_ids: id('GA4 session ids by stream, where a site has several; a destination sends that of its own'),
  gclid: id('Google click id'),
  gbraid: id('Google click id (iOS, app to web)'),
  wbraid: id('Google click id (iOS, web to app)'),
  dclid: id('Google display click id'),
  fbclid: id('Meta click id as in the landing URL'),
  fbc: id('Meta click id cookie'),
  fbp: id('Meta browser id cookie'),
  ttclid: id('TikTok click id'),
  ttp: id('TikTok browser id cookie'),
  msclkid: id('Microsoft click id'),
  li_fat_id: id('LinkedIn click id'),
  epik: id('Pinterest click id'),
  sc_click_id: id('Snapchat click id'),
  utm_source: text('Campaign source'),
  utm_medium: text('Campaign medium'),
  utm_campaign: text('Campaign name'),
  utm_term: text('Campaign term'),
  utm_content: text('Campaign content'),
  utm_id: text('Campaign id'),

  ...TOKEN_FIELDS,

  ip_override: { kind: 'ip', help: 'The buyer’s address, never that of staff or of this server' },
  user_agent: text('The buyer’s browser, never that of staff'),
  page_location: page('Address of the page, without keys, tokens and personal data in it'),
  page_referrer: page('Address of the page before, without keys, tokens and personal data in it'),
  language: text('Language of the browser'),

  'consent.ad_storage': agreed('Consent to store for ads'),
  'consent.analytics_storage': agreed('Consent to store for analytics'),
  'consent.ad_user_data': agreed('Consent to send user data for ads'),
  'consent.ad_personalization': agreed('Consent to personalised ads'),
} as const satisfies Record<string, Field>;

/** Fields of one item. `amount` and `amount_tax` are inputs: give them where the shop has line totals, else give `price`. */
export const ITEM_FIELDS = {
  item_id: text('Article id as the browser tag sends it'),
  item_name: text('Article name'),
  item_brand: text('Brand'),
  item_category: text('Category'),
  item_category2: text('Second category'),
  item_category3: text('Third category'),
  item_category4: text('Fourth category'),
  item_category5: text('Fifth category'),
  item_variant: text('Variant'),
  price: money('Unit price after discounts; tax follows the store’s value policy'),
  quantity: { kind: 'number', help: 'Pieces' },
  discount: money('Discount per piece'),
  coupon: text('Coupon of this line'),
  sku: text('Article number'),
  product_id: text('Product id'),
  variant_id: text('Variant id'),
  content_id: text('Article id in the catalog of ads, where it is another than item_id: Meta and TikTok get this one'),
  amount: { kind: 'money', help: 'Line total after discounts, without tax', input: true },
  amount_tax: { kind: 'money', help: 'Tax on the line total', input: true },
} as const satisfies Record<string, Field>;

const str = z.string().min(1).optional();
const num = z.number().optional();
const consent = z.enum(CONSENT_STATES).optional();

export const Item = z.strictObject({
  item_id: str,
  item_name: str,
  item_brand: str,
  item_category: str,
  item_category2: str,
  item_category3: str,
  item_category4: str,
  item_category5: str,
  item_variant: str,
  price: num,
  quantity: num,
  discount: num,
  coupon: str,
  sku: str,
  product_id: str,
  variant_id: str,
  content_id: str,
});
export type Item = z.infer<typeof Item>;

const Address = z.strictObject({
  first_name: str,
  last_name: str,
  street: str,
  city: str,
  region: str,
  postal_code: str,
  country: str,
});
const UserData = z.strictObject({ email_address: str, phone_number: str, address: Address.optional() });
const Consent = z.strictObject({
  ad_storage: consent,
  analytics_storage: consent,
  ad_user_data: consent,
  ad_personalization: consent,
});
/** Where a field came from: the expression or stage, and when the id was seen (ISO, UTC) if that is known. */
const Provenance = z.record(z.string(), z.strictObject({ from: z.string(), seen_at: z.string().optional() }));

/** What an event is joined to its visit by, the strongest first. */
export const JOIN_KEYS = [
  'lead_id',
  'visitor_id',
  'checkout_token',
  'cart_token',
  'order_id',
  'client_id',
  'email_address',
  'phone_number',
  'reference_code',
] as const;
export type JoinKey = (typeof JOIN_KEYS)[number];
/** The visit that an event was joined to: by which key, when its click (or, without one, the visit) was, and how long before the event. */
const JoinedVisit = z.strictObject({
  by: z.enum(JOIN_KEYS),
  seen_at: z.string(),
  age_seconds: z.number(),
  click: str,
});
export type JoinedVisit = z.infer<typeof JoinedVisit>;

/** What map makes, enrich completes and destinations read. Absent means unknown; nothing is ever null or empty. */
export const Event = z.strictObject({
  name: z.string().regex(EVENT_NAME),
  event_id: str,
  event_time: z.string(),
  action_source: z.enum(ACTION_SOURCES).optional(),
  channel: z.enum(CHANNELS).optional(),
  order_id: str,
  transaction_id: str,
  currency: str,
  value: num,
  total: num,
  tax: num,
  shipping: num,
  discount: num,
  coupon: str,
  customer_type: z.enum(['new', 'returning']).optional(),
  items: z.array(Item).optional(),
  lead_id: str,
  meta_lead_id: str,
  lead_source: str,
  lead_event_source: str,
  lead_status: str,
  lead_stage: str,
  disqualified_lead_reason: str,
  unconvert_lead_reason: str,
  user_data: UserData.optional(),
  user_id: str,
  external_id: str,
  client_id: str,
  session_id: str,
  session_ids: str,
  gclid: str,
  gbraid: str,
  wbraid: str,
  dclid: str,
  fbclid: str,
  fbc: str,
  fbp: str,
  ttclid: str,
  ttp: str,
  msclkid: str,
  li_fat_id: str,
  epik: str,
  sc_click_id: str,
  utm_source: str,
  utm_medium: str,
  utm_campaign: str,
  utm_term: str,
  utm_content: str,
  utm_id: str,
  ip_override: str,
  user_agent: str,
  page_location: str,
  page_referrer: str,
  language: str,
  consent: Consent.optional(),
  custom: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  visit: JoinedVisit.optional(),
  provenance: Provenance.optional(),
});
export type Event = z.infer<typeof Event>;
