// F39: a newer version takes over from an older one, bridge by bridge, while both work on the same tables.
import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Case, report } from '../suite.ts';
import { withCluster } from './cluster.ts';
import { finish, startLoad } from './steps.ts';

const ROOT = join(import.meta.dirname, '../../..');
/** The end of the list of migrations. */
const LIST_END = /(const MIGRATIONS[\s\S]*?\n)(\];\n)/;
const REFUSED = 'the database was written by a newer tagbridge';

/** This program as its next version will be, with one more change of the tables; answers its command line. */
async function makeNewer(folder: string): Promise<string> {
  const newer = join(folder, 'newer');
  await cp(join(ROOT, 'src'), join(newer, 'src'), { recursive: true });
  await cp(join(ROOT, 'package.json'), join(newer, 'package.json'));
  await symlink(join(ROOT, 'node_modules'), join(newer, 'node_modules'));
  const path = join(newer, 'src/keep/tables/migrations.ts');
  const before = await readFile(path, 'utf8');
  const change =
    "  () => ['alter table hooks add column something_new text', 'create index hooks_new on hooks (something_new)'],\n";
  const after = before.replace(LIST_END, `$1${change}$2`);
  if (after === before) throw new Error(`${path} has no list of migrations any more`);
  await writeFile(path, after);
  return join(newer, 'src/cli.ts');
}

const f39: Case = {
  id: 'F39',
  title: 'a newer version takes over bridge by bridge, two of it start at once, an older one is refused after that',
  run: () =>
    withCluster({ env: { DRAIN_SECONDS: '1' } }, async (cluster) => {
      const newer = await makeNewer(cluster.folder);
      await startLoad(cluster);
      await sleep(2_000);
      const stop = (index: number) => cluster.bridges[index]?.end('SIGTERM');
      await Promise.all([stop(0), stop(1)]);
      await Promise.all([cluster.start(0, newer), cluster.start(1, newer)]);
      // Both versions serve.
      await sleep(4_000);
      await stop(2);
      const refused = await cluster.start(2).then(
        () => 'it started',
        (error: unknown) => String(error),
      );
      const log = await readFile(join(cluster.folder, 'bridge2.log'), 'utf8');
      await cluster.start(2, newer);
      await sleep(2_000);
      const { statuses } = await cluster.load({ kind: 'finish', ms: 30_000 });
      const failed = Object.entries(statuses).filter(([status]) => status !== '200');
      const comparison = await finish(cluster);
      const [twice] = await cluster.query('select count(*) - count(distinct version) as twice from migrations');
      return report(comparison, {
        rounds: 3,
        problems: [
          !refused.includes('78') && `an older program was not refused: ${refused}`,
          !log.includes(REFUSED) && 'the older program did not say why it ended',
          Number(twice?.twice) > 0 && 'a change of the tables was made twice',
          failed.length > 0 && `requests failed: ${failed.map(([status, count]) => `${count} × ${status}`).join(', ')}`,
          comparison.duplicates > 0 && `${comparison.duplicates} deliveries were sent again`,
        ],
      });
    }),
};

export const versionCases = [f39];
