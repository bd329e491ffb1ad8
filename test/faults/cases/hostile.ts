// S51: the hostile set against a bridge at work: no request of it blocks a thread, fills the memory or breaks the answer.
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hostileBodies, hostileRequests, sendBytes, signed } from '../../support/hostile.ts';
import { type Case, quantile, report, until, within } from '../suite.ts';
import { createWorld, type World } from '../world.ts';

const MOST_BLOCKED_MS = 200;
const MOST_GROWTH_MB = 32;
const THREADS = 8;
/** After that many orders, and some large ones, the bridge has made what it makes once. */
const WARM = 2_000;

type Measured = { name: string; status: number | 'closed'; blockedMs: number; grownMb: number };

/** The longest turn of any thread's loop since the last look. */
function createLoopWatch(file: string) {
  const clear = () => writeFileSync(file, Buffer.alloc(THREADS * 8), { flag: 'r+' });
  writeFileSync(file, Buffer.alloc(THREADS * 8));
  return () => {
    const bytes = readFileSync(file);
    clear();
    return Math.max(...Array.from({ length: THREADS }, (_, thread) => bytes.readDoubleLE(thread * 8)));
  };
}

const idle = (world: World) => world.query('select count(*) as n from hooks where due_at is not null')[0]?.n === 0;

async function measure(
  world: World,
  watch: () => number,
  name: string,
  send: () => Promise<number | 'closed'>,
): Promise<Measured> {
  watch();
  const before = world.bridge().memory().now;
  let most = before;
  const sampling = setInterval(() => {
    most = Math.max(most, world.bridge().memory().now);
  }, 5);
  const status = await send();
  await until(`${name} is mapped`, () => idle(world));
  await sleep(30);
  clearInterval(sampling);
  return { name, status, blockedMs: watch(), grownMb: most - before };
}

const worst = (all: readonly Measured[], by: 'blockedMs' | 'grownMb') =>
  all.reduce((most, one) => (one[by] > most[by] ? one : most));

/** `count` senders at once that never finish their headers, or say nothing; resolves once most are connected. */
async function openSockets(world: World, count: number, first: string): Promise<Socket[]> {
  const port = Number(new URL(world.url).port);
  const sockets = Array.from({ length: count }, () => {
    const socket = connect(port, '127.0.0.1', () => socket.write(first));
    return socket.on('error', () => undefined).resume();
  });
  await until('the slow senders are connected', () => sockets.filter(({ connecting }) => connecting).length === 0);
  return sockets;
}

const hostile: Case = {
  id: 'S51',
  title: 'bodies and requests written to do harm, one after the other',
  run: async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'tagbridge-faults-loop-')), 'loop');
    const watch = createLoopWatch(file);
    return within(createWorld({ preload: ['loop'], env: { FAULTS_LOOP: file } }), async (world) => {
      await world.start();
      await world.load({ kind: 'burst', url: world.url, count: WARM, atOnce: 20 });
      await world.load({ kind: 'burst', url: world.url, count: 60, atOnce: 4, over: { note: 'x'.repeat(1_000_000) } });
      await world.drain();
      const port = Number(new URL(world.url).port);
      const measured: Measured[] = [];
      for (const { name, body } of hostileBodies()) {
        const { path, headers } = signed(body, name);
        const send = async () => (await fetch(world.url + path, { method: 'POST', headers, body })).status;
        measured.push(await measure(world, watch, name, send));
      }
      for (const { name, bytes } of hostileRequests())
        measured.push(await measure(world, watch, name, () => sendBytes(port, bytes)));
      const [slow, fat] = [worst(measured, 'blockedMs'), worst(measured, 'grownMb')];
      const wrong = measured.filter(({ status }) => typeof status === 'number' && status >= 500 && status !== 503);
      return report(await world.settle({ shown: ['dead', 'expired', 'rejected'] }), {
        rounds: measured.length,
        notes: [
          `no request kept a thread for more than ${Math.ceil(slow.blockedMs)} ms (${slow.name}), or took more than ${fat.grownMb} MB (${fat.name})`,
        ],
        problems: [
          slow.blockedMs > MOST_BLOCKED_MS && `${slow.name} kept a thread for ${Math.round(slow.blockedMs)} ms`,
          fat.grownMb > MOST_GROWTH_MB && `${fat.name} took ${fat.grownMb} MB`,
          ...wrong.map(({ name, status }) => `${name} was answered ${status}`),
        ],
      });
    });
  },
};

/** Connections that the bridge holds, as the system lists them (proc(5), /proc/net/tcp): by our port, established. */
function connectionsOf({ url }: World): number {
  const port = Number(new URL(url).port).toString(16).toUpperCase().padStart(4, '0');
  const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n');
  return lines.filter((line) => new RegExp(`^ *\\d+: [0-9A-F]{8}:${port} [0-9A-F:]{13} 01 `).test(line)).length;
}

/** What the bridge holds at most, whoever comes (`MAX_CONNECTIONS` of road/receiving.ts). */
const MOST_CONNECTIONS = 8_000;

type Crowd = {
  id: string;
  title: string;
  count: number;
  first: string;
  judge: (p99: number, most: number) => string[];
};

/** Senders who come all at once, say `first` and then nothing more, beside others who send hooks. */
const crowd = ({ id, title, count, first, judge }: Crowd): Case => ({
  id,
  title,
  run: () =>
    within(createWorld(), async (world) => {
      await world.start();
      void world.load({ kind: 'start', url: world.url, rate: 100, connections: 32 });
      await sleep(2_000);
      await world.load({ kind: 'state' });
      const before = connectionsOf(world);
      const sockets = await openSockets(world, count, first);
      let most = before;
      // Asked on the bridge's side: of a connection that the system dropped from a full queue, a silent sender hears nothing.
      const held = () => {
        const count = connectionsOf(world);
        most = Math.max(most, count);
        return count;
      };
      await until('they are taken', () => held() > before + 500);
      await until('they are closed', () => held() < before + 100, 120_000);
      for (const socket of sockets) socket.destroy();
      const { waits } = await world.load({ kind: 'state' });
      const p99 = quantile(waits, 0.99);
      await world.load({ kind: 'finish', ms: 30_000 });
      await world.drain();
      return report(await world.settle(), {
        notes: [`the others were acknowledged in ${p99} ms (p99) meanwhile; at most ${most} connections`],
        problems: judge(p99, most),
      });
    }),
});

const slowHeaders = crowd({
  id: 'S25',
  title: '2,000 senders that never finish their headers',
  count: 2_000,
  first: 'POST /hooks/shop/shopify HTTP/1.1\r\nx-slow: ',
  judge: (p99) => (p99 > 500 ? ['p99 of acknowledging was over 500 ms'] : []),
});

const silent = crowd({
  id: 'S26',
  title: '10,000 senders that say nothing',
  count: 10_000,
  first: '',
  judge: (_, most) => (most > MOST_CONNECTIONS + 100 ? [`${most} connections were held`] : []),
});

export const hostileCases = [hostile, slowHeaders, silent];
