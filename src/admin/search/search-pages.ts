// The search box: one field for every id, address or number that a person may have in hand.
import type { Match, Uncounted } from '../../keep/questions/search.ts';
import { type Html, html } from '../html.ts';
import { csvLink, orderLink, traceLink } from '../lists/list-view.ts';
import { LOOKING, page, type Route } from '../route.ts';
import { table } from '../view/parts.ts';

export type SearchParts = { find: (text: string) => Promise<{ matches: Match[]; uncounted: Uncounted[] }> };

const LONGEST = 200;

export const searchBox = (text: string): Html => html`<form action="/search" class="row" role="search">
  <label class="grow"><span class="hidden">Order number or id, transaction or delivery id, e-mail or phone</span>
    <input name="q" type="search" value="${text}" placeholder="Order number or id, transaction or delivery id, e-mail or phone" autocomplete="off" maxlength="${LONGEST}"></label>
  <button class="primary">Search</button>
</form>`;

const results = (text: string, matches: readonly Match[], uncounted: readonly Uncounted[]): Html => {
  if (matches.length + uncounted.length === 0)
    return html`<p class="notice wait">Nothing that is kept goes by <strong>${text}</strong>. Everything is matched whole. An order whose hooks made
      no event is found only if its purchase was looked for; <a href="/hooks">the list of hooks</a> has them all.</p>`;
  const rows = matches.map(({ what, store, name, order_id, hook_id }) => [
    what,
    store,
    name,
    orderLink(store, order_id),
    traceLink(hook_id),
  ]);
  return html`${matches.length > 0 && table('What was found', ['Found by', 'Store', 'Event', 'Order', ''], rows)}
${uncounted.map(({ store, order_id, reason }) => html`<p class="card">Order <strong>${order_id}</strong> of ${store} was seen and not counted: ${reason}</p>`)}
${csvLink('search', { q: text })}`;
};

export function searchRoutes({ find }: SearchParts): Route[] {
  return [
    {
      method: 'get',
      path: '/search',
      roles: LOOKING,
      answer: async ({ query }) => {
        const text = (query.get('q') ?? '').trim();
        const asked = text.slice(0, LONGEST);
        const found = asked === '' ? undefined : await find(asked);
        return page(
          'Search',
          html`<h1>Where is my order?</h1>
${searchBox(asked)}
<p class="quiet">Finds orders by number (#1042) and id, the ids of transactions, refunds, leads, hooks and events, the delivery ids that senders give,
and e-mail addresses and phone numbers of events. Write them whole, phone numbers best with their country: +31612345678.
What is held on a person is erased and exported on the server, with <code>tagbridge erase</code> and <code>tagbridge export</code>.</p>
${found && results(asked, found.matches, found.uncounted)}`,
        );
      },
    },
  ];
}
