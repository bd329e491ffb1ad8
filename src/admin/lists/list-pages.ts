// Lists of hooks, events and deliveries: the rows behind every number, newest first, a page at a time.
import type { ListedDelivery } from '../../keep/ends.ts';
import { HOOK_STATES, type ListedEvent, type ListedHook } from '../../keep/lists.ts';
import { type Html, html } from '../html.ts';
import { LOOKING, page, type Route } from '../route.ts';
import { badge, link, stateText, table, time } from '../view/parts.ts';

/** What may be chosen; what is undefined or unknown is not. */
export type Chosen = Record<string, string | undefined>;
export type ListParts = {
  /** Names that can be chosen from. */
  names: () => { stores: string[]; sources: string[]; destinations: string[]; events: readonly string[] };
  hooks: (chosen: Chosen, before: string, limit: number) => Promise<ListedHook[]>;
  events: (chosen: Chosen, before: string, limit: number) => Promise<ListedEvent[]>;
  deliveries: (chosen: Chosen, before: string, limit: number) => Promise<ListedDelivery[]>;
};

const PAGE = 50;
const KINDS = ['delivered', 'waiting', 'dead'];

const choice = (
  name: string,
  label: string,
  values: readonly string[],
  chosen: string | undefined,
  text = (value: string) => value,
): Html =>
  html`<label>${label} <select name="${name}"><option value="">all</option>
  ${values.map((value) => html`<option value="${value}"${value === chosen && html` selected`}>${text(value)}</option>`)}</select></label>`;

const filter = (path: string, choices: readonly Html[]): Html =>
  html`<form action="${path}" class="row fields">${choices}<button>Show</button></form>`;

/** The names given in the query, without empty ones. */
const chosenOf = (query: URLSearchParams, names: readonly string[]): Chosen =>
  Object.fromEntries(names.map((name) => [name, query.get(name) === '' ? undefined : (query.get(name) ?? undefined)]));

/** The rows, and a link to those after them. */
function list(
  label: string,
  heads: string[],
  rows: readonly (readonly (Html | string | undefined)[])[],
  more: string | undefined,
): Html {
  if (rows.length === 0) return html`<p class="notice">There are none.</p>`;
  return html`${table(label, heads, rows)}
${more !== undefined && html`<p><a href="${more}">Older ones</a></p>`}`;
}

/** Asks for one more than is shown, to know whether there are more. */
async function paged<T>(read: (limit: number) => Promise<T[]>): Promise<{ rows: T[]; last: T | undefined }> {
  const found = await read(PAGE + 1);
  const rows = found.slice(0, PAGE);
  return { rows, last: found.length > PAGE ? rows.at(-1) : undefined };
}

const orderLink = (store: string, order: string | undefined) =>
  order === undefined ? undefined : html`<a href="${link('/orders', { store, order })}">${order}</a>`;
const trace = (hook_id: string) => html`<a href="/hooks/${hook_id}">Trace</a>`;

export function listRoutes({ names, hooks, events, deliveries }: ListParts): Route[] {
  return [
    {
      method: 'get',
      path: '/hooks',
      roles: LOOKING,
      answer: async ({ query }) => {
        const chosen = chosenOf(query, ['store', 'source', 'state']);
        const { rows, last } = await paged((limit) => hooks(chosen, query.get('before') ?? '', limit));
        const { stores, sources } = names();
        return page(
          'Hooks',
          html`<h1>Hooks</h1>${filter('/hooks', [
            choice('store', 'Store', stores, chosen.store),
            choice('source', 'Source', sources, chosen.source),
            choice('state', 'State', HOOK_STATES, chosen.state, stateText),
          ])}
${list(
  'Hooks',
  ['Received', 'From', 'State', 'Why', ''],
  rows.map(({ id, store, source, received_at, state, reason }) => [
    time(received_at),
    `${store}/${source}`,
    badge(state),
    reason,
    trace(id),
  ]),
  last && link('/hooks', { ...chosen, before: last.id }),
)}`,
        );
      },
    },
    {
      method: 'get',
      path: '/events',
      roles: LOOKING,
      answer: async ({ query }) => {
        const chosen = chosenOf(query, ['store', 'name']);
        const { rows, last } = await paged((limit) => events(chosen, query.get('before') ?? '', limit));
        const { stores, events: eventNames } = names();
        return page(
          'Events',
          html`<h1>Events</h1>${filter('/events', [
            choice('store', 'Store', stores, chosen.store),
            choice('name', 'Event', eventNames, chosen.name),
          ])}
${list(
  'Events',
  ['Made', 'Store', 'Event', 'Order', ''],
  rows.map(({ created_at, store, name, order_id, hook_id }) => [
    time(created_at),
    store,
    name,
    orderLink(store, order_id),
    trace(hook_id),
  ]),
  last && link('/events', { ...chosen, before: last.id }),
)}`,
        );
      },
    },
    {
      method: 'get',
      path: '/deliveries',
      roles: LOOKING,
      answer: async ({ query }) => {
        const given = chosenOf(query, ['store', 'destination', 'kind']);
        const chosen: Chosen = { ...given, kind: given.kind ?? 'delivered' };
        const { rows, last } = await paged((limit) => deliveries(chosen, query.get('before') ?? '', limit));
        const { stores, destinations } = names();
        const more =
          chosen.kind === 'waiting'
            ? undefined
            : last && link('/deliveries', { ...chosen, before: `${last.event_id}/${last.destination}` });
        return page(
          'Deliveries',
          html`<h1>Deliveries</h1>${filter('/deliveries', [
            choice('store', 'Store', stores, chosen.store),
            choice('destination', 'Destination', destinations, chosen.destination),
            choice('kind', 'State', KINDS, chosen.kind, stateText),
          ])}
${list(
  'Deliveries',
  [chosen.kind === 'waiting' ? 'Next try' : 'When', 'To', 'Event', 'Order', 'State', 'Why', ''],
  rows.map(({ at, store, destination, name, order_id, kind, reason, hook_id }) => [
    time(at),
    `${store}/${destination}`,
    name,
    orderLink(store, order_id),
    badge(kind),
    reason,
    trace(hook_id),
  ]),
  more,
)}`,
        );
      },
    },
  ];
}
