// Random canonical events, nasty ones included. Personal data is recognisable, so that a test finds it where it leaks.
import fc from 'fast-check';
import { ACTION_SOURCES, CHANNELS, CONSENT_STATES, Event } from '../../src/event.ts';
import { EVENT_NAMES } from '../../src/event-name.ts';
import { DAY, NOW } from './example.ts';

/** Whatever holds one of these holds plain personal data of `arbitraryEvent`. */
export const PERSONAL = /secretperson|plainname|6505550123|hidden street/i;

const nasty = fc.constantFrom(
  ' ',
  '0',
  'null',
  '😀'.repeat(80),
  'x'.repeat(600),
  '漢字',
  '"\\\n',
  'constructor',
  '\ud800',
  '<b>&amp;',
  '---',
);
const text = fc.oneof(
  { weight: 4, arbitrary: fc.string({ minLength: 1, maxLength: 20 }) },
  { weight: 1, arbitrary: nasty },
);
const email = fc
  .tuple(
    fc.constantFrom('secretperson', 'Secret.Person', ' SecretPerson+tag'),
    fc.constantFrom('@example.com', '@GMAIL.com ', '@', ''),
  )
  .map(([local, domain]) => local.replace('Secret.Person', 'Secretperson.x') + domain);
/** Texts that people type an address into. */
const freeText = fc.oneof(
  { weight: 5, arbitrary: text },
  { weight: 1, arbitrary: fc.constant('ask secretperson@example.com') },
);
const money = fc.oneof(fc.constantFrom(0, -0, -5, 0.1 + 0.2, 1e15), fc.double({ min: 0, max: 10_000, noNaN: true }));
const id = fc.oneof(
  text,
  fc.constantFrom('secretperson@example.com', '123456789012345', 'fb.1.1554763741205.AbCd', '1380133182.1764792191'),
);
const fbc = fc.oneof(
  text,
  fc.constantFrom('fb.1.1554763741205.AbCd', 'fb.1.1554763741205.AbCd.AQQCAQAA', 'fb.1.x.AbCd'),
);
const session = fc.oneof(
  text,
  fc.integer({ min: -2, max: 30 }).map((hours) => String(Math.floor(NOW / 1000) - hours * 3600)),
);
const page = fc.constantFrom(
  'https://shop.example.com/',
  'https://shop.example.com/a?fbclid=AbCd&x=1',
  'https://shop.example.com/?mail=secretperson%40example.com',
  'https://shop.example.com/secretperson@example.com',
  'no address',
);
const time = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: NOW - 4 * DAY, max: NOW + DAY }).map((ms) => new Date(ms).toISOString()) },
  { weight: 2, arbitrary: fc.integer({ min: NOW - 70 * DAY, max: NOW }).map((ms) => new Date(ms).toISOString()) },
  { weight: 1, arbitrary: fc.constantFrom('', 'soon', '2026-02-31T00:00:00Z') },
);
const customName = fc.oneof(
  text,
  fc.constantFrom('value', 'items', 'ga_x', 'own', '__proto__', 'toString', 'session_id', 'page_title'),
);
const optional = { requiredKeys: [] };

const item = fc.record(
  {
    item_id: text,
    item_name: freeText,
    item_brand: text,
    item_category: text,
    item_variant: text,
    coupon: freeText,
    sku: text,
    price: money,
    discount: money,
    quantity: fc.constantFrom(0, 1, 2.5, -1, 3),
  },
  optional,
);
const address = fc.record(
  {
    first_name: fc.constantFrom('Plainname', ' PLAINNAME-', '--', '정'),
    last_name: fc.constantFrom('Plainname', "O'Plainname"),
    street: fc.constantFrom('Hidden Street 5', '!!'),
    city: text,
    region: fc.oneof(text, fc.constant('California')),
    postal_code: fc.oneof(text, fc.constant('94025-1234')),
    country: fc.oneof(text, fc.constantFrom('US', 'de', 'United States')),
  },
  optional,
);
const userData = fc.record(
  {
    email_address: email.filter((one) => one !== ''),
    phone_number: fc.constantFrom('+16505550123', '650 555-0123', '+1', 'x'),
    address,
  },
  optional,
);
const consent = fc.constantFrom(...CONSENT_STATES);

/** Events as the schema allows them; most are younger than four days. */
export const arbitraryEvent: fc.Arbitrary<Event> = fc
  .record(
    {
      name: fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom(...EVENT_NAMES) },
        { weight: 1, arbitrary: fc.constantFrom('add_to_cart', 'session_start', 'ga_x', 'constructor', 'own_event') },
      ),
      event_id: id,
      event_time: time,
      action_source: fc.constantFrom(...ACTION_SOURCES),
      channel: fc.constantFrom(...CHANNELS),
      order_id: id,
      transaction_id: id,
      currency: fc.constantFrom('USD', 'eur', 'X', 'JPY'),
      value: money,
      total: money,
      tax: money,
      shipping: money,
      discount: money,
      coupon: freeText,
      customer_type: fc.constantFrom('new', 'returning'),
      items: fc.array(item, { maxLength: 5 }),
      lead_id: id,
      meta_lead_id: id,
      lead_source: freeText,
      lead_status: freeText,
      lead_stage: freeText,
      disqualified_lead_reason: freeText,
      unconvert_lead_reason: freeText,
      user_data: userData,
      user_id: id,
      external_id: id,
      client_id: id,
      session_id: session,
      gclid: text,
      fbclid: text,
      fbc,
      fbp: fc.oneof(text, fc.constant('fb.1.1558571054389.1098115397')),
      ttclid: fc.oneof(text, fc.constant('E.C.P.AbCd-1_2')),
      ttp: fc.oneof(text, fc.constant('2AbCdEfGh.tt.1')),
      msclkid: text,
      utm_source: text,
      ip_override: fc.constantFrom('203.0.113.7', '2001:db8::1', 'nowhere'),
      user_agent: text,
      page_location: page,
      page_referrer: page,
      language: text,
      consent: fc.record(
        { ad_storage: consent, analytics_storage: consent, ad_user_data: consent, ad_personalization: consent },
        optional,
      ),
      custom: fc.dictionary(customName, fc.oneof(freeText, money, fc.boolean()), { maxKeys: 40 }),
    },
    { requiredKeys: ['name', 'event_time'] },
  )
  .map((event) => Event.parse(event));
