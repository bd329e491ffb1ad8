// Which records of a list no webhook told of: mapped as a hook would be, and compared with the events that are there.
import type { LedgerEntry } from '../enrich/ledger.ts';
import type { Keep } from '../keep/keep.ts';
import type { NewHook } from '../keep/questions/hooks.ts';
import { firstIdAt } from '../lib/id.ts';
import { idOf, type Listed } from '../map/asking/listing.ts';
import type { Listing } from '../map/asking/listing-compile.ts';
import type { Store } from '../map/files/load.ts';
import type { Source } from '../map/files/source.ts';
import { type MapResult, mapHook } from '../map/map.ts';
import type { Clock } from '../types.ts';
import { type Complete, knownAtLast, knownOf } from './complete.ts';
import { digestMapped, ordersToFind } from './digest.ts';
import { dedupeKeys } from './hook-keys.ts';
import { keepable } from './keepable.ts';

/** A record that would make an event which is not there, or is stuck, and the hook that makes it. */
export type Missing = Omit<Listed, 'record'> & { hook: NewHook };
export type MissingParts = {
  keep: Pick<Keep, 'findOrders' | 'knownKeys' | 'listHooks' | 'findHook'>;
  /** Asks for what records lack. */
  complete: Complete;
  now: Clock;
  newId: () => string;
};

/** Hooks under way that are looked into; behind more of them a record may be fetched that a hook told of, and counts once. */
const MOST_OPEN = 500;
const OPEN = ['kept', 'waiting', 'stuck'] as const;

/** What happened before `known_since` was counted by others, however late the shop changed its record. */
type About = { store: Store; source: Source; listing: Listing; known_since?: number | undefined };
type UnderWay = { keys: ReadonlySet<string>; stuck: ReadonlySet<string> };
/** `isAnswered` is missing where nobody was asked. */
type Tried = { listed: Listed; hook: NewHook; mapped: MapResult; isAnswered?: boolean };
type Planned = Tried & { names: string[][] };

const keysOf = ({ key, keys = [] }: { key: string; keys?: readonly string[] }): string[] => [key, ...keys];

/** Neither an event nor an order that does not count. */
const saysNothing = ({ verdict, events, uncounted }: MapResult): boolean =>
  verdict === 'ignored' && events.length === 0 && uncounted.length === 0;

/** Whether an event of it is not `known`, or nobody can map it, at all or now, and it is not among the `stuck`. */
const lacks = (known: ReadonlySet<string>, stuck: ReadonlySet<string>) => (one: Planned) =>
  (one.mapped.verdict === 'stuck' || one.isAnswered === false) && one.names.length === 0
    ? !stuck.has(one.listed.id)
    : one.names.some((names) => !names.some((key) => known.has(key)));

