// How the import of phone orders looks: the file and how it is to be read, what was found in it, and every bad line.
import { FILE_FIELD_WORDS, FILE_FIELDS, type FileField } from '../../phone/file-columns.ts';
import { type BadLine, type Found, groupBad, lineRanges } from '../../phone/file-import.ts';
import { DELIMITER_WORDS, type PhoneFile } from '../../phone/file-read.ts';
import { type Html, html } from '../html.ts';
import type { Visitor } from '../route.ts';
import { count, counted, csrfField, money, table, time } from '../view/parts.ts';

/** A page of more kinds of mistakes than these helps nobody, nor does a longer row of lines. */
const MOST_SHOWN = 100;
const MOST_RANGES = 12;

export const importView = (
  visitor: Visitor,
  stores: readonly { name: string; title: string }[],
): Html => html`<nav class="tabs" aria-label="What to enter"><a href="/phone">Orders</a><a href="/phone/leads">Leads</a><a href="/phone/import" aria-current="page">From a file</a></nav>
<h1>Import phone orders</h1>
<p>From a CSV file whose first line names the columns: an amount, and the customer’s phone, e-mail or reference code; as far as you have them the order number, date, currency, name, tax and shipping. Nothing is kept before you have seen how it is read. The same file again, or one with more lines, counts nothing twice.</p>
<noscript><p class="notice">This page needs JavaScript. Without it: <code>tagbridge import phone-orders FILE</code></p></noscript>
<form id="import" class="sell" method="post" action="/phone/import/check" data-step="/phone/import/step">${csrfField(visitor)}
  <input type="hidden" name="file">
  <div class="field"><label for="store">Store</label><select id="store" name="store">${stores.map(({ name, title }) => html`<option value="${name}">${title}</option>`)}</select></div>
  <div class="field"><label for="upload">File</label><input id="upload" type="file" accept=".csv,.tsv,.txt,text/csv"><small class="quiet">CSV, up to 5 MB</small></div>
  <fieldset><legend>How it is written</legend>
    <div class="field"><label for="dates">Dates</label><select id="dates" name="dates">
      <option value="iso">Year first, such as 2026-11-20</option>
      <option value="day_month">Day first, such as 20-11-2026</option>
      <option value="month_day">Month first, such as 11/20/2026</option></select></div>
    <div class="field"><label for="decimal">Amounts</label><select id="decimal" name="decimal">
      <option value="either">1.234,50 or 1,234.50, whatever can be told apart</option>
      <option value="comma">Decimal comma: 1.234,50</option>
      <option value="point">Decimal point: 1,234.50</option></select></div>
    <div class="field"><label for="zone">Time zone of dates</label><input id="zone" name="zone" value="UTC" autocomplete="off" spellcheck="false"></div>
  </fieldset>
</form>
<div id="found" aria-live="polite"></div>
<script src="/assets/import.js" defer></script>`;

export const refusedView = (problem: string): Html =>
  html`<p class="notice bad" role="alert">It cannot be read: ${problem}.</p>`;

const choice = ({ heads, columns }: PhoneFile, field: FileField): Html => {
  const at = columns.places.get(field);
  return html`<div class="field"><label for="column_${field}">${FILE_FIELD_WORDS[field]}</label>
  <select id="column_${field}" name="column_${field}" form="import"><option value="">not in the file</option>
  ${heads.map((head, index) => head !== '' && html`<option value="${head}"${index === at && html` selected`}>${head}</option>`)}</select></div>`;
};

const isConsent = (field: FileField): boolean => field.startsWith('consent_');
const choices = (file: PhoneFile): Html => html`<h2>Columns</h2>
<p class="quiet">Read as ${file.encoding}, cells between ${DELIMITER_WORDS[file.delimiter]}s.${file.encoding === 'Windows-1252' && ' Are accents right? If not, save the file as CSV UTF-8.'}</p>
<div class="columns">${FILE_FIELDS.filter((field) => !isConsent(field)).map((field) => choice(file, field))}</div>
<details id="consent"><summary>Consent</summary><div class="columns">${FILE_FIELDS.filter(isConsent).map((field) => choice(file, field))}</div></details>`;

const firstLines = ({ first }: Found): Html =>
  table(
    'The first orders',
    ['Line', 'Number', 'Amount', 'Agreed', 'Phone', 'E-mail', 'Code', 'Name'],
    first.map(({ line, order }) => [
      line,
      order.number ?? 'a new one',
      money(Number(order.amount), order.currency),
      time(Date.parse(order.agreed_at)),
      order.phone,
      order.email,
      order.code,
      order.name,
    ]),
  );

const linesOf = (lines: readonly number[]): string => {
  const ranges = lineRanges(lines);
  const shown = ranges.slice(0, MOST_RANGES).join(', ');
  const more = ranges.length > MOST_RANGES ? ' and others' : '';
  return lines.length === 1 ? shown : `${count(lines.length)} lines: ${shown}${more}`;
};

function badLines(bad: readonly BadLine[]): Html {
  const groups = groupBad(bad);
  return html`<h2>Lines that are left out</h2>
${table(
  'Lines that are left out',
  ['Line', 'Column', 'Why'],
  groups
    .slice(0, MOST_SHOWN)
    .map(({ lines, column, message, alike }) => [
      linesOf(lines),
      column,
      alike ? html`${message} <span class="quiet">(line ${lines[0]}; the others alike)</span>` : message,
    ]),
)}
${groups.length > MOST_SHOWN && html`<p>And ${count(groups.length - MOST_SHOWN)} more kinds of mistakes. Put these right first.</p>`}`;
}

/** What a file holds; nothing is found where its columns are not known. */
export function foundView(file: PhoneFile, found: Found | undefined): Html {
  const { problems } = file.columns;
  const asked =
    problems.length > 0 &&
    html`<ul class="notice bad" role="alert">${problems.map((problem) => html`<li>${problem}</li>`)}</ul>`;
  if (found === undefined) return html`${asked}${choices(file)}`;
  const { good, bad, lines } = found;
  const said = `${counted(good, 'order', 'orders')} can be imported, ${counted(bad.length, 'line is', 'lines are')} left out.`;
  return html`<p class="notice ${bad.length === 0 ? 'good' : 'wait'}" role="status">${said}</p>
${choices(file)}
${
  good > 0 &&
  html`<h2>The first orders, as they are read</h2>${firstLines(found)}
<p class="row"><button type="button" class="primary" data-import data-lines="${lines}">Import ${counted(good, 'order', 'orders')}</button>
<progress max="${lines}" value="0" aria-label="Lines imported" hidden></progress> <span id="progress" role="status"></span></p>`
}
${bad.length > 0 && badLines(bad)}`;
}
