// `tagbridge replay`: maps kept hooks again, or sends ended deliveries again as they were built from their events.
import { type Config, readConfig } from '../config.ts';
import { withKept } from '../keep/beside.ts';
import type { Keep } from '../keep/keep.ts';
import type { ListedDelivery } from '../keep/questions/ends.ts';
import type { ListedHook } from '../keep/questions/lists.ts';
import type { Selection } from '../keep/questions/replay.ts';
import { OperatorError } from '../lib/errors.ts';
import { counted } from '../lib/words.ts';
import { readArguments } from './arguments.ts';
import type { Command, Terminal } from './command.ts';
import { readInstant } from './instant.ts';
import { note } from './note.ts';
import { createProgress } from './progress.ts';
import { readStores, refuseUnknown } from './store.ts';

const PAGE = 1_000;
const SHOWN = 20;
const HOOK_STATES = ['stuck', 'ignored', 'mapped', 'waiting'];
/** What a person calls dead, and the ends it stands for. */
const ENDS: Record<string, readonly string[]> = {
  dead: ['rejected', 'expired', 'dead'],
  skipped: ['skipped'],
  delivered: ['delivered'],
};

const options = {
  hook: { type: 'string' },
  order: { type: 'string' },
  store: { type: 'string' },
  source: { type: 'string' },
  destination: { type: 'string' },
  status: { type: 'string' },
  since: { type: 'string' },
  until: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
} as const;

type Values = Partial<Record<'hook' | 'order' | 'store' | 'source' | 'destination' | 'since' | 'until', string>>;

