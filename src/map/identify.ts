// What a request says about itself before it is mapped: its topic, its delivery id, its account, or only a handshake.
import { mediaType } from '../lib/media-type.ts';
import { parseBody } from './body.ts';
import type { Source } from './files/source.ts';
import { firstText } from './map.ts';
import { evaluate, untilSettled } from './run.ts';

type Asking = { url: string; headers: Record<string, string>; body: Uint8Array };
type Unmapped = Asking & { method: string };
type Named = { headers: Record<string, string>; body: Uint8Array };

/** A handshake is small; nothing bigger is parsed before it is verified. */
const MAX_HANDSHAKE_BYTES = 4_096;

/** May a body of this type come to this source? A request that does not say is read as JSON. */
export const takes = ({ accepts }: Source, headers: Record<string, string>): boolean =>
  accepts.includes(mediaType(headers) ?? 'application/json');

export const queryOf = ({ url }: Pick<Asking, 'url'>): Record<string, string> =>
  Object.fromEntries(new URL(url, 'http://host').searchParams);

/** The body as data; undefined when it cannot be read. */
export function dataOf({ headers, body }: Named): unknown {
  const parsed = parseBody(body, headers['content-type']);
  return 'value' in parsed ? parsed.value : undefined;
}

/** Does the check of a `verify` entry hold over the body? One that cannot be computed does not. */
export async function holdsCheck(source: Source, entry: number, request: Unmapped, body: unknown): Promise<boolean> {
  const check = source.checks[entry];
  if (check === undefined || body === undefined) return false;
  const { headers, method } = request;
  const { settings, store } = source;
  const env = { headers, method, query: queryOf(request), hook: body, record: body, settings, store };
  try {
    return (await untilSettled((results) => evaluate(check, body, env, results))) === true;
  } catch {
    return false;
  }
}

/** Body and query for the tests of handshakes; undefined when the request cannot be one. */
export function asHandshake({ handshakes }: Source, credentials: readonly string[], { url, headers, body }: Asking) {
  if (handshakes.length === 0 || body.length > MAX_HANDSHAKE_BYTES) return undefined;
  if (credentials.some((name) => headers[name] !== undefined)) return undefined;
  return { query: queryOf({ url }), body: (body.length === 0 ? undefined : dataOf({ headers, body })) ?? {} };
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
