// API route of lists as CSV, whole and streamed.
import { z } from 'zod';
import { csvOf, fileName } from '../export/csv.ts';
import { FILTERS, LISTS } from '../export/tables.ts';
import type { Audit } from '../route.ts';
import { actorOf } from '../tokens/tokens.ts';
import { unmasked, word } from './asked.ts';
import { type ApiRoute, CSV, PLAIN, problem, route } from './route.ts';
import type { ViewOf } from './view.ts';

const filters = z.strictObject(Object.fromEntries(FILTERS.map((name) => [name, word.optional()])));

export const exportApi = ({ viewOf, audit }: { viewOf: ViewOf; audit: Audit }): ApiRoute[] => [
  route({
    ...PLAIN,
    method: 'get',
    scope: 'read',
    path: '/export/{list}',
    id: 'exportList',
    summary: 'A whole list as CSV (RFC 4180); the list of who did what needs the scope audit too',
    problems: [403],
    params: z.strictObject({ list: z.enum(LISTS) }),
    query: filters.extend({ unmasked }),
    answer: CSV,
    run: async ({ token, params: { list }, query: { unmasked, ...chosen } }) => {
      const showData = unmasked === 'true';
      if (list === 'audit' && !token.scopes.includes('audit'))
        return problem(403, 'This token has not the scope audit.');
      if (showData && !token.scopes.includes('personal_data'))
        return problem(403, 'This token may not see personal data: it has not the scope personal_data.');
      if (showData) await audit({ actor: actorOf(token), action: 'personal data exported', detail: `list of ${list}` });
      const text = csvOf(list, { view: viewOf(token), chosen, showData }, { forSheets: false });
      return { kind: 'csv', name: fileName(list), text };
    },
  }),
];
