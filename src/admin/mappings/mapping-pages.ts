// The mapping files: which are in use and what is wrong in them, each with its mistakes in place, and what holds for a source.
import type { Problem } from '../../map/files/files.ts';
import { type Html, html } from '../html.ts';
import { type Asked, LOOKING, page, type Route } from '../route.ts';
import { counted, link, table } from '../view/parts.ts';
import type { FileFacts, FileText, MergedFacts } from './facts.ts';
import { brokenNote, fileView, stateBadge } from './file-view.ts';
import { doubts, fileLink, missing, problemList, tryLink } from './links.ts';
import { mergedView } from './merged-view.ts';

export type MappingParts = {
  files: () => Promise<FileFacts[]>;
  file: (name: string) => Promise<FileText | undefined>;
  merged: (store: string, source: string | undefined) => Promise<MergedFacts | undefined>;
  /** Mistakes of files that no store uses. */
  unusedProblems: (asker: string) => Promise<{ problems: Problem[] } | { failure: string }>;
};

const KINDS: Record<FileFacts['kind'], string> = { store: 'Stores', platform: 'Platforms', read_also: 'Other apps' };
const NOTES: Record<FileFacts['kind'], string> = {
  store: 'A file for each shop: its sources, its destinations, and where it differs from the platforms.',
  platform: 'A file for each kind of sender: how it proves itself, and how its hooks become events.',
  read_also: 'Where other apps leave their ids on an order, for stores that read them also.',
};

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
  const warnings = files.flatMap((one) => one.warnings);
  return html`<h1>Mappings</h1>
<p class="lead">How hooks become events. Files are changed where they are kept, such as in Git; here they are read, checked and tried.</p>
<p><a class="button" href="/mappings/playground">Open the playground</a></p>
${
  broken.length > 0 &&
  html`<section aria-labelledby="wrong"><h2 id="wrong">Mistakes</h2>
${broken.map((one) => html`<h3><a href="${fileLink(one.file)}">${one.file}</a></h3><p>${brokenNote(one)}</p>${one.problems.length > 0 && problemList(one.problems)}`)}</section>`
}
${warnings.length > 0 && doubts(warnings)}
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
${files.some(({ state }) => state === 'unused') && html`<p hx-get="/mappings/unused/part" hx-trigger="load" hx-swap="outerHTML" class="quiet">Files that no store uses are not read. <a href="/mappings/unused">Look for mistakes in them</a></p>`}`;
}

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
    get('/mappings/unused', async ({ visitor }) => {
      const view = unusedView(await unusedProblems(visitor.user.email));
      return page('Unused files', html`<h1>Files that no store uses</h1>${view}`);
    }),
    get('/mappings/unused/part', async ({ visitor }) => ({
      kind: 'part',
      content: unusedView(await unusedProblems(visitor.user.email)),
    })),
  ];
}
