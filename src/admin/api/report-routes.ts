// API routes of reports: how many orders and leads found the visit they came from, and what would raise it.
import { z } from 'zod';
import { CHANNELS } from '../../event.ts';
import { LACKS, type LackingEvent } from '../../keep/questions/lacking.ts';
import type { Recount } from '../../keep/questions/recounts.ts';
import type { GroupMatch, Matched } from '../match/facts.ts';
import { instant, PAGING, pageOf, store, word } from './asked.ts';
import { LackingList, MatchReport, RecountList } from './report-schemas.ts';
import { type ApiRoute, json, PLAIN, route } from './route.ts';
import { iso, maybeIso } from './shapes.ts';
import type { ViewOf } from './view.ts';

const matched = ({ events, joined, own, nothing, clicks }: Matched) => ({
  events,
  joined,
  own_ids: own,
  nothing,
  with_click: clicks,
});
const groupRow = (one: GroupMatch) => ({ group: one.group, ...matched(one), keys: one.keys, ages: one.ages });

const lackingRow = ({ created_at, lacks, ...row }: LackingEvent) => ({
  ...row,
  created_at: iso(created_at),
  lacks: [...lacks],
});

const DAYS = {
  since: instant.optional().describe('From the day of this time on, in UTC; 28 days before until unless said'),
  until: instant.optional().describe('To the day of this time, in UTC; now unless said'),
};

const recountRow = ({ asked_at, found, ...row }: Recount) => ({
  ...row,
  asked_at: iso(asked_at),
  found: found && {
    ...found,
    missing: [...found.missing],
    repeats: [...found.repeats],
    differences: [...found.differences],
    strangers: [...found.strangers],
    channels: { ...found.channels },
  },
});

export const reportApi = ({ viewOf }: { viewOf: ViewOf }): ApiRoute[] => [
  route({
    ...PLAIN,
    method: 'get',
    scope: 'read',
    path: '/reports/match',
    id: 'reportMatch',
    summary: 'How many phone orders, leads and other orders found the visit they came from, and what would raise it',
    tool: 'For how many orders and leads can be led back to an ad, with advice. It counts events, no money: joined found a visit, own_ids brought an id themselves, and of nothing it is not known where they came from.',
    query: z.strictObject({ store, ...DAYS }),
    answer: MatchReport,
    run: async ({ token, query }) => {
      const { since, until, stores } = await viewOf(token).match(query);
      return json({
        since: iso(since),
        until: iso(until),
        stores: stores.map(({ store, keepsVisits, lastVisit, groups, sources, advice }) => ({
          store,
          keeps_visits: keepsVisits,
          last_visit_at: maybeIso(lastVisit),
          groups: groups.map(groupRow),
          sources: sources.map((one) => ({
            source: one.source,
            event: one.name,
            channel: one.channel,
            ...matched(one),
          })),
          advice: advice.map(({ text, todo, events }) => ({ text, todo, events })),
        })),
      });
    },
  }),
  route({
    ...PLAIN,
    method: 'get',
    scope: 'read',
    path: '/reports/match/lacking',
    id: 'listLacking',
    summary: 'Orders and leads that were counted without what leads back to an ad, the newest first',
    tool: 'The single orders behind reportMatch.',
    query: z.strictObject({
      store,
      ...DAYS,
      lacks: z.enum(LACKS).default('visit').describe('What is missing; visit: nothing is known of the buyer’s way'),
      source: word.optional(),
      name: word.optional().describe('Of the event, such as purchase'),
      channel: z.enum(CHANNELS).optional(),
      ...PAGING,
    }),
    answer: LackingList,
    run: async ({ token, query: { limit, cursor = '', lacks: lack, ...asked } }) => {
      const read = (most: number) => viewOf(token).lacking({ ...asked, lack }, cursor, most);
      return json(await pageOf(read, limit, lackingRow, ({ id }) => id));
    },
  }),
  route({
    ...PLAIN,
    method: 'get',
    scope: 'read',
    path: '/reports/counted',
    id: 'reportCounted',
    summary: 'What the reports of destinations counted of the purchases sent there, by day, the newest first',
    tool: 'For whether what was sent is also in the destination’s own report. Empty where no destination is asked for one.',
    query: z.strictObject({ store, destination: word.optional() }),
    answer: RecountList,
    run: async ({ token, query }) => {
      const places = (await viewOf(token).recounts()).filter(
        (one) => (query.store ?? one.store) === one.store && (query.destination ?? one.destination) === one.destination,
      );
      return json({ items: places.flatMap(({ days }) => days.map(recountRow)) });
    },
  }),
];
