// The bytes of a hook as data to map: parsed by content type, without nulls and empty texts, with every digit of long ids.
import { decodeBody, withUtf8Escapes } from '../lib/charset.ts';
import { endOfText } from '../lib/json.ts';
import { parseForm } from './body-form.ts';
import { parseXml } from './body-xml.ts';

export type ParsedBody = { value: unknown } | { problem: string };

const DEEPEST = 64;
/** Parsing a megabyte of brackets takes 60 MB; in a smaller text the depth is found out after parsing. */
const WORTH_LOOKING = 50_000;
const TOO_DEEP = { problem: `the body is nested more than ${DEEPEST} levels deep` };
const [QUOTE, OPEN_LIST, CLOSE_LIST, OPEN_TABLE, CLOSE_TABLE] = [34, 91, 93, 123, 125];

type Format = {
  /** `first` is the first character that is no white space: many senders name no content type or a wrong one. */
  reads: (contentType: string, first: string) => boolean;
  parse: (text: string, contentType: string) => ParsedBody;
};
/** Asked in order. */
const FORMATS: readonly Format[] = [
  { reads: (_, first) => first === '{' || first === '[', parse: parseJson },
  { reads: (_, first) => first === '<', parse: readXmlBody },
  {
    reads: (type) => type.includes('x-www-form-urlencoded'),
    parse: (text, type) => prepareBody(parseForm(withUtf8Escapes(text, type))),
  },
  { reads: (type) => type.includes('json'), parse: parseJson },
];

/**
 * Parses a body. What cannot be read is a `problem` in words for people that quotes nothing of the body. Of a key given
 * twice the last one counts.
 */
export function parseBody(bytes: Uint8Array, contentType: string | undefined): ParsedBody {
  const decoded = decodeBody(bytes, contentType);
  if ('problem' in decoded) return decoded;
  const { text } = decoded;
  const first = /\S/.exec(text)?.[0];
  if (first === undefined) return { problem: 'the body is empty' };
  const type = contentType?.toLowerCase() ?? '';
  const format = FORMATS.find(({ reads }) => reads(type, first));
  return (
    format?.parse(text, type) ?? {
      problem: 'the body is neither JSON nor XML nor a form, and its content type names nothing known',
    }
  );
}

function readXmlBody(text: string): ParsedBody {
  const parsed = parseXml(text);
  return 'value' in parsed ? prepareBody(parsed.value) : parsed;
}

/**
 * Takes null and "" out, because both mean "missing" to a mapping, and keys that could harm. Changes `value` where it
 * can: pass nothing that is used elsewhere.
 */
export function prepareBody(value: unknown): ParsedBody {
  return prepare(value, { tooDeep: false, inexact: false });
}

type Findings = { tooDeep: boolean; inexact: boolean };

function prepare(value: unknown, found: Findings): ParsedBody {
  if (!isNode(value)) return { problem: 'the body is neither an object nor a list' };
  const pruned = prune(value, 1, found);
  return found.tooDeep ? TOO_DEEP : { value: pruned };
}

/** The object or list that a text of JSON holds, prepared as a body is; undefined for anything else. */
export function parseJsonText(text: string): unknown {
  const parsed = /^\s*[[{]/.test(text) ? parseJson(text) : undefined;
  return parsed !== undefined && 'value' in parsed ? parsed.value : undefined;
}

/** Is it nested too deep? Reads the text once and makes nothing of it; what is no JSON may be judged either way. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfText(text, at) - 1;
    else if (code === OPEN_LIST || code === OPEN_TABLE) {
      depth += 1;
      if (depth > DEEPEST) return true;
    } else if (code === CLOSE_LIST || code === CLOSE_TABLE) depth -= 1;
  }
  return false;
}

function parseJson(text: string): ParsedBody {
  if (text.length > WORTH_LOOKING && isTooDeep(text)) return TOO_DEEP;
  try {
    const found = { tooDeep: false, inexact: false };
    const parsed = prepare(JSON.parse(text), found);
    return found.inexact && 'value' in parsed ? parseExactly(text) : parsed;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // The message of V8 quotes the body; only the place may be shown.
    const place = /position (\d+)/.exec(error.message)?.[1];
    if (Number(place) === text.length)
      return { problem: `the body is not valid JSON: it ends after character ${place}` };
    const where = place === undefined ? '' : ` at character ${Number(place) + 1} of ${text.length}`;
    return { problem: `the body is not valid JSON${where}` };
  }
}

/** Slower, for bodies with numbers JavaScript cannot hold: long integers become the text of their digits. */
function parseExactly(text: string): ParsedBody {
  let tooLarge = false;
  const value: unknown = JSON.parse(text, (_key, given: unknown, context?: { source?: string }) => {
    if (typeof given !== 'number' || Number.isSafeInteger(given)) return given;
    const source = context?.source ?? '';
    if (/^-?\d+$/.test(source)) return source;
    if (!Number.isFinite(given)) tooLarge = true;
    return given;
  });
  return tooLarge ? { problem: 'the body has a number that is too large' } : prepareBody(value);
}

type Table = Record<string, unknown>;
const isNode = (value: unknown): value is Table | unknown[] => typeof value === 'object' && value !== null;

/** Keys that would change an object's prototype or pass for a function inside jsonata. */
const HARMFUL = new Set(['__proto__', '_jsonata_lambda', '_jsonata_function']);
const UNDERSCORE = 95;
const isDropped = (key: string, value: unknown) =>
  value === null || value === '' || (key.charCodeAt(0) === UNDERSCORE && HARMFUL.has(key));

function prune(node: Table | unknown[], depth: number, found: Findings): Table | unknown[] {
  if (depth > DEEPEST) {
    found.tooDeep = true;
    return node;
  }
  return Array.isArray(node) ? pruneList(node, depth, found) : pruneTable(node, depth, found);
}

function pruneList(list: unknown[], depth: number, found: Findings): unknown[] {
  let kept = 0;
  for (let index = 0; index < list.length; index++) {
    const value = list[index];
    if (value === null || value === '') continue;
    if (typeof value === 'number') noteNumber(value, found);
    list[kept] = isNode(value) ? prune(value, depth + 1, found) : value;
    kept += 1;
  }
  list.length = kept;
  return list;
}

/** A copy is made only of objects that lose a key: deleting keys would make them slow to read. */
function pruneTable(table: Table, depth: number, found: Findings): Table {
  let whole = true;
  for (const key in table) {
    const value = table[key];
    if (isDropped(key, value)) whole = false;
    else if (typeof value === 'number') noteNumber(value, found);
    else if (isNode(value)) {
      const pruned = prune(value, depth + 1, found);
      if (pruned !== value) table[key] = pruned;
    }
  }
  return whole ? table : withoutDropped(table);
}

function withoutDropped(table: Table): Table {
  const copy: Table = {};
  for (const key in table) {
    const value = table[key];
    if (!isDropped(key, value)) copy[key] = value;
  }
  return copy;
}

function noteNumber(value: number, found: Findings): void {
  if (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER) found.inexact = true;
}
