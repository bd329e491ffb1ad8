// Sources: what came from each, the address to paste where it sends from, and how to connect it.
import { type HOOK_STATES, MOST_COUNTED } from '../../keep/questions/lists.ts';
import type { TopicFacts } from '../../keep/questions/topic-hours.ts';
import { HOUR_MS } from '../../lib/time.ts';
import type { Guide } from '../../map/files/setup.ts';
import type { Clock } from '../../types.ts';
import { type Content, type Html, html } from '../html.ts';
import { chosenOf, storeFilter } from '../lists/list-view.ts';
import { LOOKING, page, type Route } from '../route.ts';
import { ago, count, counted, folded, link, share, stateText, table, time } from '../view/parts.ts';
import { type ReadTemplate, setupView } from './setup-view.ts';
import { type WebhooksView, webhooksSection } from './webhooks-view.ts';

export type SourceFacts = {
  store: string;
  source: string;
  title: string;
  /** Its hooks are entered here: there is no address that anybody may send to. */
  entered: boolean;
  /** What to paste; without PUBLIC_URL only the path is known. */
  url: string;
  /** The sender proves itself by a secret in this query parameter, which is not shown. */
  keyed: string | undefined;
  /** How to connect it, with its own address. */
  setup: readonly Guide[];
  last: number | undefined;
  /** Hooks of the last 24 hours by what became of them. */
  counts: Readonly<Record<string, number>>;
  /** What it calls its hooks, with what came of each. */
  topics: readonly TopicFacts[];
  /** The sender said that no more hooks will come, and none came since. */
  farewell: { topic: string; at: number; reason: string } | undefined;
  /** Events of which none of them tells, and the topics that would. */
  untold: readonly { event: string; topics: readonly string[] }[];
  /** Requests of the last 24 hours whose sender could not be proven. */
  refused: number;
  /** The latest orders of which the source told first in the last 24 hours; reasons are those of orders that do not count. */
  orders: { counted: number; uncounted: readonly { reason: string; orders: number; latest: readonly string[] }[] };
  /** What it is compared with; none where the settings for it are not there. */
  lists: readonly ListFacts[];
  /** What it says of its webhooks, where it is asked. */
  webhooks: WebhooksView | undefined;
  /** Hooks of the last 7 days that had to be fetched. */
  fetched: number;
};
/** A list of the shop, and the last comparison with it. */
export type ListFacts = {
  about: string;
  done_at: number | undefined;
  listed: number;
  tried_at: number | undefined;
  problem: string | undefined;
  /** The topic of hooks that tell the same, for which it is left out. */
  told_by: string | undefined;
};
export type SourcePagesParts = {
  sources: () => Promise<SourceFacts[]>;
  hasPublicUrl: boolean;
  readTemplate: ReadTemplate;
  now: Clock;
};

/** So many reasons are told. */
const REASONS = 5;
/** States of hooks, in the order of their numbers. */
const STATES: readonly (typeof HOOK_STATES)[number][] = ['mapped', 'ignored', 'stuck', 'waiting', 'kept', 'erased'];

const addressView = ({ store, source, entered, url, keyed }: SourceFacts): Html =>
  entered
    ? html`<p>Orders are entered here, by the API or from a file. No address takes them from outside.</p>`
    : html`<p class="row"><input class="grow" readonly value="${url}" aria-label="Address for ${store}/${source}">
    <button type="button" data-copy="${url}">Copy</button></p>
  ${keyed !== undefined && html`<p class="quiet">A sender that cannot sign or send a header puts <code>?${keyed}=</code> and the secret of this source behind it.</p>`}`;

/** Why nothing came yet, or when the last hook did. */
function lastView({ last, entered }: SourceFacts, now: number): Content {
  if (last !== undefined) return html`The last hook came ${ago(now - last)} ago, at ${time(last)}.`;
  if (entered) return 'Nothing was entered yet.';
  return html`<strong>No hook ever came from here.</strong> Paste the address where the sender asks for a webhook URL, and send a test.`;
}

const upTo = (hooks: number): string => count(hooks) + (hooks >= MOST_COUNTED ? '+' : '');

function ordersView({ store, source, orders: { counted: counts, uncounted } }: SourceFacts): Html | undefined {
  const others = uncounted.reduce((all, { orders }) => all + orders, 0);
  if (counts + others === 0) return undefined;
  return html`<p>Of the latest ${counted(counts + others, 'order', 'orders')} that it told of in 24 hours <strong>${share(counts, counts + others)}</strong> count${others > 0 && '. The others do not:'}</p>
${others > 0 && html`<ul>${uncounted.slice(0, REASONS).map(({ reason, orders, latest }) => html`<li><a href="${link('/hooks', { store, source, state: 'ignored' })}">${count(orders)}</a>: ${reason}. <span class="quiet">Order ${latest.map((name, index) => html`${index > 0 && ', '}<a href="${link('/search', { q: name })}">${name}</a>`)}${orders > latest.length && ' and others'}</span></li>`)}</ul>`}`;
}

