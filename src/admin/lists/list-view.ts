// What the lists share: choosing what is listed, reading a page, and showing it with a link to the next.
import { HOUR_MS } from '../../lib/time.ts';
import { type Content, type Html, html } from '../html.ts';
import { link, options, table, time } from '../view/parts.ts';

/** What may be chosen; what is undefined or unknown is not. */
export type Chosen = Record<string, string | undefined>;
const PAGE = 50;

/** A list to choose from, or all of it; `isOne` where one of them is always chosen. */
export const choice = (
  name: string,
  label: string,
  values: readonly string[],
  chosen: string | undefined,
  text = (value: string) => value,
  isOne = false,
): Html =>
  html`<label>${label} <select name="${name}">${!isOne && html`<option value="">all</option>`}
  ${options(values, chosen, text)}</select></label>`;

export const filter = (path: string, choices: readonly Html[]): Html =>
  html`<form action="${path}" class="row fields">${choices}<button>Show</button></form>`;

/** More than so many stores fill a page with links: one is chosen from a list then. */
export const MANY_STORES = 12;
/** Where there are many stores, `places` can be those of one. */
export function storeFilter(
  path: string,
  places: readonly { store: string }[],
  chosen: string | undefined,
): Html | false {
  const stores = [...new Set(places.map(({ store }) => store))];
  return stores.length > MANY_STORES && filter(path, [choice('store', 'Store', stores, chosen)]);
}

/** The names given in the query, without empty ones. */
export const chosenOf = (query: URLSearchParams, names: readonly string[]): Chosen =>
  Object.fromEntries(names.map((name) => [name, query.get(name) === '' ? undefined : (query.get(name) ?? undefined)]));

/** When the chosen hour begins, which the query counts from 1970. */
export const hourBegin = ({ hour }: Chosen): number | undefined =>
  hour !== undefined && /^\d{1,7}$/.test(hour) ? Number(hour) * HOUR_MS : undefined;

/** Says that only one hour is listed, where a chart led to it. */
export function hourNote(chosen: Chosen): Html | undefined {
  const from = hourBegin(chosen);
  return from === undefined ? undefined : html`<p class="notice wait">Only of the hour from ${time(from)}.</p>`;
}

/** What to do about an empty list: look at all of it, or, where nothing was chosen, what `hint` says. */
export const nothing = (path: string, chosen: Chosen, hint: Html): Html =>
  Object.values(chosen).some((value) => value !== undefined)
    ? html`There are none. <a href="${path}">Show all</a>`
    : html`There are none yet. ${hint}`;

/** The rows, and a link to those after them. */
export function list(
  label: string,
  heads: string[],
  rows: readonly (readonly (Html | string | undefined)[])[],
  more: string | undefined,
  empty: Content = 'There are none.',
): Html {
  if (rows.length === 0) return html`<p class="notice">${empty}</p>`;
  return html`${table(label, heads, rows)}
${more !== undefined && html`<p><a href="${more}">Older ones</a></p>`}`;
}

/** Asks for one more than is shown; `last` is where the next page begins, undefined where there is none. */
export async function paged<T>(
  read: (limit: number) => Promise<T[]>,
  size = PAGE,
): Promise<{ rows: T[]; last: T | undefined }> {
  const found = await read(size + 1);
  const rows = found.slice(0, size);
  return { rows, last: found.length > size ? rows.at(-1) : undefined };
}

export const orderLink = (store: string, order: string | undefined): Html | undefined =>
  order === undefined ? undefined : html`<a href="${link('/orders', { store, order })}">${order}</a>`;
export const traceLink = (hook_id: string): Html => html`<a href="/hooks/${hook_id}">Trace</a>`;

/** Downloads the whole list as it is chosen. */
export const csvLink = (name: string, chosen: Chosen): Html =>
  html`<p><a href="${link(`/export/${name}.csv`, chosen)}" download>Download all as CSV</a></p>`;
