// What holds for one source: every part of its mapping with the file and line it is written on.
import type { MergedPart, MergedValue } from '../../map/files/merged.ts';
import { type Html, html } from '../html.ts';
import { link, table } from '../view/parts.ts';
import type { MergedFacts } from './facts.ts';
import { fileLink, tryLink } from './links.ts';

const valueView = ({ text, file, line, own }: MergedValue): Html =>
  html`<p><code>${text}</code> <a class="${own ? 'own' : 'quiet'}" href="${fileLink(file, line)}">${file}:${line}</a></p>`;

const partRow = ({ path, values }: MergedPart, from: number) => [
  html`<code>${path.slice(from).join(' › ')}</code>`,
  values.map(valueView),
];

export function mergedView({ store, source, sources, merged: { parts, removed } }: MergedFacts): Html {
  const groups = Map.groupBy(parts, ({ path: [part, rule] }) =>
    part === 'events' ? `Rule ${rule}` : 'About the hook',
  );
  return html`<h1>What holds for ${store}/${source}</h1>
<p class="quiet">The platform with what the store says otherwise. Each part names the file and line it is written on; those of the store's own file stand out. Several expressions are tried in their order.</p>
${sources.length > 1 && html`<nav aria-label="Sources" class="row">${sources.map((one) => html`<a href="${link('/mappings/merged', { store, source: one })}"${one === source && html` aria-current="page"`}>${one}</a>`)}</nav>`}
<p><a class="button" href="${tryLink({ store, source })}">Try a change</a></p>
${
  removed.length > 0 &&
  html`<h2>Taken away by the store</h2>${table(
    'Taken away',
    ['Part', 'Where'],
    removed.map((part) => partRow(part, 0)),
  )}`
}
${[...groups].map(
  ([name, own], index) =>
    html`<h2 id="group-${index}">${name}</h2>${table(
      name,
      ['Part', 'Is'],
      own.map((part) => partRow(part, name.startsWith('Rule ') ? 2 : 0)),
    )}`,
)}`;
}
