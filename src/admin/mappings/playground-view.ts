// The playground's form: the file to edit, a body to try it on, and what comes of both.
import { type Html, html } from '../html.ts';
import type { Visitor } from '../route.ts';
import { csrfField, link, options, stateText, utc } from '../view/parts.ts';
import type { Play, PlayChoices } from './facts.ts';

export type Shown = {
  play: Play;
  choices: PlayChoices;
  /** What is said before everything else. */
  notice?: Html;
  /** Where it is not known yet, the page asks for it by itself. */
  result: Html | undefined;
  comparison?: Html;
  visitor: Visitor;
};

/** A browser takes the first line break of a text area away. */
const area = (name: string, text: string, rows: number, more: Html): Html =>
  html`<textarea name="${name}" id="play-${name}" rows="${rows}" spellcheck="false" autocapitalize="off" autocomplete="off" ${more}>
${text}</textarea>`;

const openView = ({ play, choices }: Shown): Html => html`<form action="/mappings/playground" class="row fields">
<label>Store <select name="store">${options(choices.stores, play.store)}</select></label>
<label>File <select name="file">${options(choices.files, play.file)}</select></label>
<button>Open</button> <span class="quiet">What was edited before is left.</span></form>`;

const hookName = ({ received_at, source, state }: PlayChoices['hooks'][number]) =>
  `${utc(received_at)}, ${source}, ${stateText(state)}`;

const bodyView = ({ play, choices, visitor }: Shown): Html => html`<fieldset><legend>What to try it on</legend>
${
  choices.hooks.length > 0 &&
  html`<p class="row fields"><label class="grow">A kept hook <select name="hook">${choices.hooks.map((one) => html`<option value="${one.id}" data-at="${new Date(one.received_at).toISOString()}">${hookName(one)}</option>`)}</select></label>
<button formaction="/mappings/playground/hook">Load it</button>
${visitor.user.role === 'admin' && html`<button formaction="/mappings/playground/unmask">Load it with personal data</button>`}</p>
<p class="quiet">Names, addresses and the like are replaced by made-up ones.${visitor.user.role === 'admin' && ' With personal data it is noted with your name.'}</p>`
}
<p class="row fields"><label>Source <select name="source">${options(choices.sources, play.source)}</select></label>
<label>Arrives at <input name="at" value="${play.at}" placeholder="now" size="30" autocomplete="off" data-instant=""></label></p>
<label for="play-body">Body</label>${area('body', play.body, 12, html``)}
<label for="play-headers">Headers, one on each line</label>${area('headers', play.headers, 4, html`placeholder="content-type: application/json"`)}
<details${play.answers !== '' && html` open`}><summary>Answers of look-ups</summary>
<label for="play-answers">As JSON, by the names of the look-ups</label>${area('answers', play.answers, 4, html``)}</details></fieldset>`;

const compareView = ({ visitor }: Shown): Html | undefined =>
  visitor.user.role === 'admin'
    ? html`<p class="row fields"><label>What would it change? <select name="last">${options(['100', '300', '1000'], '300')}</select></label>
<span>last hooks of the store</span> <button formaction="/mappings/playground/compare">Compare</button> <span class="quiet">This is noted with your name.</span></p>`
    : undefined;

export function playgroundView(shown: Shown): Html {
  const { play, choices, notice, result, comparison, visitor } = shown;
  return html`<h1>Playground</h1>
<p class="quiet">Change a mapping and see what would become of a hook. Nothing is saved and nothing is sent.</p>
${notice}
${openView(shown)}
<form method="post" action="/mappings/playground" class="play" data-href="${link('/mappings/schema', { file: play.file })}"
  hx-post="/mappings/try" hx-trigger="${result === undefined && 'load, '}input delay:300ms" hx-target="#result" hx-swap="innerHTML" hx-sync="this:replace">
${csrfField(visitor)}<input type="hidden" name="store" value="${play.store}"><input type="hidden" name="file" value="${play.file}">
<div class="halves"><div>
<label for="play-text">${play.file}</label>
${choices.secretLines.length > 0 && html`<p class="notice wait">A secret is written into this file on line ${choices.secretLines.join(', ')}. It is shown as <code>"***"</code>; put it back, or better into <code>.env</code>.</p>`}
${area('text', play.text, 24, html`data-editor=""`)}
<p class="row"><button class="primary">Try</button> <button formaction="/mappings/playground/download">Download the file</button></p>
${compareView(shown)}
${bodyView(shown)}
</div><div>
${comparison && html`<section aria-labelledby="compared"><h2 id="compared">What would change</h2>${comparison}</section>`}
<section aria-labelledby="comes"><h2 id="comes">What comes of it</h2><div id="result">${result ?? html`<p class="quiet">Press Try, or change something.</p>`}</div></section>
</div></div></form>
<script src="/assets/editor.js" type="module"></script>`;
}
