// The one file of alert that touches the network: sends a message through the guarded client or by SMTP, and says how it went.
import { createTransport } from 'nodemailer';
import type { Http } from '../deliver/http.ts';
import { retryAfter } from '../lib/retry-after.ts';
import type { Reply } from '../types.ts';
import type { Contact } from './contacts.ts';
import type { Mail, Notice, Sending } from './messenger.ts';

/** `down`: the contact takes nothing at all now, whatever it is told. */
export type Sent = { ok: true } | { ok: false; problem: string; after?: number; down?: true };
export type Send = (contact: Contact, notices: readonly Notice[], sending: Sending) => Promise<Sent>;
/** `url` is smtp:// or smtps:// with user and password; `from` is the sender's address. */
export type Smtp = { url: string; from: string };
export type SendParts = {
  /** For addresses that stand in store files. */
  http: Pick<Http, 'send'>;
  /** For those of the operator's settings: whoever may set them runs this network, and may run there what listens. */
  ownHttp: Pick<Http, 'send'>;
  smtp: Smtp | undefined;
  signal: AbortSignal;
};

const TIMEOUT_MS = 10_000;

/** What the mail server answered with, if it answered. */
const statusOf = (error: unknown): number | undefined =>
  typeof error === 'object' && error !== null && 'responseCode' in error && typeof error.responseCode === 'number'
    ? error.responseCode
    : undefined;

/** Of an answer only its code: servers like to quote addresses. */
function problemOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'the e-mail could not be sent';
  const status = statusOf(error);
  if (status !== undefined) return `the mail server answered ${status}`;
  return 'code' in error && typeof error.code === 'string'
    ? `the mail server failed: ${error.code}`
    : 'the e-mail could not be sent';
}

/** Did the mail server refuse this message for good? Everything else is about the server. */
const isRefused = (error: unknown): boolean => (statusOf(error) ?? 0) >= 500;

/** Why `who` did not take a message, in words; undefined where it did. */
export function problemIn(reply: Reply, who: string): string | undefined {
  if ('failure' in reply) return `no answer: ${reply.failure.replaceAll('_', ' ')}`;
  return reply.status >= 200 && reply.status < 300 ? undefined : `${who} answered ${reply.status}`;
}

const isDown = (status: number): boolean => status === 429 || status >= 500;

export function createSend({ http, ownHttp, smtp, signal }: SendParts): Send {
  const mail = async ({ to, subject, text, html }: Mail, id: string): Promise<Sent> => {
    if (smtp === undefined) return { ok: false, problem: 'SMTP_URL and SMTP_FROM are not set' };
    const transport = createTransport({
      url: smtp.url,
      connectionTimeout: TIMEOUT_MS,
      greetingTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    const close = () => transport.close();
    signal.addEventListener('abort', close, { once: true });
    try {
      const headers = { 'auto-submitted': 'auto-generated', 'x-tagbridge-notice': id };
      await transport.sendMail({ from: smtp.from, to: [...to], subject, text, html, headers });
      return { ok: true };
    } catch (error) {
      return { ok: false, problem: problemOf(error), ...(!isRefused(error) && { down: true }) };
    } finally {
      signal.removeEventListener('abort', close);
      transport.close();
    }
  };

  return async ({ store, messenger, settings }, notices, sending) => {
    const message = messenger.build(notices, settings, sending);
    if ('to' in message) return mail(message, sending.id);
    const client = store === undefined ? ownHttp : http;
    const reply = await client.send(message, { signal, timeout: TIMEOUT_MS });
    const problem = problemIn(reply, messenger.title);
    if (problem === undefined) return { ok: true };
    if ('failure' in reply) return { ok: false, problem, down: true };
    const after = retryAfter(reply.headers);
    return { ok: false, problem, ...(after !== undefined && { after }), ...(isDown(reply.status) && { down: true }) };
  };
}
