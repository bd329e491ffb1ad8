// The shortest form of the fault suite: 30 kills, and the cases that take seconds. `npm run faults` runs all of them.
import { afterAll, expect, test } from 'vitest';
import { choose, runCases } from './faults/run.ts';
import { formatTable, type Row } from './faults/table.ts';

const KILLS = 30;
const MINUTE = 60_000;
const rows: Row[] = [];
afterAll(() => {
  process.stdout.write(`${formatTable(rows)}\n`);
});

test.each(choose(['F01', 'F16', 'F28', 'F30', 'F42', 'F43']))(
  '$id $title',
  { timeout: 10 * MINUTE },
  async ({ id }) => {
    const [row] = await runCases(choose([id]), KILLS, { say: () => undefined });
    if (row !== undefined) rows.push(row);
    expect(row).toMatchObject({ result: { problems: [] } });
  },
);
