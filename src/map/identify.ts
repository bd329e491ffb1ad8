// What a request says about itself before it is mapped: its topic, its delivery id, and whether it is only a handshake.
import { parseBody } from './body.ts';
import { firstText } from './map.ts';
import { untilSettled } from './run.ts';
import type { Source } from './source.ts';

type Asking = { url: string; headers: Record<string, string>; body: Uint8Array };
type Named = { headers: Record<string, string>; body: Uint8Array };

/** A handshake is small; nothing bigger is parsed before it is verified. */
const MAX_HANDSHAKE_BYTES = 4_096;

/** The media type of a request, without its parameters. */
export const mediaType = (headers: Record<string, string>): string | undefined =>
  headers['content-type']?.split(';')[0]?.trim().toLowerCase();

/** May a body of this type come to this source? A request that does not say is read as JSON. */
export const takes = ({ accepts }: Source, headers: Record<string, string>): boolean =>
  accepts.includes(mediaType(headers) ?? 'application/json');

/** Body and query for the tests of handshakes; undefined when the request cannot be one. */
export function asHandshake({ handshakes }: Source, credentials: readonly string[], { url, headers, body }: Asking) {
  if (handshakes.length === 0 || body.length > MAX_HANDSHAKE_BYTES) return undefined;
  if (credentials.some((name) => headers[name] !== undefined)) return undefined;
  const query = Object.fromEntries(new URL(url, 'http://host').searchParams);
  const parsed = body.length === 0 ? { value: {} } : parseBody(body, headers['content-type']);
  return { query, body: 'value' in parsed ? parsed.value : {} };
}

/** Topic and delivery id of a verified hook; the body is parsed only where the platform file looks for them there. */
export function identify(
  source: Source,
  { headers, body }: Named,
): { topic?: string; delivery_id?: string } | Promise<{ topic?: string; delivery_id?: string }> {
  const parsed = source.identityInBody ? parseBody(body, headers['content-type']) : { value: undefined };
  const value = 'value' in parsed ? parsed.value : undefined;
  return untilSettled((results) => {
    const env = { headers, hook: value, store: source.store };
    const topic = firstText(source.topic, value, env, results);
    const delivery_id = firstText(source.deliveryId, value, env, results);
    return { ...(topic !== undefined && { topic }), ...(delivery_id !== undefined && { delivery_id }) };
  });
}
