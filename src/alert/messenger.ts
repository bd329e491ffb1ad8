// What a messenger is: a way to tell people, such as a chat or e-mail. Everything here is pure; sending is somewhere else.
import type { z } from 'zod';
import type { Outcome } from '../keep/questions/incidents.ts';
import type { HttpRequest } from '../types.ts';

/** One thing to tell: that an incident began, that it ended, or that messages arrive. No personal data, no secrets. */
export type Notice = {
  /** The incident, the same when it begins and when it ends. */
  id: string;
  phase: 'open' | 'end' | 'test';
  kind: string;
  title: string;
  /** What, how much and since when. */
  detail: string;
  /** What to do about it. */
  todo: string | undefined;
  /** Where to read more; undefined where nobody said how people reach the pages. */
  link: string | undefined;
  since: number;
  ended_at: number | undefined;
  /** How it ended. */
  outcome?: Outcome | undefined;
};

export type Mail = { to: readonly string[]; subject: string; text: string; html: string };
/** `id` names the message, the same at each try. */
export type Sending = { id: string; at: number };

export type Messenger<S = unknown> = {
  name: string;
  title: string;
  settings: z.ZodType<S>;
  /** The most notices that fit in one message. */
  batch: number;
  build: (notices: readonly Notice[], settings: S, sending: Sending) => HttpRequest | Mail;
};

/** How a notice looks: `past` ended without being mended, which is no good news. */
export const toneOf = ({ phase, outcome = 'mended' }: Notice): 'open' | 'end' | 'past' | 'test' =>
  phase === 'end' && outcome !== 'mended' ? 'past' : phase;
const MARKS = { open: '🔴', end: '🟢', past: '⚪', test: '🔵' } as const;
export const markOf = (notice: Notice): string => MARKS[toneOf(notice)];

/** One line for a subject or a push message; what began comes before what is over, which nobody need act on. */
export function headline(notices: readonly Notice[]): string {
  const first = notices.find(({ phase }) => phase === 'open') ?? notices[0];
  if (first === undefined) return '';
  const more = notices.length - 1;
  return `${markOf(first)} ${first.title}${more === 0 ? '' : ` and ${more} more`}`;
}

export const jsonRequest = (url: string, body: unknown, headers: Record<string, string> = {}): HttpRequest => ({
  method: 'POST',
  url,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});
