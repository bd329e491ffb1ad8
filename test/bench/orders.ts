// Shopify orders of made-up people as the benchmarks send them: 5 line items, about 8 kB, true to the platform's shape.
import { createHmac, randomUUID } from 'node:crypto';

export const SECRET = 'secret-of-the-bench-shop';
export const PATH = '/hooks/shop/shopify';
/** So many different orders; every hook is one of them under an order id of its own. */
const VARIANTS = 64;
/** Ids have 13 digits, as Shopify's do, so that a new one can be written over the old one. */
const FIRST_ID = 6_200_000_000_000;
const MINUTE = 60_000;

const PEOPLE = [
  { first: 'Mila', last: 'de Vries', city: 'Utrecht', zip: '3512 AB', phone: '+31 6 5550 0142', country: 'NL' },
  { first: 'Jonas', last: 'Lindqvist', city: 'Malmö', zip: '211 22', phone: '070-555 01 42', country: 'SE' },
  { first: 'Aoife', last: 'Byrne', city: 'Cork', zip: 'T12 X70A', phone: '085 555 0142', country: 'IE' },
  { first: 'Tomás', last: 'García Ruiz', city: 'Bilbao', zip: '48001', phone: '655 501 423', country: 'ES' },
  { first: 'Greta', last: 'Schäfer', city: 'Köln', zip: '50667', phone: '0151 55501423', country: 'DE' },
  { first: 'Luca', last: 'Bianchi', city: 'Torino', zip: '10121', phone: '+39 345 550 1423', country: 'IT' },
  { first: 'Élodie', last: 'Lefèvre', city: 'Nantes', zip: '44000', phone: '06 55 50 14 23', country: 'FR' },
] as const;
const ARTICLES = [
  'Desk lamp Ines',
  'LED bulb, warm',
  'Floor lamp Otto',
  'Cable, woven',
  'Shade, linen',
  'Dimmer',
  'Hook',
];
const AGENTS = [
  'Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36',
  'Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0',
];

const pick = <T>(list: readonly [T, ...T[]] | readonly T[], index: number): T => {
  const value = list[index % list.length];
  if (value === undefined) throw new RangeError('nothing to pick from');
  return value;
};
const cents = (amount: number) => (amount / 100).toFixed(2);
const money = (amount: number) => ({ amount: cents(amount), currency_code: 'EUR' });
const priceSet = (amount: number) => ({ shop_money: money(amount), presentment_money: money(amount) });
const taxIn = (amount: number) => Math.round(amount - amount / 1.21);

function lineItem(seed: number, position: number) {
  const article = pick(ARTICLES, seed + position * 3);
  const quantity = 1 + ((seed + position) % 3);
  const price = 995 + ((seed * 37 + position * 911) % 9_000);
  const discount = position === 0 ? 250 : 0;
  const id = 15_820_060_000_000 + seed * 10 + position;
  return {
    id,
    admin_graphql_api_id: `gid://shopify/LineItem/${id}`,
    fulfillable_quantity: quantity,
    fulfillment_service: 'manual',
    fulfillment_status: null,
    gift_card: false,
    grams: 400,
    name: `${article} - Brass`,
    price: cents(price),
    price_set: priceSet(price),
    product_exists: true,
    product_id: 9_120_060_000_000 + ((seed + position * 3) % ARTICLES.length),
    properties: [],
    quantity,
    requires_shipping: true,
    sku: `LAMP-${(seed * 7 + position) % 500}`,
    taxable: true,
    title: article,
    total_discount: '0.00',
    variant_id: 48_120_060_000_000 + seed * 10 + position,
    variant_title: 'Brass',
    vendor: 'Lichtwerk',
    tax_lines: [{ title: 'VAT', rate: 0.21, price: cents(taxIn(price * quantity - discount)), channel_liable: false }],
    duties: [],
    discount_allocations:
      discount === 0
        ? []
        : [{ amount: cents(discount), amount_set: priceSet(discount), discount_application_index: 0 }],
  };
}

function address(seed: number) {
  const { first, last, city, zip, phone, country } = pick(PEOPLE, seed);
  return {
    first_name: first,
    last_name: last,
    name: `${first} ${last}`,
    company: null,
    address1: `Example street ${seed + 1}`,
    address2: '',
    city,
    zip,
    province: null,
    province_code: null,
    country,
    country_code: country,
    phone,
    latitude: null,
    longitude: null,
  };
}

function browser(seed: number, at: number) {
  const seconds = Math.floor(at / 1000);
  return {
    browser_ip: `203.0.113.${seed + 1}`,
    client_details: { accept_language: 'en-GB', browser_ip: `203.0.113.${seed + 1}`, user_agent: pick(AGENTS, seed) },
    landing_site: `/collections/lamps?utm_source=instagram&utm_medium=paid&utm_campaign=autumn-${seed}&fbclid=MadeUpClick${seed}`,
    referring_site: 'https://social.example/',
    note_attributes: [
      { name: '_ga', value: `GA1.1.1380133${100 + seed}.${seconds - 86_400}` },
      { name: '_ga_BENCH00001', value: `GS2.1.s${seconds - 900}$o2$g1$t${seconds - 300}$j0$l0$h0` },
      { name: '_fbp', value: `fb.1.${at - 86_400_000}.10981153${100 + seed}` },
    ],
  };
}

