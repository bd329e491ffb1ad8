// Downloads of lists as CSV: masked for whoever may look, with personal data for admins, who are noted.
import type { View } from '../api/view.ts';
import { chosenOf } from '../lists/list-view.ts';
import { ADMIN, type Answer, type Asked, type Audit, LOOKING, type Route } from '../route.ts';
import { csvOf, fileName } from './csv.ts';
import { FILTERS, LISTS, TABLES, type TableName } from './tables.ts';

export type ExportPagesParts = { view: View; audit: Audit };

export function exportRoutes({ view, audit }: ExportPagesParts): Route[] {
  const file = (name: TableName, { query }: Pick<Asked, 'query'>, showData = false): Answer => ({
    kind: 'file',
    name: fileName(name),
    type: 'text/csv',
    text: csvOf(name, { view, chosen: chosenOf(query, FILTERS), showData }, { forSheets: true }),
  });
  return LISTS.flatMap((name): Route[] => {
    const path = `/export/${name}.csv`;
    const masked: Route = {
      method: 'get',
      path,
      roles: name === 'audit' ? ADMIN : LOOKING,
      answer: (asked) => file(name, asked),
    };
    if (!TABLES[name].personal) return [masked];
    const shown: Route = {
      method: 'post',
      path,
      roles: ADMIN,
      answer: async ({ visitor, form }) => {
        const filters = Object.entries(chosenOf(form, FILTERS)).flatMap(([key, value]) =>
          value === undefined ? [] : [`${key}=${value}`],
        );
        const detail = ['list of', name, ...filters].join(' ');
        await audit({ actor: visitor.user.email, action: 'personal data exported', detail });
        return file(name, { query: form }, true);
      },
    };
    return [masked, shown];
  });
}
