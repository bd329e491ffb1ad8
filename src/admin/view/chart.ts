// A day by hours against the same hours a week before: a table that says it all, from which a script draws a chart.
import { type Content, type Html, html } from '../html.ts';
import { table, time } from './parts.ts';

export type ChartHour = { at: number; now: number; before: number; href: string };
export type Chart = {
  /** Unique on its page. */
  id: string;
  title: string;
  hours: readonly ChartHour[];
  /** How a number is written. */
  show: (value: number) => string;
};

/** What a page with charts loads. */
export const chartFiles: Html = html`<link rel="stylesheet" href="/assets/chart.css"><script src="/assets/chart.js" defer></script>`;

const value = (number: number, shown: Content): Html => html`<data value="${number}">${shown}</data>`;

/** Newest hour first, as in every list; the drawing turns it round. */
export const chart = ({
  id,
  title,
  hours,
  show,
}: Chart): Html => html`<figure class="card chart" data-chart aria-labelledby="chart-${id}">
<figcaption id="chart-${id}">${title}</figcaption><div class="plot" aria-hidden="true"></div>
<details id="table-${id}"><summary>As a table</summary>${table(
  title,
  ['Hour from', 'Now', 'A week before'],
  hours
    .toReversed()
    .map(({ at, now, before, href }) => [
      time(at),
      value(now, html`<a href="${href}">${show(now)}</a>`),
      value(before, show(before)),
    ]),
)}</details></figure>`;
