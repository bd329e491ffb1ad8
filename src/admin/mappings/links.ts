// Ways from one page to a line of a mapping file, and mistakes as lists of such lines.
import type { Problem } from '../../map/files/files.ts';
import { type Html, html } from '../html.ts';
import type { Answer } from '../route.ts';
import { link, refused } from '../view/parts.ts';

export const fileLink = (file: string, line?: number): string =>
  `${link('/mappings/file', { file })}${line === undefined ? '' : `#L${line}`}`;
export const tryLink = (query: Record<string, string | undefined>): string => link('/mappings/playground', query);

/** For what is not among the files. */
export const missing = (what: string): Answer =>
  refused('Not found', what, 404, { href: '/mappings', text: 'To the mappings' });

/** A place such as `shopify.yaml:12:5` as a link to the line. */
export function placeLink(place: string): Html {
  const [, file, line] = /^(.+?):(\d+)(?::\d+)?$/.exec(place) ?? [];
  if (file === undefined || line === undefined) return html`<code>${place}</code>`;
  return html`<a href="${fileLink(file, Number(line))}"><code>${file}:${line}</code></a>`;
}

const problemLine = ({ file, line, column, code, message, hint }: Problem): Html =>
  html`<li data-line="${line}" data-column="${column}" data-file="${file}"><p><a href="${fileLink(file, line)}"><code>${file}:${line}:${column}</code></a> ${message}${hint !== undefined && `, ${hint}`} <span class="quiet">${code}</span></p></li>`;

/** For what is in use, but most likely not meant. */
export const doubts = (warnings: readonly Problem[]): Html =>
  html`<div class="notice wait"><p>In use, but most likely not meant:</p>${problemList(warnings)}</div>`;

export const problemList = (problems: readonly Problem[]): Html =>
  html`<ul class="problems">${problems.map(problemLine)}</ul>`;
