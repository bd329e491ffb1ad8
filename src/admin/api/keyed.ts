// Lets a request be repeated under its idempotency key: it is done once, and answered the same each time for a day.
import type { Keep } from '../../keep/keep.ts';
import { sha256 } from '../../lib/hash.ts';
import type { Clock } from '../../types.ts';
import { type Outcome, problem } from './route.ts';

export type KeyedParts = { keep: Pick<Keep, 'beginKeyed' | 'endKeyed'>; now: Clock };
/** What the key stands for: the same token may use it again for the same request only. */
export type KeyedRequest = { token_id: string; key: string; path: string; body: unknown };

/** As the draft of the header asks for, with or without its quotes. */
export const keyOf = (header: string): string | undefined => /^"?([\x21\x23-\x7e]{1,200})"?$/.exec(header)?.[1];

const hashOf = ({ path, body }: KeyedRequest): string => sha256(JSON.stringify([path, body ?? '']));

/** Only what was done is kept: who was refused may try again. */
export async function runKeyed(
  { keep, now }: KeyedParts,
  request: KeyedRequest,
  run: () => Promise<Outcome<unknown>>,
): Promise<Outcome<unknown>> {
  const { token_id, key } = request;
  const begun = await keep.beginKeyed({ token_id, key, request_hash: hashOf(request) }, now());
  if (begun.kind === 'working') return problem(409, 'The first request with this Idempotency-Key is still at work.');
  if (begun.kind === 'other') return problem(422, 'This Idempotency-Key was used for another request.');
  if (begun.kind === 'answered') return { kind: 'json', json: JSON.parse(begun.answer) };
  let done: { status: number; answer: string } | undefined;
  try {
    const outcome = await run();
    if (outcome.kind === 'json') done = { status: 200, answer: JSON.stringify(outcome.json) };
    return outcome;
  } finally {
    await keep.endKeyed({ token_id, key }, done);
  }
}
