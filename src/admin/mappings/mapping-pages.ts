// The mapping files: which are in use and what is wrong in them, each with its mistakes in place, and what holds for a source.
import type { Problem } from '../../map/files.ts';
import type { MergedPart, MergedValue } from '../../map/merged.ts';
import { type Html, html } from '../html.ts';
import { type Asked, LOOKING, page, type Route } from '../route.ts';
import { counted, link, table } from '../view/parts.ts';
import type { FileFacts, FileText, MergedFacts } from './facts.ts';

export type MappingParts = {
  files: () => Promise<FileFacts[]>;
  file: (name: string) => Promise<FileText | undefined>;
  merged: (store: string, source: string | undefined) => Promise<MergedFacts | undefined>;
  /** Mistakes of files that no store uses. */
  unusedProblems: (asker: string) => Promise<{ problems: Problem[] } | { failure: string }>;
};

export const fileLink = (file: string, line?: number): string =>
  `${link('/mappings/file', { file })}${line === undefined ? '' : `#L${line}`}`;
export const tryLink = (query: Record<string, string | undefined>): string => link('/mappings/playground', query);

/** A place such as `shopify.yaml:12:5` as a link to the line. */
export function placeLink(place: string): Html {
  const [, file, line] = /^(.+?):(\d+)(?::\d+)?$/.exec(place) ?? [];
  if (file === undefined || line === undefined) return html`<code>${place}</code>`;
  return html`<a href="${fileLink(file, Number(line))}"><code>${file}:${line}</code></a>`;
}

export const problemLine = ({ file, line, column, code, message, hint }: Problem): Html =>
  html`<li data-line="${line}" data-column="${column}" data-file="${file}"><p><a href="${fileLink(file, line)}"><code>${file}:${line}:${column}</code></a> ${message}${hint !== undefined && `, ${hint}`} <span class="quiet">${code}</span></p></li>`;

export const problemList = (problems: readonly Problem[]): Html =>
  html`<ul class="problems">${problems.map(problemLine)}</ul>`;

const STATES: Record<FileFacts['state'], { text: string; tone: string }> = {
  used: { text: 'in use', tone: 'good' },
  unused: { text: 'no store uses it', tone: 'calm' },
  kept: { text: 'the last good version is in use', tone: 'bad' },
  out: { text: 'not in use', tone: 'bad' },
};
const KINDS: Record<FileFacts['kind'], string> = { store: 'Stores', platform: 'Platforms', read_also: 'Other apps' };
const NOTES: Record<FileFacts['kind'], string> = {
  store: 'A file for each shop: its sources, its destinations, and where it differs from the platforms.',
  platform: 'A file for each kind of sender: how it proves itself, and how its hooks become events.',
  read_also: 'Where other apps leave their ids on an order, for stores that read them also.',
};

const stateBadge = ({ state }: FileFacts): Html =>
  html`<span class="badge ${STATES[state].tone}">${STATES[state].text}</span>`;

/** What a broken file means for its store, in words. */
function brokenNote({ kind, state, problems }: FileFacts): string | undefined {
  if (state === 'out') return 'It has mistakes and was never right since the start, so nothing comes in by it.';
  if (state !== 'kept') return undefined;
  if (problems.length === 0) return 'A file it is made with has mistakes. What was good before is still in use.';
  return `It has mistakes. ${kind === 'store' ? 'Its last good version is' : 'What stores made of its last good version is'} still in use.`;
}

function fileRow(facts: FileFacts) {
  const { file, kind, stores, problems } = facts;
  const store = stores[0];
  return [
    html`<a href="${fileLink(file)}">${file}</a>`,
    stateBadge(facts),
    problems.length === 0 ? '' : counted(problems.length, 'mistake', 'mistakes'),
    kind === 'store'
      ? store !== undefined &&
        html`<a href="${link('/mappings/merged', { store })}">What holds</a> · <a href="${tryLink({ store })}">Try a change</a>`
      : stores.join(', '),
  ];
}

