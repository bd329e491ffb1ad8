// What the report of a destination counted of the purchases sent there, day by day: what is missing, there twice, or worth something else.
import type { Found, Recount, RecountedOrder } from '../../keep/questions/recounts.ts';
import { type Content, type Html, html } from '../html.ts';
import { LOOKING, page, type Route } from '../route.ts';
import { count, counted, link, money, share, table, time } from '../view/parts.ts';

/** A destination whose report is asked, with what each day came to, the newest first. */
export type PlaceRecounts = { store: string; destination: string; title: string; days: readonly Recount[] };
/** What the report says of one order: how often it was counted, and where the worth differs, `sent` and `counted`. */
export type OrderCount = {
  day: string;
  currency: string;
  times: number;
  sent?: number;
  counted?: number;
};

const orderLink = ({ hook_id, id }: RecountedOrder): Html => html`<a href="/hooks/${hook_id}">${id}</a>`;
const listed = (orders: readonly Html[], all: number): Html =>
  html`${orders.map((one, index) => html`${index > 0 && ', '}${one}`)}${all > orders.length && ` and ${count(all - orders.length)} more`}`;

function missingView({ missing, sent, counted: there }: Found, title: string): Html {
  return html`<p>Sent and accepted, and not in the report: ${listed(missing.map(orderLink), sent - there)}.
<span class="quiet">${title} does not say why. An event without consent, of an address that is filtered out, or sent with a wrong measurement id or secret is accepted too, and dropped.</span></p>`;
}
function repeatsView({ repeats, repeated }: Found): Html {
  const told = repeats.map((one) => html`${orderLink(one)} (${one.times} times)`);
  return html`<p>Counted more than once: ${listed(told, repeated)}.
<span class="quiet">Somebody else sends them too, such as a tag or an app of the shop, for another visitor: under one id each visitor counts once.</span></p>`;
}
function differencesView({ differences, different, currency }: Found): Html {
  const told = differences.map(
    (one) => html`${orderLink(one)} (${money(one.sent, currency)} sent, ${money(one.counted, currency)} counted)`,
  );
  return html`<p>Counted with another value: ${listed(told, different)}.
<span class="quiet">Of two that send the same purchase the first one counts: a tag may send its value with tax or shipping.</span></p>`;
}
function strangersView({ strangers, strange }: Found): Html {
  return html`<p>Counted, and not sent from here: ${count(strange)}, such as ${strangers.map((id, index) => html`${index > 0 && ', '}<code>${id}</code>`)}.
<span class="quiet">Do these look like your orders under another id? Then a tag sends them too, and they count twice: let both say the same id. Orders that were erased here are among these, too.</span></p>`;
}

const channelsView = ({ channels, counted: all }: Found): Html =>
  html`<p>Put down to ${Object.entries(channels)
    .sort(([, a], [, b]) => b - a)
    .map(([channel, purchases], index) => html`${index > 0 && ', '}${channel} ${share(purchases, all)}`)}.</p>`;

function foundView(found: Found, title: string): Content {
  if (found.sent + found.strange === 0) return html`<p>Nothing was sent for this day, and nothing counted.</p>`;
  return [
    found.counted < found.sent && missingView(found, title),
    found.repeated > 0 && repeatsView(found),
    found.different > 0 && differencesView(found),
    found.strange > 0 && strangersView(found),
    found.counted > 0 && channelsView(found),
    found.partial &&
      html`<p class="notice wait">The report itself says that it is not whole: with very many rows, or few visitors, ${title} merges or leaves out some. What is missing here may be there.</p>`,
  ];
}

function dayView({ day, asked_at, found, problem }: Recount, title: string): Html {
  return html`<section class="card"><h3>${day}</h3>
${found && html`<p>Of <strong>${counted(found.sent, 'purchase', 'purchases')}</strong> sent for this day (${found.time_zone}) <strong>${count(found.counted)}</strong> ${found.counted === 1 ? 'is' : 'are'} in the report. ${problem === undefined && html`<span class="quiet">Asked at ${time(asked_at)}.</span>`}</p>${foundView(found, title)}`}
${problem !== undefined && html`<p class="notice bad">It could not be asked at ${time(asked_at)}: ${problem}. The report is asked again every hour, about one such day after the other, as long as they are of the last seven.</p>`}
</section>`;
}

const NUMBERS = ['Day', 'Sent', 'In the report', 'Missing', 'More than once', 'Other value', 'Not from here'];
function rowOf({ day, found }: Recount): Content[] {
  if (found === undefined) return [day, '', '', '', '', '', ''];
  const { sent, counted: there, repeated, different, strange } = found;
  return [day, ...[sent, there, sent - there, repeated, different, strange].map(count)];
}

/** The last day in one sentence, for the card of a destination. */
export function recountLine({ store, destination, title, days }: PlaceRecounts): Html {
  const last = days.find(({ found }) => found !== undefined);
  const to = html`<a href="${link('/destinations/counted', { store, destination })}">What the report of ${store}/${destination} counted</a>`;
  if (last?.found === undefined)
    return html`<p>${title} has not been asked yet what it counted; a day is settled two and a half days after its end. ${to}</p>`;
  const { sent, counted: there } = last.found;
  return html`<p>Of ${counted(sent, 'purchase', 'purchases')} sent for ${last.day} ${count(there)} ${there === 1 ? 'is' : 'are'} in the report of ${title}. ${to}</p>`;
}

/** What it says of one order, for its trace. */
export function orderCountView({ day, times, sent, counted: worth, currency }: OrderCount): Html {
  if (times === 0) return html`<p class="notice bad">Its report of ${day} does not have this purchase.</p>`;
  if (times > 1)
    return html`<p class="notice bad">Its report of ${day} counts this purchase ${times} times: somebody else sends it too.</p>`;
  if (sent === undefined || worth === undefined)
    return html`<p class="quiet">Its report of ${day} counts this purchase once.</p>`;
  return html`<p class="notice wait">Its report of ${day} has this purchase with ${money(worth, currency)} in place of ${money(sent, currency)}.</p>`;
}

export function recountRoutes({ recounts }: { recounts: () => Promise<PlaceRecounts[]> }): Route[] {
  return [
    {
      method: 'get',
      path: '/destinations/counted',
      roles: LOOKING,
      answer: async ({ query }) => {
        const all = await recounts();
        const own = all.filter(
          ({ store, destination }) =>
            (query.get('store') ?? store) === store && (query.get('destination') ?? destination) === destination,
        );
        return page(
          'What was counted',
          html`<h1>What was counted</h1>
<p class="quiet">A destination that accepts a purchase does not say whether it counts it. Its own report does, some days later.</p>
${own.length === 0 && html`<p>No destination in the store files says how to ask for its report: it takes <code>property_id</code> and <code>service_account</code>.</p>`}
${own.map(
  ({ store, destination, title, days }) => html`<h2>${title} by ${store}/${destination}</h2>
${days.length === 0 ? html`<p>Not asked yet: a day is settled two and a half days after its end.</p>` : table(`Days of ${store}/${destination}`, NUMBERS, days.map(rowOf))}
${days.map((day) => dayView(day, title))}`,
)}`,
        );
      },
    },
  ];
}
