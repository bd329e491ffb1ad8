// Signatures published by vendors, or made by hand from their documents: each is let in, and kept out when anything differs.
import { describe, expect, test } from 'vitest';
import { all, isThere, type Vector, vectors, vectorsOfFiles } from '../support/signature-vectors.ts';
import { type Asked, ask, sourceOf } from '../support/verify.ts';

const outcome = (
  { entry, secrets, settings, publicUrl, now, key }: Vector,
  asked: Asked,
  over: { publicUrl?: string; now?: number } = {},
) =>
  ask(sourceOf(entry, secrets, settings ?? {}), asked, {
    now: over.now ?? now ?? 0,
    publicUrl: over.publicUrl ?? publicUrl,
    check: async () => true,
    ...(key !== undefined && {
      fetchKey: async (url: string) =>
        url === key.url ? { pem: key.pem } : { problem: 'there is no such key', temporary: false },
    }),
  });
/** The text with one character changed to another of its alphabet. */
const changed = (text: string, at: number) =>
  `${text.slice(0, at)}${text[at] === 'a' ? 'b' : 'a'}${text.slice(at + 1)}`;

describe.skipIf(!isThere).each(isThere ? [...vectors(), ...vectorsOfFiles()] : [])(
  '$name (skipped where ../shared is absent)',
  (vector) => {
    const { asked, publicUrl, now = 0, timed } = vector;
    test('is let in', async () => {
      expect(await outcome(vector, asked)).toBe('in');
    });
    if (asked.body !== '')
      test('with any one byte of the body changed, added or taken away is kept out', async () => {
        const { body } = asked;
        for (let at = 0; at < body.length; at += 7)
          expect(await outcome(vector, { ...asked, body: changed(body, at) })).not.toBe('in');
        for (const other of [`${body} `, body.slice(1), body.slice(0, -1), ''])
          expect(await outcome(vector, { ...asked, body: other })).not.toBe('in');
      });
    test('without any one of its headers, or with it changed, is kept out', async () => {
      for (const [name, value] of Object.entries(asked.headers)) {
        const { [name]: _, ...without } = asked.headers;
        expect(await outcome(vector, { ...asked, headers: without })).not.toBe('in');
        const first = value.lastIndexOf('v1=') + (value.includes('v1=') ? 3 : 0);
        for (const at of [first, Math.floor((first + value.length) / 2)]) {
          if (value.includes('v0=') && at > value.indexOf('v0=')) continue;
          expect(
            await outcome(vector, { ...asked, headers: { ...asked.headers, [name]: changed(value, at) } }),
          ).not.toBe('in');
        }
      }
    });
    if (vector.key === undefined)
      test('under another secret is kept out', async () => {
        expect(await outcome({ ...vector, secrets: ['another-secret'] }, asked)).not.toBe('in');
      });
    if (vector.settings !== undefined)
      test('for another user or webhook is kept out', async () => {
        expect(await outcome({ ...vector, settings: { user: 'x', webhook_id: 'x' } }, asked)).not.toBe('in');
      });
    if (timed !== undefined)
      test('at another time is kept out', async () => {
        expect(await outcome(vector, asked, { now: now + 300_000 })).toBe('in');
        expect(await outcome(vector, asked, { now: now - 1_000 })).toBe('in');
        expect(await outcome(vector, asked, { now: now + 301_000 })).not.toBe('in');
        expect((await outcome(vector, asked, { now: now - 301_000 })) === 'in').toBe(timed === 'past');
      });
    if (publicUrl !== undefined)
      test('at another URL is kept out, and whatever host a header names', async () => {
        expect(await outcome(vector, { ...asked, url: `${asked.url}/` })).not.toBe('in');
        expect(await outcome(vector, { ...asked, url: `${asked.url}?x=1` })).not.toBe('in');
        expect(await outcome(vector, asked, { publicUrl: 'https://evil.example' })).not.toBe('in');
        expect(
          await outcome(vector, {
            ...asked,
            headers: { ...asked.headers, host: 'evil.example', 'x-forwarded-host': 'evil.example' },
          }),
        ).toBe('in');
      });
    if (publicUrl !== undefined && JSON.stringify(vector.entry).includes('{method}'))
      test('by another method is kept out', async () => {
        expect(await outcome(vector, { ...asked, method: 'PUT' })).not.toBe('in');
      });
  },
);

describe.skipIf(!isThere)('signatures that must not fit (skipped where ../shared is absent)', () => {
  const of = (name: string): Vector => {
    const found = vectors().find((vector) => vector.name === name);
    if (found === undefined) throw new Error(`there is no vector ${name}`);
    return found;
  };
  const withHeader = (name: string, header: string, value: string) =>
    outcome(of(name), { ...of(name).asked, headers: { [header]: value } });
  test('over a body that was serialised again, or by a mistaken secret, are kept out', async () => {
    expect(await withHeader('Shopify', 'x-shopify-hmac-sha256', all.shopify.wrong_if_reserialized)).not.toBe('in');
    expect(await withHeader('WooCommerce', 'x-wc-webhook-signature', all.woocommerce.wrong_if_reserialized)).not.toBe(
      'in',
    );
    expect(
      await withHeader('WooCommerce', 'x-wc-webhook-signature', all.woocommerce.wrong_with_entity_secret),
    ).not.toBe('in');
    expect(
      await withHeader(
        'Stripe',
        'stripe-signature',
        `t=${all.stripe.timestamp},v1=${all.stripe.wrong_if_whsec_prefix_stripped}`,
      ),
    ).not.toBe('in');
  });
  test('over the base64 of a body are none over the body', async () => {
    const commerceVector = of('Adobe Commerce Webhooks');
    expect(
      await outcome({ ...commerceVector, entry: { ...commerceVector.entry, signed: '{body}' } }, commerceVector.asked),
    ).not.toBe('in');
  });
});
