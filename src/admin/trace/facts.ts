// What a trace is made of, as whoever joins the stages tells it to the pages.
import type { Event } from '../../event.ts';
import type { TracedAttempt, TracedDelivery, TracedHook } from '../../keep/questions/trace.ts';
import type { ExplainedRule } from '../../map/explain.ts';
import type { OrderCount } from '../places/recount-pages.ts';

export type Request = { method: string; url: string; headers: Record<string, string>; body: unknown };

/** An event at one destination. */
export type RouteTrace = {
  destination: string;
  /** The store file still names it. */
  known: boolean;
  /** Not finished yet. */
  delivery: TracedDelivery | undefined;
  attempts: readonly TracedAttempt[];
  /** As it would be built now. */
  request: Request | undefined;
  /** Why it would not be sent now. */
  refused: string | undefined;
  paused: string | undefined;
  /** When the receiver can say what became of what it took; undefined where it cannot be asked. */
  inquiry: string | undefined;
  /** How the receiver's own report has it. */
  report: OrderCount | undefined;
};
export type EventTrace = {
  id: string;
  hook_id: string;
  name: string;
  order_id: string | undefined;
  /** Absent when it cannot be opened, or was erased. */
  event: Event | undefined;
  routes: readonly RouteTrace[];
};
export type HookTrace = {
  hook: TracedHook;
  /** The platform's name; absent when no store file names the source any more. */
  title: string | undefined;
  checks: readonly string[];
  /** Nobody sent it: it was found by comparing with what the shop lists. */
  found: boolean;
  topic: string | undefined;
  /** Orders that it tells of, with the number people know each by where that is another than its id; the search finds those `known`. */
  orders: readonly { order_id: string; order_number: string | undefined; known: boolean }[];
  /** What the mapping files make of it now. */
  mapped: { verdict: string; reason: string | undefined; rules: readonly ExplainedRule[] } | undefined;
  /** Absent once the body was forgotten. A body that is no table or list is told by its length. */
  content: { headers: Record<string, string>; body: { value: unknown } | { bytes: number } } | undefined;
  /** Hooks that made events of the same names before; of those that are forgotten only the names are known. */
  makers: readonly { key: string; event_id: string; hook_id: string | undefined }[];
  events: readonly EventTrace[];
};
