// The nouns every stage shares: hook, verified hook, delivery, request, reply, outcome, attempt.
import type { z } from 'zod';
import type { ConsentKey, Event } from './event.ts';

/** Bytes that arrived for one source of one store. Times are milliseconds since 1970, UTC. */
export type Hook = {
  id: string;
  store: string;
  source: string;
  received_at: number;
  /** Lower-case names; credentials are taken out before a hook is made. */
  headers: Record<string, string>;
  body: Uint8Array;
};

declare const verified: unique symbol;
/** A hook whose sender has been proven. Only `verify` makes one. */
export type VerifiedHook = Hook & { readonly [verified]: true };

/** One event on its way to one destination of its store. `copy` counts deliberate second sends, from 0. */
export type Delivery = {
  event_id: string;
  destination: string;
  copy: number;
  store: string;
  /** The receiving account: deliveries of one account share batches, rate and breaker. */
  account: string;
  /** Attempts made so far. */
  attempts: number;
  created_at: number;
  /** Names the lease; a completion under another lease id changes nothing. */
  lease_id: string;
  /** Set when it may have arrived: when an earlier try began whose end is not known, the first of several. */
  sending_since?: number;
  /** Of one that may be what ends the process: how often that ended while it sent nothing else of the kind. */
  deaths_alone?: number;
  event: Event;
};

export type HttpRequest = { method: 'POST'; url: string; headers: Record<string, string>; body: string };
/** A request that only asks; destinations are always posted to. */
export type GetRequest = { method: 'GET'; url: string; headers: Record<string, string> };

/**
 * What came back, or why nothing did. `cut` tells why the body is not whole: it is larger than was asked for, or the
 * connection broke or time was up in the middle of it. `sent` tells whether the request may have reached the receiver.
 */
export type Reply =
  | { status: number; headers: Record<string, string>; body: string; cut?: 'limit' | 'broken' }
  | { failure: 'dns' | 'refused' | 'tls' | 'timeout' | 'reset' | 'forbidden_address'; detail: string; sent: boolean };

/**
 * How an attempt ended. `after` is in milliseconds; `pause` stops the account until somebody acts. A `receipt` is what the
 * receiver calls the request, by which it can be asked later what became of it.
 */
export type Outcome =
  | { kind: 'delivered'; note?: string; receipt?: string }
  | { kind: 'skipped'; reason: string }
  | { kind: 'retry'; reason: string; after?: number; pause?: boolean; ambiguous?: boolean }
  | { kind: 'rejected'; reason: string };

/**
 * One try of a delivery as it ended, or with `skipped` that none was made. `at` is when it began; `ms` how long it took. `dead`
 * is an end nobody can decide for us: it may have arrived and must not arrive twice.
 */
export type Attempt = {
  at: number;
  ms: number;
  status?: number;
  kind: 'delivered' | 'skipped' | 'retry' | 'rejected' | 'expired' | 'dead';
  reason?: string;
  /** The receiver may have got it although it did not say so. */
  ambiguous?: boolean;
  /** What the receiver calls the request, to ask it later. */
  receipt?: string;
};

/** Why an event is not sent: `expired` when it is too old by now, otherwise a rule of the destination or the store. */
export type Refusal = { reason: string; expired?: boolean };

/** What a person is asked for when a connection is tested; it is used once and never kept. */
export type ProbeAsk = { name: string; label: string; help: string; pattern: RegExp };
/** What a test showed, in words for a person; `details` are lines of the receiver's own. */
export type Probed = { ok: boolean; text: string; details: readonly string[] };
/** How a person tests the connection to a receiver. `build` gets what was asked for, each fitting its pattern. */
export type Probe<S> = {
  /** What the test does there. */
  help: string;
  asks: readonly ProbeAsk[];
  build: (settings: S, given: Readonly<Record<string, string>>, now: number) => HttpRequest;
  read: (reply: Reply) => Probed;
};

