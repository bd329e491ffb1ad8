// Everything that is known of one hook, told by the mapping files as they are now: what it was, what it made, where that went.
import type { EventTrace, HookTrace, RouteTrace } from '../admin/trace/facts.ts';
import type { Event } from '../event.ts';
import type { Keep } from '../keep/keep.ts';
import type { KeptHook } from '../keep/questions/kept-hook.ts';
import type { Recount } from '../keep/questions/recounts.ts';
import type { TracedEvent, TracedHook } from '../keep/questions/trace.ts';
import { DAY_MS, dayAt } from '../lib/time.ts';
import { parseBody } from '../map/body.ts';
import { explain } from '../map/explain.ts';
import type { Store } from '../map/files/load.ts';
import type { Mappings } from '../map/files/mappings.ts';
import type { Route } from '../map/files/route.ts';
import type { Source } from '../map/files/source.ts';
import { mapHook } from '../map/map.ts';
import type { Watch } from '../map/watch.ts';
import { knownAtLast, knownOf } from '../road/complete.ts';
import { refusal } from '../road/digest.ts';
import { preview } from '../road/preview.ts';
import type { Clock } from '../types.ts';
import { orderCount } from './recounts.ts';

type Questions = Pick<
  Keep,
  'findTrace' | 'findHook' | 'findOrders' | 'openEvents' | 'findMakers' | 'listPauses' | 'whichFound' | 'listRecounts'
>;
export type TracingParts = { keep: Questions; mappings: Pick<Mappings, 'get'>; now: Clock };

/** What proves a sender, in words, by the scheme of the platform file. */
const PROOFS: Record<Source['verify'][number]['scheme'], string> = {
  hmac: 'a signature made with a shared secret (HMAC)',
  hash: 'a hash made with a shared secret',
  rsa: 'a signature of the sender’s private key (RSA)',
  certificate: 'a signature whose certificate is the sender’s',
  basic: 'a user and a password',
  bearer: 'a token',
  header: 'a secret in a header',
  query: 'a secret in the address',
  body_token: 'a secret in the body',
};
function checksOf({ verify, entered }: Source, found: boolean): string[] {
  if (found) return ['the credentials with which this bridge asked the shop'];
  return entered
    ? ['a login or an API token of this bridge']
    : [...new Set(verify.map(({ scheme }) => PROOFS[scheme]))];
}

type Told = Omit<HookTrace['orders'][number], 'known'>;
type Mapped = Pick<HookTrace, 'topic' | 'mapped'> & { orders: Told[]; keys: string[] };

/** `known` is what is known of a hook with these answers. */
async function mapNow(
  source: Source,
  hook: KeptHook,
  content: NonNullable<KeptHook['content']>,
  known: typeof knownOf,
): Promise<Mapped> {
  const steps: Watch = [];
  const incoming = { ...content, received_at: hook.received_at };
  const mapped = await mapHook(source, incoming, known(content.answers), steps);
  const events = new Map(mapped.events.map(({ key, event }) => [key, event]));
  const { topic, verdict, reason } = mapped;
  return {
    topic,
    mapped: { verdict, reason, rules: explain(steps, events, source.rules, topic) },
    orders: [
      ...mapped.events.flatMap(({ event: { order_id }, order_number }) =>
        order_id === undefined ? [] : [{ order_id, order_number }],
      ),
      ...mapped.uncounted
        .filter(({ also }) => also !== true)
        .map(({ order_id, order_number }) => ({ order_id, order_number })),
    ],
    keys: mapped.events.flatMap(({ key, keys = [] }) => [key, ...keys]),
  };
}

