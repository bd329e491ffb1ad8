// API routes of reports: how many orders and leads found the visit they came from, and what would raise it.
import { z } from 'zod';
import type { GroupMatch, Matched } from '../match/facts.ts';
import { instant, store } from './asked.ts';
import { MatchReport } from './report-schemas.ts';
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

export const reportApi = ({ viewOf }: { viewOf: ViewOf }): ApiRoute[] => [
  route({
    ...PLAIN,
    method: 'get',
    scope: 'read',
    path: '/reports/match',
    id: 'reportMatch',
    summary: 'How many phone orders, leads and other orders found the visit they came from, and what would raise it',
    query: z.strictObject({
      store,
      since: instant.optional().describe('From the day of this time on, in UTC; 28 days before until unless said'),
      until: instant.optional().describe('To the day of this time, in UTC; now unless said'),
    }),
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
];
