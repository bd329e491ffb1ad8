// Published signatures as requests: the vectors of ../shared with the entries by which their platforms are verified.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { MAPPINGS } from './stores.ts';
import type { Asked } from './verify.ts';

const FILE = new URL('../../../shared/vectors/signatures.json', import.meta.url);
export const isThere = existsSync(FILE);
export const all = isThere ? JSON.parse(readFileSync(FILE, 'utf8')) : {};

export type Vector = {
  name: string;
  /** The mapping file whose sender signs like this. */
  platform: string;
  entry: object | object[];
  /** The only address at which there is a key, and the key; the sender's own keys make secrets needless. */
  key?: { url: string; pem: string };
  secrets: string[];
  settings?: Record<string, unknown>;
  asked: Asked & { headers: Record<string, string>; body: string };
  publicUrl?: string;
  /** When it was sent, and whether it says so under its signature. */
  now?: number;
  timed?: 'both' | 'past';
};

const shopify = { scheme: 'hmac', header: ['x-shopify-hmac-sha256', 'shopify-hmac-sha256'] };
const woocommerce = { scheme: 'hmac', header: 'x-wc-webhook-signature', html_secret: true };
const stripe = {
  scheme: 'hmac',
  header: 'stripe-signature',
  pair: 'v1',
  encoding: 'hex',
  signed: '{timestamp}.{body}',
  timestamp: { pair: 't', future: 'allow' },
};
const square = { scheme: 'hmac', header: 'x-square-hmacsha256-signature', signed: '{url}{body}' };
const DECODED = ['%3A', '%2F', '%3F', '%40', '%21', '%24', '%27', '%28', '%29', '%2A', '%2C', '%3B'];
const hubspot3 = {
  scheme: 'hmac',
  header: 'x-hubspot-signature-v3',
  signed: '{method}{url}{body}{timestamp}',
  decode: DECODED,
  timestamp: { header: 'x-hubspot-request-timestamp', unit: 'ms' },
};
const hubspot2 = {
  scheme: 'hash',
  header: 'x-hubspot-signature',
  encoding: 'hex',
  signed: '{secret}{method}{url}{body}',
  when_header: { 'x-hubspot-signature-version': 'v2' },
};
const hubspot1 = {
  scheme: 'hash',
  header: 'x-hubspot-signature',
  encoding: 'hex',
  signed: '{secret}{body}',
  when_header: { 'x-hubspot-signature-version': ['v1', ''] },
};
const paypal = {
  scheme: 'certificate',
  header: 'paypal-transmission-sig',
  url_header: 'paypal-cert-url',
  hosts: ['.paypal.com'],
  signed: '{headers.paypal-transmission-id}|{headers.paypal-transmission-time}|{settings.webhook_id}|{body_crc32}',
};
const commerce = { scheme: 'rsa', header: 'x-adobe-commerce-webhook-signature', signed: '{body_base64}' };
const events = { scheme: 'rsa', header: ['x-adobe-digital-signature-1', 'x-adobe-digital-signature-2'] };

const pathOf = (url: string) => url.slice(new URL(url).origin.length) || '/';
const originOf = (url: string) => new URL(url).origin;

