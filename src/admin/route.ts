// What a page is: who may ask for it, what it is asked with, and what it can answer. Handlers know nothing of Express.
import type { Role, User } from '../keep/questions/users.ts';
import type { Html } from './html.ts';

/** Who asks, proven by a session. */
export type Visitor = { user: User; token: string; csrf: string };
export type Asked = {
  path: string;
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  form: URLSearchParams;
  address: string;
  visitor: Visitor;
};
/** What pages that need no login are asked with. */
export type OpenAsked = Omit<Asked, 'visitor'> & {
  visitor: Visitor | undefined;
  /** What the browser was given when it left for another site to log in. */
  attempt: string | undefined;
};

/** A `session` is the token of a new one, or undefined to end it. */
export type Answer =
  /** `of` is the path of the page whose form it answers. */
  | { kind: 'page'; title: string; content: Html; status?: number; retryAfter?: number; of?: string }
  | { kind: 'part'; content: Html }
  /** A part that is sent again whenever it changes, as long as the page is open. */
  | { kind: 'stream'; part: () => Promise<Html> }
  /** Something to keep, under a name; without one it is for scripts of the page. */
  | { kind: 'file'; name?: string; type: string; text: string | AsyncIterable<string> }
  | { kind: 'redirect'; to: string; session?: { token: string | undefined } }
  /** To another site, with what this browser is to bring when it comes back. */
  | { kind: 'leave'; to: string; attempt: string };

type Common = { method: 'get' | 'post'; path: string };
/** `largest` is the most bytes a form may have, where that is more than usual. */
export type Route = Common & { largest?: number } & {
  roles: readonly Role[];
  answer: (asked: Asked) => Promise<Answer> | Answer;
};
export type OpenRoute = Common & { answer: (asked: OpenAsked) => Promise<Answer> | Answer };

export const page = (
  title: string,
  content: Html,
  more: { status?: number; retryAfter?: number; of?: string } = {},
): Answer => ({
  kind: 'page',
  title,
  content,
  ...more,
});
export const redirect = (to: string): Answer => ({ kind: 'redirect', to });
export const withSession = (to: string, token: string | undefined): Answer => ({
  kind: 'redirect',
  to,
  session: { token },
});

/** Changes are noted with who made them; `detail` is an id or a name, never a person's data. */
export type Audit = (line: { actor: string; action: string; store?: string; detail: string }) => Promise<void>;

export const ALL: readonly Role[] = ['admin', 'viewer', 'sales'];
export const LOOKING: readonly Role[] = ['admin', 'viewer'];
export const ADMIN: readonly Role[] = ['admin'];
export const SELLING: readonly Role[] = ['admin', 'sales'];
