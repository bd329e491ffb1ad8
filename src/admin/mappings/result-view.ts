// What comes of a draft: its mistakes, or the verdict on the body with events, where each field came from, and the exact requests.
import type { EmptyField, ExplainedField, ExplainedRule } from '../../map/explain.ts';
import { isSaid, pathOfField } from '../../map/flatten.ts';
import { showValue } from '../../map/show.ts';
import type { Tried } from '../../pages/trial.ts';
import type { TriedRequest } from '../../road/preview.ts';
import { type Html, html } from '../html.ts';
import { badge, counted, table } from '../view/parts.ts';
import type { Patch, PlayResult } from './facts.ts';
import { placeLink, problemList } from './links.ts';

/** Characters of one body or event; nobody reads more. */
const MOST = 60_000;
const json = (value: unknown): Html => {
  const text = JSON.stringify(value, null, 2) ?? '';
  return html`<pre translate="no" tabindex="0">${text.length > MOST ? `${text.slice(0, MOST)}…` : text}</pre>`;
};

/** Whoever tries a body typed it, or was shown it: nothing of it is hidden here. */
const SHOWN = { showData: true };
const shown = (field: string, value: unknown) => showValue(pathOfField(field), value, SHOWN);
const oneLine = (expression: string) => expression.replace(/\s+/g, ' ');

function fieldRow({ field, value, at, expression, read, why }: ExplainedField) {
  const given = shown(field, value);
  const gave = read === undefined ? given : shown(field, read);
  return [
    html`<code>${field}</code>`,
    given,
    html`${at !== undefined && html`${placeLink(at)} <code>${oneLine(expression ?? '')}</code>${gave !== given && html` read ${gave}`}`}${why !== undefined && html` <span class="quiet">${why}</span>`}`,
  ];
}

const emptyLine = ({ field, at, tried, why }: EmptyField): Html => html`<li><code>${field}</code> ${placeLink(at)}
  ${tried.map(({ text, given }, index) => html`${index > 0 ? ', then ' : 'tried '}<code>${oneLine(text)}</code>${given !== undefined && ` gave ${shown(field, given)}`}`)}
  ${why !== undefined && html`<span class="quiet">${why}</span>`}</li>`;

function ruleView({ rule, at, events, reasons }: ExplainedRule): Html {
  return html`${events.map(({ name, key, fields, empty }) => {
    const without = empty.filter(({ field }) => isSaid(field));
    return html`<h3>Event ${name} <span class="tag">${key}</span></h3>
<p class="quiet">Made by the rule <code>${rule}</code>, ${placeLink(at)}.</p>
${table(`Fields of ${name}`, ['Field', 'Value', 'Where it came from'], fields.map(fieldRow))}
${without.length > 0 && html`<details><summary>${counted(without.length, 'field', 'fields')} without a value</summary><ul>${without.map(emptyLine)}</ul></details>`}`;
  })}${reasons.map((why) => html`<p class="quiet">Rule <code>${rule}</code> ${placeLink(at)} makes nothing: ${why}</p>`)}`;
}

const requestView = ({ destination, method, url, headers, body }: TriedRequest): Html => html`<section class="card">
<h3>To ${destination}</h3><p><code>${method} ${url}</code></p>
<details><summary>Headers</summary><dl>${Object.entries(headers).map(([name, value]) => html`<dt>${name}</dt><dd><code>${value}</code></dd>`)}</dl></details>
${json(body)}</section>`;

function triedView({ hook, events, requests, skipped }: Tried, rules: readonly ExplainedRule[]): Html {
  const makers = rules.filter((rule) => rule.events.length > 0);
  const others = rules.filter((rule) => rule.events.length === 0);
  return html`<p role="status">${badge(hook.verdict)} ${hook.topic !== undefined && html`<span class="quiet">Topic ${hook.topic}</span>`}
${events.length > 0 && `${counted(events.length, 'event', 'events')}, ${counted(requests.length, 'request', 'requests')}.`} ${hook.reason}</p>
${makers.map(ruleView)}
${others.length > 0 && html`<details${events.length === 0 && html` open`}><summary>Rules that make nothing of it</summary>${others.map(ruleView)}</details>`}
${requests.length > 0 && html`<h3>What is sent</h3><p class="quiet">Exactly as it would go out; secrets are <code>***</code>.</p>${requests.map(requestView)}`}
${skipped.length > 0 && html`<h3>What is not sent</h3><ul>${skipped.map(({ event, destination, reason }) => html`<li>${event} to <strong>${destination}</strong>: ${reason}</li>`)}</ul>`}
${events.length > 0 && html`<details><summary>Events as JSON</summary>${events.map(json)}</details>`}`;
}

const toneOf = (line: string): string =>
  /^(\+(?!\+\+ )|-(?!-- ))/.test(line) ? (line.startsWith('+') ? 'plus' : 'minus') : 'same';

const patchView = ({
  text,
  added,
  removed,
}: Patch): Html => html`<section aria-labelledby="patch"><h2 id="patch">The change</h2>
<p>${counted(added, 'line', 'lines')} added, ${counted(removed, 'line', 'lines')} removed. Nothing is saved here: <code>git apply</code> takes this diff, or download the file.</p>
<p><button type="button" data-copy="${text}">Copy the diff</button></p>
<pre translate="no" tabindex="0" class="patch">${text.split('\n').map(
  (line) => html`<span class="${toneOf(line)}">${line}
</span>`,
)}</pre></section>`;

/** `tried` tells whether there was a body to try it on. */
export function resultView({ problems, result, failure, patch }: PlayResult, tried: boolean): Html {
  return html`${failure !== undefined && html`<p class="notice bad" role="status">${failure}</p>`}
${problems.length > 0 && html`<p class="notice bad" role="status">${counted(problems.length, 'mistake', 'mistakes')} in the files. Nothing is tried until they are mended.</p>${problemList(problems)}`}
${problems.length === 0 && failure === undefined && html`<p class="notice good">The draft has no mistakes.${!tried && ' Paste a body or load a kept hook to see what becomes of it.'}</p>`}
${result && triedView(result.tried, result.explained.rules)}
${patch && patchView(patch)}`;
}
