// What may be kept of a request, and so what there is to map: a plain form, and neither secrets nor what a source strips.
import type { Source } from '../map/files/source.ts';
import { keepableBody } from '../receive/strip.ts';
import { credentialHeaders } from '../verify/verify.ts';

type Sent = { headers: Record<string, string>; body: Uint8Array };

/** Credentials, and what proxies add about the network; neither helps to map a hook or to explain it. */
const NEVER_KEPT = new Set([
  'authorization',
  'cookie',
  'proxy-authorization',
  'x-api-key',
  'x-auth-token',
  'connection',
  'content-length',
  'host',
  'transfer-encoding',
  'accept',
  'accept-encoding',
  'forwarded',
  'via',
  'x-real-ip',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-port',
]);

function keptHeaders(headers: Record<string, string>, credentials: readonly string[]): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (value !== undefined && !NEVER_KEPT.has(name) && !credentials.includes(name)) kept[name] = value;
  }
  return kept;
}

/** Of a request whose form is plain already (see `withPlainForm`); undefined where nothing of it may be kept. */
export function keepable(source: Source, { headers, body }: Sent): Sent | undefined {
  const kept = keepableBody(body, headers['content-type'], source.strip);
  return kept && { headers: keptHeaders(headers, credentialHeaders(source, headers)), body: kept };
}
