// The facts that alerts judge, read from what is kept, from the mapping files and from what the database stands on.
import {
  COMPARED,
  type Facts,
  type MappingFacts,
  type PlaceFacts,
  type PurchaseFacts,
  type SourceFacts,
  type TopicFacts,
  USUAL_MS,
} from '../alert/finding.ts';
import type { Keep } from '../keep/keep.ts';
import type { Host } from '../keep/open.ts';
import type { Comparison } from '../keep/questions/comparisons.ts';
import { hourOf } from '../keep/questions/hours.ts';
import { createFresh } from '../lib/fresh.ts';
import { firstIdAt, timeOf } from '../lib/id.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../lib/time.ts';
import type { Listing } from '../map/asking/listing-compile.ts';
import type { Mappings } from '../map/files/mappings.ts';
import type { Source } from '../map/files/source.ts';
import { waitsFor } from '../road/complete.ts';
import { comparisonOf, isAsked, toldBy } from '../road/reconcile.ts';
import type { Clock } from '../types.ts';
import { farewellOf } from './farewell.ts';
import { createLearning } from './learning.ts';
import type { Looking } from './looking.ts';
import { attemptsOf, deadAt, FAILED, stuckAt, waitingAt } from './places.ts';
import { createQualities } from './qualities.ts';
import { accountFacts, BEFORE_DAYS, qualityFacts } from './quality-facts.ts';
import { createRecounts, latestOf, NEWS_DAYS, reportsOf } from './recounts.ts';
import { firstRead, matchesOf, reachesOf, worthsOf } from './shares.ts';
import { webhookTrouble } from './webhooks.ts';

export type FactsParts = {
  keep: Keep;
  mappings: Pick<Mappings, 'all' | 'problems'>;
  troubled: Looking['troubled'];
  host: Host;
  now: Clock;
};

/** The first comparison of a new source finds what was ordered before anybody could be told. */
const BEGUN_MS = 30 * 60_000;
/** An API may be away for so long before anybody is told that hooks wait for it. */
const UNANSWERED_MS = 15 * MINUTE_MS;
const MOST_UNANSWERED = 1_000;
/** Shares of a day change slowly, and are read from eight days of sums. */
const SHARES = { fresh: 600_000, stale: 600_000 };

const placeOf = (store: string, source: string, topic: string): string => `${store}/${source} ${topic}`;

const addedUp = (rows: readonly { came: number; refused: number }[]): SourceFacts['lately'] =>
  rows.reduce((all, { came, refused }) => ({ hooks: all.hooks + came, refused: all.refused + refused }), {
    hooks: 0,
    refused: 0,
  });

