// What a draft would change on the last hooks: grouped by kind, with examples of each.

import { pathOfField } from '../../map/flatten.ts';
import { showValue } from '../../map/show.ts';
import type { Change, ChangeGroup, RequestChange } from '../../pages/comparing.ts';
import type { FieldChange } from '../../pages/diffing.ts';
import { type Html, html } from '../html.ts';
import { orderLink } from '../lists/list-view.ts';
import { counted, table, time } from '../view/parts.ts';
import type { PlayComparison } from './facts.ts';
import { problemList } from './links.ts';

const shown = ({ field }: FieldChange, value: unknown) => showValue(pathOfField(field), value, { showData: true });
const changeRow = (what: string) => (change: FieldChange) => [
  what,
  html`<code>${change.field}</code>`,
  shown(change, change.was),
  shown(change, change.now),
];

const sentenceOf = ({ destination, kind, reason }: RequestChange): string | undefined => {
  if (kind === 'gained') return `${destination} would get it; so far: ${reason ?? 'nothing'}`;
  return kind === 'lost' ? `${destination} would not get it any more: ${reason ?? ''}` : undefined;
};

function changeView({ order_id, key, hook, source, fields, requests }: Change, store: string): Html {
  const name = order_id === undefined ? html`<code>${key}</code>` : html`Order ${orderLink(store, order_id)}`;
  const rows = [
    ...fields.map(changeRow('event')),
    ...requests.flatMap((one) => one.changes.map(changeRow(one.destination))),
  ];
  const words = requests.flatMap((one) => sentenceOf(one) ?? []);
  return html`<li><p>${name} <span class="quiet">from ${source}, <a href="/hooks/${hook}">its hook</a></span></p>
${words.map((sentence) => html`<p>${sentence}</p>`)}
${rows.length > 0 && table(`Changes of ${key}`, ['In', 'Field', 'Now', 'With the draft'], rows)}</li>`;
}

const TITLES: Record<ChangeGroup['kind'], (count: number, name: string) => string> = {
  changed: (count, name) => counted(count, `${name} would change`, `${name} events would change`),
  gained: (count, name) =>
    counted(count, `${name} would be made in addition`, `${name} events would be made in addition`),
  lost: (count, name) =>
    counted(count, `${name} would not be made any more`, `${name} events would not be made any more`),
};

function groupView({ kind, name, reason, count, changes }: ChangeGroup, store: string): Html {
  return html`<section class="card"><h3>${TITLES[kind](count, name)}</h3>
${reason !== undefined && html`<p>${reason}</p>`}
<ul class="plain">${changes.map((change) => changeView(change, store))}</ul>
${count > changes.length && html`<p class="quiet">and ${counted(count - changes.length, 'more like it', 'more like these')}</p>`}</section>`;
}

export function comparisonView({ problems, comparison, failure }: PlayComparison, store: string): Html {
  if (failure !== undefined) return html`<p class="notice bad" role="status">${failure}</p>`;
  if (comparison === undefined)
    return html`<p class="notice bad" role="status">The draft has mistakes, so it cannot be compared.</p>${problemList(problems)}`;
  const { hooks, since, same, groups, without_answers } = comparison;
  if (since === undefined) return html`<p class="notice wait" role="status">No hook of this store is kept yet.</p>`;
  const changed = groups.reduce((all, { count }) => all + count, 0);
  return html`<p class="notice ${changed === 0 ? 'good' : 'wait'}" role="status">Of the last ${counted(hooks, 'hook', 'hooks')}, since ${time(since)}, ${counted(same, 'event stays', 'events stay')} the same and ${changed === 0 ? 'none changes' : counted(changed, 'changes', 'change')}.</p>
${without_answers > 0 && html`<p class="quiet">${counted(without_answers, 'hook needs', 'hooks need')} look-ups that were not made at the time; they are mapped without.</p>`}
${groups.map((one) => groupView(one, store))}`;
}
