// `npm run faults`: breaks the bridge in every way of the plan and proves from outside that nothing was lost or counted twice.
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { publish } from './results.ts';
import { choose, passed, runCases } from './run.ts';
import { formatNotes, formatTable, machine, type Row } from './table.ts';

const HELP = `npm run faults -- [--postgres] [--kills N] [--only F12,F16] [--publish]
  --postgres  three bridges on PostgreSQL instead of one on its own file
  --kills     how often the bridge is killed in F01; the other cases scale with it (default 30, long form 300)
  --only      cases to run
  --publish   put the figures into test/faults/results.json; UPDATE_DOCS=1 npx vitest run test/docs.test.ts then writes the README`;

const { values } = parseArgs({
  options: {
    postgres: { type: 'boolean', default: false },
    kills: { type: 'string', default: '30' },
    only: { type: 'string' },
    publish: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const say = (text: string) => process.stdout.write(`${text}\n`);

if (values.help) say(HELP);
else {
  const kills = Number(values.kills);
  const day = new Date().toISOString().slice(0, 10);
  const onRow = (row: Row) => {
    if (values.publish) publish(row, { machine: machine(), day, kills, load: loadavg()[0] ?? 0 });
  };
  const rows = await runCases(choose(values.only?.split(','), values.postgres), kills, { say, onRow });
  say(`\n${formatTable(rows)}\n\n${formatNotes(rows)}\n\nTaken on ${machine()}; ${kills} kills.`);
  process.exitCode = passed(rows) ? 0 : 1;
}
