// How a hook is known again, and which of its headers may be kept.
import { hash } from 'node:crypto';

type Known = { store: string; source: string; body: Uint8Array };

const KEY_BYTES = 16;
const key = (...parts: string[]) => hash('sha256', parts.join('\n'), 'buffer').subarray(0, KEY_BYTES);

/**
 * Keys of 16 bytes that say "seen before": the sender's delivery id, and the body itself with its topic, because a
 * replay can change every unsigned header and the same body under another topic may be wanted by another rule.
 */
export function dedupeKeys({ store, source, body }: Known, topic: string | undefined, deliveryId: string | undefined) {
  const bodyKey = key(store, source, 'body', topic ?? '', hash('sha256', body, 'hex'));
  return deliveryId === undefined
    ? { body: bodyKey }
    : { body: bodyKey, delivery: key(store, source, 'delivery', deliveryId) };
}

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

export function keptHeaders(headers: Record<string, string>, credentials: readonly string[]): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (value !== undefined && !NEVER_KEPT.has(name) && !credentials.includes(name)) kept[name] = value;
  }
  return kept;
}
