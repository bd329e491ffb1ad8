// A hook from its arrival to its deliveries, step by step.
import type { ExplainedRule } from '../../map/explain.ts';
import { type Html, html } from '../html.ts';
import { orderLink } from '../lists/list-view.ts';
import { placeLink, tryLink } from '../mappings/links.ts';
import { action, badge, csrfField, link, time, told } from '../view/parts.ts';
import { eventView, json, type Shown } from './event-view.ts';
import type { HookTrace } from './facts.ts';
import { maskBody, maskHeader } from './mask.ts';

function receivedView({ hook, title, content, found }: HookTrace, { visitor, showData }: Shown): Html {
  const { store, source } = hook;
  const mayAsk = visitor.user.role === 'admin' && !showData && content !== undefined;
  return html`<li><h2>Received</h2>
  ${found && html`<p class="notice wait">Fetched from the shop, because no webhook had told of it. When its webhook comes after all, nothing counts twice.</p>`}
  <p>${time(hook.received_at)} from <a href="${link('/hooks', { store, source })}">${store}/${source}</a>${title !== undefined && ` (${title})`}.</p>
  ${
    content === undefined
      ? html`<p>Its body is not kept any more.</p>`
      : html`<details id="headers"><summary>Headers</summary><dl>${Object.entries(content.headers).map(
          ([name, value]) => html`<dt>${name}</dt><dd>${showData ? value : maskHeader(name, value)}</dd>`,
        )}</dl></details>
      <details id="body"${showData && html` open`}><summary>Body${!showData && ', with personal data hidden'}</summary>
      ${
        'value' in content.body
          ? json(showData ? content.body.value : maskBody(content.body.value))
          : html`<p>${content.body.bytes} bytes that cannot be read as what they say they are.</p>`
      }</details>`
  }
  ${
    mayAsk &&
    html`<form method="post" action="/hooks/${hook.id}/unmask">${csrfField(visitor)}
      <button>Show personal data</button> <span class="quiet">This is noted with your name.</span></form>`
  }</li>`;
}

const verifiedView = ({ checks, hook, found }: HookTrace): Html => html`<li><h2>Verified</h2>
  ${
    checks.length === 0
      ? html`<p>No store file names ${hook.store}/${hook.source} any more, so it is not known how it was verified.</p>`
      : found
        ? html`<p>Nobody sent it. This bridge asked the shop’s own API for it, with the credentials of this source.</p>`
        : html`<p>It was let in because it proved its sender. This source asks for ${checks.join(' or ')}.</p>`
  }</li>`;

function ruleLine({ rule, at, events, reasons }: ExplainedRule): Html {
  const made = events.map(({ name, key }) => html`makes <strong>${name}</strong>, known as <code>${key}</code>`);
  const words = [...made, ...reasons.map((reason) => html`makes nothing: ${reason}`)];
  return html`<li><code>${rule}</code> <span class="quiet">${placeLink(at)}</span><br>${words.map((word, index) => html`${index > 0 && '; '}${word}`)}</li>`;
}

function mappedView({ hook, mapped, topic, makers }: HookTrace, { visitor }: Shown): Html {
  const differs = mapped !== undefined && mapped.verdict !== hook.state && hook.state !== 'waiting';
  return html`<li><h2>Mapped ${badge(hook.state)}</h2>
  ${hook.reason !== undefined && html`<p>${hook.reason}</p>`}
  ${hook.state === 'waiting' && hook.due_at !== undefined && html`<p>It is looked at again at ${time(hook.due_at)}, or earlier when what it waits for comes.</p>`}
  ${topic !== undefined && html`<p class="quiet">Topic ${topic}</p>`}
  ${makers.map(({ key, hook_id }) => html`<p>What it tells was told before: <code>${key}</code> was made of ${hook_id === undefined ? 'a hook that is forgotten' : html`<a href="/hooks/${hook_id}">an earlier hook</a>`}, so it does not count twice.</p>`)}
  ${mapped === undefined && html`<p>It cannot be mapped again: its body or its source is gone.</p>`}
  ${differs && html`<p class="notice wait">With the mapping files of now it would be ${mapped.verdict}${mapped.reason !== undefined && `: ${mapped.reason}`}.</p>`}
  ${mapped !== undefined && html`<details id="rules"${hook.state === 'mapped' ? undefined : html` open`}><summary>Every rule, and why it did or did not fit</summary><ul>${mapped.rules.map(ruleLine)}</ul></details>`}
  ${mapped !== undefined && html`<p><a href="${tryLink({ hook: hook.id })}">Try a change of the mapping on this hook</a></p>`}
  ${
    visitor.user.role === 'admin' &&
    mapped !== undefined &&
    action(visitor, {
      to: `/hooks/${hook.id}/map`,
      label: 'Map again',
      sure: 'It is mapped once more by the mapping files of now. Events that are there already are not made twice.',
    })
  }</li>`;
}

/** Something of it is still to come by itself. */
export const isUnderWay = ({ hook, events }: HookTrace): boolean =>
  hook.due_at !== undefined || events.some(({ routes }) => routes.some(({ delivery }) => delivery !== undefined));

export function hookView(trace: HookTrace, shown: Shown): Html {
  const { hook, mapped, events } = trace;
  const made = new Set(events.flatMap(({ order_id }) => order_id ?? []));
  const numbers = new Map(trace.orders.map(({ order_id, order_number }) => [order_id, order_number]));
  const orders = [...new Set([...made, ...numbers.keys()])];
  const known = new Set(trace.orders.flatMap((one) => (one.known ? [one.order_id] : [])));
  // What made no event here may have no page of its own; the search knows why.
  const named = (order: string) => {
    if (made.has(order)) return orderLink(hook.store, order);
    return known.has(order) ? html`<a href="${link('/search', { q: order })}">${order}</a>` : order;
  };
  return html`<h1>Hook of ${hook.store}/${hook.source} ${badge(hook.state)}</h1>
<p class="row"><code>${hook.id}</code> <button type="button" data-copy="">Copy the link</button></p>
${orders.map((order) => html`<p>Order ${named(order)}${numbers.get(order) !== undefined && `, number ${numbers.get(order)}`}</p>`)}
${shown.showData && told('wait', 'Personal data is shown on this page, and it was noted that you looked.')}
<ol class="steps">
${receivedView(trace, shown)}
${verifiedView(trace)}
${mappedView(trace, shown)}
${events.map((event) => eventView(event, mapped?.rules ?? [], hook.store, shown))}
</ol>`;
}
