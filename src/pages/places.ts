// Sources and destinations as their pages show them: what came and went there lately.
import type { AccountFacts } from '../admin/places/destination-pages.ts';
import type { ListFacts, SourceFacts } from '../admin/places/source-pages.ts';
import type { Item } from '../admin/problems/causes.ts';
import type { Keep } from '../keep/keep.ts';
import type { Comparison } from '../keep/questions/comparisons.ts';
import type { OpenDeliveries } from '../keep/questions/counts.ts';
import type { HookSum } from '../keep/questions/hook-hours.ts';
import { type AttemptSum, hourOf } from '../keep/questions/hours.ts';
import type { WebhookList } from '../keep/questions/webhook-lists.ts';
import { timeOf } from '../lib/id.ts';
import { DAY_MS } from '../lib/time.ts';
import type { Mappings } from '../map/files/mappings.ts';
import { fillGuides } from '../map/files/setup.ts';
import type { Source } from '../map/files/source.ts';
import { comparisonOf, isAsked, toldBy } from '../road/reconcile.ts';
import type { Clock } from '../types.ts';
import { farewellOf } from './farewell.ts';
import { createQualities } from './qualities.ts';
import { createRecounts } from './recounts.ts';
import { untoldOf } from './untold.ts';
import { webhooksView } from './webhooks.ts';

export type PlacesParts = {
  keep: Pick<
    Keep,
    | 'lastHookOf'
    | 'countHooks'
    | 'listTopics'
    | 'coverOrders'
    | 'sumHooks'
    | 'sumAttempts'
    | 'countOpen'
    | 'listPauses'
    | 'listComparisons'
    | 'countFound'
    | 'listRecounts'
    | 'listQualities'
    | 'listWebhooks'
  >;
  mappings: Pick<Mappings, 'all'>;
  /** Count nothing but what is of the stores in `mappings`; else also what waits of stores that are gone. */
  only?: boolean;
  publicUrl: string | undefined;
  now: Clock;
};

/** Ends of tries that did not arrive. */
export const FAILED: readonly string[] = ['retry', 'rejected', 'dead'];

export const attemptsOf = (
  rows: readonly AttemptSum[],
  store: string,
  destination: string,
  kinds: readonly string[],
): number =>
  rows
    .filter((row) => row.store === store && row.destination === destination && kinds.includes(row.kind))
    .reduce((all, { attempts }) => all + attempts, 0);

const waitingOf = (open: readonly OpenDeliveries[]) => ({
  waiting: open.reduce((all, { deliveries }) => all + deliveries, 0),
  oldest: open.map(({ oldest }) => oldest).sort((a, b) => a - b)[0],
});

/** How many wait for a destination, and since when the oldest; of several accounts where settings changed. */
export const waitingAt = (open: readonly OpenDeliveries[], store: string, destination: string) =>
  waitingOf(open.filter((one) => one.store === store && one.destination === destination));

/** Of all that is stuck or dead, the hooks of a source that are stuck. */
export const stuckAt = (items: readonly Item[], store: string, source: string): Item[] =>
  items.filter((one) => one.store === store && one.place === source && one.kind === 'stuck');

/** Of all that is stuck or dead, the deliveries to a destination that are dead, however they ended. */
export const deadAt = (items: readonly Item[], store: string, destination: string): Item[] =>
  items.filter((one) => one.store === store && one.place === destination && one.kind !== 'stuck');

/** The lists that a source is compared with, each with its last comparison. */
export async function listsOf(
  source: Source,
  comparisons: readonly Comparison[],
  topics: readonly { topic: string }[] = [],
): Promise<ListFacts[]> {
  const lists: ListFacts[] = [];
  for (const listing of source.listings) {
    if (!(await isAsked(source, listing))) continue;
    const { done_at, listed = 0, tried_at, problem } = comparisonOf(comparisons, source, listing) ?? {};
    const told_by = toldBy(listing, topics);
    lists.push({ about: listing.about, done_at, listed, tried_at, problem, told_by });
  }
  return lists;
}