/** How a receiver is asked later what became of a request, by the receipt it gave. `help` says when it knows. */
export type Inquiry<S> = {
  help: string;
  build: (settings: S, receipt: string) => GetRequest;
  read: (reply: Reply) => Probed;
};

/**
 * What is given for a token that does not last, by OAuth 2.0: a refresh token (RFC 6749), or a signed assertion (RFC 7523).
 * `issuer` is what the giver of tokens calls itself.
 */
export type Grant = { endpoint: string; issuer: string } & (
  | { kind: 'refresh_token'; client_id: string; client_secret: string; refresh_token: string }
  | { kind: 'assertion'; client: string; audience: string; scope: string; key: string; key_id?: string | undefined }
);
/** Why no token was given: the word that OAuth has for it, such as `invalid_grant`, and the status of the answer. */
export type GrantRefusal = { error: string; status: number };
/** For receivers that want a bearer token. `refused` tells people what to do about a grant that was not taken. */
export type TokenNeed<S> = { grant: (settings: S) => Grant; refused: (refusal: GrantRefusal, settings: S) => string };

/** How often a receiver's own report counts a purchase on a day, its worth there, and to what channel it puts it down. */
export type Recounted = { id: string; day: string; times: number; value: number; channel: string };
/**
 * A page of such a report. `rows` are all it has; `partial` says that the receiver itself left some out or merged them.
 * Amounts are in `currency`; its days are those of `time_zone`.
 */
export type ReportPage = {
  counted: readonly Recounted[];
  rows: number;
  currency: string;
  time_zone: string;
  partial: boolean;
};
/** How a receiver's own report is asked which purchases it counted. Days are such as 2026-11-20, the last one included. */
export type Report<S> = {
  /** What people call whoever counts. */
  title: string;
  /** What the report is of, such as a property; undefined where the store has not given what it takes to ask. */
  subject: (settings: S) => string | undefined;
  token: TokenNeed<S>;
  build: (settings: S, days: { from: string; until: string }, offset: number) => HttpRequest;
  /** A `problem` is told to people. */
  read: (reply: Reply) => ReportPage | { problem: string };
  /** Under which id the event is in the report, and what it is to be worth there; undefined where it is not in it. */
  entryOf: (event: Event) => { id: string; value: number | undefined; currency: string | undefined } | undefined;
};

/**
 * What a receiver says of the events of one name that it got, from all who send there. Shares are in percent; what it does not
 * tell, as of few events, is not there.
 */
export type EventQuality = {
  event: string;
  /** A purchase or a lead: what is paid for, and worth an alert. */
  counts: boolean;
  /** How well it finds the people behind them, from 0 to 10. */
  score?: number | undefined;
  /** What it finds people by, and on how many of the events it was; `lacks` are those that are on few of them. */
  keys: readonly { key: string; share: number }[];
  lacks: readonly string[];
  /** How many of the browser's events a server sent too, and how many should be. */
  coverage?: number | undefined;
  goal?: number | undefined;
  /** What it knows doubles by: how many events of browser and server carry it, and how many of the browser's it knew again. */
  doubles: readonly {
    key: string;
    browser?: number | undefined;
    server?: number | undefined;
    known?: number | undefined;
  }[];
  /** How soon events come, in its own word, such as `real_time`. */
  pace?: string | undefined;
  /** What it complains of, in its own words. */
  issues: readonly { name: string; todo?: string | undefined; share?: number | undefined }[];
};
/** What people can do about a low score, and about doubles that are not known. */
export type QualityTodo = { score: string; doubles: string };
/** When what lets us in ends: a time, `never`, or `untold` where the receiver does not say so of this one. */
export type End = number | 'never' | 'untold';
/** How a receiver is asked when what lets us in ends. `name` is what people call it, and `todo` how to get one that lasts. */
export type EndQuestion<S> = {
  name: string;
  todo: string;
  build: (settings: S) => GetRequest;
  /** A `problem` is told to people. */
  read: (reply: Reply) => { ends: End } | { problem: string };
};
/** How a receiver is asked what it thinks of the events it got. */
export type Quality<S> = {
  /** What people call whoever says so. */
  title: string;
  todo: QualityTodo;
  /** Does the store want it asked? */
  isAsked: (settings: S) => boolean;
  build: (settings: S) => GetRequest;
  /** A `problem` is told to people. */
  read: (reply: Reply) => { events: readonly EventQuality[] } | { problem: string };
  /** Asked beside it, and as often. */
  end?: EndQuestion<S>;
};

