// How to connect one source, step by step, with its own address and the files the steps speak of.
import type { Guide } from '../../map/files/setup.ts';
import { type Content, type Html, html } from '../html.ts';

/** A file of the mappings folder's templates/, undefined where there is none. */
export type ReadTemplate = (name: string) => Promise<string | undefined>;

const MARKS = /(\*\*[^*]+\*\*|\*[^*]+\*|`[^`]+`|\[[^\]]+\]\(https:\/\/[^)\s]+\))/;
const LINK = /^\[([^\]]+)\]\((.+)\)$/;

/** As much of Markdown as steps use; anything else stays text. */
function marked(text: string): Content {
  return text.split(MARKS).map((part, index): Content => {
    if (index % 2 === 0) return part;
    if (part.startsWith('**')) return html`<strong>${part.slice(2, -2)}</strong>`;
    if (part.startsWith('*')) return html`<em>${part.slice(1, -1)}</em>`;
    if (part.startsWith('`')) return html`<code>${part.slice(1, -1)}</code>`;
    const [, words = '', href = ''] = LINK.exec(part) ?? [];
    return html`<a href="${href}" rel="noreferrer">${words}</a>`;
  });
}

const fileView = (name: string, text: string | undefined): Html =>
  text === undefined
    ? html`<p class="quiet">The file <code>templates/${name}</code> is not in the mappings folder of this bridge.</p>`
    : html`<details><summary>${name}</summary>
    <p><button type="button" data-copy="${text}">Copy</button></p><pre translate="no" tabindex="0" aria-label="${name}">${text}</pre></details>`;

async function guideView({ title, needs, steps, files = [] }: Guide, read: ReadTemplate): Promise<Html> {
  const shown = await Promise.all(files.map(async (name) => fileView(name, await read(name))));
  return html`<section class="card"><h2>${title}</h2>
  ${needs !== undefined && html`<p class="quiet">You need: ${marked(needs)}</p>`}
  <ol>${steps.map((step) => html`<li>${marked(step)}</li>`)}</ol>
  ${shown}
</section>`;
}

export const setupView = async (guides: readonly Guide[], read: ReadTemplate): Promise<Content> =>
  guides.length === 0
    ? html`<p class="quiet">The mapping file of this platform says nothing about how to connect it.</p>`
    : Promise.all(guides.map((guide) => guideView(guide, read)));
