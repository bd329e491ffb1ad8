// The lists of phone orders and leads: what became of each in plain words, taking one back, and a lead's next stage.
import type { EntryBody } from '../../phone/body.ts';
import type { Kind, Listed } from '../../phone/desk.ts';
import { STAGES } from '../../phone/order.ts';
import { type Html, html } from '../html.ts';
import type { Visitor } from '../route.ts';
import { csrfField, money, time } from '../view/parts.ts';
import { currencyField, STAGE_WORDS, stageOptions } from './form-view.ts';

/** Enough to know the customer again, for who has just spoken to them. */
function customerOf({ name, phone, code, email }: EntryBody): string {
  if (name !== undefined) return name;
  if (phone !== undefined) return `phone …${phone.slice(-3)}`;
  return code === undefined ? `e-mail ${email?.slice(0, 2) ?? ''}…` : `code ${code}`;
}

const amountOf = ({ amount, currency }: EntryBody): string | undefined =>
  amount === undefined || currency === undefined ? undefined : money(Number(amount), currency);

const undoForm = (
  visitor: Visitor,
  { entered }: Listed,
): Html => html`<form method="post" action="/phone/undo" class="row">${csrfField(visitor)}
  <input type="hidden" name="id" value="${entered.hook_id}">
  <span>It is sent at ${time(entered.due_at ?? entered.at)}.</span> <button>Take it back</button></form>`;

const ENDED = new Set(['disqualify_lead', 'close_convert_lead', 'close_unconvert_lead']);

/** `currencyOf` answers the currency that a store begins with. */
export type ListParts = { key: string; currencyOf: (store: string) => string | undefined };

function moveForm(visitor: Visitor, { entered, body }: Listed, { key, currencyOf }: ListParts): Html | undefined {
  const stage = body?.stage;
  if (body === undefined || stage === undefined || ENDED.has(stage)) return undefined;
  const next = STAGES.slice(STAGES.indexOf(stage) + 1);
  const id = entered.hook_id;
  return html`<details class="confirm" id="next-${id}"><summary>Next stage…</summary>
  <form method="post" action="/phone/leads/next" class="sell">${csrfField(visitor)}
    <input type="hidden" name="id" value="${id}"><input type="hidden" name="key" value="${key}-${id}">
    <div class="field"><label for="stage-${id}">Stage</label><select id="stage-${id}" name="stage">${stageOptions(next)}</select></div>
    <div class="field"><label for="amount-${id}">Worth (if known)</label><input id="amount-${id}" name="amount" inputmode="decimal" autocomplete="off"></div>
    ${body.currency === undefined && html`<div class="field">${currencyField(`currency-${id}`, currencyOf(entered.store))}</div>`}
    <div class="field"><label for="reason-${id}">Why it was lost or does not fit</label><input id="reason-${id}" name="reason" maxlength="200" autocomplete="off"></div>
    <button class="primary">Save</button></form></details>`;
}

function row(visitor: Visitor, one: Listed, parts: ListParts): Html {
  const { entered, body, fate, undoable } = one;
  const what = [body && amountOf(body), entered.number, body && customerOf(body)].filter((text) => text !== undefined);
  return html`<li class="card"><p><strong>${what.join(' · ')}</strong>${body?.stage !== undefined && html` <span class="tag">${STAGE_WORDS[body.stage]}</span>`}</p>
<p class="row"><span class="badge ${fate.tone}">${fate.text}</span> <span class="quiet">${time(entered.at)}</span></p>
${fate.lines.length > 0 && html`<ul class="plain quiet">${fate.lines.map((line) => html`<li>${line}</li>`)}</ul>`}
${undoable && undoForm(visitor, one)}
${entered.kind === 'lead' && moveForm(visitor, one, parts)}</li>`;
}

export const listView = (
  visitor: Visitor,
  kind: Kind,
  rows: readonly Listed[],
  parts: ListParts,
  more: string | undefined,
): Html =>
  rows.length === 0
    ? html`<p class="quiet">There are none yet.</p>`
    : html`<ul class="plain entries" aria-label="${kind === 'order' ? 'Phone orders' : 'Phone leads'}">${rows.map((one) => row(visitor, one, parts))}</ul>
${more !== undefined && html`<p><a href="${more}">Older ones</a></p>`}`;

/** What was just saved, with the way back. */
export const savedView = (visitor: Visitor, one: Listed): Html => {
  const { entered, body, undoable } = one;
  const amount = body && amountOf(body);
  return html`<div class="notice good" role="status"><p>Saved: <strong>${[amount, entered.number].filter((text) => text !== undefined).join(' · ')}</strong></p>
${undoable && undoForm(visitor, one)}</div>`;
};
