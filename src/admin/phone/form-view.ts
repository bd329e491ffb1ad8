// The form of phone orders and leads: made for thumbs, read from top to bottom, whole without any script.
import type { Alike } from '../../phone/alike.ts';
import { doubtsOf, type Kind, NOTHING_ALIKE, type Outlook } from '../../phone/desk.ts';
import type { Typed } from '../../phone/form.ts';
import { STAGES, type Stage } from '../../phone/order.ts';
import type { Mistake } from '../../phone/read.ts';
import { listWords, visitWords } from '../../phone/words.ts';
import { type Content, type Html, html } from '../html.ts';
import type { Visitor } from '../route.ts';
import { ago, csrfField, first, options } from '../view/parts.ts';

export const STAGE_WORDS: Record<Stage, string> = {
  generate_lead: 'New',
  working_lead: 'In talks',
  qualify_lead: 'Qualified',
  disqualify_lead: 'Does not fit',
  close_convert_lead: 'Won',
  close_unconvert_lead: 'Lost',
};

export const stageOptions = (stages: readonly Stage[], chosen?: string): Html[] =>
  options(stages, chosen, (stage) => STAGE_WORDS[stage]);

export type FormState = {
  kind: Kind;
  store: string;
  currency: string | undefined;
  typed: Typed;
  /** Makes a form that is sent twice count once. */
  key: string;
  outlook?: Outlook;
  /** The person is asked whether it is another one. */
  asked: boolean;
  /** What it can be saved in place of. */
  instead: readonly { hook_id: string; number: string }[];
  now: number;
};

const wrongOf = (mistakes: readonly Mistake[], name: string) =>
  mistakes.filter(({ field }) => field === name || field.startsWith(`${name}.`)).map(({ message }) => message);

type Input = { name: keyof Typed; label: string; hint?: Content; attributes: Html };

function input({ typed, outlook }: FormState, { name, label, hint, attributes }: Input): Html {
  const wrong = wrongOf(outlook?.mistakes ?? [], name);
  const isWrong = wrong.length > 0;
  const about = [...(isWrong ? [`${name}-wrong`] : []), ...(hint === undefined ? [] : [`${name}-hint`])];
  return html`<div class="field"><label for="${name}">${label}</label>
  <input id="${name}" name="${name}" value="${typed[name] ?? ''}" autocomplete="off"${attributes}${
    isWrong && html` aria-invalid="true"`
  }${about.length > 0 && html` aria-describedby="${about.join(' ')}"`}>${hint !== undefined && html`<small class="quiet" id="${name}-hint">${hint}</small>`}
  ${isWrong && html`<p class="mistake" id="${name}-wrong">${label} ${wrong.join(', ')}</p>`}</div>`;
}

const CURRENCIES = Intl.supportedValuesOf('currency');
export const currencyField = (id: string, chosen: string | undefined): Html =>
  html`<label for="${id}">Currency</label><select id="${id}" name="currency">
    ${chosen === undefined && html`<option value="">choose</option>`}
    ${options(CURRENCIES, chosen)}</select>`;

function money(state: FormState): Html {
  return html`<div class="row money">${input(state, {
    name: 'amount',
    label: state.kind === 'order' ? 'Amount' : 'Worth (if known)',
    attributes: html` inputmode="decimal" enterkeyhint="next" placeholder="1234.50"`,
  })}
  <div class="field">${currencyField('currency', state.typed.currency ?? state.currency)}
    ${wrongOf(state.outlook?.mistakes ?? [], 'currency').map((one) => html`<p class="mistake">Currency ${one}</p>`)}</div></div>`;
}

/** Only an empty form takes the focus: a keyboard that opens hides what is to be read. */
const customer = (state: FormState): Html => html`<fieldset><legend>Customer: one of these is enough</legend>
${input(state, { name: 'phone', label: 'Phone', attributes: html` type="tel" inputmode="tel" enterkeyhint="next"${state.outlook === undefined && html` autofocus`}` })}
${input(state, { name: 'email', label: 'E-mail', attributes: html` type="email" inputmode="email" autocapitalize="none" spellcheck="false" enterkeyhint="next"` })}
${input(state, { name: 'code', label: 'Code on the page', attributes: html` autocapitalize="characters" spellcheck="false" maxlength="12" enterkeyhint="next" placeholder="7K4P"` })}
</fieldset>`;

const stages = ({ typed }: FormState): Html => html`<div class="field"><label for="stage">Stage</label>
  <select id="stage" name="stage">${stageOptions(STAGES, typed.stage)}</select></div>`;

const more = (state: FormState): Html => {
  const { typed, kind } = state;
  const isOpen = typed.name !== undefined || typed.items !== undefined || typed.reason !== undefined;
  return html`<details${isOpen && html` open`}><summary>Name${kind === 'order' ? ', items' : ', reason'}</summary>
${input(state, { name: 'name', label: 'Name', attributes: html` autocapitalize="words" maxlength="200"` })}
${
  kind === 'order'
    ? html`<div class="field"><label for="items">Items, one per line</label>
  <textarea id="items" name="items" rows="3" autocomplete="off" placeholder="2 x Oak table">${typed.items ?? ''}</textarea>
  ${wrongOf(state.outlook?.mistakes ?? [], 'items').map((one) => html`<p class="mistake">Items: ${one}</p>`)}</div>`
    : input(state, { name: 'reason', label: 'Why it was lost or does not fit', attributes: html` maxlength="200"` })
}</details>`;
};

