// RSA signatures under a public key of the source, or one fetched from the sender's own host.
import { z } from 'zod';
import { isSignedBy, publicKeysIn } from './public-key.ts';
import { Common, HeaderNames, no, type Scheme, type Unverified, type Verdict } from './scheme.ts';
import { decodeExactly, inHeaders } from './signature.ts';
import { render, Template } from './signed.ts';

export const RsaSettings = z.strictObject({
  scheme: z.literal('rsa'),
  header: HeaderNames.describe('The headers that carry a signature each; one that fits is enough'),
  signed: Template().default('{body}'),
  fetch: z
    .strictObject({
      host: z.string().regex(/^[a-z0-9.-]+(:\d+)?$/, 'write a host name in lower case'),
      path_prefix: z.string().regex(/^\/(?:[\w.-]+\/)*$/, 'begin and end it with /'),
      path_header: HeaderNames.describe(
        'The headers that name the path of the key, in the order of the signature headers',
      ),
    })
    .optional()
    .describe('Where public keys come from that the source does not list among its secrets'),
  ...Common,
});
type RsaSettings = z.infer<typeof RsaSettings>;
type Fetch = NonNullable<RsaSettings['fetch']>;

/** Where a key may be fetched; undefined for a path that leaves the pinned folder in any way. */
function keyUrl({ host, path_prefix }: Fetch, path: string | undefined): string | undefined {
  if (path === undefined || !path.startsWith(path_prefix) || !/^[\w./-]+$/.test(path)) return undefined;
  const url = `https://${host}${path}`;
  return URL.canParse(url) && new URL(url).href === url ? url : undefined;
}

/** Signature headers with the headers that name their keys. */
function* pairs({ header, fetch }: RsaSettings, { headers }: Unverified) {
  const paths = fetch === undefined ? [] : [fetch.path_header].flat();
  for (const [index, name] of [header].flat().entries()) {
    const signature = decodeExactly(headers[name] ?? '', 'base64');
    const path = headers[paths[index] ?? ''];
    if (signature !== undefined) yield { signature, url: fetch && keyUrl(fetch, path) };
  }
}

/** Follows developer.adobe.com "Webhooks: Security considerations" and "Verify webhook signatures" of Adobe Commerce. */
export const rsa: Scheme<RsaSettings> = {
  ...inHeaders,
  verify: async (settings, request, { keys, settings: own }, { publicUrl, fetchKey }): Promise<Verdict> => {
    const given = [...pairs(settings, request)];
    if (given.length === 0) return no('the signature header is missing or no base64');
    const signed = render(settings.signed, { request, settings: own, publicUrl });
    if ('missing' in signed) return no(signed.missing);
    const signatures = given.map(({ signature }) => signature);
    if (isSignedBy(keys.flatMap(publicKeysIn), signatures, signed)) return { ok: true };
    if (settings.fetch === undefined)
      return no(
        keys.length === 0
          ? 'no secret of this source is a public key in PEM'
          : 'the signature does not fit any public key of this source',
      );

    let later: string | undefined;
    for (const { signature, url } of given) {
      const fetched = url === undefined ? undefined : await fetchKey(url);
      if (fetched === undefined) continue;
      if ('pem' in fetched) {
        if (isSignedBy(publicKeysIn(fetched.pem), [signature], signed)) return { ok: true };
      } else if (fetched.temporary) later = fetched.problem;
    }
    if (later !== undefined) return { ok: false, reason: `the sender’s key cannot be fetched: ${later}`, later: true };
    return no('the signature does not fit the key that its headers name');
  },
  sign: () => undefined,
};
