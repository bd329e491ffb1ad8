// Small pieces that many pages show alike: times, counts, money, states, tables, forms that change something.
import { count } from '../../lib/words.ts';
import { type Content, type Html, html } from '../html.ts';
import { type Answer, page, type Visitor } from '../route.ts';

export { ago, count, counted } from '../../lib/words.ts';

export const csrfField = ({ csrf }: Visitor): Html => html`<input type="hidden" name="csrf" value="${csrf}">`;

/** A time in UTC, as it is written where no script knows the zone of whoever looks. */
export const utc = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** UTC in the markup; a script rewrites it into the zone of whoever looks. `at` in milliseconds since 1970. */
export function time(at: number): Html {
  return html`<time datetime="${new Date(at).toISOString()}">${utc(at)}</time>`;
}

/** An amount with the digits its currency has. */
export function money(value: number, currency: string): string {
  try {
    return new Intl.NumberFormat('en', { style: 'currency', currency, currencyDisplay: 'code' }).format(value);
  } catch {
    return `${value.toFixed(2)} ${currency}`;
  }
}

export const share = (part: number, all: number): string => (all === 0 ? '–' : `${Math.round((100 * part) / all)}%`);

/** Change against an earlier number, in words. */
export function change(now: number, before: number): string {
  if (before === 0) return now === 0 ? 'as a week before' : 'none a week before';
  if (now > 10 * before) return `${count(Math.round(now / before))} times a week before`;
  const percent = Math.round((100 * (now - before)) / before);
  return percent === 0 ? 'as a week before' : `${percent > 0 ? '+' : '−'}${Math.abs(percent)}% to a week before`;
}

const STATES: Record<string, { text: string; tone: string }> = {
  kept: { text: 'not mapped yet', tone: 'wait' },
  waiting: { text: 'waiting', tone: 'wait' },
  mapped: { text: 'mapped', tone: 'good' },
  ignored: { text: 'ignored', tone: 'calm' },
  stuck: { text: 'stuck', tone: 'bad' },
  delivered: { text: 'delivered', tone: 'good' },
  skipped: { text: 'not sent', tone: 'calm' },
  retry: { text: 'failed, tried again', tone: 'wait' },
  rejected: { text: 'rejected', tone: 'bad' },
  expired: { text: 'too old', tone: 'bad' },
  dead: { text: 'given up', tone: 'bad' },
};
export const stateText = (state: string): string => STATES[state]?.text ?? state;
export const badge = (state: string): Html =>
  html`<span class="badge ${STATES[state]?.tone ?? 'calm'}">${stateText(state)}</span>`;

/** A cell that names its column where there is no room for a line of heads. */
const cell = (head: Content, content: Content): Html =>
  html`<td${typeof head === 'string' && head !== '' && html` data-label="${head}"`}>${content}</td>`;

/** A table that scrolls by itself where the page is narrow; on a phone each row is a block. `label` says what is in it. */
export const table = (label: string, heads: readonly Content[], rows: readonly (readonly Content[])[]): Html =>
  html`<div class="scroll" tabindex="0" role="group" aria-label="${label}"><table aria-label="${label}">
  <thead><tr>${heads.map((head) => (head === '' ? html`<td></td>` : html`<th scope="col">${head}</th>`))}</tr></thead>
  <tbody>${rows.map((cells) => html`<tr>${cells.map((content, at) => cell(heads[at], content))}</tr>`)}</tbody>
</table></div>`;

/** So much of a list is read at once. */
const AT_ONCE = 20;
/** A list whose first are shown and whose others are opened; `id` keeps them open while the page is kept new. */
export function folded<T>(id: string, all: readonly T[], show: (part: readonly T[]) => Html): Html {
  const more = all.slice(AT_ONCE);
  return html`${show(all.slice(0, AT_ONCE))}
${more.length > 0 && html`<details id="more-${id}"><summary>${count(more.length)} more</summary>${show(more)}</details>`}`;
}

/** Attributes of what answers a form: it takes the focus, so that it is read and heard first wherever the form was sent from. */
export const first: Html = html` tabindex="-1" autofocus`;

/** What came of what was asked for. */
export const told = (tone: 'good' | 'wait', text: Content): Html =>
  html`<p class="notice ${tone}" role="status"${first}>${text}</p>`;
export const complaint = (text: Content): Html => html`<p class="notice bad" role="alert"${first}>${text}</p>`;

export type Action = { to: string; label: string; sure: Content; fields?: Record<string, string>; danger?: boolean };

/** A change that asks once more before it is made, without any script. */
export const action = (visitor: Visitor, { to, label, sure, fields = {}, danger = false }: Action): Html =>
  html`<details class="confirm" id="${[to, ...Object.values(fields)].join('-').replaceAll(/[^\w-]+/g, '-')}"><summary>${label}…</summary>
  <form method="post" action="${to}">${csrfField(visitor)}
    ${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
    <p>${sure}</p><button class="${danger ? 'danger' : 'primary'}">${label}</button>
  </form></details>`;

/** What a list can be set to, and what it is set to. */
export const options = <V extends string>(
  values: readonly V[],
  chosen: string | undefined,
  textOf: (value: V) => string = (value) => value,
): Html[] =>
  values.map((value) => html`<option value="${value}"${value === chosen && html` selected`}>${textOf(value)}</option>`);

/** A path with a query of what is given. */
export function link(path: string, query: Record<string, string | number | undefined> = {}): string {
  const given = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) given.set(key, String(value));
  return given.size === 0 ? path : `${path}?${given}`;
}

const FIRST = { href: '/', text: 'To the first page' };
/** A page that says why there is nothing else to show, with a way out. */
export const refused = (title: string, text: string, status: number, way = FIRST): Answer =>
  page(title, html`<h1>${title}</h1><p>${text}</p><p><a href="${way.href}">${way.text}</a></p>`, { status });
