// One event of a trace: its fields with where each came from, and its way to every destination.
import { EVENT_FIELDS, type Event } from '../../event.ts';
import type { TracedAttempt } from '../../keep/questions/trace.ts';
import type { ExplainedRule } from '../../map/explain.ts';
import { pathOfField } from '../../map/flatten.ts';
import { showValue } from '../../map/show.ts';
import { type Html, html } from '../html.ts';
import { orderLink } from '../lists/list-view.ts';
import { orderCountView } from '../places/recount-pages.ts';
import type { Visitor } from '../route.ts';
import { action, ago, badge, table, time } from '../view/parts.ts';
import { askForm } from './ask-pages.ts';
import type { EventTrace, RouteTrace } from './facts.ts';
import { fieldsOf, personalOf } from './fields.ts';
import { maskRequest } from './mask.ts';

/** How a trace is shown: with personal data only to admins who asked for it. */
export type Shown = { visitor: Visitor; showData: boolean; now: number };

export const json = (value: unknown): Html =>
  html`<pre translate="no" tabindex="0">${JSON.stringify(value, null, 2) ?? ''}</pre>`;

function fieldTable(event: Event, rules: readonly ExplainedRule[], { showData }: Shown): Html {
  const rows = fieldsOf(event, rules).map(({ field, value, from }) => [
    html`<code>${field}</code>`,
    showValue(pathOfField(field), value, { showData }),
    html`<code>${from}</code>`,
  ]);
  return table(`Fields of ${event.name}`, ['Field', 'Value', 'Where it came from'], rows);
}

/** An attempt in words. */
const attemptLine = ({ at, ms, status, kind, reason, ambiguous, copy }: TracedAttempt): Html => html`<li>
  ${time(at)} ${badge(kind)} ${copy > 0 && html`<span class="tag">copy ${copy}</span>`}
  ${status !== undefined && html`<span class="quiet">HTTP ${status} after ${ms} ms</span>`}
  ${reason !== undefined && html`<br>${reason}`}
  ${ambiguous && html`<br>Nobody knows whether it arrived.`}
</li>`;

/** What happens next, in one sentence. */
function nextStep({ delivery, paused, attempts, refused, known }: RouteTrace, now: number): Html {
  if (delivery === undefined) {
    if (attempts.length > 0) return html``;
    return known ? html`<p>Nothing was sent: ${refused ?? 'this destination was added later.'}</p>` : html``;
  }
  if (paused !== undefined)
    return html`<p class="notice bad">It waits because this destination is paused: ${paused}
      <a href="/destinations">To the destinations</a></p>`;
  if (delivery.leased) return html`<p>It is being sent right now.</p>`;
  if (delivery.due_at <= now) return html`<p>It waits for its turn.</p>`;
  return html`<p>Next try: ${time(delivery.due_at)}.</p>`;
}

function requestView(
  { destination, request, refused }: RouteTrace,
  { id, event }: EventTrace,
  personal: readonly string[],
  { showData }: Shown,
): Html | undefined {
  if (request === undefined || event === undefined) return undefined;
  const body = showData ? request.body : maskRequest(request.body, personal);
  return html`<details id="request-${id}-${destination}"><summary>The request as it would be built now</summary>
    ${refused !== undefined && html`<p>It would not be sent now: ${refused}</p>`}
    <p><code>${request.method} ${request.url}</code></p>
    <dl>${Object.entries(request.headers).map(([name, value]) => html`<dt>${name}</dt><dd><code>${value}</code></dd>`)}</dl>
    ${json(body)}</details>`;
}

function routeView(route: RouteTrace, trace: EventTrace, personal: readonly string[], shown: Shown): Html {
  const last = route.attempts.at(-1);
  const ended = route.delivery === undefined && last !== undefined;
  const state = route.delivery === undefined ? (last?.kind ?? 'skipped') : 'waiting';
  const arrived = last?.kind === 'delivered';
  return html`<section class="card">
  <h3>${route.destination} ${badge(state)}</h3>
  ${nextStep(route, shown.now)}
  ${route.attempts.length > 0 && html`<ol>${route.attempts.map(attemptLine)}</ol>`}
  ${route.report && orderCountView(route.report)}
  ${
    route.inquiry !== undefined &&
    route.attempts.some(({ receipt }) => receipt !== undefined) &&
    askForm(shown.visitor, {
      event: trace.id,
      hook: trace.hook_id,
      destination: route.destination,
      help: route.inquiry,
    })
  }
  ${requestView(route, trace, personal, shown)}
  ${
    ended &&
    route.known &&
    shown.visitor.user.role === 'admin' &&
    action(shown.visitor, {
      to: '/deliveries/send',
      label: 'Send again',
      fields: { event: trace.id, destination: route.destination, copy: String(last.copy) },
      sure: arrived
        ? 'It arrived already. A second copy may be counted twice by this destination.'
        : 'It goes out once more, built from the same event by the settings of now.',
    })
  }
</section>`;
}

/** From which visit it came, in one sentence. */
function visitLine({ visit }: Event): Html {
  if (visit === undefined) return html``;
  const { by, click, age_seconds, seen_at } = visit;
  const known: Record<string, { help: string }> = EVENT_FIELDS;
  const what = click === undefined ? 'a visit without a click' : `a visit with a ${known[click]?.help ?? click}`;
  return html`<p>It was joined by its <code>${by}</code> to ${what}, ${ago(age_seconds * 1000)} before:
    ${time(Date.parse(seen_at))}.</p>`;
}

export function eventView(trace: EventTrace, rules: readonly ExplainedRule[], store: string, shown: Shown): Html {
  const { id, event, name, order_id, routes } = trace;
  // Once for all destinations: it looks at every field, and an order may have thousands of lines.
  const personal = event === undefined || shown.showData ? [] : personalOf(event);
  return html`<li><h2>Event ${name}${order_id !== undefined && html` of order ${orderLink(store, order_id)}`}</h2>
  ${event && visitLine(event)}
  ${
    event === undefined
      ? html`<p>Its contents are not there any more.</p>`
      : html`<details id="fields-${id}"><summary>Fields, and where each came from</summary>${fieldTable(event, rules, shown)}</details>`
  }
  ${routes.map((route) => routeView(route, trace, personal, shown))}</li>`;
}
