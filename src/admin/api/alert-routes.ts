// API routes of alerts: what is wrong and whom it concerns, and what was.
import { z } from 'zod';
import type { Incident } from '../../keep/questions/incidents.ts';
import { PAGING, pageOf } from './asked.ts';
import { type ApiRoute, json, PLAIN, route } from './route.ts';
import * as schemas from './schemas.ts';
import { iso, maybeIso } from './shapes.ts';
import type { ViewOf } from './view.ts';

const alertRow = ({ id, kind, stores, title, detail, todo, since, ended_at, outcome }: Incident) => ({
  id,
  kind,
  stores: [...stores],
  title,
  detail,
  todo,
  since: iso(since),
  ended_at: maybeIso(ended_at),
  outcome,
});

const get = { ...PLAIN, method: 'get', scope: 'read', answer: schemas.AlertList } as const;

export const alertApi = ({ viewOf }: { viewOf: ViewOf }): ApiRoute[] => [
  route({
    ...get,
    path: '/alerts',
    id: 'listAlerts',
    summary: 'Alerts that are open, the oldest first',
    tool: 'What the operator is told of by e-mail or chat, with what to do.',
    run: async ({ token }) => json({ items: (await viewOf(token).openAlerts()).map(alertRow) }),
  }),
  route({
    ...get,
    path: '/alerts/ended',
    id: 'listEndedAlerts',
    summary: 'Alerts that are over, the newest first',
    query: z.strictObject(PAGING),
    run: async ({ token, query: { limit, cursor = '' } }) => {
      const read = (most: number) => viewOf(token).endedAlerts(cursor, most);
      return json(await pageOf(read, limit, alertRow, ({ id }) => id));
    },
  }),
];
