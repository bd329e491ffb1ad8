// RSA signatures under a certificate that the request names by its URL: host pinned, chain and dates checked.
import type { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { z } from 'zod';
import { certificatesIn, isSignedBy, publicKeysIn } from './public-key.ts';
import { Common, HeaderName, no, type Scheme } from './scheme.ts';
import { decodeExactly, inHeaders } from './signature.ts';
import { render, Template } from './signed.ts';

export const CertificateSettings = z.strictObject({
  scheme: z.literal('certificate'),
  header: HeaderName.describe('The header that carries the signature'),
  signed: Template(),
  url_header: HeaderName.describe('The header that names the URL of the certificate'),
  hosts: z
    .array(z.string().regex(/^\.[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'write .example.com'))
    .min(1)
    .describe('The domains the certificate may come from and must be made out to'),
  ...Common,
});
type CertificateSettings = z.infer<typeof CertificateSettings>;

const isWithin = (hosts: readonly string[], name: string) => hosts.some((host) => name.toLowerCase().endsWith(host));

/** Only https on its own port, on a host of the list, with nothing clever in it. */
function certificateUrl(hosts: readonly string[], given: string | undefined): string | undefined {
  if (given === undefined || !URL.canParse(given)) return undefined;
  const { protocol, username, password, hostname, port, search, href } = new URL(given);
  const plain =
    protocol === 'https:' && username === '' && password === '' && port === '' && search === '' && href === given;
  return plain && isWithin(hosts, hostname) ? href : undefined;
}

/** The names a certificate is made out to: its DNS names, or else the common name. */
function namesOf({ subjectAltName, subject }: X509Certificate): string[] {
  const listed = (subjectAltName ?? '').split(', ').flatMap((name) => (name.startsWith('DNS:') ? [name.slice(4)] : []));
  return listed.length > 0
    ? listed
    : subject.split('\n').flatMap((line) => (line.startsWith('CN=') ? [line.slice(3)] : []));
}

const isIssuedBy = (certificate: X509Certificate, issuer: X509Certificate) =>
  issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
const isValidAt = ({ validFromDate, validToDate }: X509Certificate, now: number) =>
  validFromDate.getTime() <= now && now <= validToDate.getTime();

/**
 * What is wrong with a certificate and the issuers that came with it, or undefined. The first one must be made out to
 * one of the hosts, and a chain of certificates that are valid now must lead from it to one of the roots. A certificate
 * that comes alone cannot be followed; then only its pinned host, proven by TLS, vouches for it. Revocation is not asked for.
 */
export function certificateProblem(
  [leaf, ...issuers]: readonly X509Certificate[],
  { hosts, now, roots }: { hosts: readonly string[]; now: number; roots: readonly X509Certificate[] },
): string | undefined {
  if (leaf === undefined) return 'it holds no certificate';
  if (!namesOf(leaf).some((name) => isWithin(hosts, name))) return 'it is made out to another name';
  const left = new Set(issuers);
  for (let at: X509Certificate | undefined = leaf; at !== undefined; ) {
    const certificate: X509Certificate = at;
    if (!isValidAt(certificate, now)) return 'it or one of its issuers is not valid now';
    if (issuers.length === 0 || roots.some((root) => isIssuedBy(certificate, root))) return undefined;
    at = [...left].find((issuer) => isIssuedBy(certificate, issuer));
    if (at !== undefined) left.delete(at);
  }
  return 'its issuers lead to no known root';
}

let roots: X509Certificate[] | undefined;
/** Node's own list of roots, read when it is first needed. */
const knownRoots = (): X509Certificate[] => {
  roots ??= rootCertificates.flatMap((pem) => certificatesIn(pem) ?? []);
  return roots;
};

/** Follows PayPal-Java-SDK's Event.validateReceivedEvent. */
export const certificate: Scheme<CertificateSettings> = {
  ...inHeaders,
  verify: async (settings, request, { keys, settings: own }, { now, publicUrl, fetchKey }) => {
    const signature = decodeExactly(request.headers[settings.header] ?? '', 'base64');
    if (signature === undefined) return no('the signature header is missing or no base64');
    const signed = render(settings.signed, { request, settings: own, publicUrl });
    if ('missing' in signed) return no(signed.missing);
    if (isSignedBy(keys.flatMap(publicKeysIn), [signature], signed)) return { ok: true };

    const url = certificateUrl(settings.hosts, request.headers[settings.url_header]);
    if (url === undefined) return no('the URL of the certificate is missing or leads elsewhere');
    const fetched = await fetchKey(url);
    if ('problem' in fetched)
      return { ok: false, reason: `the certificate cannot be fetched: ${fetched.problem}`, later: fetched.temporary };
    const chain = certificatesIn(fetched.pem) ?? [];
    const problem = certificateProblem(chain, { hosts: settings.hosts, now, roots: knownRoots() });
    if (problem !== undefined) return no(`the certificate is not trusted: ${problem}`);
    const key = publicKeysIn(chain[0]?.toString() ?? '');
    return isSignedBy(key, [signature], signed) ? { ok: true } : no('the signature does not fit the certificate');
  },
  sign: () => undefined,
};
