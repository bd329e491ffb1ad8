// Functions over texts: parameters of addresses, times without a zone, amounts as people write them, names of people.
import { sha256 } from '../../lib/hash.ts';
import { isSaid } from '../../lib/said.ts';
import { parseJsonText } from '../body.ts';
import { parseInstant } from '../convert.ts';
import { ExpressionError } from '../expression/error.ts';
import type { FunctionTable } from './functions.ts';

/** What is behind the `?` of an address, or a bare query such as `a=1&b=2`. */
function queryOf(address: string): string {
  const [page = ''] = address.split('#', 1);
  const mark = page.indexOf('?');
  if (mark !== -1) return page.slice(mark + 1);
  return /^[^/&=]+=/.test(page) ? page : '';
}

/** The parameters of an address that have a value; of two with one name the first counts. */
function parametersOf(address: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  // Decodes as browsers do, and takes no offence at broken escapes.
  for (const [name, value] of new URLSearchParams(queryOf(address))) {
    if (isSaid(value) && !parameters.has(name)) parameters.set(name, value);
  }
  return parameters;
}

/** A mapping asks for many parameters of one address, one after the other. */
let latest = { address: '', parameters: parametersOf('') };

function query(address: unknown, name: unknown): string | undefined {
  if (typeof address !== 'string' || typeof name !== 'string') return undefined;
  if (latest.address !== address) latest = { address, parameters: parametersOf(address) };
  return latest.parameters.get(name);
}

function utc(time: unknown): string | undefined {
  const ms = parseInstant(time);
  return ms === undefined ? undefined : new Date(ms).toISOString();
}

/** Currency signs, codes and names around an amount, and spaces and apostrophes inside it. */
const AROUND = /^(?:[\p{Sc}\s]|\p{L}\.?)*(?=[-\d])|[\p{Sc}\p{L}.\s]*$/gu;
const GROUPING = /(?<=\d)[\s'’](?=\d)/g;
const PLAIN = /^-?\d+(?:\.\d+)?$/;
const LONGEST_AMOUNT = 40;
const SCIENTIFIC = /^-?\d+(?:\.\d+)?[eE]\+?\d{1,2}$/;

/** The mark before the decimals, the other one or none being between thousands; undefined where it could be either. */
function decimalMark(text: string): string | undefined {
  const last = /[.,](?=\d+$)/.exec(text);
  if (last === null) return '';
  const other = last[0] === '.' ? ',' : '.';
  if (text.slice(0, last.index).includes(last[0])) return text.includes(other) ? undefined : other;
  if (text.slice(0, last.index).includes(other)) return last[0];
  return text.length - last.index - 1 === 3 ? undefined : last[0];
}

function plainAmount(given: string, mark: unknown): string | undefined {
  if (mark !== ',' && PLAIN.test(given)) return given;
  const text = given.replace(AROUND, '').replace(GROUPING, '');
  const point = mark === '.' || mark === ',' ? mark : decimalMark(text);
  if (point === undefined) return undefined;
  const read = point === '' ? text : text.replaceAll(point === '.' ? ',' : '.', '').replace(point, '.');
  return PLAIN.test(read) ? read : undefined;
}

function decimal(given: unknown, mark: unknown): number | string | undefined {
  if (typeof given === 'number') return given;
  if (typeof given !== 'string' || given.trim() === '') return undefined;
  if (SCIENTIFIC.test(given)) return Number(given);
  const plain = given.length > LONGEST_AMOUNT ? undefined : plainAmount(given, mark);
  if (plain !== undefined) return plain;
  throw new ExpressionError(
    'NOT_A_NUMBER',
    '$decimal was given a text that is no amount, or one that could be read in two ways',
    undefined,
    'say which mark stands before the decimals: $decimal(amount, ",")',
  );
}

function fingerprint(given: unknown): string | undefined {
  const text = typeof given === 'string' ? given.trim().toLowerCase() : '';
  return text === '' ? undefined : sha256(text).slice(0, 32);
}

/** What WordPress writes into titles; everything else it writes as numbers. */
const ENTITIES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    amp: '&',
    lt: '<',
    gt: '>',
    quot: '"',
    apos: "'",
    nbsp: '\u00a0',
    ndash: '–',
    mdash: '—',
    lsquo: '‘',
    rsquo: '’',
    ldquo: '“',
    rdquo: '”',
    hellip: '…',
    times: '×',
    copy: '©',
    reg: '®',
    trade: '™',
    euro: '€',
  }),
);
const LAST_CHARACTER = 0x10ffff;

