// What may be kept of a request, and so what there is to map: a plain form, and neither secrets nor what a source strips.
import { keptHeaders } from '../lib/hook-keys.ts';
import type { Source } from '../map/source.ts';
import { keepableBody } from '../receive/strip.ts';
import { credentialHeaders } from '../verify/verify.ts';

type Sent = { headers: Record<string, string>; body: Uint8Array };

/** Of a request whose form is plain already (see `withPlainForm`); undefined where nothing of it may be kept. */
export function keepable(source: Source, { headers, body }: Sent): Sent | undefined {
  const kept = keepableBody(body, headers['content-type'], source.strip);
  return kept && { headers: keptHeaders(headers, credentialHeaders(source, headers)), body: kept };
}
