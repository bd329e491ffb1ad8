// One day compared with what a destination's own report counted: what was sent and is not there, what is there twice, what nobody sent.
import type { Send } from '../deliver/sender.ts';
import type { Keep } from '../keep/keep.ts';
import type { Found, MadePurchase, RecountedOrder } from '../keep/questions/recounts.ts';
import { hasEmail } from '../lib/email-in-text.ts';
import { DAY_MS, dayAt, HOUR_MS } from '../lib/time.ts';
import type { Route } from '../map/files/route.ts';
import type { Clock, Recounted, Report, ReportPage } from '../types.ts';

export type RecountParts = { send: Send; keep: Pick<Keep, 'madePurchases'>; now: Clock; signal: AbortSignal };
/** `beside` are the other routes whose purchases are in the same report. */
export type RecountTask = { route: Route; beside: readonly Route[]; day: string };
export type Recount = ReturnType<typeof createRecount>;

/** What arrived later may not be in the report yet. */
const ARRIVED_MS = DAY_MS;
/** A day begins as many hours before, and ends after, that of UTC somewhere. */
const ASIDE_MS = 14 * HOUR_MS;
/** An order may be sent, and be counted by tags that know only of now, so long after it was made. */
const LATE_DAYS = 3;
const MOST_PAGES = 100;
const LARGEST = 8_000_000;
const LISTED = 200;
const STRANGERS = 20;
const LONGEST = 60;
/** Amounts are decimals there and here. */
const SAME = 0.011;

/** Had it arrived long enough before to be compared? */
export const isSettled = (delivered_at: number, asked_at: number): boolean => delivered_at <= asked_at - ARRIVED_MS;

export const startOf = (day: string): number => Date.parse(`${day}T00:00:00Z`);

export function createDayIn(timeZone: string): (at: number) => string {
  const parts = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
  try {
    const format = new Intl.DateTimeFormat('en-CA', { ...parts, timeZone });
    return (at) => format.format(at);
  } catch {
    return dayAt;
  }
}

/** The report of a route, where the store has given what it takes to ask for it. */
export function reportOf({ destination: { report }, settings }: Pick<Route, 'destination' | 'settings'>) {
  const subject = report?.subject(settings);
  return report === undefined || subject === undefined ? undefined : { report, subject };
}

type Whole = Omit<ReportPage, 'rows'>;
type Counted = { times: number; value: number; channel: string };

function byId(rows: readonly Recounted[]): Map<string, Counted> {
  const all = new Map<string, Counted>();
  for (const { id, times, value, channel } of rows) {
    const before = all.get(id);
    if (before === undefined) all.set(id, { times, value, channel });
    else all.set(id, { ...before, times: before.times + times, value: before.value + value });
  }
  return all;
}

/** What somebody else sent may be anything. */
const shown = (id: string): string => (id === '' ? '(none)' : hasEmail(id) ? '[e-mail]' : id.slice(0, LONGEST));

type Sent = RecountedOrder & NonNullable<ReturnType<Report<unknown>['entryOf']>>;

/** Pure: what was sent for this day beside what the report has. `known` are all ids that might have been sent, with by how many stores. */
function compareDay(day: string, sent: readonly Sent[], known: ReadonlyMap<string, number>, whole: Whole): Found {
  const there = byId(whole.counted);
  const missing: RecountedOrder[] = [];
  const repeats: Found['repeats'][number][] = [];
  const differences: Found['differences'][number][] = [];
  const channels = new Map<string, number>();
  for (const { value, currency, ...order } of sent) {
    const counted = there.get(order.id);
    if (counted === undefined) {
      missing.push(order);
      continue;
    }
    const { times, channel } = counted;
    channels.set(channel, (channels.get(channel) ?? 0) + 1);
    const stores = known.get(order.id) ?? 1;
    if (times > stores) repeats.push({ ...order, times });
    else if (
      stores === 1 &&
      value !== undefined &&
      currency === whole.currency &&
      Math.abs(value - counted.value) > SAME
    )
      differences.push({ ...order, sent: value, counted: counted.value });
  }
  const strange = whole.counted.filter((one) => one.times > 0 && one.day === day && !known.has(one.id));
  return {
    sent: sent.length,
    counted: sent.length - missing.length,
    missing: missing.slice(0, LISTED),
    repeated: repeats.length,
    repeats: repeats.slice(0, LISTED),
    different: differences.length,
    differences: differences.slice(0, LISTED),
    strange: strange.reduce((all, { times }) => all + times, 0),
    strangers: [...new Set(strange.map(({ id }) => id))].slice(0, STRANGERS).map(shown),
    channels: Object.fromEntries(channels),
    currency: whole.currency,
    time_zone: whole.time_zone,
    partial: whole.partial,
  };
}