/**
 * A kind of receiver. Everything here is pure. `S` is what `settings` parses to.
 * `wants` is asked when the event is made and again right before sending, because time goes on.
 */
export type Destination<S = unknown> = {
  name: string;
  title: string;
  settings: z.ZodType<S>;
  /** Settings that are never shown; a store file best takes them from the environment, by `${NAME}`. */
  secrets: readonly string[];
  /** Identity of the receiving account, without secrets. */
  account: (settings: S) => string;
  /**
   * The settings that tell where an event is counted: two destinations that agree in them count what both take twice. All that
   * are no secrets, unless given.
   */
  countedBy?: readonly string[];
  /** Consent that must not be denied for this kind of receiver, unless the store requires something else. */
  consent: readonly ConsentKey[];
  /** The setting that is a table by names of events, where only those are sent that it names. */
  byEvent?: string;
  /** The most events one request may carry. */
  batch: number;
  /** The most requests in a second, where the store says nothing else. */
  rate?: number;
  /** Waits after the first, second … failed attempt, in milliseconds; the last one repeats until the event expires. */
  schedule: readonly number[];
  /** May an attempt whose end is unknown be sent again without counting twice? */
  deduplicates: (event: Event) => boolean;
  /** For how many milliseconds after the first copy; for good where nothing is said. */
  deduplicatesFor?: number;
  /** The age in milliseconds after which this event must not be sent. */
  maxAge: (event: Event, settings: S) => number;
  wants: (event: Event, settings: S, now: number) => Refusal | undefined;
  build: (events: readonly Event[], settings: S, now: number) => HttpRequest;
  judge: (reply: Reply, events: readonly Event[]) => Outcome;
  probe: Probe<S>;
  /** Requests are sent with a token that is got by this. */
  token?: TokenNeed<S>;
  inquiry?: Inquiry<S>;
  report?: Report<S>;
  quality?: Quality<S>;
};

/** Anything that can be stored: the values both databases know. */
export type SqlValue = string | number | null | Uint8Array;
export type Row = Record<string, SqlValue>;
/**
 * One statement run once per list of parameters, in order. With `together` no run depends on another one, so a database may
 * make one of them all by repeating the tuple after `values`, where all parameters then stand; what they return is together
 * too, in the place of the first run.
 */
export type Step = { sql: string; rows: SqlValue[][]; together?: boolean };
/**
 * The database port. `transaction` is atomic and durable when it resolves; it answers the returned rows of every run of
 * every step. `urgent` goes before whatever else is waiting: it is for hooks that someone waits to see acknowledged.
 */
export type Db = {
  query: (sql: string, params?: SqlValue[]) => Promise<Row[]>;
  transaction: (steps: Step[], options?: { urgent?: boolean }) => Promise<Row[][][]>;
  /**
   * Leaves nothing of what was deleted on any page in use; a file of up to so many bytes is written anew, which leaves
   * nothing anywhere and is answered with true. A database that sees to that by itself has no need of it.
   */
  scrub?: (rewriteUpTo: number) => Promise<boolean>;
  /**
   * Drops whole days of a table that end before the id `before`, and answers how many rows went. A database whose tables have
   * no days has not got it.
   */
  dropDays?: (table: string, before: string) => Promise<number>;
  close: () => Promise<void>;
};

export type Clock = () => number;
