// Cells of a file as values: dates in the order of day and month that was chosen, amounts with the decimal mark that was chosen.
import { DAY_MS } from '../lib/time.ts';
import { readAmount } from './amount.ts';

/** How cells are to be read. `zone` is a name such as Europe/Amsterdam, for times that do not tell theirs. */
export type Reading = {
  dates: 'iso' | 'day_month' | 'month_day';
  decimal: 'either' | 'comma' | 'point';
  zone: string;
};
export type Value = { value: string } | { problem: string };

export const isZone = (zone: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};

const clocks = new Map<string, Intl.DateTimeFormat>();
const clockOf = (zone: string): Intl.DateTimeFormat => {
  const known = clocks.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  clocks.set(zone, made);
  return made;
};

/** Milliseconds that clocks in the zone are before UTC at this time. */
function offsetAt(at: number, zone: string): number {
  const name =
    clockOf(zone)
      .formatToParts(at)
      .find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign, hours, minutes = '0'] = /^GMT([+-])(\d\d):(\d\d)/.exec(name) ?? [];
  const ms = (Number(hours ?? 0) * 60 + Number(minutes)) * 60_000;
  return sign === '-' ? -ms : ms;
}

type Local = { year: number; month: number; day: number; time: readonly [number, number, number] | undefined };

/** The instant of a local time; a day without a time is over, or it is now: the visit before the call was on that day. */
function instantOf({ year, month, day, time }: Local, zone: string, now: number): number | undefined {
  const [hour, minute, second] = time ?? [23, 59, 59];
  const wall = Date.UTC(year, month - 1, day, hour, minute, second);
  const read = new Date(wall);
  if (read.getUTCMonth() !== month - 1 || read.getUTCDate() !== day || hour > 23 || minute > 59 || second > 59)
    return undefined;
  const first = wall - offsetAt(wall, zone);
  const at = wall - offsetAt(first, zone);
  const isToday = time === undefined && at > now && at - now < DAY_MS;
  return isToday ? now : at;
}

const TIME = '(?:[T ,]+(\\d{1,2})[:.](\\d\\d)(?:[:.](\\d\\d))?(?:\\.\\d+)?(?: ?([ap])\\.?m\\.?)?)?';
const ISO = new RegExp(`^(\\d{4})[-/.](\\d{1,2})[-/.](\\d{1,2})${TIME}$`, 'i');
const MIXED = new RegExp(`^(\\d{1,2})[-/.] ?(\\d{1,2})[-/.] ?(\\d{4})${TIME}$`, 'i');
const WITH_ZONE = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)? ?(Z|[+-]\d\d:?\d\d)$/i;

function timeOf([, , , , hour, minute, second = '0', half]: RegExpExecArray): Local['time'] {
  if (hour === undefined || minute === undefined) return undefined;
  const isPm = half?.toLowerCase() === 'p';
  const hours = half === undefined ? Number(hour) : (Number(hour) % 12) + (isPm ? 12 : 0);
  return [hours, Number(minute), Number(second)];
}

/** A time as ISO 8601. Which of two numbers is the day is never guessed. */
export function readDate(text: string, { dates, zone }: Reading, now: number): Value {
  if (WITH_ZONE.test(text)) return { value: text };
  const iso = ISO.exec(text);
  const mixed = iso === null ? MIXED.exec(text) : null;
  const found = iso ?? mixed;
  if (found === null) return { problem: 'is no date; write it like 2026-11-20 or 2026-11-20 14:30' };
  if (mixed !== null && dates === 'iso')
    return {
      problem: 'has day and month in an order nobody chose; choose which comes first, or write it like 2026-11-20',
    };
  const [first, second, third] = [Number(found[1]), Number(found[2]), Number(found[3])];
  const [year, month, day] =
    mixed === null ? [first, second, third] : dates === 'day_month' ? [third, second, first] : [third, first, second];
  const at = instantOf({ year, month, day, time: timeOf(found) }, zone, now);
  return at === undefined ? { problem: 'is no day of the calendar' } : { value: new Date(at).toISOString() };
}

const GROUPED = {
  comma: /^\d+(,\d+)?$|^\d{1,3}(?:[.\s'’]\d{3})+(,\d+)?$/u,
  point: /^\d+(\.\d+)?$|^\d{1,3}(?:[,\s'’]\d{3})+(\.\d+)?$/u,
};

/** An amount as a plain decimal. */
export function readMoney(text: string, { decimal }: Reading): Value {
  if (decimal === 'either') {
    const read = readAmount(text);
    return 'amount' in read ? { value: read.amount } : read;
  }
  if (!GROUPED[decimal].test(text)) return { problem: `is no amount with a decimal ${decimal}, without a currency` };
  const plain = text.replace(decimal === 'comma' ? /[.\s'’]/gu : /[,\s'’]/gu, '');
  return { value: plain.replace(',', '.') };
}
