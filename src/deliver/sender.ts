// Sends requests for destinations, with a token where one is needed: a token that is no longer taken is renewed once.
import type { Clock, GetRequest, HttpRequest, Outcome, Reply } from '../types.ts';
import { type Http, REQUEST_TIMEOUT_MS } from './http.ts';
import type { Route } from './questions.ts';
import { createTokens } from './tokens.ts';

/** `unsent` when no token could be had, so that nothing left the house. */
export type Sent = Reply | { unsent: Outcome & { kind: 'retry' } };
export type Send = (
  to: Pick<Route, 'destination' | 'settings'>,
  request: HttpRequest | GetRequest,
  options: { signal: AbortSignal },
) => Promise<Sent>;

const UNAUTHORIZED = 401;

const withToken = <R extends HttpRequest | GetRequest>(request: R, token: string): R => ({
  ...request,
  headers: { ...request.headers, authorization: `Bearer ${token}` },
});

/** Asking for a token and sending share the time of one request: the lease of what is sent is no longer. */
export const createSender = ({ http, now }: { http: Pick<Http, 'send'>; now: Clock }): Send => {
  const tokens = createTokens({ http, now });

  return async ({ destination: { token: need }, settings }, request, { signal }) => {
    if (need === undefined) return http.send(request, { signal });
    const until = now() + REQUEST_TIMEOUT_MS;
    const options = () => ({ signal, timeout: Math.min(Math.max(1, until - now()), REQUEST_TIMEOUT_MS) });
    const grant = need.grant(settings);

    const tryOnce = async (): Promise<{ sent: Sent; token?: string }> => {
      const given = await tokens.get(grant, options());
      if ('failed' in given) return { sent: { unsent: { kind: 'retry', reason: given.failed } } };
      if ('refused' in given) {
        const reason = need.refused(given.refused, settings);
        return { sent: { unsent: { kind: 'retry', reason, pause: true } } };
      }
      const { token } = given;
      return { sent: await http.send(withToken(request, token), options()), token };
    };

    const first = await tryOnce();
    const { sent, token } = first;
    if (token === undefined || !('status' in sent) || sent.status !== UNAUTHORIZED) return sent;
    tokens.forget(grant, token);
    return (await tryOnce()).sent;
  };
};
