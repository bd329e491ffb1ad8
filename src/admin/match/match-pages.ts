// The match report: what share of phone orders and leads found the visit they came from, and what would raise it.
import type { Lack } from '../../keep/questions/lacking.ts';
import { type Html, html } from '../html.ts';
import { choice, chosenOf, csvLink, filter, MANY_STORES } from '../lists/list-view.ts';
import { LOOKING, page, type Route } from '../route.ts';
import { count, link, share, table, time } from '../view/parts.ts';
import {
  type Advice,
  type AskedMatch,
  type GroupMatch,
  MATCH_DAYS,
  type MatchReport,
  type SourceMatch,
  type StoreMatch,
  USUAL_DAYS,
} from './facts.ts';
import { LACKING_PATH } from './lacking-pages.ts';
import { AGE_NAMES, GROUP_NAMES, keyName } from './words.ts';

export type MatchPagesParts = {
  match: (asked: AskedMatch) => Promise<MatchReport>;
  stores: () => readonly string[];
};

const card = ({ group, events, joined, own, clicks }: GroupMatch): Html => html`<div class="card">
  <span class="label">${GROUP_NAMES[group]}</span><span class="figure">${share(joined + own, events)}</span>
  <span class="label">of ${count(events)} are known by a visit or by ids of their own; ${share(clicks, events)} by the click of an ad</span></div>`;

const meters = (rows: readonly { name: string; events: number }[], all: number, id: string): Html =>
  html`<div class="bars">${rows.map(
    ({ name, events }, index) => html`<span id="${id}-${index}">${name}</span>
  <meter min="0" max="${Math.max(all, 1)}" value="${events}" aria-labelledby="${id}-${index}"></meter><span>${count(events)} · ${share(events, all)}</span>`,
  )}</div>`;

function groupView(store: string, one: GroupMatch): Html | undefined {
  const { group, events, own, nothing, keys, ages, joined } = one;
  if (events === 0) return undefined;
  const how = [
    ...keys.map(({ key, events: found }) => ({ name: `found by ${keyName(key)}`, events: found })),
    { name: 'brought its ids itself', events: own },
    { name: 'nothing is known', events: nothing },
  ];
  return html`<section class="card" aria-label="${GROUP_NAMES[group]} of ${store}"><h4>${GROUP_NAMES[group]}</h4>
${meters(how, events, `${store}-${group}-by`)}
${
  joined > 0 &&
  html`<p class="quiet">How long after the click, or the visit where there was none:</p>
${meters(
  ages.map(({ age, events: found }) => ({ name: AGE_NAMES[age], events: found })),
  joined,
  `${store}-${group}-age`,
)}`
}</section>`;
}

const sourceRow =
  (store: string, days: string) =>
  ({ source, name, channel, events, joined, own, nothing, clicks }: SourceMatch) => {
    const to = (lacks: Lack) => link(LACKING_PATH, { store, source, name, channel, lacks, days });
    return [
      source,
      name,
      channel,
      count(events),
      `${count(joined)} · ${share(joined, events)}`,
      `${count(own)} · ${share(own, events)}`,
      nothing === 0 ? '0 · 0%' : html`<a href="${to('visit')}">${count(nothing)}</a> · ${share(nothing, events)}`,
      html`${count(clicks)} · ${share(clicks, events)}${events > clicks && html` (<a href="${to('click')}">${count(events - clicks)} without</a>)`}`,
    ];
  };

const SOURCE_HEADS = [
  'Source',
  'Event',
  'Channel',
  'Events',
  'Found a visit',
  'Brought ids',
  'Nothing known',
  'With a click',
];

const adviceView = (advice: readonly Advice[], all: number): Html | false =>
  advice.length > 0
    ? html`<h3>What would raise it</h3><ul class="problems">${advice.map(
        ({ text, todo }) => html`<li class="later"><p>${text}</p><p class="quiet">${todo}</p></li>`,
      )}</ul>`
    : all > 0 && html`<p class="notice good">Nothing is known that would raise it.</p>`;

const eventsOf = ({ groups }: StoreMatch): number => groups.reduce((sum, { events }) => sum + events, 0);

function storeView(match: StoreMatch, days: string): Html {
  const { store, lastVisit, groups, sources, advice } = match;
  const all = eventsOf(match);
  return html`<section aria-label="${store}"><h2>${store}</h2>
${lastVisit !== undefined && html`<p class="quiet">Its script told of a visit last in the hour from ${time(lastVisit)}.</p>`}
${all === 0 ? html`<p class="notice">No orders and leads of these days were looked at for a visit.</p>` : html`<div class="cards">${groups.map(card)}</div>`}
${adviceView(advice, all)}
<p><a href="${link(LACKING_PATH, { store, lacks: 'click', days })}">Orders and leads of ${store} without the click of an ad</a></p>
${
  all > 0 &&
  html`<h3>By what, and how long after</h3>${groups.map((one) => groupView(store, one))}
<h3>By source</h3>${table(`Sources of ${store}`, SOURCE_HEADS, sources.map(sourceRow(store, days)))}`
}</section>`;
}

/** Of many stores those with something to tell are shown whole, the others by name. */
function storesView(stores: readonly StoreMatch[], days: string): Html {
  const quiet = stores.length > MANY_STORES ? stores.filter((one) => eventsOf(one) === 0) : [];
  return html`${stores.filter((one) => !quiet.includes(one)).map((one) => storeView(one, days))}
${
  quiet.length > 0 &&
  html`<section aria-labelledby="quiet"><h2 id="quiet">Nothing in these days</h2>
<p>No orders and leads of these ${count(quiet.length)} stores were looked at for a visit:
${quiet.map(({ store }, at) => html`${at > 0 && ', '}<a href="${link('/match', { store, days })}">${store}</a>`)}</p></section>`
}`;
}

export const matchRoutes = ({ match, stores }: MatchPagesParts): Route[] => [
  {
    method: 'get',
    path: '/match',
    roles: LOOKING,
    answer: async ({ query }) => {
      const { store, days = USUAL_DAYS } = chosenOf(query, ['store', 'days']);
      const report = await match({ store, days });
      return page(
        'Match report',
        html`<h1>Match report</h1>
<p>Which phone orders, leads and other orders found the visit and the click they came from. Without one GA4 and the ad platforms cannot say which ad it was.</p>
${filter('/match', [
  choice('store', 'Store', stores(), store),
  html`<label>Days <select name="days">${MATCH_DAYS.map((one) => html`<option${one === days && html` selected`}>${one}</option>`)}</select></label>`,
])}
${report.stores.length === 0 ? html`<p class="notice">There is no such store.</p>` : storesView(report.stores, days)}
${csvLink('match', { store, days })}`,
      );
    },
  },
];
