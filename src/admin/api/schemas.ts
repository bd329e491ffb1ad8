// What the API answers with, as schemas: the description for others is made of them, and tests hold answers against them.
import { z } from 'zod';
import { MATCH_KEYS } from '../../keep/questions/hours.ts';
import { OUTCOMES } from '../../keep/questions/incidents.ts';
import { SCOPES } from '../../keep/questions/tokens.ts';
import { DestinationList, SourceList } from './place-schemas.ts';
import { LackingList, MatchReport, RecountList } from './report-schemas.ts';
import { listOf, maybe, Time, text, whole } from './schema-words.ts';

export const HookRow = z.object({
  id: text,
  store: text,
  source: text,
  received_at: Time,
  state: text.describe('kept, waiting, mapped, ignored, stuck or erased'),
  reason: maybe,
});
export const EventRow = z.object({
  id: text,
  hook_id: text,
  store: text,
  name: text,
  order_id: maybe,
  created_at: Time,
});
const ofEvent = { event_id: text, hook_id: text, event: text, order_id: maybe };
export const DeliveryRow = z.object({
  ...ofEvent,
  store: text,
  destination: text,
  copy: whole.describe('0 for the first, more for deliberate second sends'),
  at: Time.describe('When it ended, or when it is due'),
  state: text,
  reason: maybe,
});
export const AttemptRow = z.object({
  ...ofEvent,
  store: text,
  destination: text,
  copy: whole,
  n: whole.describe('Counts the tries of a copy; 0 where none was made'),
  at: Time,
  ms: whole,
  status: whole.optional().describe('HTTP status of the answer'),
  outcome: text,
  reason: maybe,
  ambiguous: z.boolean().describe('Nobody knows whether it arrived'),
});
export const AuditRow = z.object({ at: Time, actor: text, action: text, store: maybe, detail: text });
const AlertRow = z.object({
  id: text,
  kind: text,
  stores: z.array(text).describe('Those it concerns; all stores when there are none'),
  title: text,
  detail: text,
  todo: text,
  since: Time,
  ended_at: Time.optional(),
  outcome: z
    .enum(OUTCOMES)
    .optional()
    .describe(
      'Of one that is over; left: it is as it was, and nothing new came of it; unwatched: nobody looks any more',
    ),
});
export const AlertList = listOf(AlertRow);
export const HookList = listOf(HookRow);
export const EventList = listOf(EventRow);
export const DeliveryList = listOf(DeliveryRow);
export const AttemptList = listOf(AttemptRow);
export const AuditList = listOf(AuditRow);

export const Found = z.object({
  matches: z.array(z.object({ found_by: text, hook_id: text, store: text, order_id: maybe, event: maybe })),
  uncounted: z
    .array(z.object({ store: text, order_id: text, reason: text }))
    .describe('Orders that were seen and not counted'),
});

const Field = z.object({
  field: text,
  value: z.union([text, z.number(), z.boolean()]),
  from: maybe.describe('Mapping file, line and expression, or what it follows from'),
});
const TraceAttempt = AttemptRow.omit({
  event_id: true,
  hook_id: true,
  event: true,
  order_id: true,
  store: true,
  destination: true,
});
export const Request = z.object({ method: text, url: text, headers: z.record(text, text), body: z.unknown() });
const Way = z.object({
  destination: text,
  known: z.boolean().describe('The store file still names it'),
  state: text,
  waiting: z.object({ copy: whole, attempts: whole, due_at: Time, sending: z.boolean() }).optional(),
  attempts: z.array(TraceAttempt),
  request: Request.optional().describe('As it would be built now, without secrets'),
  refused: maybe.describe('Why it would not be sent now'),
  paused: maybe,
});
export const EventTrace = z.object({
  id: text,
  hook_id: text,
  name: text,
  order_id: maybe,
  fields: z.array(Field).optional().describe('Absent when the event was erased or cannot be opened'),
  destinations: z.array(Way),
});
const Rule = z.object({
  rule: text,
  at: text.describe('File, line and column'),
  events: z.array(z.object({ name: text, key: text })),
  reasons: z.array(text),
});
export const HookTrace = z.object({
  ...HookRow.shape,
  due_at: Time.optional(),
  waits_for: maybe.describe('The order whose purchase it waits for'),
  platform: maybe,
  verified_by: z.array(text),
  found: z.boolean().describe('Nobody sent it: it was fetched from the shop, because no webhook had told of it'),
  topic: maybe,
  mapped_now: z
    .object({ verdict: text, reason: maybe, rules: z.array(Rule) })
    .optional()
    .describe('What the mapping files make of it now'),
  headers: z.record(text, text).optional().describe('Absent once the body was forgotten'),
  body: z.unknown().optional(),
  told_before: z.array(z.object({ key: text, hook_id: text.optional() })),
  events: z.array(EventTrace),
});
export const OrderTrace = z.object({ hooks: z.array(HookRow), events: z.array(EventTrace) });

