// Functions over texts: parameters of addresses, times without a zone, names of people.
import { parseInstant } from './convert.ts';
import type { FunctionTable } from './functions.ts';

/** What is behind the `?` of an address, or a bare query such as `a=1&b=2`. */
function queryOf(address: string): string {
  const [page = ''] = address.split('#', 1);
  const mark = page.indexOf('?');
  if (mark !== -1) return page.slice(mark + 1);
  return /^[^/&=]+=/.test(page) ? page : '';
}

function query(address: unknown, name: unknown): string | undefined {
  if (typeof address !== 'string' || typeof name !== 'string') return undefined;
  for (const pair of queryOf(address).split('&')) {
    const isEncoded = /[%+]/.test(pair);
    if (!isEncoded && !pair.startsWith(`${name}=`)) continue;
    // Decodes as browsers do, and takes no offence at broken escapes.
    const value = isEncoded ? new URLSearchParams(pair).get(name) : pair.slice(name.length + 1);
    if (value !== null && value !== '') return value;
  }
  return undefined;
}

function utc(time: unknown): string | undefined {
  const ms = parseInstant(time);
  return ms === undefined ? undefined : new Date(ms).toISOString();
}

const wordsOf = (name: unknown): string[] => (typeof name === 'string' ? name.trim().split(/\s+/) : []);
const given = (text: string | undefined) => (text === '' ? undefined : text);

export const TEXT_FUNCTIONS: FunctionTable = {
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
    ],
    fn: query,
  },
  utc: {
    args: 'time',
    help: 'A time as ISO 8601 in UTC. A time without a zone is UTC; unix seconds and milliseconds are known. Fields that hold times need no $utc.',
    examples: [
      { expr: "$utc('2026-01-02T03:04:05')", result: '2026-01-02T03:04:05.000Z' },
      { expr: "$utc('2026-01-02 03:04:05+02:00')", result: '2026-01-02T01:04:05.000Z' },
      { expr: '$utc(1767323045)', result: '2026-01-02T03:04:05.000Z' },
      { expr: "$utc('soon')" },
    ],
    fn: utc,
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
