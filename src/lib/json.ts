// JSON that came from outside, read by a schema.
import type { z } from 'zod';

/** What the text says, as far as the schema takes it; undefined for anything else, broken JSON too. */
export function readJson<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Where the text that begins with the quote at `from` ends: behind its other quote, or with the JSON that breaks off. */
export function endOfText(json: string, from: number): number {
  let at = from;
  do at = json.indexOf('"', at + 1);
  while (at >= 0 && isEscaped(json, at));
  return at < 0 ? json.length : at + 1;
}

const BACKSLASH = 92;
/** Is there an odd number of backslashes before it? */
function isEscaped(json: string, at: number): boolean {
  let first = at;
  while (json.charCodeAt(first - 1) === BACKSLASH) first -= 1;
  return (at - first) % 2 === 1;
}
