// What the benchmarks found, as a table for people and as JSON for machines.
import { cpus, loadavg, totalmem } from 'node:os';
import type { Round } from './ingest.ts';
import type { RoadResult } from './road.ts';
import { median, medianRatio } from './stats.ts';

/** The rounds of everything that was measured. */
export type Measured = {
  bare: Round[];
  service: Round[];
  backlog: Round[];
  /** Deliveries that waited behind `backlog`. */
  waiting: number;
  road: RoadResult;
  /** Orders per second, by round. */
  map: number[];
};

export const machine = () => ({
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: cpus().length,
  memory_gb: Math.round(totalmem() / 1e9),
  platform: `${process.platform} ${process.arch}`,
  node: process.versions.node,
  sqlite: process.versions.sqlite,
  /** Processes that wanted a core in the last minute, before anything was started here. */
  load: loadavg()[0] ?? 0,
});

const rate = (rounds: readonly Round[]) => rounds.map(({ perSecond }) => perSecond);
const middle = (rounds: readonly Round[]) => ({
  hooks_per_second: Math.round(median(rate(rounds))),
  p50_ms: Number(median(rounds.map(({ p50 }) => p50)).toFixed(1)),
  p99_ms: Number(median(rounds.map(({ p99 }) => p99)).toFixed(1)),
});
const ratio = (rounds: readonly Round[], to: readonly Round[]) =>
  Number(medianRatio(rate(rounds), rate(to)).toFixed(3));

/** Medians of rounds; ratios are medians of the ratios within each round. */
export function summarise({ bare, service, backlog, waiting, road, map }: Measured) {
  return {
    bare_express: middle(bare),
    a_ingest: { ...middle(service), of_bare_express: ratio(service, bare) },
    b_road: {
      orders_per_second: Math.round(road.perSecond),
      orders: road.everywhere,
      missing: road.acknowledged - road.everywhere,
      counted_twice: road.twice,
      seconds: Number(road.seconds.toFixed(1)),
      p99_ms: Number(road.p99.toFixed(1)),
    },
    c_map: { orders_per_second: Math.round(median(map)), best: Math.round(Math.max(...map)) },
    d_backlog: { ...middle(backlog), waiting, of_a: ratio(backlog, service) },
  };
}

export type Summary = ReturnType<typeof summarise>;

const number = (value: number) => value.toLocaleString('en-US');

/** One line per figure: what was measured, the figure, what must hold, and whether it does. */
export function table(summary: Summary): string {
  const { bare_express, a_ingest, b_road, c_map, d_backlog } = summary;
  const rows: [string, string, string, boolean?][] = [
    ['', 'measured', 'must hold'],
    ['bare Express: raw body, HMAC, answer', `${number(bare_express.hooks_per_second)} hooks/s`, ''],
    ['(a) hooks acknowledged, kept on disk', `${number(a_ingest.hooks_per_second)} hooks/s`, ''],
    ['    against bare Express', `${a_ingest.of_bare_express} x`, '0.55 x or more', a_ingest.of_bare_express >= 0.55],
    ['    answered, p50', `${a_ingest.p50_ms} ms`, ''],
    ['    answered, p99', `${a_ingest.p99_ms} ms`, 'under 60 ms', a_ingest.p99_ms < 60],
    [
      `(b) orders from hook to GA4, Meta and sGTM, for ${b_road.seconds} s`,
      `${number(b_road.orders_per_second)} orders/s`,
      '3,000 or more',
      b_road.orders_per_second >= 3_000,
    ],
    [
      '    lost, counted twice',
      `${b_road.missing}, ${b_road.counted_twice}`,
      '0, 0',
      b_road.missing + b_road.counted_twice === 0,
    ],
    [
      '(c) orders mapped and built for all three, one thread',
      `${number(c_map.orders_per_second)} orders/s`,
      '15,000 or more',
      c_map.orders_per_second >= 15_000,
    ],
    [`(d) as (a), behind ${number(d_backlog.waiting)} deliveries`, `${number(d_backlog.hooks_per_second)} hooks/s`, ''],
    ['    against (a)', `${d_backlog.of_a} x`, '0.9 x or more', d_backlog.of_a >= 0.9],
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => String(row[column]).length)));
  return rows
    .map(([what, figure, wanted, holds]) =>
      [
        what.padEnd(widths[0] ?? 0),
        figure.padStart(widths[1] ?? 0),
        wanted.padEnd(widths[2] ?? 0),
        holds === undefined ? '' : holds ? 'yes' : 'NO',
      ]
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