function listView(files: readonly FileFacts[]): Html {
  const kinds = (['store', 'platform', 'read_also'] as const).filter((kind) => files.some((one) => one.kind === kind));
  const broken = files.filter((one) => one.problems.length > 0 || one.state === 'kept' || one.state === 'out');
  return html`<h1>Mappings</h1>
<p class="lead">How hooks become events. Files are changed where they are kept, such as in Git; here they are read, checked and tried.</p>
<p><a class="button" href="/mappings/playground">Open the playground</a></p>
${
  broken.length > 0 &&
  html`<section aria-labelledby="wrong"><h2 id="wrong">Mistakes</h2>
${broken.map((one) => html`<h3><a href="${fileLink(one.file)}">${one.file}</a></h3><p>${brokenNote(one)}</p>${one.problems.length > 0 && problemList(one.problems)}`)}</section>`
}
${kinds.map(
  (
    kind,
  ) => html`<section aria-labelledby="kind-${kind}"><h2 id="kind-${kind}">${KINDS[kind]}</h2><p class="quiet">${NOTES[kind]}</p>
${table(
  KINDS[kind],
  ['File', 'State', 'Mistakes', kind === 'store' ? '' : 'Used by'],
  files.filter((one) => one.kind === kind).map(fileRow),
)}</section>`,
)}
${files.some(({ state }) => state === 'unused') && html`<p hx-get="/mappings/unused" hx-trigger="load" hx-swap="outerHTML" class="quiet">Files that no store uses are not read. <a href="/mappings/unused">Look for mistakes in them</a></p>`}`;
}

function lineView(text: string, line: number, problems: readonly Problem[]): Html {
  const wrong = problems.filter((problem) => problem.line === line);
  return html`<li id="L${line}"${wrong.length > 0 && html` class="wrong"`}><a href="#L${line}" aria-label="Line ${line}">${line}</a><code>${text}</code>${wrong.map(
    ({ column, code, message, hint }) =>
      html`<p class="mistake">At column ${column}: ${message}${hint !== undefined && `, ${hint}`} <span>${code}</span></p>`,
  )}</li>`;
}

function fileView(facts: FileText): Html {
  const { file, kind, stores, text, problems, secretLines } = facts;
  const note = brokenNote(facts);
  return html`<h1>${file} ${stateBadge(facts)}</h1>
${note !== undefined && html`<p class="notice bad">${note}</p>`}
${problems.length > 0 && problemList(problems)}
${secretLines.length > 0 && html`<p class="notice wait">A secret is written into this file on line ${secretLines.join(', ')}. It is not shown. Put it into <code>.env</code>, and its name here.</p>`}
<p class="row">${stores[0] !== undefined && html`<a class="button" href="${tryLink({ store: stores[0], file })}">Try a change</a>`}
${kind === 'store' && stores[0] !== undefined && html`<a class="button" href="${link('/mappings/merged', { store: stores[0] })}">What holds for its sources</a>`}
${kind !== 'store' && stores.length > 0 && html`<span>Used by ${stores.join(', ')}.</span>`}</p>
<ol class="lines" tabindex="0" aria-label="Text of ${file}">${text
    .replace(/\r?\n$/, '')
    .split(/\r?\n/)
    .map((line, index) => lineView(line, index + 1, problems))}</ol>`;
}

const valueView = ({ text, file, line, own }: MergedValue): Html =>
  html`<p><code>${text}</code> <a class="${own ? 'own' : 'quiet'}" href="${fileLink(file, line)}">${file}:${line}</a></p>`;

const partRow = ({ path, values }: MergedPart, from: number) => [
  html`<code>${path.slice(from).join(' › ')}</code>`,
  values.map(valueView),
];

function mergedView({ store, source, sources, merged: { parts, removed } }: MergedFacts): Html {
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

const missing = (what: string) =>
  page('Not found', html`<h1>Not found</h1><p>${what}</p><p><a href="/mappings">To the mappings</a></p>`, {
    status: 404,
  });

function unusedView(found: { problems: Problem[] } | { failure: string }): Html {
  if ('failure' in found)
    return html`<p class="notice wait">${found.failure} <a href="/mappings/unused">Look again</a></p>`;
  const { problems } = found;
  if (problems.length === 0) return html`<p class="quiet">Files that no store uses have no mistakes either.</p>`;
  return html`<section aria-labelledby="unused"><h2 id="unused">Mistakes in files that no store uses</h2>${problemList(problems)}</section>`;
}

export function mappingRoutes({ files, file, merged, unusedProblems }: MappingParts): Route[] {
  const get = (path: string, answer: (asked: Asked) => ReturnType<Route['answer']>): Route => ({
    method: 'get',
    path,
    roles: LOOKING,
    answer,
  });
  return [
    get('/mappings', async () => page('Mappings', listView(await files()))),
    get('/mappings/file', async ({ query }) => {
      const found = await file(query.get('file') ?? '');
      return found === undefined ? missing('There is no such file.') : page(found.file, fileView(found));
    }),
    get('/mappings/merged', async ({ query }) => {
      const found = await merged(query.get('store') ?? '', query.get('source') ?? undefined);
      if (found === undefined) return missing('There is no such source, or one of its files cannot be read at all.');
      return page(`${found.store}/${found.source}`, mergedView(found));
    }),
    get('/mappings/unused', async ({ visitor }) =>
      page('Unused files', unusedView(await unusedProblems(visitor.user.email))),
    ),
  ];
}
