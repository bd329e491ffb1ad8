// How values of events and bodies are shown to people: short, and without anybody's personal data unless asked for.
import { EVENT_FIELDS } from '../event.ts';

const LONGEST = 80;
/** Fields that say who somebody is or where. */
const PERSONAL = new Set(
  Object.keys(EVENT_FIELDS)
    .filter((path) => path.startsWith('user_data.'))
    .concat('user_id', 'external_id', 'ip_override'),
);
const LOOKS_PERSONAL = /@|%40|(?:\d{1,3}\.){3}\d{1,3}/;

/** `***` and how long the value is, which tells an empty one from a cut one. */
export const masked = (text: string): string => `*** (${text.length} characters)`;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing'));

const isPlain = (value: unknown): boolean =>
  Array.isArray(value) ? value.every((one) => typeof one !== 'object') : typeof value !== 'object';

/** Would the value of the event field at `path` show somebody's personal data? */
export const isPersonal = (path: string, value: unknown): boolean =>
  PERSONAL.has(path) || !isPlain(value) || LOOKS_PERSONAL.test(textOf(value));

/** A value of the event field at `path`, quoted if it is text. */
export function showValue(path: string, value: unknown, { showData }: { showData: boolean }): string {
  if (value === undefined) return 'nothing';
  const text = textOf(value);
  if (!showData && isPersonal(path, value)) return masked(text);
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return typeof value === 'string' ? `"${short}"` : short;
}
