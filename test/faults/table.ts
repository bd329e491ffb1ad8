// Prints what the cases found, with the machine it was found on.
import { arch, cpus, platform, release, totalmem } from 'node:os';
import type { Case, Result } from './suite.ts';

export type Row = { case: Pick<Case, 'id' | 'title' | 'control'>; seconds: number } & (
  | { result: Result }
  | { skipped: string }
);

/** The machine, without what changes on it from minute to minute. */
export function machine(): string {
  const [first] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const { sqlite = 'none' } = process.versions;
  return `${cpus().length} × ${first?.model ?? 'unknown processor'}, ${memory} GB, ${platform()} ${release()} ${arch()}, Node ${process.version}, SQLite ${sqlite}`;
}

const HEAD = [
  'case',
  'what happens',
  'rounds',
  'sent',
  'acked',
  'lost',
  'delivered',
  'repeats',
  'worst delay',
  'verdict',
];
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

function cells(row: Row): string[] {
  const { id, title } = row.case;
  if ('skipped' in row) return [id, title, '', '', '', '', '', '', '', 'skipped'];
  const { rounds, sent, acknowledged, lost, delivered, duplicates, worstMs, problems } = row.result;
  const counts = [rounds, sent, acknowledged, lost, delivered, duplicates].map((count) => count.toLocaleString('en'));
  const passed = row.case.control === true ? 'damage seen' : 'ok';
  return [id, title, ...counts, seconds(worstMs), problems.length === 0 ? passed : 'FAILED'];
}

/** Markdown, so that it can stand in the README as it is. */
export function formatTable(rows: readonly Row[]): string {
  const lines = [HEAD, ...rows.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const draw = (line: readonly string[]) =>
    `| ${line.map((cell, column) => (column < 2 || column === 9 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => (column < 2 || column === 9 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  const [head = [], ...rest] = lines;
  return [draw(head), rule, ...rest.map(draw)].join('\n');
}

/** The figures and mistakes of each case, under its number. */
export function formatNotes(rows: readonly Row[]): string {
  return rows
    .flatMap((row) => {
      const { id } = row.case;
      if ('skipped' in row) return [`${id} SKIPPED: ${row.skipped}`];
      const { notes, problems } = row.result;
      return [...notes.map((note) => `${id} ${note}`), ...problems.map((problem) => `${id} FAILED: ${problem}`)];
    })
    .join('\n');
}