/** Which of its webhooks come, and which events none of them tells of. */
function topicsView({ store, source, topics, untold }: SourceFacts): Html | undefined {
  if (topics.length === 0) return undefined;
  const first = Math.min(...topics.map(({ first_hour }) => first_hour)) * HOUR_MS;
  return html`${table(
    `Topics of ${store}/${source}`,
    ['Topic', 'Last came', '24 hours', '7 days'],
    topics.map(({ topic, last_at, day, week }) => [topic, time(last_at), count(day), count(week)]),
  )}
${untold.map(({ event, topics: wanted }) => html`<p class="quiet">Since ${time(first)} nothing came that tells of <strong>${event}</strong>; ${wanted.join(', ')} would. Is that webhook set up at the sender?</p>`)}`;
}

function listView({ about, done_at, listed, tried_at, problem, told_by }: ListFacts, title: string, now: number): Html {
  if (told_by !== undefined)
    return html`<p>Not compared with the ${about} that ${title} lists: hooks of ${told_by} tell the same under other ids, and each would count twice.</p>`;
  return html`<p>${
    done_at === undefined
      ? `Not compared yet with the ${about} that ${title} lists.`
      : html`Compared with the ${about} that ${title} lists ${ago(now - done_at)} ago, at ${time(done_at)}: ${count(listed)} had changed.`
  }</p>
  ${problem !== undefined && tried_at !== undefined && html`<p class="notice bad">The last comparison, at ${time(tried_at)}, failed: ${problem}. It is made again every 15 minutes.</p>`}`;
}

/** Whether webhooks got lost, as far as the sender is asked for what it has. */
function lostView({ lists, fetched, title }: SourceFacts, now: number): Html | undefined {
  if (lists.length === 0 && fetched === 0) return undefined;
  return html`${lists.map((one) => listView(one, title, now))}
  <p${fetched > 0 && html` class="notice wait"`}>${
    fetched === 0
      ? 'Nothing had to be fetched in 7 days: its webhooks told of all that counts.'
      : `${counted(fetched, 'hook', 'hooks')} had to be fetched in 7 days, because no webhook told of what is in ${fetched === 1 ? 'it' : 'them'}. Look at the sender whether its webhooks are still switched on.`
  }</p>`;
}

function cameView(facts: SourceFacts, now: number): Html {
  const { store, source, counts, refused, farewell } = facts;
  const states = STATES.filter((state) => state !== 'erased' || (counts[state] ?? 0) > 0);
  return html`<p>${lastView(facts, now)}</p>
  ${farewell && html`<p class="notice bad">No more hooks will come: <code>${farewell.topic}</code> came at ${time(farewell.at)}; ${farewell.reason}.</p>`}
  <p class="row">In 24 hours: ${states.map((state) => html`<a href="${link('/hooks', { store, source, state })}">${upTo(counts[state] ?? 0)} ${stateText(state)}</a>`)}</p>
  ${refused > 0 && html`<p class="notice bad">${counted(refused, 'request was', 'requests were')} refused in 24 hours, because nobody could prove to be the sender. Compare the secret in <code>.env</code> with the sender’s; the log says what did not fit.</p>`}
  ${webhooksSection(facts, now)}
  ${topicsView(facts)}
  ${lostView(facts, now)}
  ${ordersView(facts)}`;
}

const sourceView = (facts: SourceFacts, now: number): Html => {
  const { store, source, title } = facts;
  return html`<section class="card"><h2>${store}/${source} <span class="tag">${title}</span></h2>
  ${addressView(facts)}
  <p><a href="/sources/${store}/${source}">How to connect ${title}</a></p>
  ${cameView(facts, now)}
</section>`;
};

export function sourceRoutes({ sources, hasPublicUrl, readTemplate, now }: SourcePagesParts): Route[] {
  return [
    {
      method: 'get',
      path: '/sources',
      roles: LOOKING,
      answer: async ({ query }) => {
        const { store: chosen } = chosenOf(query, ['store']);
        const all = await sources();
        const shown = all.filter(({ store }) => chosen === undefined || store === chosen);
        return page(
          'Sources',
          html`<h1>Sources</h1><p class="quiet">Where hooks come from. Each sender gets its own address; another one is added in the file of its shop, and another shop by a file of its own (<a href="/mappings">Mappings</a>).${!hasPublicUrl && ' Set PUBLIC_URL to see whole addresses here.'}</p>
${storeFilter('/sources', all, chosen)}
${folded('sources', shown, (some) => html`${some.map((source) => sourceView(source, now()))}`)}`,
        );
      },
    },
    {
      method: 'get',
      path: '/sources/:store/:source',
      roles: LOOKING,
      answer: async ({ params }) => {
        const all = await sources();
        const facts = all.find(({ store, source }) => store === params.store && source === params.source);
        if (facts === undefined)
          return page('Unknown', html`<h1>There is no such source</h1><p><a href="/sources">All sources</a></p>`, {
            status: 404,
          });
        return page(
          `Connect ${facts.title}`,
          html`<h1>Connect ${facts.title} as ${facts.store}/${facts.source}</h1>${addressView(facts)}
${!hasPublicUrl && !facts.entered && html`<p class="quiet">This is the path alone; the https address of your bridge comes before it. Set PUBLIC_URL to see the whole address here.</p>`}
<section class="card"><h2>What came from it</h2>${cameView(facts, now())}</section>
${await setupView(facts.setup, readTemplate)}`,
        );
      },
    },
  ];
}
