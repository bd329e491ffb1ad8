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
