// Who may ask, over the API and as an assistant's tool alike: proves tokens, and refuses what is too much or not allowed.
import type { Request } from 'express';
import type { Token } from '../../keep/questions/tokens.ts';
import type { Clock } from '../../types.ts';
import type { Audit } from '../route.ts';
import { actorOf, type Tokens } from '../tokens/tokens.ts';
import { createPace } from './pace.ts';
import { type ApiRoute, type Problem, problem } from './route.ts';

export type Gate = ReturnType<typeof createGate>;

export function createGate({ tokens, audit, now }: { tokens: Tokens; audit: Audit; now: Clock }) {
  const pace = createPace(now);
  return {
    /** Whose request it is, or why it is nobody's or comes too soon. */
    tokenOf: async (request: Request): Promise<{ token: Token } | Problem> => {
      const bearer = await tokens.bearerOf(request.headers.authorization, request.ip ?? '');
      if (bearer.kind === 'missing') return problem(401, 'Send a token: Authorization: Bearer tagbridge_…');
      if (bearer.kind === 'wrong') return problem(401, 'There is no such token, or it was revoked.');
      if (bearer.kind === 'expired')
        return problem(401, `The token expired at ${new Date(bearer.since).toISOString()}.`);
      if (bearer.kind === 'throttled') {
        const retryAfter = Math.ceil(bearer.wait / 1000);
        return problem(429, 'Too many wrong tokens or passwords came from your address.', { retryAfter });
      }
      const wait = pace(bearer.token.id);
      if (wait > 0) return problem(429, 'This token asks too often.', { retryAfter: Math.ceil(wait / 1000) });
      return { token: bearer.token };
    },
    /** Notes that a token asks for what its scopes do not allow, and says so; undefined where they do. */
    refuse: async (token: Token, route: ApiRoute, detail: string): Promise<Problem | undefined> => {
      if (token.scopes.includes(route.scope)) return undefined;
      await audit({ actor: actorOf(token), action: `refused: ${route.method} /api${route.path}`, detail });
      return problem(403, `This token may not do that: it has not the scope ${route.scope}.`);
    },
  };
}
