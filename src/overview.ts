// The state of things for the first page and the pages of sources and destinations: sums, what waits, and what is wrong.
import type { Compared, DestinationFacts, Overview, StoreFacts, Trouble } from './admin/overview/facts.ts';
import type { AccountFacts, SourceFacts } from './admin/places/place-pages.ts';
import { groupByCause, type Item } from './admin/problems/causes.ts';
import type { OpenDeliveries } from './keep/counts.ts';
import { type AttemptSum, type EventSum, hourOf, type MATCH_KEYS } from './keep/hours.ts';
import type { Keep } from './keep/keep.ts';
import type { Pause } from './keep/pauses.ts';
import { timeOf } from './lib/id.ts';
import type { Store } from './map/load.ts';
import type { Mappings } from './map/mappings.ts';
import { troublesOf } from './troubles.ts';
import type { Clock } from './types.ts';

export type OverviewParts = {
  keep: Keep;
  mappings: Pick<Mappings, 'all' | 'problems'>;
  troubled: () => Promise<{ items: Item[]; limit: number }>;
  publicUrl: string | undefined;
  now: Clock;
};

const HOUR = 3_600_000;
const HOURS = 24;
const WEEK = 7 * 24;
const DEAD = new Set(['rejected', 'expired', 'dead']);

type Times = { at: number; first: number; last: number };
/** The hour that runs and the 23 before it. */
const timesAt = (at: number): Times => ({ at, first: hourOf(at) - HOURS + 1, last: hourOf(at) });

/** How much of a row counts now, and how much a week before: the last hour then counts as far as this one has come. */
function weigh(hour: number, { at, last }: Times): Compared {
  if (hour > last - HOURS) return { now: 1, before: 0 };
  return { now: 0, before: hour === last - WEEK ? (at % HOUR) / HOUR : 1 };
}
function compare<T extends { hour: number }>(rows: readonly T[], times: Times, amount: (row: T) => number): Compared {
  const sum = { now: 0, before: 0 };
  for (const row of rows) {
    const weight = weigh(row.hour, times);
    sum.now += weight.now * amount(row);
    sum.before += weight.before * amount(row);
  }
  return sum;
}

function eventFacts(rows: readonly EventSum[], times: Times): Pick<StoreFacts, 'events' | 'revenue' | 'keys'> {
  const purchases = Map.groupBy(
    rows.filter(({ name, currency }) => name === 'purchase' && currency !== ''),
    ({ currency }) => currency,
  );
  const count = (key: (typeof MATCH_KEYS)[number]) => compare(rows, times, ({ keys }) => keys[key]).now;
  return {
    events: compare(rows, times, ({ events }) => events),
    revenue: [...purchases].map(([currency, own]) => ({ currency, ...compare(own, times, ({ value }) => value) })),
    keys: {
      email: count('email'),
      phone: count('phone'),
      client_id: count('client_id'),
      session_id: count('session_id'),
      click_id: count('click_id'),
      fbc: count('fbc'),
      fbp: count('fbp'),
      device: count('device'),
    },
  };
}

const attemptsOf = (rows: readonly AttemptSum[], store: string, destination: string, kinds: readonly string[]) =>
  rows
    .filter((row) => row.store === store && row.destination === destination && kinds.includes(row.kind))
    .reduce((all, { attempts }) => all + attempts, 0);