function order(seed: number, now: number) {
  const at = new Date(now - 5 * MINUTE).toISOString();
  const items = Array.from({ length: 5 }, (_, position) => lineItem(seed, position));
  const subtotal = items.reduce((sum, { price, quantity }) => sum + Math.round(Number(price) * 100) * quantity, -250);
  const customer = 7_120_060_000_000 + seed;
  const email = `buyer${seed}@shop${seed}.example.com`;
  return {
    id: FIRST_ID,
    name: `#${10_000 + seed}`,
    order_number: 10_000 + seed,
    created_at: at,
    processed_at: at,
    updated_at: at,
    cancelled_at: null,
    cancel_reason: null,
    closed_at: null,
    confirmed: true,
    test: false,
    financial_status: 'paid',
    fulfillment_status: null,
    source_name: 'web',
    currency: 'EUR',
    presentment_currency: 'EUR',
    taxes_included: true,
    subtotal_price: cents(subtotal),
    subtotal_price_set: priceSet(subtotal),
    current_subtotal_price: cents(subtotal),
    current_subtotal_price_set: priceSet(subtotal),
    current_total_price: cents(subtotal + 495),
    current_total_price_set: priceSet(subtotal + 495),
    total_discounts: '2.50',
    total_discounts_set: priceSet(250),
    total_price: cents(subtotal + 495),
    total_price_set: priceSet(subtotal + 495),
    total_shipping_price_set: priceSet(495),
    total_tax: cents(taxIn(subtotal + 495)),
    total_tax_set: priceSet(taxIn(subtotal + 495)),
    total_tip_received: '0.00',
    total_weight: 2_000,
    buyer_accepts_marketing: false,
    customer_locale: 'en-NL',
    email,
    contact_email: email,
    phone: null,
    note: null,
    tags: '',
    order_status_url: `https://lamps.example/68817/orders/0a1b2c${seed}/authenticate?key=made-up`,
    payment_gateway_names: ['cards'],
    discount_codes: [{ code: 'AUTUMN', amount: '2.50', type: 'fixed_amount' }],
    ...browser(seed, now),
    billing_address: address(seed),
    shipping_address: address(seed),
    customer: {
      id: customer,
      email,
      first_name: pick(PEOPLE, seed).first,
      last_name: pick(PEOPLE, seed).last,
      default_address: address(seed),
    },
    line_items: items,
    shipping_lines: [
      {
        id: 5_200_060_000_000 + seed,
        title: 'Standard',
        price: '4.95',
        price_set: priceSet(495),
        discounted_price: '4.95',
        discounted_price_set: priceSet(495),
        tax_lines: [{ title: 'VAT', rate: 0.21, price: cents(taxIn(495)) }],
        discount_allocations: [],
      },
    ],
    refunds: [],
  };
}

/** Where in every body its id stands. */
export const PLACE_OF_ID = '{"id":'.length;
/** The `number` of an order says which of all bodies it is, in turn; `signature` is its sender's. */
export type Signed = { number: number; id: string; signature: string };

/** The bodies, and ways to get the next one with an order id that no other has. */
export function createOrders(now: number) {
  const bodies = Array.from({ length: VARIANTS }, (_, seed) => Buffer.from(JSON.stringify(order(seed, now))));
  const signatures: string[] = [];
  let drawn = 0;
  const idOf = (number: number): string => String(FIRST_ID + number);
  const make = (number: number): Buffer => {
    const body = pick(bodies, number);
    body.write(idOf(number), PLACE_OF_ID, 'latin1');
    return body;
  };
  /** Signs so many orders beforehand: a sender's work is not to be measured. */
  const prepare = (count: number): void => {
    while (signatures.length < drawn + count) signatures.push(sign(make(signatures.length)));
  };
  /** The buffer is written over when its turn comes again. */
  const next = (): Buffer => make(drawn++);
  const nextSigned = (): Signed => {
    const number = drawn++;
    return { number, id: idOf(number), signature: signatures[number] ?? sign(make(number)) };
  };
  return { bodies, next, nextSigned, prepare };
}

const sign = (body: Buffer): string => createHmac('sha256', SECRET).update(body).digest('base64');

/** What Shopify puts on every hook, and the delivery id, which is new each time. */
export const shopifyHeaders = (body: Buffer, signature = sign(body)): Record<string, string> => ({
  'content-type': 'application/json',
  'user-agent': 'Shopify-Captain-Hook',
  'x-shopify-topic': 'orders/paid',
  'x-shopify-shop-domain': 'bench-lamps.myshopify.com',
  'x-shopify-api-version': '2026-07',
  'x-shopify-webhook-id': randomUUID(),
  'x-shopify-event-id': randomUUID(),
  'x-shopify-hmac-sha256': signature,
});
