// `npm run bench`: starts the service, stand-ins and a load generator on this machine, measures, and prints a table.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeBacklog } from './backlog.ts';
import { blackFriday } from './black-friday.ts';
import { measureIngest } from './ingest.ts';
import type { LoadAsk, LoadResult } from './load.ts';
import { benchPages } from './pages.ts';
import { benchPostgres } from './postgres.ts';
import { startHelper, stopAll } from './processes.ts';
import { type Measured, machine, summarise, table } from './report.ts';
import { measureRoad } from './road.ts';
import { destinationsAt, SHOP, serve } from './service.ts';
import type { StandinsAnswer, StandinsAsk, StandinsReady } from './standins.ts';
import { benchVisits } from './visits.ts';

const ROUNDS = 6;
const TURN_MS = 2_000;
const ROAD_MS = 30_000;
/** Nobody listens there. */
const DOWN = 'http://127.0.0.1:9';

/** Where the figures go as JSON instead of a file. */
const STDOUT = '-';
/** `--json` may stand alone. */
const args = process.argv
  .slice(2)
  .map((arg, at, all) => (arg === '--json' && (all[at + 1] ?? '--').startsWith('--') ? `--json=${STDOUT}` : arg));
const isPiped = args.includes(`--json=${STDOUT}`);
const say = (text: string) => (isPiped ? console.error(text) : console.log(text));

async function measureAll(folder: string): Promise<Measured> {
  const load = await startHelper<LoadAsk, LoadResult, string>('load.ts');

  say('(c) mapping in one thread …');
  const mapper = await startHelper<never, never, number[]>('map.ts');

  say('(b) the whole road …');
  const standins = await startHelper<StandinsAsk, StandinsAnswer, StandinsReady>('standins.ts');
  const whole = await serve(join(folder, 'b'), [{ ...SHOP, destinations: destinationsAt(standins.ready) }]);
  const road = await measureRoad(load, standins, whole.port, ROAD_MS);
  await Promise.all([whole.stop(), standins.stop()]);

  say('(d) deliveries that wait …');
  const down = destinationsAt({ ga4: DOWN, meta: DOWN, sgtm: DOWN });
  const accounts = { ga4: down.ga4.measurement_id, meta: down.meta.pixel_id, sgtm: new URL(DOWN).host };
  const waiting = await makeBacklog(join(folder, 'd'), 'waiting', accounts);

  say('(a) and (d) in turns with bare Express …');
  const bare = await startHelper<never, never, number>('bare-express.ts');
  const contenders = [
    { name: 'bare Express', port: bare.ready },
    await serve(join(folder, 'a'), [SHOP]),
    await serve(join(folder, 'd'), [SHOP, { ...SHOP, store: 'waiting', destinations: down }]),
  ];
  const [first = [], second = [], third = []] = await measureIngest(load, contenders, { rounds: ROUNDS, ms: TURN_MS });
  return { bare: first, service: second, backlog: third, waiting, road, map: mapper.ready };
}

/** Measures in a folder of its own under `dir`, whose disk is part of what is measured. */
async function bench({ json, dir = tmpdir() }: { json?: string | undefined; dir?: string | undefined }): Promise<void> {
  const on = machine();
  const began = performance.now();
  const folder = await mkdtemp(join(dir, 'tagbridge-bench-'));
  try {
    const measured = await measureAll(folder);
    const summary = summarise(measured);
    const seconds = Math.round((performance.now() - began) / 1_000);
    say(`\n${table(summary)}\n`);
    say(`${on.cores} cores shared with the load generator, ${on.cpu}, Node ${on.node}, ${seconds} s`);
    if (on.load > 0.5)
      say(`The machine was not quiet: ${on.load.toFixed(1)} processes wanted a core. Only ratios mean something.`);
    if (json !== undefined) {
      const { bare, service, backlog, road, map } = measured;
      const rounds = { bare, service, backlog, road, map };
      const text = JSON.stringify({ machine: on, seconds, summary, rounds }, undefined, 2);
      if (json === STDOUT) console.log(text);
      else await writeFile(json, `${text}\n`);
    }
  } finally {
    await stopAll();
    await rm(folder, { recursive: true, force: true });
  }
}

const [first, ...rest] = args;
if (first === '--black-friday') blackFriday(rest, say);
else {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'string' },
      dir: { type: 'string' },
      pages: { type: 'boolean', default: false },
      postgres: { type: 'boolean', default: false },
      visits: { type: 'boolean', default: false },
    },
  });
  if (values.pages) await benchPages(say, values.dir);
  else if (values.visits) await benchVisits(say, values.dir);
  else await (values.postgres ? benchPostgres(say) : bench(values));
}
