// The first page: what came and went in the last 24 hours, how much is known of buyers, and what is wrong now.
import { MATCH_KEYS, type MatchKey } from '../../keep/questions/hours.ts';
import { HOUR_MS } from '../../lib/time.ts';
import { type Html, html } from '../html.ts';
import { chosenOf, MANY_STORES, storeFilter } from '../lists/list-view.ts';
import { LACKING_PATH } from '../match/lacking-pages.ts';
import { type Asked, LOOKING, page, type Route } from '../route.ts';
import { searchBox } from '../search/search-pages.ts';
import { type Chart, chart, chartFiles } from '../view/chart.ts';
import { ago, change, count, folded, link, money, share, table, time } from '../view/parts.ts';
import type { Compared, DestinationFacts, HourFacts, Overview, StoreFacts, Trouble } from './facts.ts';

export type OverviewParts = { overview: () => Promise<Overview> };

const KEY_NAMES: Record<MatchKey, string> = {
  email: 'E-mail',
  phone: 'Phone',
  client_id: 'GA4 client id',
  session_id: 'GA4 session id',
  click_id: 'Click id of an ad',
  fbc: 'Meta click cookie (fbc)',
  fbp: 'Meta browser cookie (fbp)',
  device: 'IP address and browser',
};

const troubleView = ({ later, what, todo, href }: Trouble): Html =>
  html`<li${later && html` class="later"`}><p><a href="${href}">${what}</a></p><p class="quiet">${todo}</p></li>`;

const figure = (label: string, value: string, href: string, note: string): Html =>
  html`<div class="card"><span class="label">${label}</span><span class="figure"><a href="${href}" aria-label="${label}: ${value}">${value}</a></span><span class="label">${note}</span></div>`;

const added = (parts: readonly Compared[]): Compared =>
  parts.reduce((all, { now, before }) => ({ now: all.now + now, before: all.before + before }), { now: 0, before: 0 });
const sum = (stores: readonly StoreFacts[], of: (store: StoreFacts) => Compared) => added(stores.map(of));

function revenueOf(stores: readonly StoreFacts[]) {
  const byCurrency = Map.groupBy(
    stores.flatMap(({ revenue }) => revenue),
    ({ currency }) => currency,
  );
  return [...byCurrency].map(([currency, list]) => ({ currency, ...added(list) }));
}

function figures(stores: readonly StoreFacts[], store: string | undefined): Html {
  const hooks = sum(stores, (one) => one.hooks);
  const events = sum(stores, (one) => one.events);
  return html`<div class="cards">
  ${figure('Hooks received', count(hooks.now), link('/hooks', { store }), change(hooks.now, hooks.before))}
  ${figure('Events made', count(events.now), link('/events', { store }), change(events.now, events.before))}
  ${revenueOf(stores).map(({ currency, now, before }) =>
    figure(
      'Revenue of purchases',
      money(now, currency),
      link('/events', { store, name: 'purchase' }),
      change(now, before),
    ),
  )}
</div>`;
}

const NONE: Compared = { now: 0, before: 0 };

/** The stores' hours added up; each links to what came in it. */
const hoursOf = (stores: readonly StoreFacts[], of: (hour: HourFacts) => Compared, href: (hour: number) => string) =>
  [
    ...Map.groupBy(
      stores.flatMap(({ hours }) => hours),
      ({ hour }) => hour,
    ),
  ].map(([hour, own]) => ({
    at: hour * HOUR_MS,
    href: href(hour),
    ...added(own.map(of)),
  }));

function charts(stores: readonly StoreFacts[], store: string | undefined): Html {
  const list: Chart[] = [
    {
      id: 'events',
      title: 'Events made, by hour',
      hours: hoursOf(
        stores,
        ({ events }) => events,
        (hour) => link('/events', { store, hour }),
      ),
      show: count,
    },
    {
      id: 'hooks',
      title: 'Hooks received, by hour',
      hours: hoursOf(
        stores,
        ({ hooks }) => hooks,
        (hour) => link('/hooks', { store, hour }),
      ),
      show: count,
    },
    ...revenueOf(stores).map(({ currency }) => ({
      id: `revenue-${currency}`,
      title: `Revenue in ${currency}, by hour`,
      hours: hoursOf(
        stores,
        ({ revenue }) => revenue.get(currency) ?? NONE,
        (hour) => link('/events', { store, name: 'purchase', hour }),
      ),
      show: (value: number) => money(value, currency),
    })),
  ];
  return html`<div class="charts">${list.map(chart)}</div>`;
}

const DESTINATION_HEADS = ['Destination', 'Delivered in 24 hours', 'Not sent', 'Waiting', 'Dead'];

function destinationRow(store: string, facts: DestinationFacts, at: number) {
  const { name: destination, delivered, waiting, dead, more, paused, oldest } = facts;
  const to = (kind: string) => link('/deliveries', { store, destination, kind });
  return [
    html`${store}/<strong>${destination}</strong> ${paused !== undefined && html`<span class="badge bad">paused</span>`}`,
    html`<a href="${to('delivered')}">${count(delivered)}</a>`,
    html`<a href="${to('skipped')}">which, and why<span class="hidden">, of ${store}/${destination}</span></a>`,
    html`<a href="${to('waiting')}">${count(waiting)}</a>${oldest !== undefined && waiting > 0 && html` <span class="quiet">oldest ${ago(at - oldest)}</span>`}`,
    html`<a href="${to('dead')}">${count(dead)}${more && '+'}</a>`,
  ];
}

