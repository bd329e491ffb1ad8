// A body tried out on a store: what would become of it, and where every field comes from; for commands and pages.

import { answeredBy } from '../map/example.ts';
import { type ExplainedRule, explain } from '../map/explain.ts';
import type { Store } from '../map/files/load.ts';
import type { Source } from '../map/files/source.ts';
import { takes } from '../map/identify.ts';
import { type Incoming, type MapResult, mapHook } from '../map/map.ts';
import type { Watch } from '../map/watch.ts';
import { withPlainForm } from '../receive/multipart.ts';
import { digestMapped, type Planned, type PlannedEvent } from '../road/digest.ts';
import { keepable } from '../road/keepable.ts';
import { preview, type TriedRequest } from '../road/preview.ts';

type Verdict = {
  store: string;
  source: string;
  platform: string;
  topic?: string;
  verdict: MapResult['verdict'];
  reason?: string;
};
export type Tried = {
  hook: Verdict;
  events: PlannedEvent['event'][];
  requests: TriedRequest[];
  skipped: { event: string; destination: string; reason: string }[];
};
export type Explained = { hook: Verdict; rules: ExplainedRule[] };
/** Answers of look-ups by their names. */
export type NamedAnswers = Readonly<Record<string, unknown>>;

const headOf = (store: Store, source: Source) => ({
  store: store.name,
  source: source.name,
  platform: source.platform,
});

/** What a body is and what became of it. */
const said = (
  store: Store,
  source: Source,
  { topic, verdict, reason }: { topic: string | undefined; verdict: Verdict['verdict']; reason: string | undefined },
): Verdict => ({
  ...headOf(store, source),
  ...(topic !== undefined && { topic }),
  verdict,
  ...(reason !== undefined && { reason }),
});

/** Of several events of one key in a hook the first is made, as it would be kept. */
function firstOfEachKey(events: readonly PlannedEvent[]): PlannedEvent[] {
  const seen = new Set<string>();
  return events.filter(({ key, keys = [] }) => {
    const names = [key, ...keys];
    if (names.some((name) => seen.has(name))) return false;
    for (const name of names) seen.add(name);
    return true;
  });
}

/** As the road would keep it. What it would refuse stays as it is, so that mapping it says why. */
async function asKept(source: Source, incoming: Incoming): Promise<Incoming> {
  const form = await withPlainForm(incoming);
  return { ...incoming, ...(form && keepable(source, form)) };
}

/** Why the road takes no body of the type that the headers name; a file by itself has no type. */
function refusedType(source: Source, headers: Record<string, string>): Pick<Verdict, 'verdict' | 'reason'> | undefined {
  const type = headers['content-type'];
  if (type === undefined || takes(source, headers)) return undefined;
  const reason = `refused with 415, and not kept: ${source.name} accepts ${source.accepts.join(', ')}, not ${type}`;
  return { verdict: 'ignored', reason };
}

const verdictOf = ({ state }: Planned): MapResult['verdict'] => (state === 'waiting' ? 'ignored' : state);

/** Maps one body as it would be mapped when it arrived, without ledger, and builds its requests. */
export async function tryBody(
  store: Store,
  source: Source,
  incoming: Incoming,
  answers?: NamedAnswers,
): Promise<Tried> {
  const refused = refusedType(source, incoming.headers);
  if (refused !== undefined)
    return { hook: { ...headOf(store, source), ...refused }, events: [], requests: [], skipped: [] };
  const at = incoming.received_at;
  const kept = await asKept(source, incoming);
  const mapped = await mapHook(source, kept, answers && answeredBy(answers));
  const planned = await digestMapped(mapped, store, new Map(), { now: at, age: Number.POSITIVE_INFINITY });
  const { topic } = mapped;
  const { reason } = planned;
  const events = firstOfEachKey(planned.events);
  return {
    hook: said(store, source, { topic, verdict: verdictOf(planned), reason }),
    events: events.map(({ event }) => event),
    requests: events.flatMap(({ event, routes }) => routes.map((route) => preview(route, event, at))),
    skipped: events.flatMap(({ key, skipped }) => skipped.map((one) => ({ event: key, ...one }))),
  };
}

/** Maps a body as `tryBody` does and tells where everything came from. */
export async function explainBody(
  store: Store,
  source: Source,
  incoming: Incoming,
  answers: NamedAnswers,
): Promise<Explained> {
  const refused = refusedType(source, incoming.headers);
  if (refused !== undefined) return { hook: { ...headOf(store, source), ...refused }, rules: [] };
  const steps: Watch = [];
  const mapped = await mapHook(source, await asKept(source, incoming), answeredBy(answers), steps);
  const { events } = await digestMapped(mapped, store, new Map(), {
    now: incoming.received_at,
    age: Number.POSITIVE_INFINITY,
  });
  const { topic, verdict, reason } = mapped;
  const byKey = new Map(events.map(({ key, event }) => [key, event]));
  return {
    hook: said(store, source, { topic, verdict, reason }),
    rules: explain(steps, byKey, source.rules, topic),
  };
}
