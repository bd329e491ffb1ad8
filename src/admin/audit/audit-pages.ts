// The page of admins that says who did what, and when: the newest first, chosen by person, deed and store.
import type { AuditPage, AuditRow } from '../../keep/questions/audit.ts';
import { html } from '../html.ts';
import { choice, chosenOf, csvLink, filter, list, paged } from '../lists/list-view.ts';
import { ADMIN, page, type Route } from '../route.ts';
import { link, time } from '../view/parts.ts';

export type AuditPagesParts = {
  rows: (page: AuditPage) => Promise<AuditRow[]>;
  choices: () => Promise<{ actors: string[]; actions: string[] }>;
  stores: () => string[];
};

const HOOK = /^hook ([0-9a-f-]{36})$/;

const detailView = (detail: string) => {
  const id = HOOK.exec(detail)?.[1];
  return id === undefined ? detail : html`<a href="/hooks/${id}">${detail}</a>`;
};

export const auditRoutes = ({ rows: read, choices, stores }: AuditPagesParts): Route[] => [
  {
    method: 'get',
    path: '/audit',
    roles: ADMIN,
    answer: async ({ query }) => {
      const chosen = chosenOf(query, ['actor', 'action', 'store']);
      const { actor, action, store } = chosen;
      const asked = {
        actor,
        action,
        stores: store === undefined ? undefined : [store],
        before: query.get('before') ?? '',
      };
      const [{ rows, last }, { actors, actions }] = await Promise.all([
        paged((limit) => read({ ...asked, limit })),
        choices(),
      ]);
      return page(
        'Audit',
        html`<h1>Audit</h1>
<p class="quiet">Who changed something, and who looked at personal data. People that it was about stand here as fingerprints.</p>
${filter('/audit', [
  choice('actor', 'Who', actors, actor),
  choice('action', 'What', actions, action),
  choice('store', 'Store', stores(), store),
])}
${list(
  'Audit',
  ['When', 'Who', 'What', 'Store', 'Which'],
  rows.map((row) => [time(row.at), row.actor, row.action, row.store, detailView(row.detail)]),
  last && link('/audit', { ...chosen, before: last.id }),
)}
${csvLink('audit', chosen)}`,
      );
    },
  },
];
