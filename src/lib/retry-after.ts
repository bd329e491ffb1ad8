// The Retry-After header as milliseconds.
import { HOUR_MS } from './time.ts';

/**
 * Milliseconds to wait, at most an hour; undefined without a usable header. A date is read against the answer's own
 * Date header, so that a receiver's clock that differs from ours does no harm. RFC 9110, section 10.2.3.
 */
export function retryAfter(headers: Record<string, string>): number | undefined {
  const given = headers['retry-after']?.trim();
  if (given === undefined) return undefined;
  const wait = /^\d+(\.\d+)?$/.test(given)
    ? Math.round(Number(given) * 1000)
    : Date.parse(given) - Date.parse(headers.date ?? '');
  return wait > 0 ? Math.min(wait, HOUR_MS) : undefined;
}