export function createOverview({ keep, mappings, troubled, publicUrl, now }: OverviewParts) {
  const hooksOf = async ({ name: store, sources }: Store, at: number): Promise<Compared> => {
    const count = async (source: string, from: number, until: number) =>
      Object.values(await keep.countHooks({ store, source }, from, until)).reduce((all, one) => all + one, 0);
    const counts = await Promise.all(
      [...sources.keys()].map((source) =>
        Promise.all([
          count(source, at - HOURS * HOUR, at),
          count(source, at - (HOURS + WEEK) * HOUR, at - WEEK * HOUR),
        ]),
      ),
    );
    return {
      now: counts.reduce((all, [one]) => all + one, 0),
      before: counts.reduce((all, [, one]) => all + one, 0),
    };
  };

  const overview = async (): Promise<Overview> => {
    const times = timesAt(now());
    const [current, earlier, attempts, open, pauses, { items, limit }, places] = await Promise.all([
      keep.sumEvents(times.first, times.last),
      keep.sumEvents(times.first - WEEK, times.last - WEEK),
      keep.sumAttempts(times.first, times.last),
      keep.countOpen(),
      keep.listPauses(),
      troubled(),
      sources(),
    ]);
    const sums = [...current, ...earlier];
    const destination = (store: string, name: string, account: string): DestinationFacts => {
      const waiting = open.deliveries.filter((one) => one.store === store && one.destination === name);
      const dead = items.filter((one) => one.store === store && one.place === name && DEAD.has(one.kind)).length;
      return {
        name,
        delivered: attemptsOf(attempts, store, name, ['delivered']),
        waiting: waiting.reduce((all, { deliveries }) => all + deliveries, 0),
        dead,
        more: dead >= limit,
        paused: pauses.find((pause) => pause.account === account)?.reason,
        oldest: waiting.map(({ oldest }) => oldest).sort((a, b) => a - b)[0],
      };
    };
    const stores = await Promise.all(
      mappings.all().map(
        async (store): Promise<StoreFacts> => ({
          store: store.name,
          hooks: await hooksOf(store, times.at),
          ...eventFacts(
            sums.filter((row) => row.store === store.name),
            times,
          ),
          destinations: store.routes.map(({ name, account }) => destination(store.name, name, account)),
        }),
      ),
    );
    const troubles: Trouble[] = troublesOf({
      at: times.at,
      causes: groupByCause(items),
      pauses,
      open,
      places,
      problems: mappings.problems(),
      accounts: accountNames(mappings.all()),
    });
    return { at: times.at, stores, troubles };
  };

  const sources = (): Promise<SourceFacts[]> =>
    Promise.all(
      mappings.all().flatMap(({ name: store, sources: own }) =>
        [...own.values()].map(async ({ name: source, title, verify }): Promise<SourceFacts> => {
          const last = await keep.lastHookOf(store, source);
          const path = `/hooks/${store}/${source}`;
          const keyed = verify.flatMap((entry) => (entry.scheme === 'query' ? [entry.parameter] : []))[0];
          return {
            store,
            source,
            title,
            url: publicUrl === undefined ? path : new URL(publicUrl).origin + path,
            keyed,
            last: last === undefined ? undefined : timeOf(last),
            counts: await keep.countHooks({ store, source }, now() - HOURS * HOUR, now()),
          };
        }),
      ),
    );

  const accounts = async (): Promise<AccountFacts[]> => {
    const hour = hourOf(now());
    const [attempts, open, pauses] = await Promise.all([
      keep.sumAttempts(hour - 1, hour),
      keep.countOpen(),
      keep.listPauses(),
    ]);
    const byAccount = Map.groupBy(
      mappings.all().flatMap(({ routes }) => routes),
      ({ account }) => account,
    );
    return [...byAccount].map(([account, routes]) => {
      const count = (kinds: string[]) =>
        routes.reduce((all, { store, name }) => all + attemptsOf(attempts, store, name, kinds), 0);
      return {
        account,
        title: routes[0]?.destination.title ?? '',
        names: routes.map(({ store, name }) => ({ store, destination: name })),
        paused: pauses.find((pause: Pause) => pause.account === account),
        delivered: count(['delivered']),
        failed: count(['retry', 'rejected', 'dead']),
        ...waitingOf(open.deliveries.filter((one) => one.account === account)),
      };
    });
  };

  return { overview, sources, accounts };
}

const waitingOf = (open: readonly OpenDeliveries[]) => ({
  waiting: open.reduce((all, { deliveries }) => all + deliveries, 0),
  oldest: open.map(({ oldest }) => oldest).sort((a, b) => a - b)[0],
});

const accountNames = (stores: readonly Store[]): Map<string, string> =>
  new Map(
    stores.flatMap(({ routes }) => routes.map(({ account, store, name }) => [account, `${store}/${name}`] as const)),
  );
