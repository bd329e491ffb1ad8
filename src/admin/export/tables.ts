// Every list as a table of text and numbers, read a page at a time however long it is.
import type { Event } from '../../event.ts';
import type { Incident } from '../../keep/questions/incidents.ts';
import { LACKS } from '../../keep/questions/lacking.ts';
import type { Cell } from '../../lib/csv.ts';
import { masked } from '../../map/show.ts';
import { iso, maybeIso } from '../api/shapes.ts';
import type { View } from '../api/view.ts';
import type { Chosen } from '../lists/list-view.ts';

export type Asked = { view: View; chosen: Chosen; showData: boolean };
export type Table = {
  /** Has columns that say who somebody is. */
  personal: boolean;
  columns: readonly string[];
  /** Pages of rows. */
  pages: (asked: Asked) => AsyncGenerator<Cell[][]>;
};

const PAGE = 1_000;

async function* inPages<T>(read: (after: string) => Promise<T[]>, markOf: (row: T) => string): AsyncGenerator<T[]> {
  for (let after = ''; ; ) {
    const rows = await read(after);
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows;
    if (rows.length < PAGE) return;
    after = markOf(last);
  }
}

const hooks: Table = {
  personal: false,
  columns: ['received_at', 'store', 'source', 'state', 'reason', 'hook_id'],
  pages: async function* ({ view, chosen }) {
    const read = (after: string) => view.hooks(chosen, after, PAGE);
    for await (const rows of inPages(read, ({ id }) => id))
      yield rows.map((row) => [iso(row.received_at), row.store, row.source, row.state, row.reason, row.id]);
  },
};

const AMOUNTS = ['value', 'total', 'tax', 'shipping', 'discount'] as const;

function eventCells(event: Event | undefined, showData: boolean): Cell[] {
  const { email_address, phone_number } = event?.user_data ?? {};
  const hidden = (text: string | undefined) => (text === undefined || showData ? text : masked(text));
  return [
    event?.event_time,
    event?.transaction_id,
    event?.channel,
    event?.currency,
    ...AMOUNTS.map((name) => event?.[name]),
    event?.client_id,
    hidden(email_address),
    hidden(phone_number),
  ];
}

const events: Table = {
  personal: true,
  columns: [
    ...['made_at', 'store', 'event', 'order_id', 'event_time', 'transaction_id', 'channel', 'currency'],
    ...AMOUNTS,
    ...['client_id', 'email', 'phone', 'event_id', 'hook_id'],
  ],
  pages: async function* ({ view, chosen, showData }) {
    const read = (after: string) => view.events(chosen, after, PAGE);
    for await (const rows of inPages(read, ({ id }) => id)) {
      const opened = await view.openEvents(rows.map(({ id }) => id));
      yield rows.map(({ id, hook_id, store, name, order_id, created_at }) => [
        ...[iso(created_at), store, name, order_id],
        ...eventCells(opened.get(id), showData),
        ...[id, hook_id],
      ]);
    }
  },
};

const deliveries: Table = {
  personal: false,
  columns: ['at', 'store', 'destination', 'event', 'order_id', 'copy', 'state', 'reason', 'event_id', 'hook_id'],
  pages: async function* ({ view, chosen }) {
    const read = (after: string) => view.deliveries({ ...chosen, kind: chosen.kind ?? 'delivered' }, after, PAGE);
    for await (const rows of inPages(read, ({ mark }) => mark))
      yield rows.map((row) => [
        ...[iso(row.at), row.store, row.destination, row.name, row.order_id, row.copy],
        ...[row.kind, row.reason, row.event_id, row.hook_id],
      ]);
  },
};

const attempts: Table = {
  personal: false,
  columns: [
    ...['at', 'store', 'destination', 'event', 'order_id', 'copy', 'n', 'ms', 'status', 'outcome', 'reason'],
    ...['ambiguous', 'event_id', 'hook_id'],
  ],
  pages: async function* ({ view, chosen }) {
    const read = (after: string) => view.attempts(chosen, after, PAGE);
    for await (const rows of inPages(read, ({ mark }) => mark))
      yield rows.map((row) => [
        ...[iso(row.at), row.store, row.destination, row.name, row.order_id, row.copy, row.n, row.ms, row.status],
        ...[row.kind, row.reason, row.ambiguous, row.event_id, row.hook_id],
      ]);
  },
};