function decodeHtml(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  return text.replace(
    /&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]+));/gi,
    (entity, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return ENTITIES.get(name) ?? entity;
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      const isCharacter = code > 0 && code <= LAST_CHARACTER && (code < 0xd800 || code > 0xdfff);
      return isCharacter ? String.fromCodePoint(code) : entity;
    },
  );
}

const wordsOf = (name: unknown): string[] => (typeof name === 'string' ? name.trim().split(/\s+/) : []);
const given = (text: string | undefined) => (text === '' ? undefined : text);

export const TEXT_FUNCTIONS: FunctionTable = {
  json: {
    args: 'text',
    help: 'The object or list in a text of JSON, as some apps save several values in one; nothing where it is none.',
    examples: [
      { expr: '$json(note).gclid', input: { note: '{"gclid":"Cj0K","fbclid":null}' }, result: 'Cj0K' },
      { expr: '$json(note)', input: { note: 'call back on Monday' } },
    ],
    fn: (text) => (typeof text === 'string' ? parseJsonText(text) : undefined),
  },
  query: {
    args: 'address, name',
    help: 'A parameter of an address, of its path and query, or of a bare query, decoded.',
    examples: [
      { expr: "$query('https://shop.example/a?gclid=Cj0K&x=1#top', 'gclid')", result: 'Cj0K' },
      {
        expr: "$query(landing_site, 'utm_campaign')",
        input: { landing_site: '/?utm_campaign=spring%20sale' },
        result: 'spring sale',
      },
      { expr: "$query('gclid=Cj0K&x=1', 'x')", result: '1' },
      { expr: "$query('https://shop.example/a', 'gclid')" },
      { expr: "$query('/?gclid=undefined', 'gclid')", why: 'a script that had none wrote so' },
      { expr: "$query('/?utm_campaign={{campaign.name}}', 'utm_campaign')", why: 'the ad did not say' },
    ],
    fn: query,
  },
  utc: {
    args: 'time',
    help: 'A time as ISO 8601 in UTC. A time without a zone is UTC; unix seconds and milliseconds are known, and times as mails write them. Fields that hold times need no $utc.',
    examples: [
      { expr: "$utc('2026-01-02T03:04:05')", result: '2026-01-02T03:04:05.000Z' },
      { expr: "$utc('2026-01-02 03:04:05+02:00')", result: '2026-01-02T01:04:05.000Z' },
      { expr: '$utc(1767323045)', result: '2026-01-02T03:04:05.000Z' },
      { expr: "$utc('Fri, 02 Jan 2026 03:04:05 +0000')", result: '2026-01-02T03:04:05.000Z' },
      { expr: "$utc('soon')" },
    ],
    fn: utc,
  },
  decimal: {
    args: 'amount, mark?',
    help: 'An amount as people write it, as a plain decimal. The mark before the decimals is found out or given; what could be read in two ways stops the hook.',
    examples: [
      { expr: "$decimal('€ 1.234,50')", result: '1234.50' },
      { expr: "$decimal('1,234.50 USD')", result: '1234.50' },
      { expr: "$decimal('49,90')", result: '49.90' },
      { expr: "$decimal('€ 12.000', ',')", result: '12000', why: 'a comma would stand before decimals' },
      { expr: "$decimal('1.2E7')", result: 12000000 },
      { expr: '$decimal(amount)', input: {} },
    ],
    fn: decimal,
  },
  fingerprint: {
    args: 'text',
    help: 'A short code that is the same for the same text, to know by it what has no id but should not be written down. Capitals and spaces around it do not count.',
    examples: [
      { expr: "$fingerprint(' Jane@example.com')", result: '8c87b489ce35cf2e2f39f80e282cb2e8' },
      { expr: '$fingerprint(email)', input: {} },
    ],
    fn: fingerprint,
  },
  decode_html: {
    args: 'text',
    help: 'A text with its HTML entities as the characters they stand for.',
    examples: [
      { expr: "$decode_html('Salt &amp; Pepper &#8211; 2&times;')", result: 'Salt & Pepper – 2×' },
      { expr: "$decode_html('R&D; &unknown;')", result: 'R&D; &unknown;', why: 'these are no entities' },
    ],
    fn: decodeHtml,
  },
  first_name: {
    args: 'name',
    help: 'The first word of a full name.',
    examples: [
      { expr: "$first_name('Jane van Dyk')", result: 'Jane' },
      { expr: '$first_name(name)', input: {} },
    ],
    fn: (name) => given(wordsOf(name)[0]),
  },
  last_name: {
    args: 'name',
    help: 'A full name without its first word; nothing when it is only one word.',
    examples: [{ expr: "$last_name('Jane van Dyk')", result: 'van Dyk' }, { expr: "$last_name('Jane')" }],
    fn: (name) => given(wordsOf(name).slice(1).join(' ')),
  },
};
