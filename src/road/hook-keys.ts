// How a hook is known again: by its sender’s delivery id, and by its body.
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