export function vectors(): Vector[] {
  const {
    shopify: sh,
    woocommerce: wc,
    stripe: st,
    hubspot: hs,
    square: sq,
    paypal: pp,
    adobe_commerce_webhook: cw,
    adobe_io_events: io,
    rsa_test_public_key: pem,
  } = all;
  const [id, time, webhook_id] = String(pp.message).split('|');
  return [
    {
      name: 'Shopify',
      platform: 'shopify',
      entry: shopify,
      secrets: [sh.secret],
      asked: { headers: { 'x-shopify-hmac-sha256': sh.value }, body: sh.body },
    },
    {
      name: 'Shopify during a rotation',
      platform: 'shopify',
      entry: shopify,
      secrets: [sh.secret, sh.old_secret],
      asked: { headers: { 'shopify-hmac-sha256': sh.value_with_old_secret }, body: sh.body },
    },
    {
      name: 'WooCommerce',
      platform: 'woocommerce',
      entry: woocommerce,
      secrets: [wc.secret_as_shown_to_merchant],
      asked: { headers: { 'x-wc-webhook-signature': wc.value }, body: wc.body },
    },
    {
      name: 'WooCommerce with a stored secret',
      platform: 'woocommerce',
      entry: woocommerce,
      secrets: [wc.secret_if_stored_html_encoded],
      asked: { headers: { 'x-wc-webhook-signature': wc.value }, body: wc.body },
    },
    {
      name: 'WooCommerce, simple',
      platform: 'woocommerce',
      entry: woocommerce,
      secrets: [wc.simple.secret],
      asked: { headers: { 'x-wc-webhook-signature': wc.simple.value }, body: wc.simple.body },
    },
    {
      name: 'Stripe',
      platform: 'stripe',
      entry: stripe,
      secrets: [st.secret],
      now: st.timestamp * 1_000,
      timed: 'past',
      asked: { headers: { 'stripe-signature': st.value }, body: st.body },
    },
    {
      name: 'Stripe during a rotation',
      platform: 'stripe',
      entry: stripe,
      secrets: [st.secret],
      now: st.timestamp * 1_000,
      timed: 'past',
      asked: { headers: { 'stripe-signature': st.rotation_value }, body: st.body },
    },
    {
      name: 'HubSpot v1',
      platform: 'hubspot',
      entry: hubspot1,
      secrets: [hs.secret],
      asked: { headers: { 'x-hubspot-signature': hs.v1.value }, body: hs.v1.body },
    },
    ...[hs.v2_get, hs.v2_post].map(
      (v2: typeof hs.v2_get, index: number): Vector => ({
        name: `HubSpot v2 ${index}`,
        platform: 'hubspot',
        entry: hubspot2,
        secrets: [hs.secret],
        publicUrl: originOf(v2.uri),
        asked: {
          method: v2 === hs.v2_get ? 'GET' : 'POST',
          url: pathOf(v2.uri),
          headers: { 'x-hubspot-signature': v2.value, 'x-hubspot-signature-version': 'v2' },
          body: v2.body,
        },
      }),
    ),
    ...hs.v3.map(
      (v3: { method: string; uri: string; timestamp: string; body: string; value: string }, index: number): Vector => ({
        name: `HubSpot v3 ${index}`,
        platform: 'hubspot',
        entry: hubspot3,
        secrets: [hs.secret],
        publicUrl: originOf(v3.uri),
        now: Number(v3.timestamp),
        timed: 'both',
        asked: {
          method: v3.method,
          url: pathOf(v3.uri),
          headers: { 'x-hubspot-signature-v3': v3.value, 'x-hubspot-request-timestamp': v3.timestamp },
          body: v3.body,
        },
      }),
    ),
    {
      name: 'HubSpot v3 of an encoded URL',
      platform: 'hubspot',
      entry: hubspot3,
      secrets: [hs.secret],
      publicUrl: originOf(hs.v3_decoding.request_uri),
      now: Number(hs.v3_decoding.ts),
      timed: 'both',
      asked: {
        url: pathOf(hs.v3_decoding.request_uri),
        headers: { 'x-hubspot-signature-v3': hs.v3_decoding.value, 'x-hubspot-request-timestamp': hs.v3_decoding.ts },
        body: hs.v3_decoding.body,
      },
    },
    ...sq.map(
      (one: { key: string; notification_url: string; body: string; expected: string }, index: number): Vector => ({
        name: `Square ${index}`,
        platform: 'square',
        entry: square,
        secrets: [one.key],
        publicUrl: originOf(one.notification_url),
        asked: {
          url: pathOf(one.notification_url),
          headers: { 'x-square-hmacsha256-signature': one.expected },
          body: one.body,
        },
      }),
    ),
    {
      name: 'PayPal',
      platform: 'paypal',
      entry: paypal,
      secrets: [pem],
      settings: { webhook_id },
      asked: {
        headers: {
          'paypal-transmission-id': id ?? '',
          'paypal-transmission-time': time ?? '',
          'paypal-transmission-sig': pp.signature_with_test_key,
        },
        body: pp.body,
      },
    },
    {
      name: 'Adobe Commerce Webhooks',
      platform: 'magento',
      entry: commerce,
      secrets: [pem],
      asked: { headers: { 'x-adobe-commerce-webhook-signature': cw.signature_with_test_key }, body: cw.body },
    },
    {
      name: 'Adobe I/O Events',
      platform: 'magento',
      entry: events,
      secrets: [pem],
      asked: { headers: { 'x-adobe-digital-signature-1': io.signature_with_test_key }, body: io.body },
    },
    {
      name: 'Pipedrive',
      platform: 'pipedrive',
      entry: { scheme: 'basic' },
      secrets: [all.pipedrive.pass],
      settings: { user: all.pipedrive.user },
      asked: { headers: { authorization: all.pipedrive.authorization }, body: '' },
    },
  ];
}

const KEY_PATH = '/prod/keys/pub-key-1.pem';
const KEY_URL = `https://static.adobeioevents.com${KEY_PATH}`;

/** The vectors again, each for all that the mapping file of its sender says about verifying. */
export const vectorsOfFiles = (): Vector[] =>
  vectors().map((vector) => {
    const { verify } = parse(readFileSync(join(MAPPINGS, `${vector.platform}.yaml`), 'utf8'));
    const named = { ...vector, name: `${vector.name} by ${vector.platform}.yaml`, entry: verify };
    if (vector.entry !== events) return named;
    const [pem = ''] = vector.secrets;
    const headers = { ...vector.asked.headers, 'x-adobe-public-key1-path': KEY_PATH };
    return { ...named, asked: { ...vector.asked, headers }, secrets: ['any'], key: { url: KEY_URL, pem } };
  });
