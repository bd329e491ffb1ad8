// `npm run faults`: breaks the bridge in every way of the plan and proves from outside that nothing was lost or counted twice.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { choose, passed, runCases } from './run.ts';
import { formatNotes, formatTable, machine } from './table.ts';

const HELP = `npm run faults -- [--postgres] [--kills N] [--only F12,F16] [--json FILE]
  --postgres  three bridges on PostgreSQL instead of one on its own file
  --kills   how often the bridge is killed in F01; the other cases scale with it (default 30, long form 300)
  --only    cases to run
  --json    also write the result to a file`;

const { values } = parseArgs({
  options: {
    postgres: { type: 'boolean', default: false },
    kills: { type: 'string', default: '30' },
    only: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const say = (text: string) => process.stdout.write(`${text}\n`);

if (values.help) say(HELP);
else {
  const kills = Number(values.kills);
  const rows = await runCases(choose(values.only?.split(','), values.postgres), kills, say);
  say(`\n${formatTable(rows)}\n\n${formatNotes(rows)}\n\nTaken on ${machine()}; ${kills} kills.`);
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ machine: machine(), kills, rows }, null, 2)}\n`);
  process.exitCode = passed(rows) ? 0 : 1;
}
