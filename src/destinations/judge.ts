// What every destination concludes alike: no answer, and HTTP statuses that ask for another try.

import { retryAfter } from '../lib/retry-after.ts';
import { HOUR_MS, MINUTE_MS } from '../lib/time.ts';
import type { Outcome, Reply } from '../types.ts';

export type Failure = Extract<Reply, { failure: string }>;
export type Answer = Extract<Reply, { status: number }>;

const SECOND = 1000;
/** Seconds for hiccups, minutes for restarts, hours for outages; the last one repeats. */
export const SCHEDULE: readonly number[] = [
  2 * SECOND,
  10 * SECOND,
  30 * SECOND,
  2 * MINUTE_MS,
  5 * MINUTE_MS,
  15 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  2 * HOUR_MS,
  4 * HOUR_MS,
];

const FAILURES: Record<Failure['failure'], string> = {
  dns: 'the host name cannot be resolved',
  refused: 'the host takes no connections',
  tls: 'the secure connection failed',
  timeout: 'no answer in time',
  reset: 'the connection broke',
  forbidden_address:
    'the host is a private address; check the URL in the store file and the name server of this machine, or set ALLOW_PRIVATE_DESTINATIONS=true if it is meant',
};

const UNTRUSTED = 'the certificate of the host is of nobody this machine trusts';
/** What is wrong with a certificate, by the code that Node gives it. https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const CERTIFICATES: Record<string, string> = {
  CERT_HAS_EXPIRED: 'the certificate of the host has expired; whoever runs the host must renew it',
  CERT_NOT_YET_VALID: 'the certificate of the host is not valid yet, or the clock of this machine is wrong',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate of the host is of another name; compare the URL in the store file',
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
};

/** How proxies say that they passed the request on and got no answer, or a broken one: 520 and 524 are Cloudflare's. */
const UNANSWERED = new Set([504, 520, 524]);

/** What answers for a receiver that is not there: a page to log in, a parked domain, the shop itself. */
export const isWebPage = (body: string): boolean => /^\s*<(?:!doctype html|html[\s>])/i.test(body);

/** Another try, in `after` milliseconds where the receiver said so. */
export function retry(reason: string, after?: number): Extract<Outcome, { kind: 'retry' }> {
  return after === undefined ? { kind: 'retry', reason } : { kind: 'retry', reason, after };
}

/** Another try after an answer of nobody knows whom: it may have arrived where a proxy says that it passed the request on. */
export function retryAnswered({ status, headers }: Answer, reason: string): Extract<Outcome, { kind: 'retry' }> {
  const again = retry(reason, retryAfter(headers));
  return UNANSWERED.has(status) ? { ...again, ambiguous: true } : again;
}

/** The outcome when nothing came back. Ambiguous when the request may have arrived. */
export function judgeFailure({ failure, detail, sent }: Failure): Outcome {
  const reason = failure === 'tls' ? (CERTIFICATES[detail] ?? FAILURES.tls) : FAILURES[failure];
  return sent ? { kind: 'retry', reason, ambiguous: true } : { kind: 'retry', reason };
}

/** The outcome by HTTP status alone: 2xx, try again, or `rejected` with what the destination says about the status. */
export function judgeStatus(
  answer: Answer,
  accepted: () => string | undefined,
  hint: (status: number) => string,
): Outcome {
  const { status } = answer;
  if (status >= 200 && status < 300) {
    if (isWebPage(answer.body)) return retry(`answered ${status} with a web page: ${hint(status)}`);
    const note = accepted();
    return note === undefined ? { kind: 'delivered' } : { kind: 'delivered', note };
  }
  if (status >= 500 || status === 408 || status === 425 || status === 429)
    return retryAnswered(answer, `answered ${status}`);
  return { kind: 'rejected', reason: `answered ${status}: ${hint(status)}` };
}
