// What of a body may be kept: values of named fields are taken out of its text, everything else stays as it came.
import { hasDoctype, readXml } from '../lib/xml.ts';

/** A part of the text and what takes its place. */
type Cut = { from: number; to: number; with: string };

const UTF8 = new TextDecoder('utf-8', { fatal: true });

function textOf(body: Uint8Array): string | undefined {
  try {
    return UTF8.decode(body);
  } catch {
    return undefined;
  }
}

/**
 * The body without the values of the named fields, at any depth; the same bytes where none of the names is in it.
 * Undefined for a body that must not be kept: XML with a DOCTYPE, or one that names such a field and cannot be read.
 */
export function keepableBody(
  body: Uint8Array,
  contentType: string | undefined,
  names: readonly string[],
): Uint8Array | undefined {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const named = names.filter((name) => bytes.includes(name));
  const text = named.length > 0 || mayBeXml(bytes) ? textOf(body) : '';
  const first = text === undefined ? undefined : /\S/.exec(text)?.[0];
  if (text !== undefined && first === '<' && hasDoctype(text)) return undefined;
  if (named.length === 0) return body;
  const cuts = text === undefined ? undefined : cutsOf(text, first, contentType ?? '', new Set(named));
  return cuts === undefined || text === undefined ? undefined : Buffer.from(withCuts(text, cuts));
}

const LESS_THAN = 0x3c;
/** The first bytes are enough to tell, also behind a byte order mark and white space. */
const mayBeXml = (bytes: Buffer) =>
  bytes.subarray(0, 64).includes(LESS_THAN) || bytes.subarray(0, 64).toString('latin1').trim() === '';

function cutsOf(
  text: string,
  first: string | undefined,
  contentType: string,
  names: ReadonlySet<string>,
): Cut[] | undefined {
  if (first === '{' || first === '[') return jsonCuts(text, names);
  if (first === '<') return xmlCuts(text, names);
  return contentType.toLowerCase().includes('x-www-form-urlencoded') ? formCuts(text, names) : undefined;
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

const TOKEN = /"(?:[^"\\]|\\.)*"?|[{}[\],:]|[^\s"{}[\],:]+/gs;

/** Values of the named keys become null; numbers and spaces elsewhere are not touched. What never ends is cut to its end. */
function jsonCuts(text: string, names: ReadonlySet<string>): Cut[] {
  const cuts: Cut[] = [];
  let before = '';
  let cut: { from: number; depth: number } | undefined;
  let key = '';
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
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
function formCuts(text: string, names: ReadonlySet<string>): Cut[] {
  const cuts: Cut[] = [];
  let from = 0;
  for (const field of text.split('&')) {
    const end = field.indexOf('=');
    const [[name = ''] = []] = new URLSearchParams(field);
    if (end !== -1 && name.split(/[[\]]+/).some((part) => names.has(part)))
      cuts.push({ from: from + end + 1, to: from + field.length, with: '' });
    from += field.length + 1;
  }
  return cuts;
}