export function createPlaces({ keep, mappings, only = false, publicUrl, now }: PlacesParts) {
  const sourceFacts = async (
    store: string,
    own: Source,
    sums: readonly HookSum[],
    comparisons: readonly Comparison[],
    webhooks: readonly WebhookList[],
  ): Promise<SourceFacts> => {
    const { name: source, title, verify, setup, entered } = own;
    const since = now() - DAY_MS;
    const [last, counts, orders, topics, fetched] = await Promise.all([
      keep.lastHookOf(store, source),
      keep.countHooks({ store, source }, since, now()),
      keep.coverOrders(store, source, since),
      keep.listTopics(store, source, hourOf(now())),
      keep.countFound({ store, source }, now() - 7 * DAY_MS),
    ]);
    const lists = await listsOf(own, comparisons, topics);
    const path = `/hooks/${store}/${source}`;
    const url = publicUrl === undefined ? path : publicUrl.replace(/\/+$/, '') + path;
    return {
      store,
      source,
      title,
      entered,
      url,
      keyed: verify.flatMap((entry) => (entry.scheme === 'query' ? [entry.parameter] : []))[0],
      setup: fillGuides(setup, { url, store, source }),
      last: last === undefined ? undefined : timeOf(last),
      counts,
      orders,
      topics,
      farewell: farewellOf(own, topics),
      untold: topics.length === 0 ? [] : untoldOf(own, (_, pattern) => topics.some(({ topic }) => pattern.test(topic))),
      fetched,
      lists,
      webhooks: await webhooksView(own, webhooks, topics, { url, stores: mappings.all() }),
      refused: sums.reduce((all, one) => (one.store === store && one.source === source ? all + one.refused : all), 0),
    };
  };
  const sources = async (): Promise<SourceFacts[]> => {
    const hour = hourOf(now());
    const [sums, comparisons, webhooks] = await Promise.all([
      keep.sumHooks(hour - 23, hour),
      keep.listComparisons(),
      keep.listWebhooks(),
    ]);
    const all = mappings
      .all()
      .flatMap(({ name, sources: own }) => [...own.values()].map((source) => ({ name, source })));
    return Promise.all(all.map(({ name, source }) => sourceFacts(name, source, sums, comparisons, webhooks)));
  };

  const recounts = createRecounts({ keep, mappings, now });
  const qualities = createQualities({ keep, mappings, now });

  const accounts = async (): Promise<AccountFacts[]> => {
    const hour = hourOf(now());
    const [attempts, open, pauses, recounted, told] = await Promise.all([
      keep.sumAttempts(hour - 1, hour),
      keep.countOpen(),
      keep.listPauses(),
      recounts(),
      qualities(),
    ]);
    const own = new Set(mappings.all().map(({ name }) => name));
    const waits = open.deliveries.filter(({ store }) => !only || own.has(store));
    const byAccount = Map.groupBy(
      mappings.all().flatMap(({ routes }) => routes),
      ({ account }) => account,
    );
    return [...byAccount].map(([account, routes]) => {
      const count = (kinds: readonly string[]) =>
        routes.reduce((all, { store, name }) => all + attemptsOf(attempts, store, name, kinds), 0);
      return {
        account,
        title: routes[0]?.destination.title ?? '',
        names: routes.map(({ store, name }) => ({ store, destination: name })),
        paused: pauses.find((pause) => pause.account === account),
        delivered: count(['delivered']),
        failed: count(FAILED),
        recounts: recounted.filter((one) =>
          routes.some(({ store, name }) => one.store === store && one.destination === name),
        ),
        quality: told.find((one) => one.account === account),
        ...waitingOf(waits.filter((one) => one.account === account)),
      };
    });
  };

  return { sources, accounts, recounts };
}
