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

/** Undefined for a name that the Encoding Standard of browsers does not know. */
function decoderOf(charset: string): TextDecoder | undefined {
  try {
    return new TextDecoder(charset, { fatal: true });
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
  const decoder = decoderOf(charset);
  if (decoder === undefined)
    return { problem: `the body is not UTF-8 text, and its charset ${charset.slice(0, 40)} is none that is known` };
  const other = tryDecode(decoder, bytes);
  return other === undefined ? { problem: `the body is neither UTF-8 text nor ${decoder.encoding}` } : { text: other };
}

/** A form whose escapes are of the charset that it names, with those of UTF-8. */
export function withUtf8Escapes(form: string, contentType: string | undefined): string {
  if (otherCharset(contentType) === undefined) return form;
  return form.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    const decoded = decodeBody(Buffer.from(escapes.replaceAll('%', ''), 'hex'), contentType);
    return 'text' in decoded ? encodeURIComponent(decoded.text) : escapes;
  });
}
