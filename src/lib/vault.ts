// Encryption at rest: AES-256-GCM with rotation. Every sealed value begins with a byte that says how it was sealed.
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hash,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { OperatorError } from './errors.ts';

/** `open(seal(bytes))` gives the bytes back, also after encryption was turned on or a key was added. */
export type Vault = {
  seal: (bytes: Uint8Array) => Uint8Array;
  open: (sealed: Uint8Array) => Uint8Array;
  /**
   * Stands for a text in an index: 16 bytes by which the same text is found again, and which nobody without the key can
   * make or try out. Begin the text with what it is, such as `email `, so that equal texts of other kinds differ.
   */
  mark: (text: string) => Uint8Array;
  /** The mark and those that older keys, or no key, gave the text: what to look for. */
  marks: (text: string) => Uint8Array[];
};

/** `KeyObject`s, because making a cipher from bare bytes takes three times as long. */
type Key = { id: string; secret: KeyObject; marking: KeyObject };

const PLAIN = 0;
const AES_256_GCM = 1;
/** Layout: how (1 byte), key id, nonce, tag, ciphertext. */
const KEY_ID = 4;
const NONCE = 12;
const TAG = 16;
const HEAD = 1 + KEY_ID + NONCE + TAG;
const MARK = 16;
const MAKE_A_KEY = 'make one with `openssl rand -base64 32`';

/** Where nothing is encrypted anyway. */
const NO_KEY = createSecretKey(Buffer.alloc(32));

/** Keeps bytes as they are; refuses what was encrypted. */
export const plainVault: Vault = {
  seal: sealPlain,
  open: (sealed) => open([], sealed),
  mark: (text) => mark(NO_KEY, text),
  marks: (text) => [mark(NO_KEY, text)],
};

/**
 * Keys are 32 bytes each, as base64 or 64 hex digits. The first one seals, all of them open: to rotate, put the new key in
 * front and keep the old one until nothing sealed with it is left. Throws an `OperatorError` for a key of another form.
 */
export function createVault(keys: readonly string[]): Vault {
  const ring = keys.map(readKey);
  const [first] = ring;
  if (first === undefined) throw new OperatorError('KEY_MISSING', 'no encryption key was given', MAKE_A_KEY);
  const marking = [...ring.map((key) => key.marking), NO_KEY];
  return {
    seal: (bytes) => seal(first, bytes),
    open: (sealed) => open(ring, sealed),
    mark: (text) => mark(first.marking, text),
    marks: (text) => marking.map((key) => mark(key, text)),
  };
}

function readKey(text: string, index: number): Key {
  const secret = Buffer.from(text, /^[0-9a-f]{64}$/i.test(text) ? 'hex' : 'base64');
  if (secret.length !== 32) {
    throw new OperatorError('KEY_INVALID', `encryption key ${index + 1} is not 32 bytes of base64 or hex`, MAKE_A_KEY);
  }
  return {
    id: hash('sha256', secret, 'hex').slice(0, KEY_ID * 2),
    secret: createSecretKey(secret),
    marking: createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', 'tagbridge marks', 32))),
  };
}

const mark = (key: KeyObject, text: string): Uint8Array =>
  createHmac('sha256', key).update(text).digest().subarray(0, MARK);

function sealPlain(bytes: Uint8Array): Uint8Array {
  const sealed = new Uint8Array(1 + bytes.length);
  sealed[0] = PLAIN;
  sealed.set(bytes, 1);
  return sealed;
}

function seal(key: Key, bytes: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', key.secret, nonce);
  const body = cipher.update(bytes);
  cipher.final();
  return Buffer.concat([Uint8Array.of(AES_256_GCM), Buffer.from(key.id, 'hex'), nonce, cipher.getAuthTag(), body]);
}

function open(ring: readonly Key[], sealed: Uint8Array): Uint8Array {
  if (sealed[0] === PLAIN) return sealed.subarray(1);
  if (sealed[0] !== AES_256_GCM || sealed.length < HEAD) throw new Error('a kept value has no known seal');
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.length);
  const id = bytes.toString('hex', 1, 1 + KEY_ID);
  const key = ring.find((candidate) => candidate.id === id);
  if (key === undefined) {
    throw new OperatorError(
      'KEY_UNKNOWN',
      `kept data was encrypted with key ${id}, which is not among the ${ring.length} keys given`,
      'add that key to ENCRYPTION_KEY, after the key in use',
    );
  }
  const nonce = bytes.subarray(1 + KEY_ID, 1 + KEY_ID + NONCE);
  const decipher = createDecipheriv('aes-256-gcm', key.secret, nonce);
  decipher.setAuthTag(bytes.subarray(HEAD - TAG, HEAD));
  return Buffer.concat([decipher.update(bytes.subarray(HEAD)), decipher.final()]);
}

/** The vault for the setting ENCRYPTION_KEY: keys separated by commas, or none. */
export function vaultOf(setting: string | undefined): Vault {
  return setting === undefined ? plainVault : createVault(setting.split(',').map((key) => key.trim()));
}
