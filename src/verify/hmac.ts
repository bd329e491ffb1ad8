// HMAC, and the plain hash some senders make of the secret and the request: any header, encoding and signed text.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { Common, no, type Scheme } from './scheme.ts';
import { decodeExactly, firstHeader, inHeaders, SignatureFields, signaturesIn } from './signature.ts';
import { Decode, type Parts, render, Template } from './signed.ts';
import { readTimestamp, Timestamp, writeTimestamp } from './timestamp.ts';

const algorithm = z.enum(['sha256', 'sha384', 'sha512']).default('sha256');
const encoding = SignatureFields.encoding.default('base64');

export const HmacSettings = z.strictObject({
  scheme: z.literal('hmac'),
  ...SignatureFields,
  encoding,
  algorithm,
  signed: Template().default('{body}'),
  timestamp: Timestamp.optional(),
  decode: Decode,
  secret_prefix: z.string().optional().describe('Text before the secret that is no part of the key, such as whsec_'),
  secret_encoding: z.enum(['text', 'base64', 'hex']).default('text').describe('How the secret writes down its key'),
  html_secret: z.boolean().default(false).describe('The sender may decode HTML entities of the secret before it signs'),
  ...Common,
});
export const HashSettings = z.strictObject({
  scheme: z.literal('hash'),
  ...SignatureFields,
  encoding,
  algorithm,
  signed: Template(['secret']),
  timestamp: Timestamp.optional(),
  decode: Decode,
  ...Common,
});
type HmacSettings = z.infer<typeof HmacSettings>;
type HashSettings = z.infer<typeof HashSettings>;
type Settings = HmacSettings | HashSettings;

const ENTITIES: Record<string, string> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#039;': "'",
  '&#39;': "'",
  '&amp;': '&',
};
const decodeEntities = (secret: string) =>
  secret.replace(/&(?:lt|gt|quot|#0?39|amp);/g, (entity) => ENTITIES[entity] ?? entity);

/** The keys a secret may stand for; none where it is not written as the sender writes its secrets. */
function keysOf(settings: HmacSettings, secret: string): (string | Buffer)[] {
  const { secret_prefix = '', secret_encoding, html_secret } = settings;
  const text = secret.startsWith(secret_prefix) ? secret.slice(secret_prefix.length) : secret;
  if (secret_encoding !== 'text') return [decodeExactly(text, secret_encoding) ?? []].flat();
  return html_secret ? [...new Set([decodeEntities(text), text])] : [text];
}

/** What a sender with this secret may have written, before it is encoded. */
function digestsOf(settings: Settings, secret: string, parts: Parts): Buffer[] | { missing: string } {
  const signed = render(settings.signed, { ...parts, decode: settings.decode, secret });
  if ('missing' in signed) return signed;
  if (settings.scheme === 'hash') return [createHash(settings.algorithm).update(signed).digest()];
  return keysOf(settings, secret).map((key) => createHmac(settings.algorithm, key).update(signed).digest());
}

const equal = (a: Buffer, b: Buffer) => a.length === b.length && timingSafeEqual(a, b);
/** Compares each with each: how long that takes does not say which of them fits. */
function anyEqual(digests: readonly Buffer[], signatures: readonly Buffer[]): boolean {
  let found = false;
  for (const digest of digests) for (const signature of signatures) if (equal(digest, signature)) found = true;
  return found;
}

/** Follows shopify.dev "verify deliveries", WC_Webhook::generate_signature, stripe-node's Webhooks.ts and standardwebhooks.com. */
const scheme: Scheme<Settings> = {
  ...inHeaders,
  verify: (settings, request, sender, { now, publicUrl }) => {
    const given = firstHeader(settings.header, request.headers);
    if (given === undefined) return no('the signature header is missing');
    // Node joins the values of a header that came twice; neither may pass for the other.
    if (given.includes(', ')) return no('the signature header came twice');
    const time = settings.timestamp && readTimestamp(settings.timestamp, request.headers, given, now);
    if (time !== undefined && 'problem' in time) return no(time.problem);
    const signatures = signaturesIn(settings, given);
    if ('problem' in signatures) return no(signatures.problem);
    const parts = { request, settings: sender.settings, publicUrl, timestamp: time?.text };
    let fits = false;
    for (const secret of sender.secrets) {
      const digests = digestsOf(settings, secret, parts);
      if ('missing' in digests) return no(digests.missing);
      if (anyEqual(digests, signatures)) fits = true;
    }
    return fits
      ? { ok: true }
      : no(
          'the signature does not fit any secret of this source; is the secret the one shown by the sender, without spaces?',
        );
  },
  sign: (settings, request, sender, { now, publicUrl }) => {
    const [secret = ''] = sender.secrets;
    const { timestamp, prefix = '', pair, encoding: written } = settings;
    const time = timestamp && writeTimestamp(timestamp, now);
    const digests = digestsOf(settings, secret, { request, settings: sender.settings, publicUrl, timestamp: time });
    const [digest] = 'missing' in digests ? [] : digests;
    if (secret === '' || digest === undefined) return undefined;
    const [name = ''] = [settings.header].flat();
    const signature = prefix + digest.toString(written);
    const listed = timestamp?.pair === undefined ? '' : `${timestamp.pair}=${time},`;
    const headers = { [name]: pair === undefined ? signature : `${listed}${pair}=${signature}` };
    return {
      headers:
        timestamp?.header === undefined || time === undefined ? headers : { ...headers, [timestamp.header]: time },
    };
  },
};
export const hmac: Scheme<HmacSettings> = scheme;
export const hash: Scheme<HashSettings> = scheme;
