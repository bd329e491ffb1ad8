// The bytes of a body as text: UTF-8, or what the content type says.
import { TextDecoder } from 'node:util';

export type Decoded = { text: string } | { problem: string };

const UTF8 = new TextDecoder('utf-8', { fatal: true });
const CHARSET = /;\s*charset\s*=\s*["']?([^\s;"',]+)/i;

/** Undefined for bytes that are not of this encoding. */
function tryDecode(decoder: TextDecoder, bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The charset that a content type names, where it is not UTF-8. */
export function otherCharset(contentType: string | undefined): string | undefined {
  const name = contentType === undefined ? undefined : CHARSET.exec(contentType)?.[1];
  return name === undefined || /^utf-?8$/i.test(name) ? undefined : name;
}

/** Which of the two UTF-16 is, by its mark or by the zero beside the plain character that any body begins with. */
function orderOf([first, second]: Uint8Array): 'utf-16be' | 'utf-16le' | undefined {
  if (first === 0xfe || first === 0) return 'utf-16be';
  return first === 0xff || second === 0 ? 'utf-16le' : undefined;
}

/** Undefined for a name that the Encoding Standard of browsers does not know. */
function decoderOf(charset: string, bytes: Uint8Array): TextDecoder | undefined {
  try {
    const named = new TextDecoder(charset, { fatal: true });
    const order = named.encoding.startsWith('utf-16') ? orderOf(bytes) : undefined;
    return order === undefined ? named : new TextDecoder(order, { fatal: true });
  } catch {
    return undefined;
  }
}

/**
 * What can be UTF-8 is read as that, whatever is said of it: JSON is nothing else, and many senders name another charset all
 * the same. NUL bytes are those of UTF-16, where that is named. `problem` names the charset, and nothing of the body.
 */
export function decodeBody(bytes: Uint8Array, contentType: string | undefined): Decoded {
  const text = tryDecode(UTF8, bytes);
  const charset = otherCharset(contentType);
  if (text !== undefined && (charset === undefined || !text.includes('\0'))) return { text };
  if (charset === undefined) return { problem: 'the body is not UTF-8 text' };
  const decoder = decoderOf(charset, bytes);
  if (decoder === undefined)
    return { problem: `the body is not UTF-8 text, and its charset ${charset.slice(0, 40)} is none that is known` };
  const other = tryDecode(decoder, bytes);
  return other === undefined ? { problem: `the body is neither UTF-8 text nor ${decoder.encoding}` } : { text: other };
}

/** The same for people, of whatever can be read. */
export function readableText(bytes: Uint8Array, contentType: string | undefined): string {
  const decoded = decodeBody(bytes, contentType);
  return 'text' in decoded ? decoded.text : Buffer.from(bytes).toString('utf8');
}

/** The plain characters of a name or value: the second byte of a letter may be one of them, and need no escape. */
const PLAIN_PART = /[ -%'-*,-<>-~]+/g;

const unescaped = (part: string): Buffer =>
  Buffer.from(
    part.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );

/** A form whose escapes are of the charset that it names, with those of UTF-8. */
export function withUtf8Escapes(form: string, contentType: string | undefined): string {
  if (otherCharset(contentType) === undefined) return form;
  return form.replace(PLAIN_PART, (part) => {
    if (!part.includes('%')) return part;
    const decoded = decodeBody(unescaped(part), contentType);
    return 'text' in decoded ? encodeURIComponent(decoded.text) : part;
  });
}
