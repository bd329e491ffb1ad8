// SHA-256 and HMAC-SHA-256 in lower-case hex, by the one-shot call that is three times faster than a hash object.
import { createHmac, hash } from 'node:crypto';

/** SHA-256 of an empty text, which says nothing of anybody. */
export const HASH_OF_NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** SHA-256 of the text's UTF-8 bytes, 64 lower-case hex digits. */
export function sha256(text: string): string {
  return hash('sha256', text, 'hex');
}

/** HMAC-SHA-256 of the message under the key, both UTF-8, 64 lower-case hex digits. */
export function hmacSha256(key: string, message: string): string {
  return createHmac('sha256', key).update(message).digest('hex');
}
