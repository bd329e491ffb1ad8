// `npm run demo`: the bridge, stand-ins for its destinations and signed sample hooks on this machine alone.
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { z } from 'zod';
import { type Config, readConfig } from '../config.ts';
import { createStandins, type Standins } from '../demo/standins.ts';
import { table } from '../demo/table.ts';
import { describeError, OperatorError } from '../lib/errors.ts';
import { createLog } from '../lib/log.ts';
import { startService } from '../main.ts';
import type { Store } from '../map/files/load.ts';
import { readArguments } from './arguments.ts';
import type { Command, Terminal } from './command.ts';
import { senderRequest } from './send.ts';
import { readStores } from './store.ts';

const Sample = z.strictObject({
  title: z.string(),
  source: z.string(),
  topic: z.string(),
  headers: z.record(z.string(), z.string()),
  /** Destinations that take no such event. */
  without: z.array(z.string()).default([]),
  body: z.unknown(),
});
type Sample = z.infer<typeof Sample>;

/** Made up for this run; nobody outside this process ever needs them. */
const DEMO_ENV = {
  DEMO_LAMPS_SECRET: 'demo-secret-of-the-lamp-shop',
  DEMO_BAKERY_SECRET: 'demo-secret-of-the-bakery',
  DEMO_GA4_SECRET: 'demo-ga4-secret',
  DEMO_META_TOKEN: 'demo-meta-token',
  DEMO_ADS_SECRET: 'demo-ads-secret',
  DEMO_ADS_TOKEN: 'demo-ads-token',
};
const DESTINATIONS = ['ga4', 'meta', 'sgtm', 'google_ads'] as const;
const PATIENCE_MS = 20_000;
const MAPPINGS = join(import.meta.dirname, '../../mappings');

/** `{{minutes_ago 5}}`, `{{utc_minutes_ago 5}}` (without zone) and `{{seconds_ago 9}}` (unix seconds) as times before now. */
function fillTimes(text: string, now: number): string {
  return text.replace(/\{\{(\w+) (\d+)\}\}/g, (whole, word: string, count: string) => {
    const iso = new Date(now - Number(count) * 60_000).toISOString();
    if (word === 'minutes_ago') return iso;
    if (word === 'utc_minutes_ago') return iso.slice(0, 19);
    return word === 'seconds_ago' ? String(Math.floor(now / 1000) - Number(count)) : whole;
  });
}

async function readSamples(now: number): Promise<Sample[]> {
  const folder = join(MAPPINGS, 'demo/hooks');
  const names = (await readdir(folder)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.map((text) => Sample.parse(JSON.parse(fillTimes(text, now))));
}

/** The platform files of this package with the demo's store, whose destinations are the stand-ins. */
async function writeMappings(folder: string, standins: Standins): Promise<void> {
  await mkdir(join(folder, 'stores'), { recursive: true });
  const platforms = (await readdir(MAPPINGS)).filter((name) => name.endsWith('.yaml'));
  await Promise.all(platforms.map((name) => cp(join(MAPPINGS, name), join(folder, name))));
  const origins: Record<string, string> = Object.fromEntries(DESTINATIONS.map((name) => [name, standins[name].origin]));
  const store = await readFile(join(MAPPINGS, 'demo/demo.yaml'), 'utf8');
  await writeFile(
    join(folder, 'stores/demo.yaml'),
    store.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => origins[name] ?? whole),
  );
}

async function post(url: string, store: Store, { source: name, topic, headers, body: value }: Sample): Promise<number> {
  const source = store.sources.get(name);
  if (source === undefined) throw new OperatorError('DEMO', `the demo store has no source ${name}`);
  const body = Buffer.from(JSON.stringify(value));
  const sent = { path: `/hooks/${store.name}/${name}`, headers, body, topic };
  const signed = senderRequest(source, sent, { now: Date.now(), publicUrl: undefined });
  const reply = await request(url + signed.path, { method: 'POST', headers: signed.headers, body });
  await reply.body.dump();
  return reply.statusCode;
}

/** Waits until every stand-in has counted the samples that it takes; resolves with false when patience ends. */
async function arrived(standins: Standins, samples: readonly Sample[]): Promise<boolean> {
  const end = Date.now() + PATIENCE_MS;
  const lacks = (name: (typeof DESTINATIONS)[number]): boolean =>
    standins[name].counted.size < samples.filter(({ without }) => !without.includes(name)).length;
  while (DESTINATIONS.some(lacks)) {
    if (Date.now() > end) return false;
    await sleep(50);
  }
  return true;
}

function untilStopped(): Promise<void> {
  return new Promise((resolve) => process.once('SIGINT', () => resolve()).once('SIGTERM', () => resolve()));
}

/** Posts the samples one after the other, each after the one before has arrived everywhere; false when one did not. */
async function play(url: string, config: Config, standins: Standins, { out }: Terminal): Promise<boolean> {
  const { stores } = await readStores(config);
  const store = stores.get('demo');
  if (store === undefined) throw new OperatorError('DEMO', 'the demo store cannot be loaded');
  out(`The bridge listens at ${url}. Hooks go in:\n`);
  let ok = true;
  const samples = await readSamples(Date.now());
  for (const [index, sample] of samples.entries()) {
    const status = await post(url, store, sample);
    out(`  ${status}  ${sample.title}  (${sample.source}, ${sample.topic})`);
    ok = status === 200 && (await arrived(standins, samples.slice(0, index + 1))) && ok;
  }
  out(`\nWhat each stand-in received:\n\n${table(standins.received)}`);
  if (!ok) out('\nNot everything arrived; see the log above.');
  return ok;
}

export const demo: Command = {
  usage: '[--once]',
  help: 'Shows the whole road on this machine (= npm run demo)',
  run: async (args, terminal) => {
    const { once } = readArguments({ args, options: { once: { type: 'boolean', default: false } } }).values;
    const folder = await mkdtemp(join(tmpdir(), 'tagbridge-demo-'));
    const standins = await createStandins();
    try {
      const mappings = join(folder, 'mappings');
      await writeMappings(mappings, standins);
      const config = readConfig({
        LOG_LEVEL: 'warn',
        PORT: '0',
        ADMIN_PORT: '0',
        ...terminal.env,
        ...DEMO_ENV,
        HOST: '127.0.0.1',
        MAPPINGS_DIR: mappings,
        DATA_DIR: join(folder, 'data'),
        ALLOW_PRIVATE_DESTINATIONS: 'true',
      });
      const log = createLog(config.LOG_LEVEL);
      const onCrash = (error: unknown) => log.fatal({ error: describeError(error) }, 'service.crashed');
      const service = await startService({ config, log, onCrash });
      try {
        const ok = await play(service.url, config, standins, terminal);
        if (!once) {
          terminal.out('\nThe bridge and its stand-ins stay up. Ctrl+C ends them.');
          await untilStopped();
        }
        return ok ? 0 : 1;
      } finally {
        await service.stop();
      }
    } finally {
      await standins.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
};
