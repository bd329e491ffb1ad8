// Runs cases one after the other and says how each went.
import { existsSync } from 'node:fs';
import { cases, postgresCases } from './cases.ts';
import { type Case, createScale, type Result } from './suite.ts';
import type { Row } from './table.ts';

/** Why a case cannot run on this machine. */
function obstacle({ needs }: Case): string | undefined {
  if (needs !== 'disk') return undefined;
  const canMount = process.getuid?.() === 0 && existsSync('/dev/fuse');
  return canMount ? undefined : 'it needs root and /dev/fuse, for a disk that can lose power';
}

const broken = (error: unknown): Result => ({
  rounds: 0,
  sent: 0,
  acknowledged: 0,
  lost: 0,
  delivered: 0,
  duplicates: 0,
  worstMs: 0,
  notes: [],
  problems: [error instanceof Error ? error.message : String(error)],
});

/** `only` names cases; all when it is absent. Throws for a name that is none. */
export function choose(only: readonly string[] | undefined, postgres = false): readonly Case[] {
  const all = postgres ? postgresCases : cases;
  const unknown = only?.filter((id) => !all.some((one) => one.id === id)) ?? [];
  if (unknown.length > 0) throw new Error(`there is no case ${unknown.join(', ')}`);
  return only === undefined ? all : all.filter(({ id }) => only.includes(id));
}

type Listener = { say: (text: string) => void; onRow?: (row: Row) => void };

export async function runCases(chosen: readonly Case[], kills: number, { say, onRow }: Listener): Promise<Row[]> {
  const scale = createScale(kills);
  const rows: Row[] = [];
  for (const one of chosen) {
    const head = { id: one.id, title: one.title, control: one.control === true };
    const skipped = obstacle(one);
    if (skipped !== undefined) {
      rows.push({ case: head, seconds: 0, skipped });
      say(`${one.id} SKIPPED: ${skipped}`);
      continue;
    }
    say(`${one.id} ${one.title} …`);
    const began = performance.now();
    const result = await one.run(scale).catch(broken);
    const seconds = Math.round((performance.now() - began) / 1000);
    rows.push({ case: head, seconds, result });
    onRow?.({ case: head, seconds, result });
    say(result.problems.length === 0 ? `  ok, ${seconds} s` : `  FAILED: ${result.problems.join('; ')}`);
  }
  return rows;
}

export const passed = (rows: readonly Row[]): boolean =>
  rows.every((row) => 'skipped' in row || row.result.problems.length === 0);