export function createTracing({ keep, mappings, now }: TracingParts) {
  /** The request as it would be built now, or why none would be. */
  const ask = async (store: Store, route: Route, event: Event): Promise<Pick<RouteTrace, 'request' | 'refused'>> => {
    const at = now();
    try {
      const refused = await refusal(route, event, store, at);
      return { request: preview(route, event, at), refused: refused?.reason };
    } catch {
      return { request: undefined, refused: 'no request can be built of it' };
    }
  };

  const eventTrace = async (
    one: TracedEvent,
    store: Store | undefined,
    event: Event | undefined,
    pauses: ReadonlyMap<string, string>,
    recounts: readonly Recount[],
  ): Promise<EventTrace> => {
    const names = new Set([
      ...(store?.routes ?? []).map(({ name }) => name),
      ...one.deliveries.map(({ destination }) => destination),
      ...one.attempts.map(({ destination }) => destination),
    ]);
    const routes = [...names].map(async (name): Promise<RouteTrace> => {
      const route = store?.routes.find((candidate) => candidate.name === name);
      const asked = store && route && event && (await ask(store, route, event));
      return {
        destination: name,
        known: route !== undefined,
        delivery: one.deliveries.find(({ destination }) => destination === name),
        attempts: one.attempts.filter(({ destination }) => destination === name),
        request: asked?.request,
        refused: asked?.refused,
        paused: route && pauses.get(route.account),
        inquiry: route?.destination.inquiry?.help,
        report:
          event &&
          route?.destination.report?.entryOf(event) &&
          orderCount(
            recounts.filter(({ destination }) => destination === name),
            one,
            one.attempts.findLast(({ destination, kind }) => destination === name && kind === 'delivered')?.at,
          ),
      };
    });
    return {
      id: one.id,
      hook_id: one.hook_id,
      name: one.name,
      order_id: one.order_id,
      event,
      routes: await Promise.all(routes),
    };
  };

  /** A day begins somewhere before it does in UTC, and ends elsewhere after it. */
  const recountsOf = async (events: readonly TracedEvent[]): Promise<Recount[]> => {
    const times = events.map(({ event_time }) => Date.parse(event_time)).filter((at) => !Number.isNaN(at));
    if (times.length === 0) return [];
    return keep.listRecounts(dayAt(Math.min(...times) - DAY_MS), dayAt(Math.max(...times) + DAY_MS));
  };

  const eventTraces = async (storeName: string, events: readonly TracedEvent[]): Promise<EventTrace[]> => {
    const [opened, pauses] = await Promise.all([keep.openEvents(events.map(({ id }) => id)), keep.listPauses()]);
    const reasons = new Map(pauses.map(({ account, reason }) => [account, reason]));
    const store = mappings.get(storeName);
    const recounts = (await recountsOf(events)).filter((one) => one.store === storeName);
    return Promise.all(events.map((one) => eventTrace(one, store, opened.get(one.id), reasons, recounts)));
  };

  /** Undefined for an id that is not, or no longer, known. */
  const hook = async (id: string): Promise<HookTrace | undefined> => {
    const [trace, kept, which] = await Promise.all([
      keep.findTrace({ hook_id: id }),
      keep.findHook(id),
      keep.whichFound([id]),
    ]);
    const found = which.has(id);
    const [traced] = trace.hooks;
    if (traced === undefined || kept === undefined) return undefined;
    const source = mappings.get(traced.store)?.sources.get(traced.source);
    const { content } = kept;
    const known = traced.state === 'waiting' ? knownOf : knownAtLast;
    const again = source && content && (await mapNow(source, kept, content, known));
    const makers = again === undefined ? [] : await keep.findMakers(traced.store, again.keys);
    const told = again?.orders ?? [];
    const ledger = await keep.findOrders(
      traced.store,
      told.map(({ order_id }) => order_id),
    );
    const counted = new Set(ledger.map(({ order_id }) => order_id));
    const parsed = content && parseBody(content.body, content.headers['content-type']);
    return {
      hook: traced,
      title: source?.title,
      checks: source === undefined ? [] : checksOf(source, found),
      found,
      topic: again?.topic,
      orders: told.map((one) => ({ ...one, known: counted.has(one.order_id) })),
      mapped: again?.mapped,
      content: content && {
        headers: content.headers,
        body: parsed !== undefined && 'value' in parsed ? { value: parsed.value } : { bytes: content.body.length },
      },
      makers: makers.filter(({ hook_id }) => hook_id !== id),
      events: await eventTraces(traced.store, trace.events),
    };
  };

  /** All hooks and events of an order; both empty when nothing is known of it. */
  const order = async (store: string, order_id: string): Promise<{ hooks: TracedHook[]; events: EventTrace[] }> => {
    const { hooks, events } = await keep.findTrace({ store, order_id });
    return { hooks, events: await eventTraces(store, events) };
  };

  return { hook, order };
}
