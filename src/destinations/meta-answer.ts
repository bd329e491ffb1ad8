// What Meta's answers mean. Decided by error code and subcode: HTTP statuses vary and texts are in the account's language.
// https://developers.facebook.com/docs/graph-api/guides/error-handling
import { z } from 'zod';
import { readJson } from '../lib/json.ts';
import { retryAfter } from '../lib/retry-after.ts';
import { HOUR_MS, MINUTE_MS } from '../lib/time.ts';
import type { Outcome, Reply } from '../types.ts';
import { type Answer, retry, retryAnswered } from './judge.ts';
import { failedProbe } from './probe.ts';

const Blamed = z.object({ blame_field_specs: z.array(z.array(z.string())) });
const Body = z.object({
  events_received: z.number().optional(),
  messages: z.array(z.unknown()).optional().catch(undefined),
  error: z
    .object({
      code: z.number(),
      error_subcode: z.number().optional().catch(undefined),
      is_transient: z.boolean().optional().catch(undefined),
      error_data: z.unknown().optional(),
    })
    .optional(),
});
type MetaError = NonNullable<z.infer<typeof Body>['error']>;

const THROTTLED_WAIT = 5 * MINUTE_MS;
const BLOCKED_WAIT = HOUR_MS;

const THROTTLED = new Set([4, 17, 32, 341, 613]);
const TEMPORARY = new Set([1, 2, 5000, 21009]);
const BLOCKED = 368;
const TOKEN = 190;
const SIGNATURE = new Set([102, 104]);
const PERMISSION = new Set([3, 10, 294]);
const INVALID = new Set([100, 105, 2655, 1487301]);
const UNKNOWN_OBJECT = 33;
const OLD_VERSION = 2635;

export const NEW_TOKEN =
  'create a new one in Events Manager, Settings, Conversions API, and put it where access_token points to';
const TOKEN_STATES: Record<number, string> = {
  458: 'the app was removed from the account that made it',
  459: 'the account that made it must log in at Facebook',
  460: 'the password of the account that made it was changed',
  463: 'it has expired',
  464: 'the account that made it is not confirmed',
  467: 'it is no longer valid',
  492: 'the account that made it has lost its role',
};
const INVALID_STATES: Record<number, string> = {
  2804003: 'the event is too old',
  2804009: 'a Purchase has no value',
  2804019: 'it conflicts with an earlier report',
  2804030: 'the data processing options are not accepted',
  2804036: 'the lead id is unknown to Meta',
  2804050: 'too little is known about the person',
  2804066: 'the event name is not allowed for business messaging',
  2804087: 'the click id of a message is not valid',
};

/** The fields Meta blames, such as `event_time`; `error_data` is an object or the same as JSON text. */
function blamed({ error_data: data }: MetaError): string {
  const table = typeof data === 'string' ? readJson(Blamed, data) : Blamed.safeParse(data).data;
  const specs = table?.blame_field_specs ?? [];
  const fields = specs.flatMap((path) => path.at(-1) ?? []).filter((field) => /^\w{1,40}$/.test(field));
  return fields.length > 0 ? `, field ${[...new Set(fields)].join(', ')}` : '';
}

const isThrottled = (code: number) => THROTTLED.has(code) || (code >= 80000 && code <= 80014);
const isPermission = (code: number) => PERMISSION.has(code) || (code >= 200 && code <= 299);

