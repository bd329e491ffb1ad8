// Answers a platform file words itself: to senders that only ask whether somebody listens, and to kept hooks.
import { mediaType } from '../lib/media-type.ts';
import type { Evaluate } from '../map/condition.ts';
import type { Handshake } from '../map/reception.ts';
import type { Answer } from './answer.ts';
import type { HookRequest } from './server.ts';

/** The parsed body of the request and its query, for the tests of an answer. */
export type Asked = { body: unknown; query: Record<string, string> };

/** The first answer whose tests hold. `evaluate` runs the expressions of tests and answers. */
export function shakeHands(
  handshakes: readonly Handshake[],
  request: HookRequest,
  asked: Asked,
  evaluate: Evaluate,
): Answer | undefined {
  const env = {
    headers: request.headers,
    method: request.method,
    query: asked.query,
    content_type: mediaType(request.headers),
  };
  for (const { when, status, type, body, expression } of handshakes) {
    if (!when(asked.body, env, evaluate).holds) continue;
    const said = expression && evaluate(expression, asked.body, env);
    const text = typeof said === 'string' ? said : body;
    return { status, body: text ?? '', ...(type !== undefined && { type }) };
  }
  return undefined;
}