const STORE_HEADS = ['Store', 'Events in 24 hours', 'Revenue of purchases', 'Waiting', 'Dead', 'Wrong now'];

function storeRow({ store, events, revenue, destinations }: StoreFacts, wrong: number): (Html | string)[] {
  const to = (kind: string) => link('/deliveries', { store, kind });
  const waiting = destinations.reduce((all, one) => all + one.waiting, 0);
  const dead = destinations.reduce((all, one) => all + one.dead, 0);
  return [
    html`<a href="${link('/', { store })}"><strong>${store}</strong></a> ${destinations.some(({ paused }) => paused !== undefined) && html`<span class="badge bad">paused</span>`}`,
    html`<a href="${link('/events', { store })}">${count(events.now)}</a> <span class="quiet">${change(events.now, events.before)}</span>`,
    revenue.map(({ now, currency }) => money(now, currency)).join(', '),
    html`<a href="${to('waiting')}">${count(waiting)}</a>`,
    html`<a href="${to('dead')}">${count(dead)}${destinations.some(({ more }) => more) && '+'}</a>`,
    count(wrong),
  ];
}

/** Of many stores each is one line, those first in which most is wrong. */
function storesTable(stores: readonly StoreFacts[], troubles: readonly Trouble[]): Html {
  const wrong = Map.groupBy(troubles, ({ store }) => store);
  const wrongIn = ({ store }: StoreFacts) => wrong.get(store)?.length ?? 0;
  const rows = stores.toSorted((a, b) => wrongIn(b) - wrongIn(a)).map((one) => storeRow(one, wrongIn(one)));
  return folded('stores', rows, (some) => table('Stores', STORE_HEADS, some));
}

function destinationsTable(stores: readonly StoreFacts[], at: number): Html {
  const rows = stores.flatMap(({ store, destinations }) =>
    destinations.map((facts) => destinationRow(store, facts, at)),
  );
  return table('Deliveries by destination', DESTINATION_HEADS, rows);
}

function coverage(stores: readonly StoreFacts[]): Html {
  const all = sum(stores, ({ events }) => events).now;
  return html`<div class="bars">${MATCH_KEYS.map((key) => {
    const known = stores.reduce((total, { keys }) => total + keys[key], 0);
    return html`<span id="key-${key}">${KEY_NAMES[key]}</span>
      <meter min="0" max="${Math.max(all, 1)}" value="${known}" aria-labelledby="key-${key}"></meter><span>${share(known, all)}</span>`;
  })}</div>`;
}

function liveView({ at, stores: all, troubles }: Overview, store: string | undefined): Html {
  const stores = store === undefined ? all : all.filter((one) => one.store === store);
  const own = store === undefined ? troubles : troubles.filter((one) => one.store === undefined || one.store === store);
  const isMany = stores.length > MANY_STORES;
  return html`<section aria-labelledby="wrong"><h2 id="wrong">What is wrong now</h2>
${own.length === 0 ? html`<p class="notice good">Nothing that is known of.</p>` : folded('wrong', own, (some) => html`<ul class="problems">${some.map(troubleView)}</ul>`)}</section>
<section aria-labelledby="day"><h2 id="day">The last 24 hours</h2>${figures(stores, store)}
${charts(stores, store)}</section>
<section aria-labelledby="where"><h2 id="where">${isMany ? 'Stores' : 'Where it went'}</h2>
${isMany ? storesTable(stores, own) : destinationsTable(stores, at)}</section>
<section aria-labelledby="known"><h2 id="known">What is known of buyers</h2>
<p class="quiet">Share of the events of the last 24 hours that carry each key. More keys mean more orders joined to an ad or a visit.</p>${coverage(stores)}
<p>Which had none: <a href="${link(LACKING_PATH, { store, lacks: 'client_id', days: '1' })}">no GA4 client id</a>, <a href="${link(LACKING_PATH, { store, lacks: 'click', days: '1' })}">no click of an ad</a>.</p></section>`;
}

function storesToChoose({ stores }: Overview, chosen: string | undefined): Html | false {
  const names = stores.map(({ store }) => store);
  if (names.length < 2) return false;
  if (names.length > MANY_STORES) return storeFilter('/', stores, chosen);
  return html`<nav aria-label="Stores" class="row"><a href="/"${chosen === undefined && html` aria-current="page"`}>All stores</a>
${names.map((store) => html`<a href="${link('/', { store })}"${store === chosen && html` aria-current="page"`}>${store}</a>`)}</nav>`;
}

export function overviewRoutes({ overview }: OverviewParts): Route[] {
  const storeOf = ({ query }: Asked) => chosenOf(query, ['store']).store;
  return [
    {
      method: 'get',
      path: '/',
      roles: LOOKING,
      answer: async (asked) => {
        const facts = await overview();
        const store = storeOf(asked);
        return page(
          'Overview',
          html`<h1>${store ?? 'Overview'}</h1>${chartFiles}${searchBox('')}${storesToChoose(facts, store)}
<div data-part="${link('/live', { store })}" data-stream="${link('/live/stream', { store })}">${liveView(facts, store)}</div>
<p class="quiet">As of <span id="as-of">${time(facts.at)}</span>.</p>`,
        );
      },
    },
    {
      method: 'get',
      path: '/live',
      roles: LOOKING,
      answer: async (asked) => ({ kind: 'part', content: liveView(await overview(), storeOf(asked)) }),
    },
    {
      method: 'get',
      path: '/live/stream',
      roles: LOOKING,
      answer: (asked) => ({ kind: 'stream', part: async () => liveView(await overview(), storeOf(asked)) }),
    },
  ];
}