export function createFindMissing({ keep, complete, now, newId }: MissingParts) {
  /** As its webhook would have been; undefined where nothing of it may be kept. */
  const hookOf = (source: Source, listed: Listed): NewHook | undefined => {
    const { store, name, topicHeader } = source;
    const { topic, id, changed_at, record } = listed;
    const headers = { 'content-type': 'application/json', ...(topicHeader !== undefined && { [topicHeader]: topic }) };
    const kept = keepable(source, { headers, body: Buffer.from(JSON.stringify(record)) });
    if (kept === undefined) return undefined;
    const hook = { id: newId(), store, source: name, received_at: now(), ...kept };
    // A version of a record is kept once, however often it is listed.
    const version = changed_at === undefined ? undefined : `listed ${topic} ${id} ${changed_at}`;
    return { hook, keys: dedupeKeys(hook, topic, version), due_at: hook.received_at };
  };

  /**
   * Whether an event counts may be known only by an answer, such as of a refund that it is one of shipping alone. Undefined
   * where nobody answers now.
   */
  const withAnswers = async (source: Source, one: Tried): Promise<Tried | undefined> => {
    const { hook } = one.hook;
    const first = await mapHook(source, hook, knownOf(undefined));
    if (!first.pending?.some(({ events }) => events.length > 0)) return one;
    const { mapped, waits } = await complete(source, hook, first);
    return waits === undefined ? { ...one, mapped, isAnswered: true } : undefined;
  };

  const tryAll = async (source: Source, records: readonly Listed[]): Promise<Tried[]> => {
    const tried: Tried[] = [];
    for (const listed of records) {
      const hook = hookOf(source, listed);
      if (hook === undefined) continue;
      const one = { listed, hook, mapped: await mapHook(source, hook.hook) };
      // A record may lack what makes it an event, as a refund does that names no currency.
      const asked = saysNothing(one.mapped) ? await withAnswers(source, one) : one;
      tried.push(asked ?? { ...one, isAnswered: false });
    }
    return tried;
  };

  /**
   * What the ledger knows of these orders; of one that it does not know, what its own record says. `leftOut` are those that
   * records of pages before left out for their channel.
   */
  const ledgerOf = async (
    store: string,
    tried: readonly Tried[],
    leftOut: Map<string, LedgerEntry>,
  ): Promise<Map<string, LedgerEntry>> => {
    const ledger = new Map<string, LedgerEntry>();
    for (const { mapped } of tried)
      for (const { is_old, ...entry } of mapped.uncounted) {
        if (is_old !== true) ledger.set(entry.order_id, entry);
        if (entry.channel !== undefined) leftOut.set(entry.order_id, entry);
      }
    const orders = tried.flatMap(({ mapped }) => mapped.events.flatMap(({ event }) => event.order_id ?? []));
    const wanted = [...new Set([...orders, ...tried.flatMap(({ mapped }) => ordersToFind(mapped))])];
    for (const entry of wanted.flatMap((id) => leftOut.get(id) ?? [])) ledger.set(entry.order_id, entry);
    for (const entry of await keep.findOrders(store, wanted)) ledger.set(entry.order_id, entry);
    return ledger;
  };

  /** Keys of the events that hooks under way will make, and ids of those that are stuck. */
  const findUnderWay = async (source: Source, listing: Listing): Promise<UnderWay> => {
    const groups = OPEN.map((state) => ({ store: source.store, source: source.name, state }));
    const since = firstIdAt(now() - source.policies.max_age);
    const open = await keep.listHooks(groups, { before: '', since, limit: MOST_OPEN });
    const underWay = { keys: new Set<string>(), stuck: new Set<string>() };
    for (const { id, state } of open) {
      const hook = await keep.findHook(id);
      if (hook?.content === undefined) continue;
      const incoming = { ...hook.content, received_at: hook.received_at };
      const mapped = await mapHook(source, incoming, knownAtLast(hook.content.answers));
      for (const key of mapped.events.flatMap(keysOf)) underWay.keys.add(key);
      const stuck = state === 'stuck' ? await idOf(source, listing, hook.content) : undefined;
      if (stuck !== undefined) underWay.stuck.add(stuck);
    }
    return underWay;
  };

  /** For one comparison: what is under way is looked for once, when the first record is missing. */
  return function begin({ store, source, listing, known_since = Number.NEGATIVE_INFINITY }: About) {
    let finding: Promise<UnderWay> | undefined;
    const leftOut = new Map<string, LedgerEntry>();

    const planAll = async (tried: readonly Tried[], ledger: ReadonlyMap<string, LedgerEntry>): Promise<Planned[]> => {
      const planned: Planned[] = [];
      for (const one of tried) {
        // Long after its arrival no hook waits any more: what it makes then is what it tells.
        const { events } = await digestMapped(one.mapped, store, ledger, { now: now(), age: Number.POSITIVE_INFINITY });
        // Of an order that was erased nothing more may be sent, though the shop goes on to list it.
        const mayBe = events.filter(
          ({ event: { order_id = '', event_time } }) =>
            ledger.get(order_id)?.erased !== true && Date.parse(event_time) >= known_since,
        );
        planned.push({ ...one, names: mayBe.map(keysOf) });
      }
      return planned;
    };

    /** The records of which at least one event is neither there nor under way, or that nobody can map, in their order. */
    return async (records: readonly Listed[]): Promise<Missing[]> => {
      const tried = await tryAll(source, records);
      const ledger = await ledgerOf(store.name, tried, leftOut);
      const planned = await planAll(tried, ledger);
      const made = await keep.knownKeys(store.name, [...new Set(planned.flatMap(({ names }) => names.flat()))]);
      const unknown = planned.filter(lacks(made, new Set()));
      if (unknown.length === 0) return [];
      finding ??= findUnderWay(source, listing);
      const { keys, stuck } = await finding;
      const isMissing = lacks(new Set([...made, ...keys]), stuck);
      const missing: Tried[] = [];
      let isAnswering = true;
      for (const one of unknown.filter(isMissing)) {
        const answered: Tried | undefined =
          one.isAnswered !== undefined ? one : isAnswering ? await withAnswers(source, one) : undefined;
        isAnswering = answered !== undefined;
        missing.push(answered ?? one);
      }
      return (await planAll(missing, ledger))
        .filter(isMissing)
        .map(({ listed: { record: _, ...listed }, hook }) => ({ ...listed, hook }));
    };
  };
}