/** The outcome of an error; Meta's own message is left out because it may quote the token or the person's data. */
function judgeError(error: MetaError, { status, headers }: Answer): Exclude<Outcome, { kind: 'delivered' }> {
  const { code, error_subcode: subcode } = error;
  const number = `code ${code}${subcode === undefined ? '' : `/${subcode}`}`;
  const pause = (reason: string) => ({ kind: 'retry', reason: `${reason} (${number})`, pause: true }) as const;
  if (isThrottled(code)) return retry(`Meta asks to slow down (${number})`, retryAfter(headers) ?? THROTTLED_WAIT);
  if (code === BLOCKED)
    return retry(`Meta blocks the account for a while (${number})`, retryAfter(headers) ?? BLOCKED_WAIT);
  if (error.is_transient === true || TEMPORARY.has(code)) {
    return retry(`Meta has a passing problem (${number}, HTTP ${status})`, retryAfter(headers));
  }
  if (code === TOKEN) {
    const state = subcode === undefined ? undefined : TOKEN_STATES[subcode];
    return pause(`Meta does not accept the access token${state === undefined ? '' : `: ${state}`}; ${NEW_TOKEN}`);
  }
  if (SIGNATURE.has(code))
    return pause('Meta does not accept the app secret proof; app_secret must be of the app that made the access token');
  if (isPermission(code))
    return pause('The access token may not send events to this pixel; give its system user access to the pixel');
  if (code === 100 && subcode === UNKNOWN_OBJECT)
    return pause('There is no pixel with this pixel_id, or the access token may not see it');
  if (code === OLD_VERSION)
    return pause('Meta has ended this version of its API; take api_version out of the store file, or give a newer one');
  if (INVALID.has(code)) {
    const state = subcode === undefined ? undefined : INVALID_STATES[subcode];
    return {
      kind: 'rejected',
      reason: `Meta rejects the event${state === undefined ? '' : `: ${state}`} (${number}${blamed(error)})`,
    };
  }
  return retry(`Meta answers with an error that is not known here (${number}, HTTP ${status})`, retryAfter(headers));
}

/** Does Meta answer this question to others alone, or not at all? */
export function isDenied({ body }: Answer): boolean {
  const error = readJson(Body, body)?.error;
  return error !== undefined && error.is_transient !== true && (INVALID.has(error.code) || isPermission(error.code));
}

/** Why Meta does not answer a question; `lacking` tells what it takes to ask. Undefined where no error of Meta's came. */
function refusedQuestion(answer: Answer, lacking: string): string | undefined {
  const error = readJson(Body, answer.body)?.error;
  if (error === undefined) return undefined;
  const { code, error_subcode: subcode, is_transient } = error;
  const isHidden = isPermission(code) || (code === 100 && subcode === UNKNOWN_OBJECT);
  if (isHidden && is_transient !== true) return `${lacking} (code ${code})`;
  if (INVALID.has(code) && is_transient !== true)
    return `Meta does not take the question (code ${code}${blamed(error)}); if the store file gives an api_version, take it out`;
  return judgeError(error, answer).reason;
}

/** What Meta answered to a question, as `schema` reads it, or why that is no answer; `lacking` tells what it takes to ask. */
export function answerTo<T>(reply: Reply, schema: z.ZodType<T>, lacking: string): { answer: T } | { problem: string } {
  if ('failure' in reply) return { problem: failedProbe(reply).text };
  if (reply.cut !== undefined) return { problem: 'the answer of Meta broke off, or was too long' };
  const refusal = refusedQuestion(reply, lacking);
  if (refusal !== undefined) return { problem: refusal };
  if (reply.status === 429) return { problem: 'Meta takes no more questions for now (HTTP 429)' };
  if (reply.status !== 200) return { problem: `Meta answered ${reply.status}` };
  const answer = readJson(schema, reply.body);
  return answer === undefined ? { problem: 'it answered, and not as Meta’s API does; check endpoint' } : { answer };
}

/** The outcome of a request with `count` events; a rejection says that at least one of them is at fault. */
export function judgeMetaAnswer(answer: Answer, count: number): Outcome {
  const { status, headers } = answer;
  const body = readJson(Body, answer.body);
  if (body?.error !== undefined) return judgeError(body.error, answer);
  if (status >= 200 && status < 300 && body?.events_received !== undefined) {
    const { events_received: received, messages = [] } = body;
    if (received === 0) return retry('Meta says that it received none of the events', retryAfter(headers));
    if (received !== count) return { kind: 'delivered', note: `Meta counted ${received} of ${count} events` };
    return messages.length > 0
      ? { kind: 'delivered', note: 'accepted with warnings, see Events Manager' }
      : { kind: 'delivered' };
  }
  if (status === 413) return { kind: 'rejected', reason: 'the request is too large for Meta' };
  return retryAnswered(answer, `answered ${status} without Meta's usual text`);
}