/** What was asked for, without what was not said. */
function selectionOf(values: Values, state: string | undefined): Selection {
  const { hook, order, store, source, destination, since, until } = values;
  const times = { since: readInstant('since', since), until: readInstant('until', until) };
  const given = { hook_id: hook, order_id: order, store, source, destination, ...times, state };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

const line = ({ id, store, source, state, reason }: ListedHook) =>
  `  hook ${id} ${store}/${source} ${state}${reason === undefined ? '' : `: ${reason}`}`;
const endLine = ({ event_id, store, destination, kind, reason }: ListedDelivery) =>
  `  event ${event_id} ${store}/${destination} ${kind}${reason === undefined ? '' : `: ${reason}`}`;

type Run = { keep: Keep; by: Selection; dryRun: boolean; terminal: Terminal };
type Done = { said: string; count: number };

/** Goes through all pages of `total` rows; `last` names the end of a page. */
async function everyPage<T>(
  total: number,
  read: (after: string) => Promise<T[]>,
  last: (one: T) => string,
  act: (page: T[]) => Promise<void>,
): Promise<number> {
  const progress = createProgress('replayed', total);
  let count = 0;
  let after = '';
  for (;;) {
    const page = await read(after);
    const end = page.at(-1);
    if (end === undefined) break;
    await act(page);
    count += page.length;
    progress.step(page.length);
    after = last(end);
  }
  progress.end();
  return count;
}

/** Prints the first few of what was found, and how many more there are. */
function createPreview(terminal: Terminal) {
  let shown = 0;
  return (lines: string[]) => {
    for (const text of lines) {
      shown += 1;
      if (shown <= SHOWN) terminal.out(text);
      else if (shown === SHOWN + 1) terminal.out('  …');
    }
  };
}

async function hooksAgain({ keep, by, dryRun, terminal }: Run): Promise<Done> {
  const preview = createPreview(terminal);
  const count = await everyPage(
    await keep.countSelectedHooks(by),
    (after) => keep.selectHooks(by, { after, limit: PAGE }),
    ({ id }) => id,
    async (hooks) => {
      preview(hooks.map(line));
      if (!dryRun)
        await keep.mapAgain(
          hooks.map(({ id }) => id),
          Date.now(),
        );
    },
  );
  const said = dryRun
    ? `${counted(count, 'hook', 'hooks')} would be mapped again`
    : `${counted(count, 'hook is', 'hooks are')} mapped again by the running bridge, or at its next start`;
  return { said, count };
}

async function accountsOf(config: Config): Promise<Map<string, string>> {
  const { stores } = await readStores(config);
  return new Map(
    [...stores.values()].flatMap(({ routes }) =>
      routes.map(({ store, name, account }): [string, string] => [`${store}/${name}`, account]),
    ),
  );
}

async function deliveriesAgain(
  { keep, by, dryRun, terminal }: Run,
  kinds: readonly string[],
  accounts: Map<string, string>,
): Promise<Done> {
  const preview = createPreview(terminal);
  let gone = 0;
  const count = await everyPage(
    await keep.countSelectedDeliveries(by, kinds),
    (after) => keep.selectDeliveries(by, kinds, { after, limit: PAGE }),
    ({ event_id, destination }) => `${event_id}/${destination}`,
    async (deliveries) => {
      preview(deliveries.map(endLine));
      const known = deliveries.flatMap((one) => {
        const account = accounts.get(`${one.store}/${one.destination}`);
        return account === undefined ? [] : [{ ...one, account }];
      });
      gone += deliveries.length - known.length;
      if (!dryRun) await keep.sendAgain(known, Date.now());
    },
  );
  const without =
    gone === 0 ? '' : `; ${gone} of them have no destination in the store files any more and stay as they are`;
  const said = dryRun
    ? `${counted(count, 'delivery', 'deliveries')} would be sent again${without}`
    : `${counted(count - gone, 'delivery is', 'deliveries are')} sent again${without}`;
  return { said, count };
}

/** What was given, each with its name. */
const listed = (given: Record<string, string | number | undefined>): string =>
  Object.entries(given)
    .filter(([, value]) => value !== undefined)
    .map((one) => one.join(' '))
    .join(', ');

/** Zero hooks is an answer to a question about many; who names one means one that is there. */
function missing({ hook_id: hook, order_id: order, store, source }: Selection): string {
  const what = listed({ hook, order, store, source });
  return `nothing is kept of ${what} (ids stand on the page of a hook; Search finds orders by their number)`;
}

/** What was asked for; the store has a place of its own in the audit. */
const asked = ({ store: _, since, until, ...by }: Selection, status: string | undefined): string => {
  const times = { since: since && new Date(since).toISOString(), until: until && new Date(until).toISOString() };
  return listed({ status, ...by, ...times });
};

export const replay: Command = {
  usage:
    '[--hook ID] [--order ID] [--store S] [--source N] [--destination D] [--status X] [--since T] [--until T] [--dry-run]',
  help: 'Maps hooks again (status stuck, ignored, mapped, waiting) or sends deliveries again (dead, skipped, delivered)',
  run: async (args, terminal) => {
    const { values } = readArguments({ args, options });
    const { status } = values;
    const wanted = status ?? (values.destination === undefined ? 'stuck' : 'dead');
    const kinds = ENDS[wanted];
    if (kinds === undefined && !HOOK_STATES.includes(wanted)) {
      throw new OperatorError(
        'ARGUMENT',
        `there is no status ${wanted}`,
        `known: ${[...HOOK_STATES, ...Object.keys(ENDS)].join(', ')}`,
      );
    }
    // A hook named by its id or order is mapped again whatever became of it.
    const named =
      status === undefined && (values.hook !== undefined || values.order !== undefined) && kinds === undefined;
    const by = selectionOf(values, kinds === undefined && !named ? wanted : undefined);
    const config = readConfig(terminal.env);
    const accounts = kinds === undefined ? new Map<string, string>() : await accountsOf(config);
    const { said, count } = await withKept(config, terminal.err, async (keep) => {
      const run: Run = { keep, by, dryRun: values['dry-run'], terminal };
      const done = await (kinds === undefined ? hooksAgain(run) : deliveriesAgain(run, kinds, accounts));
      if (done.count === 0) await refuseUnknown(config, by);
      const detail = `${asked(by, kinds === undefined ? undefined : wanted)}; ${done.said}`;
      if (!run.dryRun) await note(keep, { action: 'replay', store: by.store, detail });
      return done;
    });
    const isUnknown = named && count === 0;
    terminal.out(isUnknown ? `${said}: ${missing(by)}` : said);
    return isUnknown ? 1 : 0;
  },
};
