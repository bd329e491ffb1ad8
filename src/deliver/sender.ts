// Sends requests for destinations, with a token where one is needed: a token that is no longer taken is renewed once.
import type { Clock, GetRequest, HttpRequest, Outcome, Reply, TokenNeed } from '../types.ts';
import { type Http, REQUEST_TIMEOUT_MS, type SendOptions } from './http.ts';
import { createTokens } from './tokens.ts';

/** `unsent` when no token could be had, so that nothing left the house. */
export type Sent = Reply | { unsent: Outcome & { kind: 'retry' } };
export type Send = <S>(
  to: { destination: { token?: TokenNeed<S> }; settings: S },
  request: HttpRequest | GetRequest,
  options: Pick<SendOptions, 'signal' | 'limit'>,
) => Promise<Sent>;

const UNAUTHORIZED = 401;

const withToken = <R extends HttpRequest | GetRequest>(request: R, token: string): R => ({
  ...request,
  headers: { ...request.headers, authorization: `Bearer ${token}` },
});

/** Asking for a token and sending share the time of one request: the lease of what is sent is no longer. */
export const createSender = ({ http, now }: { http: Pick<Http, 'send'>; now: Clock }): Send => {
  const tokens = createTokens({ http, now });

  return async ({ destination: { token: need }, settings }, request, given) => {
    if (need === undefined) return http.send(request, given);
    const until = now() + REQUEST_TIMEOUT_MS;
    const options = () => ({ ...given, timeout: Math.min(Math.max(1, until - now()), REQUEST_TIMEOUT_MS) });
    const grant = need.grant(settings);

    const tryOnce = async (): Promise<{ sent: Sent; token?: string }> => {
      const got = await tokens.get(grant, options());
      if ('failed' in got) return { sent: { unsent: { kind: 'retry', reason: got.failed } } };
      if ('refused' in got) {
        const reason = need.refused(got.refused, settings);
        return { sent: { unsent: { kind: 'retry', reason, pause: true } } };
      }
      const { token } = got;
      return { sent: await http.send(withToken(request, token), options()), token };
    };

    const first = await tryOnce();
    const { sent, token } = first;
    if (token === undefined || !('status' in sent) || sent.status !== UNAUTHORIZED) return sent;
    tokens.forget(grant, token);
    return (await tryOnce()).sent;
  };
};
