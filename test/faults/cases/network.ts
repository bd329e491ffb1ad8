// F18 and F19: certificates that are wrong for a while, and a hundred names that lead nowhere.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { selfSigned } from '../../support/certificates.ts';
import { type Case, quantile, report, until, within } from '../suite.ts';
import { createWorld } from '../world.ts';

const DAY = 86_400_000;
/** So often each wrong certificate is met. */
const TRIES = 5;

const f18: Case = {
  id: 'F18',
  title: 'wrong certificates for a while, then the right one',
  run: async () => {
    const tomorrow = new Date(Date.now() + DAY);
    const right = selfSigned('localhost', tomorrow);
    const wrong = {
      expired: selfSigned('localhost', new Date(Date.now() - DAY)),
      'of another host': selfSigned('elsewhere.example', tomorrow),
      'self-signed by a stranger': selfSigned('localhost', tomorrow),
    };
    const trusted = join(await mkdtemp(join(tmpdir(), 'tagbridge-faults-ca-')), 'ca.pem');
    // Those that are expired or of another host are trusted as such, so that nothing but their mistake is wrong with them.
    await writeFile(trusted, [right, wrong.expired, wrong['of another host']].map(({ cert }) => cert).join(''));
    return within(createWorld({ secure: ['sgtm'], env: { NODE_EXTRA_CA_CERTS: trusted } }), async (world) => {
      const problems: string[] = [];
      await world.certify('sgtm', wrong.expired);
      await world.start();
      for (const [name, pair] of Object.entries(wrong)) {
        await world.certify('sgtm', pair);
        const { broken } = (await world.receivers()).sgtm;
        await world.load({ kind: 'burst', url: world.url, count: 50, atOnce: 10 });
        let leaked = 0;
        const tried = async () => {
          await sleep(50);
          world.clock.set(world.clock.now() + 5_000);
          const { sgtm } = await world.receivers();
          leaked += sgtm.requests.length;
          return sgtm.broken >= broken + TRIES;
        };
        await until(`a certificate ${name} was tried often`, tried);
        if (leaked > 0) problems.push(`${leaked} requests leaked to a certificate ${name}`);
      }
      await world.certify('sgtm', right);
      await world.drain();
      return report(await world.settle(), { rounds: 3, problems });
    });
  },
};

const DEAD_NAMES = 100;
const SPAN_MS = 6_000;
/** What the machine does meanwhile is in both figures, but not in equal parts. */
const NOISE_MS = 50;

/** The names are added while it runs, so that the same process is measured without and with them. */
const f19: Case = {
  id: 'F19',
  title: '100 receivers whose names lead nowhere',
  run: () =>
    within(createWorld(), async (world) => {
      const dead = Object.fromEntries(
        Array.from({ length: DEAD_NAMES }, (_, index) => [
          `dead${index}`,
          { type: 'sgtm', url: `http://dead-${index}.invalid/data` },
        ]),
      );
      await world.start();
      void world.load({ kind: 'start', url: world.url, rate: 20, connections: 32 });
      await sleep(2_000);
      const before = world.now();
      await sleep(SPAN_MS);
      const destinations = { ...world.file.destinations, ...dead };
      await writeFile(join(world.mappings, 'stores/shop.yaml'), JSON.stringify({ ...world.file, destinations }));
      const toDead = () =>
        world.query("select count(*) as open from deliveries where destination like 'dead%'")[0]?.open;
      await until('dead names are tried', () => toDead() !== 0);
      const after = world.now();
      await sleep(SPAN_MS);
      await world.load({ kind: 'finish', ms: 30_000 });
      await until('the living receivers have everything', () => world.open("destination not like 'dead%'") === 0);
      const comparison = await world.settle({ delays: true });
      const p99 = (from: number, to: number) => {
        const own = comparison.delays.filter(({ at }) => at >= from && at < to).map(({ ms }) => ms);
        return quantile(
          own.sort((a, b) => a - b),
          0.99,
        );
      };
      const [without, beside] = [p99(before, before + SPAN_MS), p99(after, after + SPAN_MS)];
      return report(comparison, {
        notes: [
          `p99 from acknowledgement to the living receivers: ${without} ms without the dead names, ${beside} ms with them`,
        ],
        problems: [beside > without * 1.1 + NOISE_MS && 'the living receivers were slowed'],
      });
    }),
};

export const networkCases = [f18, f19];