/** Answers what is the case now, but for the watch itself, where these incidents are open. */
export function createFacts(parts: FactsParts): (open: Facts['open']) => Promise<Omit<Facts, 'watchedSince'>> {
  const { keep, host, mappings, troubled, now } = parts;
  /** The last hour in which requests of a source were refused. */
  const refusedIn = new Map<string, number>();
  const hooksBy = createLearning(
    async (from, until) =>
      (await keep.sumHooks(from, until)).map(({ store, source, hour, hooks, refused }) => {
        const place = `${store}/${source}`;
        if (refused > 0) refusedIn.set(place, hour);
        return { place, hour, came: hooks, refused };
      }),
    now,
  );
  const refusedAt = (place: string): number | undefined => {
    const hour = refusedIn.get(place);
    return hour === undefined ? undefined : Math.min(now(), (hour + 1) * HOUR_MS);
  };
  const purchasesBy = createLearning(
    async (from, until) =>
      (await keep.sumPurchases(from, until)).map(({ store, hour, events }) => ({ place: store, hour, came: events })),
    now,
  );
  /** When the last hook of a topic came, by its place. */
  const lastAt = new Map<string, number>();
  const topicsBy = createLearning(
    async (from, until) =>
      (await keep.sumTopics(from, until)).map(({ store, source, topic, hour, hooks, last_at }) => {
        const place = placeOf(store, source, topic);
        lastAt.set(place, Math.max(lastAt.get(place) ?? 0, last_at));
        return { place, hour, came: hooks };
      }),
    now,
  );
  const sumShares = async (open: ReadonlyMap<string, number>) => {
    const opened = new Map(open);
    for (const { subject, opened_at } of await keep.listMended([...COMPARED], now() - USUAL_MS))
      opened.set(subject, Math.min(hourOf(opened_at), opened.get(subject) ?? Number.POSITIVE_INFINITY));
    const hours = { hour: hourOf(now()), opened };
    // Before the sums: what is sent in between is counted twice, which hides less than what is counted nowhere tells.
    const { deliveries } = await keep.countOpen();
    const stretch = [firstRead(hours), hours.hour] as const;
    const [events, attempts] = await Promise.all([keep.sumEvents(...stretch), keep.sumAttempts(...stretch)]);
    const places = mappings.all().flatMap(({ name: store, routes }) =>
      routes.map(({ name: destination }) => ({
        store,
        destination,
        waiting: waitingAt(deliveries, store, destination).waiting,
      })),
    );
    return {
      matches: matchesOf(events, hours),
      reaches: reachesOf(places, events, attempts, hours),
      worths: worthsOf(events, hours),
    };
  };
  let shares: { of: string; read: () => ReturnType<typeof sumShares> } | undefined;
  /** Anew where an incident began or ended since, because what it is compared with is another week. */
  const readShares = (open: Facts['open']): ReturnType<typeof sumShares> => {
    const compared = [...open].filter(([, { kind }]) => COMPARED.has(kind));
    const of = compared.map(([subject]) => subject).join('\n');
    const opened = new Map(compared.map(([subject, { opened_at }]) => [subject, hourOf(opened_at)]));
    if (shares?.of !== of) shares = { of, read: createFresh(() => sumShares(opened), now, SHARES) };
    return shares.read();
  };
  /** A folder that is gone, or a question that may not be asked, is no finding. */
  const readHost = async (): Promise<Pick<Facts, 'disk' | 'worries'>> => ({
    disk: await host.room().catch(() => undefined),
    worries: await host.worries().catch(() => []),
  });

  const topicsOf = (store: string, source: string): TopicFacts[] => {
    const own = placeOf(store, source, '');
    return [...lastAt].flatMap(([place, last]) =>
      place.startsWith(own) ? [{ topic: place.slice(own.length), last, usual: topicsBy.usualOf(place, last) }] : [],
    );
  };

  /** What came before a new source was set up could tell of nothing. */
  const lostOf = async (store: string, source: string, known_since: number): Promise<SourceFacts['lost']> => {
    const since = Math.max(now() - DAY_MS, known_since + BEGUN_MS);
    const fetched = since > now() ? 0 : await keep.countFound({ store, source }, since);
    if (fetched === 0) return { fetched, sent: 0 };
    const counts = Object.values(await keep.countHooks({ store, source }, since, now()));
    // Of very many hooks only some are counted.
    return { fetched, sent: Math.max(0, counts.reduce((all, hooks) => all + hooks, 0) - fetched) };
  };

  /** Whether somebody asks for its lists, and why one cannot be had; of a list that is not compared an old problem may be left. */
  const comparedOf = async (source: Source, all: readonly Comparison[], came: readonly { topic: string }[]) => {
    const asked: Listing[] = [];
    for (const listing of source.listings) if (await isAsked(source, listing)) asked.push(listing);
    const failed = asked.flatMap((listing) => {
      const { problem, tried_at = 0, done_at } = comparisonOf(all, source, listing) ?? {};
      if (problem === undefined || toldBy(listing, came) !== undefined) return [];
      return [{ problem, done_at, stale: now() - tried_at >= HOUR_MS }];
    });
    return { lists: asked.length > 0, uncompared: failed.find(({ stale }) => !stale) ?? failed[0] };
  };
  const asksForWebhooks = async (source: Source): Promise<boolean> =>
    source.webhooks !== undefined && (await isAsked(source, source.webhooks.listing));

  const readSources = async (): Promise<SourceFacts[]> => {
    const named = mappings.all().flatMap(({ name, sources }) =>
      // People enter when there is something to enter: their silence is no alarm.
      [...sources.values()].flatMap((own) => (own.entered ? [] : [{ store: name, source: own.name, own }])),
    );
    const [known, lately, , compared, listed] = await Promise.all([
      keep.knowSources(named, now()),
      hooksBy.read(),
      topicsBy.read(),
      keep.listComparisons(),
      keep.listWebhooks(),
    ]);
    const latelyAt = Map.groupBy(lately, ({ place }) => place);
    return Promise.all(
      named.map(async ({ store, source, own }) => {
        const id = await keep.lastHookOf(store, source);
        const last = id === undefined ? undefined : timeOf(id);
        const known_since = known.find((one) => one.store === store && one.source === source)?.known_since ?? now();
        const place = `${store}/${source}`;
        const usual = last === undefined ? undefined : hooksBy.usualOf(place, last);
        const topics = topicsOf(store, source);
        const came = topics.map((one) => ({ topic: one.topic, last_at: one.last }));
        const { lists, uncompared } = await comparedOf(own, compared, came);
        return {
          ...{ store, source, known_since, last, usual, topics },
          lost: await lostOf(store, source, known_since),
          asks: { lists, webhooks: await asksForWebhooks(own) },
          uncompared,
          webhooks: await webhookTrouble(own, listed, came, { now: now(), stores: mappings.all() }),
          lately: addedUp(latelyAt.get(place) ?? []),
          refused_at: refusedAt(place),
          farewell: farewellOf(own, came),
        };
      }),
    );
  };

  /** Hooks that wait for what an API does not answer, such as one that refuses the keys. */
  const waitingOn = async ({ store, name, lookups }: Source): Promise<MappingFacts['unanswered']> => {
    if (lookups.length === 0) return undefined;
    const page = { before: firstIdAt(now() - UNANSWERED_MS), since: '', limit: MOST_UNANSWERED };
    const waiting = await keep.listHooks([{ store, source: name, state: 'waiting' }], page);
    const asking = waiting.filter(({ reason }) => lookups.some(({ about }) => reason?.startsWith(waitsFor(about))));
    const [{ reason } = {}] = asking;
    return reason === undefined ? undefined : { came: asking.map(({ received_at }) => received_at), reason };
  };

  const readUnanswered = async () => {
    const all = mappings.all().flatMap(({ sources }) => [...sources.values()]);
    const found = all.map(async (own) => [`${own.store}/${own.name}`, await waitingOn(own)] as const);
    return new Map(await Promise.all(found));
  };

  const readPurchases = async (): Promise<PurchaseFacts[]> => {
    await purchasesBy.read();
    return mappings.all().flatMap(({ name: store, sources }) => {
      const hour = purchasesBy.lastOf(store);
      if (hour === undefined) return [];
      const last = Math.min(now(), (hour + 1) * HOUR_MS);
      const entered = [...sources.values()].every((source) => source.entered);
      return [{ store, last, usual: purchasesBy.usualOf(store, hour * HOUR_MS), entered }];
    });
  };

  const readRecounts = createRecounts({ keep, mappings, now });
  const readQualities = createQualities({ keep, mappings, now });

  return async (open) => {
    const hour = hourOf(now());
    const [sources, purchases, attempts, waiting, pauses, { items, limit }, compared, recounts, told, ofHost] =
      await Promise.all([
        readSources(),
        readPurchases(),
        keep.sumAttempts(hour - 1, hour),
        keep.countOpen(),
        keep.listPauses(),
        troubled(),
        readShares(open),
        readRecounts(NEWS_DAYS),
        readQualities(BEFORE_DAYS),
        readHost(),
      ]);
    const places = mappings.all().flatMap(({ routes }) =>
      routes.map(({ store, name: destination, account }): PlaceFacts => {
        const dead = deadAt(items, store, destination);
        return {
          store,
          destination,
          account,
          delivered: attemptsOf(attempts, store, destination, ['delivered']),
          failed: attemptsOf(attempts, store, destination, FAILED),
          ...waitingAt(waiting.deliveries, store, destination),
          dead: dead.map(({ at }) => at),
          more: dead.length >= limit,
        };
      }),
    );
    const unanswered = await readUnanswered();
    const mapped = sources.map(({ store, source }): MappingFacts => {
      const kept = waiting.hooks.filter((one) => one.store === store && one.source === source && one.state === 'kept');
      return {
        store,
        source,
        stuck: stuckAt(items, store, source).map(({ at }) => at),
        kept: kept.reduce((all, { hooks }) => all + hooks, 0),
        oldest: kept.length === 0 ? undefined : Math.min(...kept.map(({ oldest }) => oldest)),
        unanswered: unanswered.get(`${store}/${source}`),
      };
    });
    return {
      now: now(),
      sources,
      purchases,
      places,
      mapped,
      ...compared,
      recounts: latestOf(recounts),
      reports: reportsOf(recounts),
      qualities: qualityFacts(told, now()),
      accounts: accountFacts(told),
      open,
      pauses,
      problems: mappings.problems(),
      ...ofHost,
    };
  };
}
