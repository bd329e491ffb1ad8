// Signed timestamps: where they stand, and how old a request may be.
import { z } from 'zod';
import { DURATION, durationMs } from '../lib/duration.ts';
import { HeaderName } from './scheme.ts';
import { pairsOf } from './signature.ts';

export const Timestamp = z
  .strictObject({
    header: HeaderName.optional().describe('The header that carries it'),
    pair: z.string().min(1).optional().describe('Its name in a signature header like t=…,v1=…'),
    unit: z.enum(['s', 'ms']).default('s'),
    tolerance: z.string().regex(DURATION, 'write a number and s, m, h or d, such as 5m').default('5m'),
    future: z.enum(['refuse', 'allow']).default('refuse').describe('What of a request from later than now'),
  })
  .refine(({ header, pair }) => (header === undefined) !== (pair === undefined), 'name either header or pair');
export type Timestamp = z.infer<typeof Timestamp>;

/** The timestamp exactly as it was signed, if it is one and near enough to `now`. `signature` is the signature header. */
export function readTimestamp(
  settings: Timestamp,
  headers: Record<string, string>,
  signature: string,
  now: number,
): { text: string } | { problem: string } {
  const { header, pair, unit, tolerance, future } = settings;
  const texts =
    header === undefined
      ? pairsOf(signature).flatMap(([name, value]) => (name === pair ? [value] : []))
      : [headers[header]];
  const [text] = texts;
  if (text === undefined || texts.length > 1) return { problem: 'the timestamp is missing or there twice' };
  if (!/^\d{1,15}$/.test(text)) return { problem: 'the timestamp is no whole number' };
  const age = now - Number(text) * (unit === 's' ? 1_000 : 1);
  const limit = durationMs(tolerance);
  if (age > limit) return { problem: `the request is more than ${tolerance} old; is this machine's clock right?` };
  if (future === 'refuse' && age < -limit)
    return { problem: `the request is more than ${tolerance} ahead; is this machine's clock right?` };
  return { text };
}

/** `now` as the sender writes it. */
export const writeTimestamp = ({ unit }: Timestamp, now: number): string =>
  String(unit === 's' ? Math.floor(now / 1_000) : now);
