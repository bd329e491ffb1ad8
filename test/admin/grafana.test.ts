// The Grafana board: it can be imported, asks only for metrics there are, and leaves none of the important ones out.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Rig, startRig } from '../support/service.ts';

const Target = z.object({
  refId: z.string(),
  expr: z.string(),
  datasource: z.object({ uid: z.literal('${datasource}') }),
});
const Thresholds = z.object({ steps: z.array(z.object({ color: z.string(), value: z.number().nullable() })).min(1) });
const Panel = z.object({
  id: z.number().int(),
  type: z.enum(['stat', 'timeseries']),
  title: z.string().min(1),
  description: z.string().min(1),
  gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  fieldConfig: z.object({ defaults: z.object({ unit: z.string(), thresholds: Thresholds }) }),
  targets: z.array(Target).min(1),
});
const Board = z.object({
  uid: z.string(),
  title: z.literal('tagbridge'),
  schemaVersion: z.number().int(),
  __inputs: z.array(z.object({ name: z.literal('DS_PROMETHEUS'), pluginId: z.literal('prometheus') })).length(1),
  templating: z.object({ list: z.array(z.object({ name: z.string(), type: z.string() })) }),
  panels: z.array(Panel),
});
const board = Board.parse(JSON.parse(readFileSync(join(import.meta.dirname, '../../src/admin/grafana.json'), 'utf8')));
const metricsIn = (text: string) =>
  [...text.matchAll(/\b(?:tagbridge|process|nodejs)_[a-z0-9_]+/g)].map(([name]) => name);
const asked = new Set(board.panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => metricsIn(expr))));

let rig: Rig;
let shown: string;
beforeAll(async () => {
  rig = await startRig();
  shown = await (await fetch(`${rig.service.adminUrl}/metrics`)).text();
});
afterAll(() => rig.close());

describe('the Grafana board', () => {
  test('asks only for metrics there are', () => {
    const types = [...shown.matchAll(/^# TYPE (\S+) (\S+)/gm)].flatMap(([, name = '', type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    );
    expect([...asked].filter((name) => !types.includes(name))).toEqual([]);
  });

  test('shows every metric of the bridge itself', () => {
    const own = [...shown.matchAll(/^# TYPE (tagbridge_\S+)/gm)].map(([, name = '']) => name);
    expect(own.filter((name) => ![...asked].some((one) => one.startsWith(name)))).toEqual([]);
  });

  test('counts what waits once, though every replica tells of the whole database', () => {
    const gauges = [
      ...shown.matchAll(/^# TYPE (tagbridge_(?:hooks_open|hooks_fetched|deliveries_waiting|oldest_\S+)) gauge/gm),
    ];
    expect(gauges).toHaveLength(4);
    const asking = board.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    for (const [, name = ''] of gauges)
      for (const expr of asking.filter((one) => one.includes(name)))
        expect(expr).toMatch(new RegExp(`max(?: by \\([a-z, ]+\\))? ?\\(${name}`));
  });

  test('groups only by labels that the metrics have', () => {
    const labels = ['store', 'source', 'destination', 'outcome', 'reason', 'state', 'le'];
    const grouped = board.panels.flatMap(({ targets }) =>
      targets.flatMap(({ expr }) =>
        [...expr.matchAll(/by \(([^)]+)\)/g)].flatMap(([, names = '']) => names.split(', ')),
      ),
    );
    expect(grouped.filter((name) => !labels.includes(name))).toEqual([]);
  });

  test('marks when waiting, stuck hooks, refusals and delays are bad', () => {
    const red = (title: string) =>
      board.panels
        .find((panel) => panel.title === title)
        ?.fieldConfig.defaults.thresholds.steps.find(({ color }) => color === 'red')?.value;
    expect(red('Oldest waiting')).toBe(900);
    for (const title of [
      'Stuck hooks',
      'Not kept in 5 minutes',
      'Refused by reason',
      'Commit time',
      'Event loop delay',
    ])
      expect(red(title)).toBeGreaterThan(0);
  });

  test('has panels with ids of their own that do not overlap', () => {
    expect(new Set(board.panels.map(({ id }) => id)).size).toBe(board.panels.length);
    const cells = board.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, n) => `${x + (n % w)}/${y + Math.floor(n / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
  });
});
