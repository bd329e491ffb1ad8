// What of a body may be kept: values of named fields are taken out of its text, everything else stays as it came.
import { decodeBody, otherCharset, withUtf8Escapes } from '../lib/charset.ts';
import { endOfText } from '../lib/json.ts';
import { hasDoctype, readXml } from '../lib/xml.ts';

/** A part of the text and what takes its place. */
type Cut = { from: number; to: number; with: string };

/** The bytes as UTF-8, where they name another charset and are of it. */
function utf8Of(bytes: Buffer, contentType: string | undefined): Buffer {
  const decoded = otherCharset(contentType) === undefined ? undefined : decodeBody(bytes, contentType);
  return decoded !== undefined && 'text' in decoded ? Buffer.from(decoded.text) : bytes;
}

const LESS_THAN = 0x3c;
const SPACE = 0x20;
/** The first byte that is neither white space nor of a byte order mark. */
function firstByte(bytes: Uint8Array): number {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while ((bytes[at] ?? LESS_THAN) <= SPACE) at += 1;
  return bytes[at] ?? 0;
}

/** Names that no format has to escape are found in the bytes, if they are there. */
const PLAIN = /^[A-Za-z0-9_-]+$/;
const mayHold = (bytes: Buffer, name: string) => !PLAIN.test(name) || bytes.includes(name);

/** Names that only show without the zeros of UTF-16 or UTF-32, or in another charset than the one that is named. */
function areHidden(sent: Buffer, read: Buffer, names: readonly string[], found: readonly string[]): boolean {
  if (sent === read && !sent.includes(0)) return false;
  const letters = sent.includes(0) ? Buffer.from(sent.filter((byte) => byte !== 0)) : sent;
  return names.some((name) => mayHold(letters, name) && (read.includes(0) || !found.includes(name)));
}

/**
 * The body without the values of the named fields, at any depth; the same bytes where there are none of them. Undefined
 * for a body that must not be kept: XML with a DOCTYPE, or one that may hold such a field and cannot be read.
 */
export function keepableBody(
  body: Uint8Array,
  contentType: string | undefined,
  names: readonly string[],
): Uint8Array | undefined {
  const sent = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const bytes = utf8Of(sent, contentType);
  const named = names.filter((name) => mayHold(bytes, name));
  if (areHidden(sent, bytes, names, named)) return undefined;
  const first = firstByte(bytes);
  if (named.length === 0 && first !== LESS_THAN) return body;
  const decoded = decodeBody(bytes, undefined);
  if ('problem' in decoded) return named.length === 0 ? body : undefined;
  const { text } = decoded;
  if (first === LESS_THAN && hasDoctype(text)) return undefined;
  if (named.length === 0) return body;
  const cuts = cutsOf(text, String.fromCharCode(first), contentType ?? '', new Set(named));
  return cuts?.length === 0 ? body : cuts && Buffer.from(withCuts(text, cuts));
}

function cutsOf(text: string, first: string, contentType: string, names: ReadonlySet<string>): Cut[] | undefined {
  if (first === '{' || first === '[') return jsonCuts(text, names);
  if (first === '<') return xmlCuts(text, names);
  return contentType.toLowerCase().includes('x-www-form-urlencoded') ? formCuts(text, contentType, names) : undefined;
}

function withCuts(text: string, cuts: readonly Cut[]): string {
  let kept = '';
  let at = 0;
  for (const cut of cuts) {
    if (cut.from < at) continue;
    kept += text.slice(at, cut.from) + cut.with;
    at = cut.to;
  }
  return kept + text.slice(at);
}

/** Of a text only its quote: a pattern that skips escapes needs more room than V8 has, where there are millions of them. */
const TOKEN = /["{}[\],:]|[^\s"{}[\],:]+/g;

/** Values of the named keys become null; numbers and spaces elsewhere are not touched. What never ends is cut to its end. */
function jsonCuts(text: string, names: ReadonlySet<string>): Cut[] {
  const cuts: Cut[] = [];
  let before = '';
  let cut: { from: number; depth: number } | undefined;
  let key = '';
  const next = new RegExp(TOKEN);
  for (let found = next.exec(text); found !== null; found = next.exec(text)) {
    const { index } = found;
    if (found[0] === '"') next.lastIndex = endOfText(text, index);
    const token = text.slice(index, next.lastIndex);
    if (cut !== undefined) {
      if (token === '{' || token === '[') cut.depth += 1;
      else if (token === '}' || token === ']') cut.depth -= 1;
      if (cut.depth > 0) continue;
      cuts.push({ from: cut.from, to: index + token.length, with: 'null' });
      cut = undefined;
    } else if (before === ':' && names.has(key)) {
      if (token === '{' || token === '[') cut = { from: index, depth: 1 };
      else cuts.push({ from: index, to: index + token.length, with: 'null' });
    }
    if (token === ':') key = keyOf(before);
    before = token;
  }
  return cut === undefined ? cuts : [...cuts, { from: cut.from, to: text.length, with: 'null' }];
}

/** The key a token spells, its escapes resolved. */
function keyOf(token: string): string {
  if (!token.includes('\\')) return token.slice(1, -1);
  try {
    return String(JSON.parse(token));
  } catch {
    return token;
  }
}

/** Elements of the name, with any prefix, lose what is between their tags. Names of attributes are not looked at. */
function xmlCuts(text: string, names: ReadonlySet<string>): Cut[] | undefined {
  const cuts: Cut[] = [];
  const open: number[] = [];
  const isNamed = (name: string) => names.has(name.slice(name.indexOf(':') + 1));
  const problem = readXml(text, {
    open: (name, _, after) => isNamed(name) && open.push(after),
    close: (name, at) => {
      const from = isNamed(name) ? open.pop() : undefined;
      if (from !== undefined && open.length === 0 && at > from) cuts.push({ from, to: at, with: '' });
    },
  });
  return problem === undefined ? cuts : undefined;
}

/** `a=1&order[a]=2`: fields with the name anywhere in their path lose their value. */
function formCuts(text: string, contentType: string, names: ReadonlySet<string>): Cut[] {
  const cuts: Cut[] = [];
  let from = 0;
  for (const field of text.split('&')) {
    const end = field.indexOf('=');
    const [[name = ''] = []] = new URLSearchParams(withUtf8Escapes(field, contentType));
    if (end !== -1 && name.split(/[[\]]+/).some((part) => names.has(part)))
      cuts.push({ from: from + end + 1, to: from + field.length, with: '' });
    from += field.length + 1;
  }
  return cuts;
}