const ALIKE_WORDS: Record<Kind, Record<Alike['by'], string>> = {
  order: {
    number: 'An order with this number',
    customer: 'An order of this customer for the same amount',
    amount: 'An order of this customer for another amount',
  },
  lead: { number: 'A lead with this number', customer: 'A lead of this customer', amount: 'A lead of this customer' },
};
const alikeLines = ({ alike, kind }: Outlook, now: number): Html[] =>
  alike.map(
    ({ by, number, from, at }) =>
      html`<li>${ALIKE_WORDS[kind][by]}, <strong>${number}</strong>, came from ${from} ${ago(now - at)} ago.</li>`,
  );

/** What is known so far: the visit, what will not be sent and what will, and what it may be a second time of. */
export function outlookView(outlook: Outlook, now: number, isNew: boolean): Html {
  const { forecast, alike, taken, odd, keepsVisits } = outlook;
  const hint = 'The phone number, the e-mail address or the code finds the visit.';
  if (forecast === undefined) return html`<p class="quiet">${keepsVisits ? hint : 'This store keeps no visits.'}</p>`;
  const { visit, goes, skipped, ignored } = forecast;
  const known =
    visit === undefined
      ? html`<p class="notice calm">${keepsVisits ? 'No visit of this customer is known.' : 'This store keeps no visits.'}</p>`
      : html`<p class="notice good">A visit is known: <strong>${visitWords(visit, isNew ? 'ago' : 'before the call')}</strong></p>`;
  const rest = goes.length === 0 ? 'It is kept here and sent nowhere.' : `It goes to ${listWords(goes)}.`;
  return html`${known}
${ignored !== undefined && html`<p class="notice wait">It is not counted: ${ignored}.</p>`}
${skipped.length > 0 && html`<div class="notice wait"><ul class="plain">${skipped.map(({ destination, reason }) => html`<li>Not sent to ${destination}: ${reason}.</li>`)}</ul>${rest}</div>`}
${odd !== undefined && html`<p class="notice wait">Is the phone number right? <strong>${odd.shown}</strong> fits no number of its country: a digit may be missing, or one too many.</p>`}
${taken !== undefined && html`<p class="notice bad">An order with the number <strong>${taken}</strong> was counted before, and each number counts once: give this one another.</p>`}
${alike.length > 0 && html`<div class="notice bad"><strong>Is it there already?</strong><ul class="plain">${alikeLines(outlook, now)}</ul></div>`}`;
}

const LABELS: Record<string, string> = {
  phone: 'Phone',
  email: 'E-mail',
  code: 'Code on the page',
  amount: 'Amount',
  currency: 'Currency',
  number: 'Number',
  agreed_at: 'When it was agreed',
  stage: 'Stage',
  name: 'Name',
  items: 'Items',
  reason: 'Reason',
};

const refusal = (content: Content): Html => html`<div class="notice bad" role="alert"${first}>${content}</div>`;

function askedView({ alike, taken, kind }: Outlook, { instead }: FormState): Html {
  if (taken !== undefined)
    return refusal('Not saved yet: its number was counted before, so it would not be; see below.');
  return alike.length > 0
    ? refusal(
        html`Not saved yet: this ${kind} may be there already; see below. Save it all the same if it is another one${instead.length > 0 && html`, or <a href="#instead">in place of the one that it corrects</a>`}.`,
      )
    : refusal('Not saved yet: the phone number looks wrong; see below. Save it all the same if it is right.');
}

function mistakesView({ mistakes }: Outlook): Html | undefined {
  if (mistakes.length === 0) return undefined;
  const lines = mistakes.map(({ field, message }) => {
    const [name = ''] = field.split('.');
    const said = name === '' ? message : `${LABELS[name] ?? name} ${message}`;
    return html`<li><a href="#${name === '' ? 'phone' : name}">${said.charAt(0).toUpperCase()}${said.slice(1)}</a></li>`;
  });
  return refusal(html`<strong>Not saved yet:</strong><ul>${lines}</ul>`);
}

export function entryForm(visitor: Visitor, state: FormState): Html {
  const { kind, store, key, outlook, typed, asked, now } = state;
  const view = outlook ?? {
    kind,
    mistakes: [],
    forecast: undefined,
    ...NOTHING_ALIKE,
    odd: undefined,
    keepsVisits: true,
  };
  const sure = asked ? doubtsOf(view).join(' ') : '';
  return html`<form method="post" action="/phone/${kind}s" class="sell" id="entry" data-draft="${visitor.user.id} ${kind}"${outlook !== undefined && html` data-answer=""`}>${csrfField(visitor)}
<input type="hidden" name="store" value="${store}"><input type="hidden" name="key" value="${key}">
<input type="hidden" name="kind" value="${kind}"><input type="hidden" name="sure" value="${sure}">
${asked && askedView(view, state)}${mistakesView(view)}
${customer(state)}
<div id="outlook" aria-live="polite" hx-post="/phone/look" hx-trigger="input from:#entry delay:400ms">${outlookView(view, now, typed.agreed_at === undefined)}</div>
${kind === 'lead' && stages(state)}
${money(state)}
${input(state, {
  name: 'number',
  label: kind === 'order' ? 'Order number' : 'Lead number',
  hint: 'Made by itself where there is none',
  attributes: html` autocapitalize="characters" spellcheck="false" maxlength="100" enterkeyhint="done"`,
})}
<input type="hidden" name="zone" value="${typed.zone ?? ''}">
${input(state, {
  name: 'agreed_at',
  label: 'When it was agreed',
  hint: html`Now, where it stays empty<noscript>; in UTC</noscript>`,
  attributes: html` type="datetime-local" data-zone="zone"`,
})}
${more(state)}
<button class="primary">${asked ? 'Save it all the same' : 'Save'}</button>
${asked && state.instead.map(({ hook_id, number }, at) => html`<button name="instead" value="${hook_id}"${at === 0 && html` id="instead"`}>Save it in place of ${number}</button>`)}
</form><script src="/assets/draft.js" type="module"></script>`;
}
