// From what questions answer to what the API says: times as ISO 8601, no names of our own columns, personal data masked.
import type { z } from 'zod';
import type { ListedAttempt } from '../../keep/questions/attempts.ts';
import type { ListedDelivery } from '../../keep/questions/ends.ts';
import type { ListedEvent, ListedHook } from '../../keep/questions/lists.ts';
import type { TracedAttempt } from '../../keep/questions/trace.ts';
import type { ExplainedRule } from '../../map/explain.ts';
import { pathOfField } from '../../map/flatten.ts';
import { isPersonal, masked } from '../../map/show.ts';
import type { EventTrace, HookTrace, Request, RouteTrace } from '../trace/facts.ts';
import { fieldsOf, personalOf } from '../trace/fields.ts';
import { maskBody, maskHeader, maskRequest } from '../trace/mask.ts';
import type * as schemas from './schemas.ts';

type Shape<T extends z.ZodType> = z.input<T>;

export const iso = (at: number): string => new Date(at).toISOString();
export const maybeIso = (at: number | undefined): string | undefined => (at === undefined ? undefined : iso(at));

export const hookRow = ({
  id,
  store,
  source,
  received_at,
  state,
  reason,
}: ListedHook): Shape<typeof schemas.HookRow> => ({
  id,
  store,
  source,
  received_at: iso(received_at),
  state,
  reason,
});

export const eventRow = ({
  id,
  hook_id,
  store,
  name,
  order_id,
  created_at,
}: ListedEvent): Shape<typeof schemas.EventRow> => ({
  id,
  hook_id,
  store,
  name,
  order_id,
  created_at: iso(created_at),
});

export const deliveryRow = (row: ListedDelivery): Shape<typeof schemas.DeliveryRow> => {
  const { event_id, hook_id, name, order_id, store, destination, copy, at, kind, reason } = row;
  return { event_id, hook_id, event: name, order_id, store, destination, copy, at: iso(at), state: kind, reason };
};

const tried = ({ copy, n, at, ms, status, kind, reason, ambiguous }: Omit<TracedAttempt, 'receipt'>) => ({
  copy,
  n,
  at: iso(at),
  ms,
  status,
  outcome: kind,
  reason,
  ambiguous,
});
export const attemptRow = (row: ListedAttempt): Shape<typeof schemas.AttemptRow> => {
  const { event_id, hook_id, name, order_id, store, destination } = row;
  return { event_id, hook_id, event: name, order_id, store, destination, ...tried(row) };
};

/** With personal data only where `showData` says so. */
export type Showing = { showData: boolean };

function requestOf(
  { method, url, headers, body }: Request,
  personal: readonly string[],
  { showData }: Showing,
): Request {
  return { method, url, headers, body: showData ? body : maskRequest(body, personal) };
}

function way(route: RouteTrace, personal: readonly string[], showing: Showing) {
  const { destination, known, delivery, attempts, request, refused, paused } = route;
  return {
    destination,
    known,
    state: delivery === undefined ? (attempts.at(-1)?.kind ?? 'skipped') : 'waiting',
    waiting: delivery && {
      copy: delivery.copy,
      attempts: delivery.attempts,
      due_at: iso(delivery.due_at),
      sending: delivery.leased,
    },
    attempts: attempts.map(tried),
    request: request && requestOf(request, personal, showing),
    refused,
    paused,
  };
}

export function eventTrace(
  trace: EventTrace,
  rules: readonly ExplainedRule[],
  showing: Showing,
): Shape<typeof schemas.EventTrace> {
  const { id, hook_id, name, order_id, event, routes } = trace;
  const personal = event === undefined ? [] : personalOf(event);
  const fields =
    event &&
    fieldsOf(event, rules).map(({ field, value, from }) => ({
      field,
      value: showing.showData || !isPersonal(pathOfField(field), value) ? value : masked(String(value)),
      from,
    }));
  return { id, hook_id, name, order_id, fields, destinations: routes.map((route) => way(route, personal, showing)) };
}

const ruleOf = ({ rule, at, events, reasons }: ExplainedRule) => ({
  rule,
  at,
  events: events.map(({ name, key }) => ({ name, key })),
  reasons,
});

export function hookTrace(trace: HookTrace, showing: Showing): Shape<typeof schemas.HookTrace> {
  const { hook, title, checks, found, topic, mapped, content, makers, events } = trace;
  const { showData } = showing;
  const headers = content && Object.entries(content.headers);
  const body = content && 'value' in content.body ? content.body.value : undefined;
  return {
    ...hookRow(hook),
    due_at: maybeIso(hook.due_at),
    waits_for: hook.waits_for,
    platform: title,
    verified_by: [...checks],
    found,
    topic,
    mapped_now: mapped && { verdict: mapped.verdict, reason: mapped.reason, rules: mapped.rules.map(ruleOf) },
    headers:
      headers && Object.fromEntries(headers.map(([name, value]) => [name, showData ? value : maskHeader(name, value)])),
    body: showData ? body : maskBody(body),
    told_before: makers.map(({ key, hook_id }) => ({ key, hook_id })),
    events: events.map((event) => eventTrace(event, mapped?.rules ?? [], showing)),
  };
}
