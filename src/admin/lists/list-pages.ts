// Lists of hooks, events and deliveries: the rows behind every number, newest first, a page at a time.
import type { ListedDelivery } from '../../keep/questions/ends.ts';
import { HOOK_STATES, type ListedEvent, type ListedHook } from '../../keep/questions/lists.ts';
import { html } from '../html.ts';
import { LOOKING, page, type Route, type Visitor } from '../route.ts';
import { action, badge, link, stateText, time } from '../view/parts.ts';
import {
  type Chosen,
  choice,
  chosenOf,
  csvLink,
  filter,
  hourNote,
  list,
  nothing,
  orderLink,
  paged,
  traceLink,
} from './list-view.ts';

export type ListParts = {
  /** Names that can be chosen from. */
  names: () => { stores: string[]; sources: string[]; destinations: string[] };
  /** What events are called, those of all stores and the usual ones. */
  eventNames: () => Promise<readonly string[]>;
  hooks: (chosen: Chosen, before: string, limit: number) => Promise<ListedHook[]>;
  /** Which of these hooks nobody sent. */
  whichFound: (ids: readonly string[]) => Promise<ReadonlySet<string>>;
  events: (chosen: Chosen, before: string, limit: number) => Promise<ListedEvent[]>;
  /** A row's `mark` is where the next page begins. */
  deliveries: (chosen: Chosen, before: string, limit: number) => Promise<(ListedDelivery & { mark: string })[]>;
};

const NO_HOOKS = html`<a href="/sources">Sources</a> has the address that each sender is to be given.`;
const NO_EVENTS = html`They are made of hooks; <a href="/hooks">the list of hooks</a> says of each why it made none.`;
const NO_DELIVERIES = html`They are made of events; <a href="/events">the list of events</a> has what there is to deliver.`;

const KINDS = ['delivered', 'waiting', 'skipped', 'dead'];
/** Whatever did not arrive is dead; its badge says how. */
const kindText = (kind: string): string => (kind === 'dead' ? kind : stateText(kind));

const eventsWithData = (visitor: Visitor, chosen: Chosen) =>
  action(visitor, {
    to: '/export/events.csv',
    label: 'Download with e-mail and phone',
    fields: Object.fromEntries(
      Object.entries(chosen).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
    sure: 'The file has everybody’s e-mail address and phone number in plain. This is noted with your name.',
  });

export function listRoutes({ names, eventNames, hooks, whichFound, events, deliveries }: ListParts): Route[] {
  return [
    {
      method: 'get',
      path: '/hooks',
      roles: LOOKING,
      answer: async ({ query }) => {
        const chosen = chosenOf(query, ['store', 'source', 'state', 'hour']);
        const { rows, last } = await paged((limit) => hooks(chosen, query.get('before') ?? '', limit));
        const found = await whichFound(rows.map(({ id }) => id));
        const { stores, sources } = names();
        return page(
          'Hooks',
          html`<h1>Hooks</h1>${hourNote(chosen)}${filter('/hooks', [
            choice('store', 'Store', stores, chosen.store),
            choice('source', 'Source', sources, chosen.source),
            choice('state', 'State', HOOK_STATES, chosen.state, stateText),
          ])}
${list(
  'Hooks',
  ['Received', 'From', 'State', 'Why', ''],
  rows.map(({ id, store, source, received_at, state, reason }) => [
    time(received_at),
    html`${store}/${source}${found.has(id) && html` <span class="tag">fetched</span>`}`,
    badge(state),
    reason,
    traceLink(id),
  ]),
  last && link('/hooks', { ...chosen, before: last.id }),
  nothing('/hooks', chosen, NO_HOOKS),
)}
${csvLink('hooks', chosen)}`,
        );
      },
    },
    {
      method: 'get',
      path: '/events',
      roles: LOOKING,
      answer: async ({ query, visitor }) => {
        const chosen = chosenOf(query, ['store', 'name', 'hour']);
        const { rows, last } = await paged((limit) => events(chosen, query.get('before') ?? '', limit));
        const { stores } = names();
        const known = await eventNames();
        return page(
          'Events',
          html`<h1>Events</h1>${hourNote(chosen)}${filter('/events', [
            choice('store', 'Store', stores, chosen.store),
            choice('name', 'Event', known, chosen.name),
          ])}
${list(
  'Events',
  ['Made', 'Store', 'Event', 'Order', ''],
  rows.map(({ created_at, store, name, order_id, hook_id }) => [
    time(created_at),
    store,
    name,
    orderLink(store, order_id),
    traceLink(hook_id),
  ]),
  last && link('/events', { ...chosen, before: last.id }),
  nothing('/events', chosen, NO_EVENTS),
)}
${csvLink('events', chosen)}
${visitor.user.role === 'admin' && eventsWithData(visitor, chosen)}`,
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
        const more = last && link('/deliveries', { ...chosen, before: last.mark });
        return page(
          'Deliveries',
          html`<h1>Deliveries</h1>${filter('/deliveries', [
            choice('store', 'Store', stores, chosen.store),
            choice('destination', 'Destination', destinations, chosen.destination),
            choice('kind', 'State', KINDS, chosen.kind, kindText, true),
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
    traceLink(hook_id),
  ]),
  more,
  nothing('/deliveries', given, NO_DELIVERIES),
)}
${csvLink('deliveries', chosen)}`,
        );
      },
    },
  ];
}
