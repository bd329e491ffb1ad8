// `tagbridge recount`: asks a destination's own report what it counted of one day, beside a running service or without one.
import { type Config, readConfig } from '../config.ts';
import { createSender } from '../deliver/sender.ts';
import type { Found } from '../keep/questions/recounts.ts';
import { OperatorError } from '../lib/errors.ts';
import { nearest } from '../lib/nearest.ts';
import { DAY_MS, dayAt } from '../lib/time.ts';
import { count } from '../lib/words.ts';
import type { Route } from '../map/files/route.ts';
import { createRecount, reportOf, startOf } from '../road/recount.ts';
import { besides, settledDays } from '../road/recounting.ts';
import { readArguments } from './arguments.ts';
import { withAsking } from './asking.ts';
import type { Command, Terminal } from './command.ts';
import { readStores, storeIn } from './store.ts';

/** One that the calendar has: what only looks like one is another day to `Date`. */
const isDay = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(startOf(text)) && dayAt(startOf(text)) === text;

type Kept = Pick<Config, 'RETENTION_ATTEMPTS_DAYS' | 'RETENTION_KEYS_DAYS'>;
/** A day of which it is kept what was sent, the last settled one where nothing is said. */
function readDay(text: string | undefined, now: number, kept: Kept): string {
  const [settled = ''] = settledDays(now);
  if (text === undefined) return settled;
  if (!isDay(text)) throw new OperatorError('ARGUMENT', `--day ${text} is no day`, `write it like ${settled}`);
  if (startOf(text) > now)
    throw new OperatorError('ARGUMENT', `--day ${text} is still to come`, `say --day ${settled}`);
  if (startOf(text) < now - Math.min(kept.RETENTION_ATTEMPTS_DAYS, kept.RETENTION_KEYS_DAYS) * DAY_MS)
    throw new OperatorError(
      'ARGUMENT',
      `what was sent for --day ${text} is no longer known`,
      'RETENTION_ATTEMPTS_DAYS and RETENTION_KEYS_DAYS say for how long it is kept',
    );
  return text;
}

const GIVE_IT = 'give it property_id and service_account in the store file';

/** The destination to ask, and what its report is called. */
function placeIn(routes: readonly Route[], store: string, name: string | undefined): { route: Route; title: string } {
  const names = routes.filter((route) => reportOf(route) !== undefined).map((route) => route.name);
  const [first, ...others] = names;
  const wanted = name ?? first;
  if (wanted === undefined)
    throw new OperatorError('ARGUMENT', `no destination of ${store} says how to ask for its report`, GIVE_IT);
  if (name === undefined && others.length > 0)
    throw new OperatorError(
      'ARGUMENT',
      `store ${store} has several destinations with a report`,
      `--destination ${names.join(' or ')}`,
    );
  const route = routes.find((one) => one.name === wanted);
  if (route === undefined)
    throw new OperatorError(
      'UNKNOWN_DESTINATION',
      `store ${store} has no destination ${wanted}`,
      nearest(wanted, names),
    );
  const title = reportOf(route)?.report.title;
  if (title === undefined)
    throw new OperatorError(
      'SETTINGS',
      `destination ${wanted} does not say how to ask for its report`,
      route.destination.report === undefined ? 'it has none that can be asked; GA4 has' : GIVE_IT,
    );
  return { route, title };
}

const listOf = (told: readonly string[], all: number): string =>
  told.join(', ') + (all > told.length ? ` and ${count(all - told.length)} more` : '');

function tell(found: Found, { out }: Terminal): void {
  const missing = found.sent - found.counted;
  out(`  sent: ${count(found.sent)}; in the report: ${count(found.counted)}; missing: ${count(missing)}`);
  if (missing > 0)
    out(
      `  missing: ${listOf(
        found.missing.map(({ id }) => id),
        missing,
      )}`,
    );
  if (found.repeated > 0)
    out(
      `  more than once: ${listOf(
        found.repeats.map(({ id, times }) => `${id} (${times} times)`),
        found.repeated,
      )}`,
    );
  if (found.different > 0)
    out(
      `  with another value: ${listOf(
        found.differences.map(({ id, sent, counted }) => `${id} (${sent} sent, ${counted} ${found.currency} counted)`),
        found.different,
      )}`,
    );
  if (found.strange > 0) out(`  not sent from here: ${count(found.strange)}, such as ${found.strangers.join(', ')}`);
  const channels = Object.entries(found.channels).sort(([, a], [, b]) => b - a);
  if (channels.length > 0)
    out(`  put down to: ${channels.map(([name, purchases]) => `${name} ${count(purchases)}`).join(', ')}`);
  if (found.partial) out('  the report says that it is not whole: what is missing may be there');
}

export const recountDay: Command = {
  usage: '--store S [--destination N] [--day 2026-11-20]',
  help: 'Asks GA4 which purchases of a day it counted, and names those that are missing, there twice, or worth something else',
  run: async (args, terminal) => {
    const { values } = readArguments({
      args,
      options: { store: { type: 'string' }, destination: { type: 'string' }, day: { type: 'string' } },
    });
    const config = readConfig(terminal.env);
    const loaded = await readStores(config);
    const store = storeIn(loaded, values.store);
    const { route, title } = placeIn(store.routes, store.name, values.destination);
    const day = readDay(values.day, Date.now(), config);
    const all = [...loaded.stores.values()].flatMap(({ routes }) => routes);
    return withAsking(config, terminal, async (asking) => {
      const { keep } = asking;
      const recount = createRecount({ ...asking, send: createSender(asking) });
      const end = await recount({ route, beside: besides(all, route), day });
      const place = { store: store.name, destination: route.name, day };
      if ('problem' in end) {
        terminal.err(`${title} could not be asked about ${day}: ${end.problem}`);
        return 1;
      }
      // Kept, it would be taken for what the day came to.
      const isOver = settledDays(Date.now()).some((settled) => day <= settled);
      if (isOver) await keep.noteRecount(place, Date.now(), end);
      terminal.out(
        `${store.name}/${route.name}: purchases of ${day} (${end.found.time_zone}) in the report of ${title}`,
      );
      tell(end.found, terminal);
      if (!isOver)
        terminal.out('  the day is not settled yet: what is missing may still come, and nothing of this is kept');
      return 0;
    });
  },
};
