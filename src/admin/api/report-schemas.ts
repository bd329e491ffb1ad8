// What the API answers of reports, as schemas.
import { z } from 'zod';
import { JOIN_AGES } from '../../keep/questions/joins.ts';
import { LACKS } from '../../keep/questions/lacking.ts';
import { MATCH_GROUPS } from '../match/facts.ts';
import { listOf, maybe, Time, text, whole } from './schema-words.ts';

const matched = {
  events: whole,
  joined: whole.describe('Found the visit they came from'),
  own_ids: whole.describe('Brought a browser or click id themselves'),
  nothing: whole.describe('Nothing is known of where they came from'),
  with_click: whole.describe('Have the id of a click, found or brought'),
};
export const MatchReport = z.object({
  since: Time,
  until: Time,
  stores: z.array(
    z.object({
      store: text,
      keeps_visits: z.boolean(),
      last_visit_at: Time.optional().describe('The hour in which the script told of a visit last'),
      groups: z.array(
        z.object({
          group: z.enum(MATCH_GROUPS),
          ...matched,
          keys: z.array(z.object({ key: text, events: whole })).describe('What visits were found by'),
          ages: z.array(z.object({ age: z.enum(JOIN_AGES), events: whole })).describe('How long after the click'),
        }),
      ),
      sources: z.array(z.object({ source: text, event: text, channel: maybe, ...matched })),
      advice: z
        .array(z.object({ text, todo: text, events: whole }))
        .describe('What would raise it, and how many events it is about'),
    }),
  ),
});

export const LackingList = listOf(
  z.object({
    id: text,
    hook_id: text,
    store: text,
    source: text,
    name: text,
    channel: maybe,
    order_id: maybe,
    created_at: Time,
    lacks: z.array(z.enum(LACKS)).describe('visit: nothing is known of where the buyer came from'),
  }),
);

const counted = { hook_id: text, event_id: text, id: text.describe('As the destination was told') };
export const RecountList = z.object({
  items: z.array(
    z.object({
      store: text,
      destination: text,
      day: z.string().meta({ format: 'date' }),
      asked_at: Time,
      problem: maybe.describe('Why the report could not be asked the last time'),
      found: z
        .object({
          time_zone: text.describe('Whose day it is'),
          currency: text,
          sent: whole.describe('Purchases of this day that the destination took'),
          counted: whole.describe('How many of them its report has'),
          missing: z.array(z.object(counted)),
          repeated: whole,
          repeats: z.array(z.object({ ...counted, times: whole })),
          different: whole,
          differences: z.array(z.object({ ...counted, sent: z.number(), counted: z.number() })),
          strange: whole.describe('Purchases of the report under ids that were not sent from here'),
          strangers: z.array(text),
          channels: z.record(text, whole).describe('To what the report puts down those it has'),
          partial: z.boolean().describe('The report itself says that it is not whole'),
        })
        .optional()
        .describe('Lists are cut where there are very many; numbers are not'),
    }),
  ),
});
