// `tagbridge reconcile`: compares now with what the shop lists, beside a running service or without one; may be run again.

import type { Keep } from '../keep/keep.ts';
import { hourOf } from '../keep/questions/hours.ts';
import { OperatorError } from '../lib/errors.ts';
import { newId } from '../lib/id.ts';
import { count, counted } from '../lib/words.ts';
import { type Listing, lacksOf } from '../map/asking/listing-compile.ts';
import type { Store } from '../map/files/load.ts';
import type { Source } from '../map/files/source.ts';
import { createLookups } from '../road/lookups.ts';
import { type Compared, comparisonOf, createReconcile, type Reconcile, stretchOf, toldBy } from '../road/reconcile.ts';
import { readArguments } from './arguments.ts';
import { withAsking } from './asking.ts';
import type { Command, Terminal } from './command.ts';
import { readInstant } from './instant.ts';
import { note } from './note.ts';
import { findSource } from './store.ts';

type Running = { store: Store; source: Source; since: number | undefined; dry: boolean; terminal: Terminal };

function refuse({ name, settings }: Source, listing: Listing): never {
  throw new OperatorError(
    'SETTINGS',
    `source ${name} has no ${lacksOf(listing, settings).join(' and no ')}, and without it nobody can ask for its ${listing.about}`,
    'its page and docs/connect say where that comes from',
  );
}

/** What was found, in the words of the list; people know records by their ids. */
function tell({ about }: Listing, { listed, missing, kept, problem }: Compared, { dry, terminal }: Running): void {
  const { out } = terminal;
  const lost = missing.filter((one) => one.counted).length;
  out(`  ${about} listed: ${count(listed)}; known, or not counted: ${count(listed - lost)}; missing: ${count(lost)}`);
  for (const [topic, ones] of Map.groupBy(missing, (one) => one.topic))
    out(`  missing, as ${topic}: ${ones.map(({ id }) => id).join(', ')}`);
  if (!dry && missing.length > 0) out(`  fetched: ${counted(kept, 'hook', 'hooks')}, which take the road now`);
  if (problem !== undefined) out(`  not compared to the end: ${problem}`);
}

/** Compares one list; answers whether it came to the end. */
async function compare(listing: Listing, running: Running, reconcile: Reconcile, keep: Keep): Promise<boolean> {
  const { store, source, dry, terminal } = running;
  const topic = toldBy(listing, await keep.listTopics(store.name, source.name, hourOf(Date.now())));
  if (topic !== undefined) {
    const why = `hooks of ${topic} tell the same under other ids, and each would count twice`;
    terminal.out(`${store.name}/${source.name}: ${listing.about} are not compared: ${why}`);
    return true;
  }
  const last = comparisonOf(await keep.listComparisons(), source, listing);
  const stretch = stretchOf(source, { compared_until: last?.compared_until }, Date.now());
  const { since = stretch.since } = running;
  if (since >= stretch.until)
    throw new OperatorError(
      'ARGUMENT',
      'what was changed in the last 10 minutes is left to its webhook, so there is nothing to compare yet',
      'say an earlier time, such as --since 1h',
    );
  const compared = await reconcile({ store, source, listing, since, until: stretch.until }, { dry });
  if (compared === undefined) return refuse(source, listing);
  const [from, until] = [since, stretch.until].map((at) => new Date(at).toISOString());
  terminal.out(`${store.name}/${source.name}: ${listing.about} changed from ${from} until ${until}`);
  tell(listing, compared, running);
  const { kept } = compared;
  const detail = `${source.name}: ${counted(kept, 'hook', 'hooks')} fetched that no webhook told of`;
  if (kept > 0) await note(keep, { action: 'orders fetched', store: store.name, detail });
  return compared.problem === undefined;
}

export const reconcileSource: Command = {
  usage: '--store S --source N [--since 3d] [--dry-run]',
  help: 'Asks the shop for its orders and fetches those of which no webhook told; run again, nothing counts twice',
  run: async (args, terminal) => {
    const { values } = readArguments({
      args,
      options: {
        store: { type: 'string' },
        source: { type: 'string' },
        since: { type: 'string' },
        'dry-run': { type: 'boolean', default: false },
      },
    });
    const { config, store, source } = await findSource(terminal.env, values.store, values.source);
    if (source.listings.length === 0)
      throw new OperatorError(
        'ARGUMENT',
        `${source.title} lists nothing`,
        'its platform file has no reconcile:, or what stands there is off',
      );
    const running = { store, source, since: readInstant('since', values.since), dry: values['dry-run'], terminal };
    return withAsking(config, terminal, async (asking) => {
      const { keep, http } = asking;
      const lookups = createLookups({ ...asking, send: http.send });
      const reconcile = createReconcile({ ...asking, lookups, newId });
      let isWhole = true;
      for (const listing of source.listings) isWhole = (await compare(listing, running, reconcile, keep)) && isWhole;
      return isWhole ? 0 : 1;
    });
  },
};