const Compared = z.object({
  now: z.number().describe('In the last 24 hours'),
  before: z.number().describe('In the same hours a week before'),
});
export const Overview = z.object({
  at: Time,
  stores: z.array(
    z.object({
      store: text,
      hooks: Compared,
      events: Compared,
      revenue: z.array(Compared.extend({ currency: text })),
      hours: z
        .array(
          z.object({
            begins: Time,
            hooks: Compared,
            events: Compared,
            revenue: z.array(Compared.extend({ currency: text })),
          }),
        )
        .describe('The last 24, the one that runs included; `now` and `before` are of the hour'),
      keys: z.record(z.enum(MATCH_KEYS), z.number()).describe('Events of the last 24 hours that carry each key'),
      destinations: z.array(
        z.object({
          destination: text,
          delivered: whole,
          waiting: whole,
          dead: whole,
          more: z.boolean().describe('There are more dead ones than were counted'),
          paused: maybe,
          oldest: Time.optional().describe('When the oldest that waits was made'),
        }),
      ),
    }),
  ),
  troubles: z.array(z.object({ later: z.boolean(), store: maybe, what: text, todo: text })),
});

export const Cause = z.object({
  store: text,
  place: text.describe('The source of stuck hooks, the destination of dead deliveries'),
  kind: text,
  cause: text,
  advice: text,
  count: whole,
  more: z.boolean().describe('There are more than were counted'),
  oldest: Time,
  newest: Time,
  newest_hook_id: text,
});
export const CauseList = z.object({ items: z.array(Cause) });

const dry_run = z.boolean().describe('true: nothing was done');
export const Replayed = z.object({
  dry_run,
  count: whole,
  newest: z.array(z.object({ hook_id: text, at: Time, reason: maybe })),
});
export const Mapped = z.object({
  dry_run,
  verdict: text,
  reason: maybe,
  events: z.array(z.object({ name: text, key: text })),
});
export const Sent = z.object({ dry_run, copy: whole, request: Request.optional(), refused: maybe });
export const Paused = z.object({ account: text, paused: z.boolean() });
export const TokenFacts = z.object({
  id: text,
  name: text,
  scopes: z.array(z.enum(SCOPES)),
  stores: z.array(text).describe('All stores when there are none'),
  expires_at: Time.optional(),
});
export const ProblemDetails = z.object({
  type: z.literal('about:blank'),
  title: text,
  status: whole,
  detail: text,
  errors: z.array(z.object({ field: text, detail: text })).optional(),
});

export const Entered = z.object({
  outcome: z
    .enum(['kept', 'duplicate'])
    .describe('duplicate: it was kept before under this key, and nothing is changed'),
  hook_id: text.describe('Of the one that was kept; /hooks/{id} tells what became of it'),
  number: text.describe('The order or lead number, made where none was given'),
});

/** Under these names they stand in the description. */
export const SCHEMAS = {
  MatchReport,
  LackingList,
  RecountList,
  Entered,
  HookRow,
  HookList,
  EventRow,
  EventList,
  DeliveryRow,
  DeliveryList,
  AttemptRow,
  AttemptList,
  AlertRow,
  AlertList,
  AuditRow,
  AuditList,
  Found,
  Request,
  EventTrace,
  HookTrace,
  OrderTrace,
  Overview,
  SourceList,
  DestinationList,
  Cause,
  CauseList,
  Replayed,
  Mapped,
  Sent,
  Paused,
  TokenFacts,
  ProblemDetails,
} as const;
