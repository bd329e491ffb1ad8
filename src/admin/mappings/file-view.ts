// One mapping file: its state in words, and its text with the mistakes in place.
import type { Problem } from '../../map/files/files.ts';
import { type Html, html } from '../html.ts';
import { link } from '../view/parts.ts';
import type { FileFacts, FileText } from './facts.ts';
import { doubts, problemList, tryLink } from './links.ts';

const STATES: Record<FileFacts['state'], { text: string; tone: string }> = {
  used: { text: 'in use', tone: 'good' },
  unused: { text: 'no store uses it', tone: 'calm' },
  kept: { text: 'the last good version is in use', tone: 'bad' },
  out: { text: 'not in use', tone: 'bad' },
};
export const stateBadge = ({ state }: FileFacts): Html =>
  html`<span class="badge ${STATES[state].tone}">${STATES[state].text}</span>`;

/** What a broken file means for its store, in words. */
export function brokenNote({ kind, state, problems }: FileFacts): string | undefined {
  if (state === 'out') return 'It has mistakes and was never right since the start, so nothing comes in by it.';
  if (state !== 'kept') return undefined;
  if (problems.length === 0) return 'A file it is made with has mistakes. What was good before is still in use.';
  return `It has mistakes. ${kind === 'store' ? 'Its last good version is' : 'What stores made of its last good version is'} still in use.`;
}

function lineView(text: string, line: number, { problems, warnings }: FileFacts): Html {
  const here = (problem: Problem) => problem.line === line;
  const wrong = problems.filter(here);
  const told = [...wrong, ...warnings.filter(here)];
  const look = wrong.length > 0 ? 'wrong' : 'doubted';
  return html`<li id="L${line}"${told.length > 0 && html` class="${look}"`}><a href="#L${line}" aria-label="Line ${line}">${line}</a><code>${text}</code>${told.map(
    ({ column, code, message, hint }) =>
      html`<p class="mistake">At column ${column}: ${message}${hint !== undefined && `, ${hint}`} <span>${code}</span></p>`,
  )}</li>`;
}

export function fileView(facts: FileText): Html {
  const { file, kind, stores, text, problems, warnings, secretLines } = facts;
  const note = brokenNote(facts);
  return html`<h1>${file} ${stateBadge(facts)}</h1>
${note !== undefined && html`<p class="notice bad">${note}</p>`}
${problems.length > 0 && problemList(problems)}
${warnings.length > 0 && doubts(warnings)}
${secretLines.length > 0 && html`<p class="notice wait">A secret is written into this file on line ${secretLines.join(', ')}. It is not shown. Put it into <code>.env</code>, and its name here.</p>`}
<p class="row">${stores[0] !== undefined && html`<a class="button" href="${tryLink({ store: stores[0], file })}">Try a change</a>`}
${kind === 'store' && stores[0] !== undefined && html`<a class="button" href="${link('/mappings/merged', { store: stores[0] })}">What holds for its sources</a>`}
${kind !== 'store' && stores.length > 0 && html`<span>Used by ${stores.join(', ')}.</span>`}</p>
<ol class="lines" tabindex="0" aria-label="Text of ${file}">${text
    .replace(/\r?\n$/, '')
    .split(/\r?\n/)
    .map((line, index) => lineView(line, index + 1, facts))}</ol>`;
}
