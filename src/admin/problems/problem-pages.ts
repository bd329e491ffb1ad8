// Stuck hooks and dead deliveries by cause, each with what to do, and replayed together after a look at what that means.
import type { Clock } from '../../types.ts';
import { type Html, html } from '../html.ts';
import { csvLink, traceLink } from '../lists/list-view.ts';
import { ADMIN, type Answer, type Audit, LOOKING, page, type Route, type Visitor } from '../route.ts';
import { ago, badge, counted, csrfField, link, table, time, told } from '../view/parts.ts';
import { type Cause, groupByCause, type Item } from './causes.ts';
import { eachItem, type PageOf } from './each.ts';

export type ProblemParts = {
  /** The newest of them, up to a limit for each source and destination. */
  items: (store?: string) => Promise<{ items: Item[]; limit: number }>;
  page: PageOf;
  /** Answers how many are put to work again. */
  replay: (items: readonly Item[]) => Promise<number>;
  audit: Audit;
  now: Clock;
};
type Group = Pick<Cause, 'store' | 'place' | 'kind' | 'cause'>;

const SHOWN = 20;
const verb = (kind: string) => (kind === 'stuck' ? 'Map again' : 'Send again');

function causeView({ items, advice, ...group }: Cause, limit: number, { user }: Visitor, now: number): Html {
  const { store, place, kind, cause } = group;
  const [newest] = items;
  const oldest = items.at(-1);
  const many = `${items.length >= limit ? 'at least ' : ''}${counted(items.length, kind === 'stuck' ? 'hook' : 'delivery', kind === 'stuck' ? 'hooks' : 'deliveries')}`;
  return html`<li${kind === 'expired' && html` class="later"`}>
  <p>${badge(kind)} <strong>${many}</strong> of ${store}/${place}${oldest && `, the oldest ${ago(now - oldest.at)} ago`}</p>
  <p>${cause}</p><p class="quiet">What to do: ${advice}</p>
  <p class="row">${newest && html`<a href="/hooks/${newest.hook_id}">Look at the newest</a>`}
    ${user.role === 'admin' && html`<a class="button" href="${link('/problems/replay', group)}">${verb(kind)}…</a>`}</p>
</li>`;
}

const rowsOf = (items: readonly Item[]) =>
  items.map(({ hook_id, at, reason }) => [time(at), reason, traceLink(hook_id)]);

const groupOf = (given: URLSearchParams): Group => ({
  store: given.get('store') ?? '',
  place: given.get('place') ?? '',
  kind: given.get('kind') ?? '',
  cause: given.get('cause') ?? '',
});

export function problemRoutes({ items, page: pageOf, replay, audit, now }: ProblemParts): Route[] {
  const preview = async (group: Group, visitor: Visitor): Promise<Answer> => {
    const first: Item[] = [];
    let count = 0;
    await eachItem(pageOf, group, async (found) => {
      count += found.length;
      first.push(...found.slice(0, SHOWN - first.length));
    });
    const what = verb(group.kind);
    return page(
      what,
      html`<h1>${what}: ${group.store}/${group.place}</h1>
<p class="lead">${group.cause}</p>
<p><strong>${counted(count, 'is', 'are')}</strong> put to work again. ${
        group.kind === 'stuck'
          ? 'The mapping files of now map it; what is there already is not made twice.'
          : 'Each goes out once more, marked as a copy. What arrived before may count twice there.'
      }</p>
${table('The newest of them', ['When', 'Why', ''], rowsOf(first))}
<form method="post" action="/problems/again" class="row">${csrfField(visitor)}
  ${Object.entries(group).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
  <button class="primary"${count === 0 && html` disabled`}>${what}</button> <a href="/problems">Do nothing</a></form>`,
    );
  };

  return [
    {
      method: 'get',
      path: '/problems',
      roles: LOOKING,
      answer: async ({ visitor, query }) => {
        const store = query.get('store') ?? undefined;
        const { items: found, limit } = await items(store);
        const causes = groupByCause(found);
        return page(
          'Stuck and dead',
          html`<h1>Stuck and dead${store !== undefined && html` in ${store}`}</h1>
<p class="quiet">Stuck hooks could not be mapped. Dead deliveries did not arrive and are not tried again by themselves. Nothing of it is lost.</p>
${causes.length === 0 ? html`<p class="notice good">Nothing is stuck, and nothing is dead.</p>` : html`<ul class="problems">${causes.map((cause) => causeView(cause, limit, visitor, now()))}</ul>${csvLink('problems', { store })}`}`,
        );
      },
    },
    {
      method: 'get',
      path: '/problems/replay',
      roles: ADMIN,
      answer: ({ query, visitor }) => preview(groupOf(query), visitor),
    },
    {
      method: 'post',
      path: '/problems/again',
      roles: ADMIN,
      answer: async ({ form, visitor }) => {
        const group = groupOf(form);
        let count = 0;
        await eachItem(pageOf, group, async (found) => {
          count += await replay(found);
        });
        const { store, place, kind } = group;
        await audit({ actor: visitor.user.email, action: 'replayed', store, detail: `${count} ${kind} of ${place}` });
        return page(
          'Replayed',
          html`<h1>Done</h1>${told('good', `${counted(count, 'is', 'are')} at work again.`)}
<p><a href="/problems">See what is left</a></p>`,
        );
      },
    },
  ];
}