export function createRecount({ send, keep, now, signal }: RecountParts) {
  const readPage = async (
    { settings }: Route,
    report: Report<unknown>,
    days: { from: string; until: string },
    offset: number,
  ) => {
    const to = { destination: { token: report.token }, settings };
    const sent = await send(to, report.build(settings, days, offset), { signal, limit: LARGEST });
    return 'unsent' in sent ? { problem: sent.unsent.reason } : report.read(sent);
  };

  /** All pages of the days on which purchases of this day may be counted. */
  const readAll = async (route: Route, report: Report<unknown>, day: string): Promise<Whole | { problem: string }> => {
    const start = startOf(day);
    const days = { from: dayAt(start - DAY_MS), until: dayAt(start + LATE_DAYS * DAY_MS) };
    const counted: Recounted[] = [];
    let partial = false;
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const page = await readPage(route, report, days, counted.length);
      if ('problem' in page) return page;
      counted.push(...page.counted);
      partial ||= page.partial;
      if (counted.length >= page.rows || page.counted.length === 0) return { ...page, counted, partial };
    }
    return { problem: 'the report has more rows than can be read' };
  };

  /** There may be very many: they are read no further once everything has to end. */
  async function* purchasesOf({ store, name: destination }: Route, day: string): AsyncGenerator<MadePurchase> {
    const start = startOf(day);
    const until = Math.min(now(), start + DAY_MS + ASIDE_MS + LATE_DAYS * DAY_MS);
    for await (const page of keep.madePurchases({ store, destination, from: start - ASIDE_MS, until })) {
      if (signal.aborted) return;
      yield* page;
    }
  }

  /** Asks what was counted of one day. Rejects where nothing can be read of what is kept. */
  return async function recount({ route, beside, day }: RecountTask): Promise<{ found: Found } | { problem: string }> {
    const { report } = reportOf(route) ?? {};
    if (report === undefined) return { problem: 'the store file does not say of what the report is' };
    const asked_at = now();
    const whole = await readAll(route, report, day);
    if ('problem' in whole) return whole;
    const dayIn = createDayIn(whole.time_zone);
    const known = new Map<string, number>();
    const sent = new Map<string, Sent>();
    for await (const { id: event_id, hook_id, event, delivered_at } of purchasesOf(route, day)) {
      const entry = report.entryOf(event);
      if (entry === undefined) continue;
      known.set(entry.id, 1);
      const isCompared = delivered_at !== undefined && isSettled(delivered_at, asked_at);
      if (isCompared && dayIn(Date.parse(event.event_time)) === day)
        sent.set(entry.id, { ...entry, event_id, hook_id });
    }
    // Shops may count from 1 each: an order of one has nothing to do with that of another, and both count.
    for (const other of beside) {
      const theirs = new Set<string>();
      for await (const { event } of purchasesOf(other, day)) {
        const entry = report.entryOf(event);
        if (entry !== undefined) theirs.add(entry.id);
      }
      for (const id of theirs) known.set(id, (known.get(id) ?? 0) + 1);
    }
    if (signal.aborted) return { problem: 'everything had to end meanwhile' };
    return { found: compareDay(day, [...sent.values()], known, whole) };
  };
}
