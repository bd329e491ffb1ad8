// `npm run bench -- --black-friday`: a network of shops of Shopify's size on Black Friday, minute by minute, with a destination down for hours.
import { parseArgs } from 'node:util';

export type Assumptions = {
  /** Orders per second in the busiest minute, and on average over the day. */
  peak: number;
  mean: number;
  /** Hooks of one order, destinations of one event. */
  hooks: number;
  destinations: number;
  /** Bytes on disk of a kept hook, an event, a waiting delivery with its index, and an attempt. */
  hookBytes: number;
  eventBytes: number;
  deliveryBytes: number;
  attemptBytes: number;
  /** When one of the destinations goes down, and for how long, in hours. */
  downAt: number;
  downFor: number;
  /** What one database takes per second. */
  keeps: number;
  finishes: number;
};

/** Peak and mean as published for 2024 and 2025 (about 42,000 orders in the busiest minute); bytes and rates as measured by `--postgres`. */
export const SHOPIFY: Assumptions = {
  peak: 700,
  mean: 350,
  hooks: 4,
  destinations: 3,
  hookBytes: 7_000,
  eventBytes: 1_400,
  deliveryBytes: 400,
  attemptBytes: 300,
  downAt: 9,
  downFor: 12,
  keeps: 2_500,
  finishes: 10_000,
};

export type Simulated = {
  databases: number;
  hooksAtPeak: number;
  /** Deliveries that wait when the destination is back, and minutes until none does. */
  backlog: number;
  drainMinutes: number;
  gigabytes: { waiting: number; day: number };
};

const MINUTES = 24 * 60;

/** A day whose busiest minute is at noon, between `mean` and `peak`; orders per second. */
const rateAt = (minute: number, { peak, mean }: Assumptions): number => {
  const low = Math.max(0, 2 * mean - peak);
  return low + ((peak - low) * (1 - Math.cos((2 * Math.PI * minute) / MINUTES))) / 2;
};

export function simulate(given: Assumptions): Simulated {
  const { peak, hooks, destinations, downAt, downFor, keeps, finishes } = given;
  const hooksAtPeak = peak * hooks;
  const needed = Math.max(hooksAtPeak / keeps, (peak * destinations) / finishes);
  // Half of each database is left free, for the day that is worse than this one.
  const databases = Math.max(1, Math.ceil(needed * 2));
  let backlog = 0;
  let most = 0;
  let drained = 0;
  let orders = 0;
  const back = (downAt + downFor) * 60;
  for (let minute = 0; minute < back || backlog > 0; minute++) {
    const made = rateAt(minute % MINUTES, given) * 60;
    if (minute < MINUTES) orders += made;
    const down = minute >= downAt * 60 && minute < back;
    if (down) backlog += made;
    else if (backlog > 0) {
      const others = made * destinations;
      backlog = Math.max(0, backlog - (databases * finishes * 60 - others));
      drained = minute - back + 1;
    }
    most = Math.max(most, backlog);
  }
  const perOrder = hooks * given.hookBytes + given.eventBytes + destinations * given.attemptBytes;
  return {
    databases,
    hooksAtPeak,
    backlog: Math.round(most),
    drainMinutes: drained,
    gigabytes: { waiting: (most * given.deliveryBytes) / 1e9, day: (orders * perOrder) / 1e9 },
  };
}

const number = (value: number, digits = 0): string =>
  value.toLocaleString('en-US', { maximumFractionDigits: digits, minimumFractionDigits: digits });

/** Every assumption can be replaced, such as `--peak 50`. */
export function blackFriday(args: readonly string[], say: (text: string) => void): void {
  const options = Object.fromEntries(Object.keys(SHOPIFY).map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({ args: [...args], options });
  const given = {
    ...SHOPIFY,
    ...Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)])),
  };
  const { databases, hooksAtPeak, backlog, drainMinutes, gigabytes } = simulate(given);
  say(`assumed: ${JSON.stringify(given)}\n`);
  say('| what | |\n|---|---:|');
  say(`| hooks per second in the busiest minute | ${number(hooksAtPeak)} |`);
  say(`| databases (cells), each half used | ${databases} |`);
  say(`| deliveries that wait after ${given.downFor} h without one destination | ${number(backlog)} |`);
  say(`| disk of what waits | ${number(gigabytes.waiting, 1)} GB |`);
  say(`| until none waits | ${number(drainMinutes)} min |`);
  say(`| disk of one such day | ${number(gigabytes.day)} GB |`);
}
