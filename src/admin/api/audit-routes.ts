// API route of the audit: who did what, the newest first.
import { z } from 'zod';
import type { AuditRow } from '../../keep/questions/audit.ts';
import { instant, PAGING, pageOf, word } from './asked.ts';
import { type ApiRoute, json, PLAIN, route } from './route.ts';
import * as schemas from './schemas.ts';
import { iso } from './shapes.ts';
import type { ViewOf } from './view.ts';

const auditRow = ({ at, actor, action, store, detail }: AuditRow) => ({ at: iso(at), actor, action, store, detail });

export const auditApi = ({ viewOf }: { viewOf: ViewOf }): ApiRoute[] => [
  route({
    ...PLAIN,
    method: 'get',
    scope: 'audit',
    path: '/audit',
    id: 'listAudit',
    summary: 'Who did what, the newest first',
    query: z.strictObject({
      store: word.optional(),
      actor: word.optional(),
      action: word.optional(),
      since: instant.optional(),
      until: instant.optional(),
      ...PAGING,
    }),
    answer: schemas.AuditList,
    run: async ({ token, query: { store, limit, cursor = '', ...chosen } }) => {
      const stores = store === undefined ? undefined : [store];
      const read = (most: number) => viewOf(token).audit({ ...chosen, stores, before: cursor, limit: most });
      return json(await pageOf(read, limit, auditRow, ({ id }) => id));
    },
  }),
];