/** All of it, also what the page only counts. */
const problems: Table = {
  personal: false,
  columns: ['at', 'store', 'place', 'state', 'reason', 'order_id', 'event_id', 'hook_id'],
  pages: async function* ({ view, chosen: { store } }) {
    const stuck = (after: string) => view.hooks({ store, state: 'stuck' }, after, PAGE);
    for await (const rows of inPages(stuck, ({ id }) => id))
      yield rows.map((row) => [
        ...[iso(row.received_at), row.store, row.source, row.state, row.reason],
        ...[undefined, undefined, row.id],
      ]);
    const dead = (after: string) => view.deliveries({ store, kind: 'dead' }, after, PAGE);
    for await (const rows of inPages(dead, ({ mark }) => mark))
      yield rows.map((row) => [
        ...[iso(row.at), row.store, row.destination, row.kind, row.reason],
        ...[row.order_id, row.event_id, row.hook_id],
      ]);
  },
};

const search: Table = {
  personal: false,
  columns: ['found_by', 'store', 'event', 'order_id', 'reason', 'hook_id'],
  pages: async function* ({ view, chosen: { q = '' } }) {
    const { matches, uncounted } = q === '' ? { matches: [], uncounted: [] } : await view.find(q);
    yield matches.map((row) => [row.what, row.store, row.name, row.order_id, undefined, row.hook_id]);
    yield uncounted.map((row) => ['not counted', row.store, undefined, row.order_id, row.reason, undefined]);
  },
};

const alerts: Table = {
  personal: false,
  columns: ['since', 'ended_at', 'kind', 'stores', 'title', 'detail', 'todo', 'outcome'],
  pages: async function* ({ view }) {
    const cells = ({ since, ended_at, kind, stores, title, detail, todo, outcome }: Incident): Cell[] => [
      ...[iso(since), maybeIso(ended_at), kind, stores.join(' '), title, detail, todo, outcome],
    ];
    yield (await view.openAlerts()).map(cells);
    const read = (before: string) => view.endedAlerts(before, PAGE);
    for await (const rows of inPages(read, ({ id }) => id)) yield rows.map(cells);
  },
};

const audit: Table = {
  personal: false,
  columns: ['at', 'actor', 'action', 'store', 'detail'],
  pages: async function* ({ view, chosen: { store, actor, action } }) {
    const stores = store === undefined ? undefined : [store];
    const read = (before: string) => view.audit({ actor, action, stores, before, limit: PAGE });
    for await (const rows of inPages(read, ({ id }) => id))
      yield rows.map((row) => [iso(row.at), row.actor, row.action, row.store, row.detail]);
  },
};

const match: Table = {
  personal: false,
  columns: [
    ...['since', 'until', 'store', 'source', 'event', 'channel', 'found_by', 'age', 'events'],
    ...['with_click', 'with_code', 'with_email_or_phone'],
  ],
  pages: async function* ({ view, chosen: { store, days } }) {
    const { since, until, stores } = await view.match({ store, days });
    for (const { sums } of stores)
      yield sums.map((row) => [
        ...[iso(since), iso(until), row.store, row.source, row.name, row.channel, row.by, row.age],
        ...[row.events, row.clicks, row.codes, row.persons],
      ]);
  },
};

const lacking: Table = {
  personal: false,
  columns: ['made_at', 'store', 'source', 'event', 'channel', 'order_id', 'lacks', 'event_id', 'hook_id'],
  pages: async function* ({ view, chosen: { lacks, ...asked } }) {
    const lack = LACKS.find((one) => one === lacks) ?? 'visit';
    const read = (after: string) => view.lacking({ ...asked, lack }, after, PAGE);
    for await (const rows of inPages(read, ({ id }) => id))
      yield rows.map((row) => [
        ...[iso(row.created_at), row.store, row.source, row.name, row.channel, row.order_id],
        ...[row.lacks.join(' '), row.id, row.hook_id],
      ]);
  },
};

export const TABLES = { hooks, events, deliveries, attempts, problems, search, alerts, match, lacking, audit } as const;
export type TableName = keyof typeof TABLES;
export const LISTS = Object.keys(TABLES).filter((name): name is TableName => Object.hasOwn(TABLES, name));
/** What lists are filtered by. */
export const FILTERS = [
  'store',
  'source',
  'state',
  'name',
  'hour',
  'destination',
  'kind',
  'q',
  'actor',
  'action',
  'days',
  'channel',
  'lacks',
] as const;
