// The webhooks of a source as its sender lists them: which send here, which are off, and what to do about it.
import { type Html, html } from '../html.ts';
import { ago, count, counted, table, time } from '../view/parts.ts';

/** What a sender listed; `wrong` are those that are off while no other tells the same. */
export type ListedWebhooks = {
  at: number;
  here: readonly {
    id: string;
    address: string;
    topics: readonly string[];
    on: boolean;
    state: string | undefined;
    off_since?: number | undefined;
    /** When it was last switched on again from here, or why it could not be. */
    mended_at?: number | undefined;
    unmended?: string | undefined;
    wrong: boolean;
    /** It sends without encryption to what is reached with it. */
    plain: boolean;
  }[];
  /** Topics of which none tells any more. */
  gone: readonly { topic: string; last_at: number | undefined }[];
  /** Addresses of webhooks that send to the same path elsewhere. */
  astray: readonly string[];
  /** What goes to other sources of this service, and since when it is seen that there is none. */
  beside: readonly { place: string; topics: readonly string[]; lost_since?: number | undefined }[];
  others: number;
  /** Events of which none that is on tells. */
  untold: readonly { event: string; topics: readonly string[] }[];
};
export type WebhooksView = {
  needs: string;
  todo: string;
  mends: boolean;
  mend_needs: string | undefined;
  asked_at: number | undefined;
  problem: string | undefined;
  /** It is the key, or what it may do. */
  refused: boolean;
  listed: ListedWebhooks | undefined;
};
export type WebhooksOf = { store: string; source: string; title: string; webhooks: WebhooksView | undefined };

const SHOWN_TOPICS = 8;

const topicsOf = (topics: readonly string[]): string =>
  topics.slice(0, SHOWN_TOPICS).join(', ') +
  (topics.length > SHOWN_TOPICS ? ` and ${count(topics.length - SHOWN_TOPICS)} more` : '');

function stateOf({ on, wrong, state, off_since, mended_at }: ListedWebhooks['here'][number]): Html {
  const said = state === undefined ? '' : ` (${state})`;
  const since = off_since === undefined ? '' : html`, first seen at ${time(off_since)}`;
  if (!on) return html`<span class="badge ${wrong ? 'bad' : 'calm'}">off</span>${said}${since}`;
  const again = mended_at === undefined ? '' : html`, switched on again at ${time(mended_at)}`;
  return html`<span class="badge good">on</span>${again}`;
}

const isWrong = ({ here, gone }: ListedWebhooks): boolean => here.some(({ wrong }) => wrong) || gone.length > 0;

function listedView(
  { store, source, title }: WebhooksOf,
  { todo, needs, mend_needs }: WebhooksView,
  listed: ListedWebhooks,
): Html {
  const { here, gone, astray, beside, untold } = listed;
  const unmended = new Set(here.flatMap((one) => one.unmended ?? []));
  const rows = [
    ...here.map((one) => [topicsOf(one.topics), stateOf(one)]),
    ...gone.map(({ topic, last_at }) => [
      topic,
      html`<span class="badge bad">gone</span>${last_at !== undefined && html`, last seen at ${time(last_at)}`}`,
    ]),
  ];
  return html`${isWrong(listed) && html`<p class="notice bad">${title} does not send all that counts, because ${here.some(({ wrong }) => wrong) ? 'a webhook is off' : 'a webhook is gone'}. ${todo}</p>`}
  ${[...unmended].map((reason) => html`<p class="notice wait">It could not be switched on again from here: ${reason}. That takes ${mend_needs ?? needs}.</p>`)}
  ${
    rows.length > 0 &&
    html`<p>What ${title} says it sends here:</p>
  ${table(`What ${title} says it sends to ${store}/${source}`, ['Topic', 'State'], rows)}`
  }
  ${here.length === 0 && html`<p>None of the webhooks that ${title} lists has the address of this source${listed.others > 0 && `; ${counted(listed.others, 'sends', 'send')} elsewhere`}.</p>`}
  ${astray.map((address) => html`<p class="notice wait">One sends to <code>${address}</code>: the path of this source at another host. If this bridge is reached there too, that is fine.</p>`)}
  ${beside.map(({ place, topics, lost_since }) =>
    lost_since === undefined
      ? html`<p class="quiet">${topicsOf(topics)}: sent to another source of this bridge, <code>/hooks/${place}</code>.</p>`
      : html`<p class="notice wait">${topicsOf(topics)}: sent to <code>/hooks/${place}</code> of this bridge, and no source is there, so it is refused. If it is meant for this source, its address must end in <code>/hooks/${store}/${source}</code>.</p>`,
  )}
  ${here.some(({ plain }) => plain) && html`<p class="notice wait">One sends to an address that begins with http:, which anybody on the way can read, and which may not arrive where it is led on to https: change it to https.</p>`}
  ${untold.map(({ event, topics }) => html`<p class="quiet">None of them tells of <strong>${event}</strong>; ${topicsOf(topics)} would.</p>`)}`;
}

/** Nothing where the sender is not asked for its webhooks. */
export function webhooksSection(facts: WebhooksOf, now: number): Html | undefined {
  const { title, webhooks } = facts;
  if (webhooks === undefined) return undefined;
  const { asked_at, problem, refused, needs, mends, mend_needs, listed } = webhooks;
  const asked = listed?.at;
  return html`${listed && listedView(facts, webhooks, listed)}
  <p class="quiet">${
    asked === undefined
      ? `${title} was not asked yet which webhooks it has.`
      : `${title} was asked which webhooks it has ${ago(now - asked)} ago; it is asked every hour.`
  }${mends && ` Those that it switches off are switched on again from here, which needs ${mend_needs ?? needs}.`}</p>
  ${problem !== undefined && asked_at !== undefined && html`<p class="notice wait">It could not say at ${time(asked_at)}: ${problem}.${refused && ` To see its webhooks here takes ${needs}.`} Hooks are taken as ever.</p>`}`;
}
