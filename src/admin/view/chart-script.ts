// Draws the charts of a page with uPlot from the tables that say the same; a click leads to the rows of that hour.
export const CHART_SCRIPT = `'use strict';
{
  const HEIGHT = 170;
  const drawn = new Map();
  const day = new Intl.DateTimeFormat(undefined, { weekday: 'short', hour: '2-digit', minute: '2-digit' });
  const hour = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
  // The axis has room for a few digits: yen and the like come in millions.
  const short = new Intl.NumberFormat(undefined, { notation: 'compact' });
  const scale = (one) => (one < 10000 ? one.toLocaleString() : short.format(one));
  function colorOf(value, place) {
    const probe = document.createElement('i');
    probe.style.color = value;
    probe.style.forcedColorAdjust = 'none';
    place.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  }
  const rowsOf = (figure) => [...figure.querySelectorAll('tbody tr')].reverse().map((row) => {
    const [now, before] = [...row.querySelectorAll('data')].map((one) => Number(one.value));
    return { at: Date.parse(row.querySelector('time').dateTime) / 1000, now, before, href: row.querySelector('a').href };
  });
  function draw(figure) {
    const place = figure.querySelector('.plot');
    const rows = rowsOf(figure);
    const [line, area, quiet, grid] = ['var(--link)', 'color-mix(in srgb, var(--link) 35%, transparent)', 'var(--quiet)', 'var(--line)'].map((one) => colorOf(one, place));
    const axis = { stroke: quiet, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 }, font: '12px system-ui' };
    const points = { show: false };
    const show = (_, value) => (value === null ? '–' : value.toLocaleString());
    const options = {
      width: Math.max(place.clientWidth, 200),
      height: HEIGHT,
      scales: { x: { range: (_, first, last) => [first - 1800, last + 1800] }, y: { range: (_, least, most) => [0, Math.max(most * 1.1, 1)] } },
      cursor: { y: false, drag: { setScale: false } },
      series: [
        { label: 'From', value: (_, at) => (at === null ? '–' : day.format(at * 1000)) },
        { label: 'Now', stroke: line, width: 1, fill: area, points, paths: uPlot.paths.bars({ size: [0.8, 40] }), value: show },
        { label: 'A week before', stroke: quiet, width: 2, dash: [5, 4], points, paths: uPlot.paths.stepped({ align: 0 }), value: show },
      ],
      axes: [
        { ...axis, space: 70, values: (_, times) => times.map((at) => hour.format(at * 1000)) },
        { ...axis, size: 60, values: (_, values) => values.map((one) => (Number.isInteger(one) ? scale(one) : '')) },
      ],
    };
    const data = ['at', 'now', 'before'].map((name) => rows.map((row) => row[name]));
    const chart = new uPlot(options, data, place);
    chart.over.addEventListener('click', () => {
      const row = rows[chart.cursor.idx];
      if (row !== undefined) location.href = row.href;
    });
    drawn.set(figure, chart);
  }
  const widths = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const chart = drawn.get(target.closest('[data-chart]'));
      if (chart !== undefined && target.clientWidth > 0) chart.setSize({ width: target.clientWidth, height: HEIGHT });
    }
  });
  function forget(figure) {
    drawn.get(figure).destroy();
    drawn.delete(figure);
  }
  function drawAll() {
    for (const figure of drawn.keys()) if (!figure.isConnected) forget(figure);
    for (const figure of document.querySelectorAll('[data-chart]')) {
      if (drawn.has(figure)) continue;
      draw(figure);
      widths.observe(figure.querySelector('.plot'));
    }
  }
  drawAll();
  new MutationObserver(drawAll).observe(document.querySelector('main'), { childList: true, subtree: true });
  for (const colors of ['(prefers-color-scheme: dark)', '(forced-colors: active)'])
    matchMedia(colors).addEventListener('change', () => {
      for (const figure of [...drawn.keys()]) forget(figure);
      drawAll();
    });
}
`;
