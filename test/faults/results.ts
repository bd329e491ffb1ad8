// The published figures: what each case found the last time, where and when. The README's table is made of this file.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { cases, postgresCases } from './cases.ts';
import { formatNotes, formatTable, type Row } from './table.ts';

const ALL = [...cases, ...postgresCases];
const FILE = join(import.meta.dirname, 'results.json');
const Published = z.object({
  case: z.object({ id: z.string(), title: z.string(), control: z.boolean() }),
  seconds: z.number(),
  result: z.object({
    rounds: z.number(),
    sent: z.number(),
    acknowledged: z.number(),
    lost: z.number(),
    delivered: z.number(),
    duplicates: z.number(),
    worstMs: z.number(),
    notes: z.array(z.string()),
    problems: z.array(z.string()),
  }),
  /** Where and when, in how long a form. */
  machine: z.string(),
  day: z.iso.date(),
  kills: z.number(),
  /** Processes that wanted a processor, on average, at the end of the case. */
  load: z.number(),
});
type Published = z.infer<typeof Published>;

/** Cases on PostgreSQL have the numbers of those on one file, and titles of their own. */
const isOf = ({ id, title }: { id: string; title: string }, { case: { id: ownId, title: ownTitle } }: Published) =>
  id === ownId && title === ownTitle;

/** In the order of the cases; what is no case any more is left out. */
export function readResults(): Published[] {
  if (!existsSync(FILE)) return [];
  const all = z.array(Published).parse(JSON.parse(readFileSync(FILE, 'utf8')));
  return ALL.flatMap((one) => all.find((row) => isOf(one, row)) ?? []);
}

/** Puts a row in the place of an older one of its case. Rows that were skipped say nothing. */
export function publish(row: Row, taken: Pick<Published, 'machine' | 'day' | 'kills' | 'load'>): void {
  if ('skipped' in row) return;
  const { id, title, control = false } = row.case;
  const others = readResults().filter((one) => !isOf(row.case, one));
  const all = [...others, { ...row, case: { id, title, control }, ...taken }];
  const ordered = ALL.flatMap((one) => all.find((row) => isOf(one, row)) ?? []);
  writeFileSync(FILE, `${JSON.stringify(ordered, null, 2)}\n`);
}

/** Tables and notes as Markdown, of one bridge and of three on PostgreSQL. */
export function formatPublished(results: readonly Published[]): string {
  const of = (some: typeof cases) => results.filter((row) => some.some((one) => isOf(one, row)));
  return [
    formatPart(of(cases), cases),
    '',
    'The same from outside with three bridges on one PostgreSQL, behind a balancer (`npm run faults -- --postgres`):',
    '',
    formatPart(of(postgresCases), postgresCases),
  ].join('\n');
}

/** With every machine and day they were taken on. */
function formatPart(results: readonly Published[], all: typeof cases): string {
  const taken = Map.groupBy(results, ({ machine, day, kills }) => `${machine}; ${day}, ${kills} kills`);
  const places = [...taken].map(([place, rows]) => {
    const whole = rows.length === results.length;
    const loads = rows.map(({ load }) => load);
    const busy = `beside other work: a load of ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}`;
    return `Taken on ${place}, ${busy}${whole ? '' : ` (${rows.map((row) => row.case.id).join(', ')})`}.`;
  });
  const absent = all.filter((one) => !results.some((row) => isOf(one, row))).map(({ id }) => id);
  if (absent.length > 0) places.push(`Not published yet: ${absent.join(', ')}.`);
  const notes = formatNotes(results)
    .split('\n')
    .map((note) => `- ${note}`)
    .join('\n');
  return [
    formatTable(results),
    '',
    ...places,
    '',
    '<details><summary>More figures</summary>',
    '',
    notes,
    '',
    '</details>',
  ].join('\n');
}
