// Is it really them? Proves a request by its platform's schemes and is the only maker of a verified hook.
import { z } from 'zod';
import type { Hook, VerifiedHook } from '../types.ts';
import { CertificateSettings, certificate } from './certificate.ts';
import { HashSettings, HmacSettings, hash, hmac } from './hmac.ts';
import { isPem } from './public-key.ts';
import { RsaSettings, rsa } from './rsa.ts';
import { type Around, no, type Scheme, type Sender, type Signature, type Unverified, type Verdict } from './scheme.ts';
import {
  BasicSettings,
  BearerSettings,
  BodyTokenSettings,
  basic,
  bearer,
  body_token,
  HeaderSettings,
  header,
  QuerySettings,
  query,
} from './shared-secret.ts';

/** Settings of every scheme; a new scheme is an entry here and in the table below. */
export const VerifySettings = z.discriminatedUnion('scheme', [
  HmacSettings,
  HashSettings,
  RsaSettings,
  CertificateSettings,
  BasicSettings,
  BearerSettings,
  HeaderSettings,
  QuerySettings,
  BodyTokenSettings,
]);
export type VerifySettings = z.infer<typeof VerifySettings>;

const SCHEMES: Record<VerifySettings['scheme'], Scheme<VerifySettings>> = {
  hmac,
  hash,
  rsa,
  certificate,
  basic,
  bearer,
  header,
  query,
  body_token,
};

/** What a source knows about its sender. `secrets` may hold public keys too, as PEM. */
export type Credentials = {
  verify: readonly VerifySettings[];
  secrets: readonly string[];
  settings: Sender['settings'];
};
export type VerifyParts = Around & {
  /** Does the `check` of the entry that let a request in hold over its body? */
  check: (entry: number) => Promise<boolean>;
};

const senderOf = ({ secrets, settings }: Credentials): Sender => ({
  secrets: secrets.filter((secret) => !isPem(secret)),
  keys: secrets.filter(isPem),
  settings,
});

function isFor({ when_header = {}, ...settings }: VerifySettings, request: Unverified): boolean {
  const fits = Object.entries(when_header).every(([name, wanted]) =>
    [wanted].flat().includes(request.headers[name] ?? ''),
  );
  return fits && SCHEMES[settings.scheme].applies(settings, request);
}

/** What a request must show one of, for the log. */
const proofsOf = ({ verify: entries }: Credentials): string =>
  [...new Set(entries.map((settings) => SCHEMES[settings.scheme].proof(settings)))].join(' or ');

/**
 * The first entry that applies decides, so that a request with a strong and a weak signature is never let in by the
 * weak one. Signatures are checked over raw bytes and in constant time.
 */
export async function verify(credentials: Credentials, request: Unverified, parts: VerifyParts): Promise<Verdict> {
  const { verify: entries } = credentials;
  if (entries.length === 0) return no('the platform file names no way to verify');
  const entry = entries.findIndex((settings) => isFor(settings, request));
  const chosen = entries[entry];
  if (chosen === undefined) return no(`nothing proves the sender: there is no ${proofsOf(credentials)}`);
  const scheme = SCHEMES[chosen.scheme];
  const verdict = await scheme.verify(chosen, request, senderOf(credentials), parts);
  if (!verdict.ok || chosen.check === undefined) return verdict;
  return (await parts.check(entry))
    ? verdict
    : no('the signature is right, but the check of the platform file does not hold');
}

const isVerified = (_hook: Hook, verdict: Verdict): _hook is VerifiedHook => verdict.ok;

/** Marks a hook whose request `verify` has let through; undefined for any other. */
export const markVerified = (hook: Hook, verdict: Verdict): VerifiedHook | undefined =>
  isVerified(hook, verdict) ? hook : undefined;

/** What a sender with this source's first secret would add, by the first scheme that can be signed here. */
export function sign(
  credentials: Credentials,
  request: Unverified,
  around: Pick<Around, 'now' | 'publicUrl'>,
): Signature | undefined {
  const sender = senderOf(credentials);
  for (const settings of credentials.verify) {
    const signature = SCHEMES[settings.scheme].sign(settings, request, sender, around);
    if (signature !== undefined) return signature;
  }
  return credentials.verify.length === 0 ? { headers: {} } : undefined;
}

/** Names of the headers that must not be kept with a hook; `headers` are those it came with. */
export const credentialHeaders = ({ verify: entries }: Credentials, headers: Record<string, string> = {}): string[] =>
  entries.flatMap((settings) => SCHEMES[settings.scheme].credentials(settings, headers));
