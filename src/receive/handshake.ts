// Senders that only ask whether somebody listens: answered at once, before any signature, and never kept.
import type { Handshake } from '../map/source.ts';
import type { Answer } from './answer.ts';
import type { HookRequest } from './server.ts';

/** The parsed body of the request and its query, for the tests of a handshake. */
type Asked = { body: unknown; query: Record<string, string> };

const mediaType = (headers: HookRequest['headers']) => headers['content-type']?.split(';')[0]?.trim().toLowerCase();

/** The answer of the first handshake whose tests hold. Expressions of handshakes must be simple enough to be compiled. */
export function shakeHands(handshakes: readonly Handshake[], request: HookRequest, asked: Asked): Answer | undefined {
  const env = {
    headers: request.headers,
    method: request.method,
    query: asked.query,
    content_type: mediaType(request.headers),
  };
  for (const { when, status, type, body, expression } of handshakes) {
    const verdict = when(asked.body, env, (run, input, own) => run.evaluate(input, own));
    if (!verdict.holds) continue;
    const said = expression?.evaluate(asked.body, env);
    const text = typeof said === 'string' ? said : body;
    return { status, body: text ?? '', ...(type !== undefined && { type }) };
  }
  return undefined;
}
