// F18 and F19: certificates that are wrong for a while, and a hundred names that lead nowhere.
import { writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { selfSigned } from '../../support/deliver-certificate.ts';
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
    writeFileSync(trusted, [right, wrong.expired, wrong['of another host']].map(({ cert }) => cert).join(''));
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
const f19: Case = {
  id: 'F19',
  title: '100 receivers whose names lead nowhere',
  run: () => {
    const dead = Object.fromEntries(
      Array.from({ length: DEAD_NAMES }, (_, index) => [
        `dead${index}`,
        { type: 'sgtm', url: `http://dead-${index}.invalid/data` },
      ]),
    );
    return within(
      createWorld({ store: (file) => ({ ...file, destinations: { ...file.destinations, ...dead } }) }),
      async (world) => {
        await world.start();
        void world.load({ kind: 'start', url: world.url, rate: 20, connections: 32 });
        await sleep(8_000);
        await world.load({ kind: 'finish', ms: 30_000 });
        const living = () =>
          world.query("select count(*) as open from deliveries where destination not like 'dead%'")[0]?.open;
        for (const end = Date.now() + 20_000; living() !== 0 && Date.now() < end; ) await sleep(100);
        const comparison = await world.settle({ delays: true });
        const ms = comparison.delays.map((delay) => delay.ms).sort((a, b) => a - b);
        return report(comparison, {
          notes: [`p99 from acknowledgement to the living receivers: ${quantile(ms, 0.99)} ms`],
          problems: [quantile(ms, 0.99) > 1_000 && 'the living receivers were slowed'],
        });
      },
    );
  },
};

export const networkCases = [f18, f19];
