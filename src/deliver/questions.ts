// What deliver needs from others: the questions it asks of keep, and the routes of the store files.
import type { Attempt, Delivery, Destination } from '../types.ts';

/** An attempt that ends its delivery, or with `due_at` puts it off. Times are milliseconds since 1970. */
export type Completion = { delivery: Delivery; attempt: Attempt; due_at?: number };

export type DeliveryQuestions = {
  /** Every account with open deliveries, and when its first one is due. */
  findDueAccounts: () => Promise<{ account: string; due_at: number }[]>;
  /** Leases due deliveries of one account, oldest first; of a paused one only with `even_paused`. */
  claimDeliveries: (claim: {
    account: string;
    now: number;
    lease_until: number;
    lease_id: string;
    limit: number;
    even_paused?: boolean;
  }) => Promise<Delivery[]>;
  /** Notes that sending begins, durably, and answers which are still held; the others must not be sent. */
  startDeliveries: (deliveries: readonly Delivery[], now: number) => Promise<Delivery[]>;
  /** Notes, durably, that this process may end of sending this one alone. */
  countDeath: (delivery: Delivery) => Promise<void>;
  /** Writes many ends in one transaction; one whose lease is lost changes nothing. */
  finishDeliveries: (completions: readonly Completion[]) => Promise<void>;
  /** Gives leased deliveries back unsent, to the account they then name, due at `due_at`. */
  releaseDeliveries: (deliveries: readonly Delivery[], due_at: number) => Promise<void>;
  pauseAccount: (pause: { account: string; reason: string; since: number; settings?: string }) => Promise<void>;
  resumeAccount: (account: string) => Promise<void>;
  /** `settings` stands for those under which the account was paused. */
  listPauses: () => Promise<{ account: string; reason: string; settings?: string }[]>;
  /** Tells all who send to leave an account alone until a time, and that it answers again. */
  holdAccount: (hold: Hold) => Promise<void>;
  freeAccount: (account: string) => Promise<void>;
  /** Whether to find out if an account answers again; the others then wait until `until`. */
  takeProbe: (probe: { account: string; now: number; until: number; most: number }) => Promise<boolean>;
  listHolds: () => Promise<Hold[]>;
  /** Notes that this one sends, and answers how many do, by who was seen since `since`. */
  countSenders: (id: string, now: number, since: number) => Promise<number>;
  removeSender: (id: string) => Promise<void>;
};
/** Nothing is sent before `until`; `trips` counts how often in a row the breaker opened, 0 where the receiver asked to wait. */
export type Hold = { account: string; until: number; trips: number };

/** One destination of one store, ready to use. `name` is its key in the store file; `max_age` is in milliseconds. */
export type Route = {
  store: string;
  name: string;
  account: string;
  destination: Destination;
  settings: unknown;
  /** Requests per second, counted per account. */
  rate?: number | undefined;
  max_age?: number | undefined;
  /** Waits between tries in milliseconds, in place of the destination's own. */
  schedule?: readonly number[] | undefined;
  /** What the store says of the breaker of the account. */
  breaker?: { failures?: number | undefined; first?: number | undefined; most?: number | undefined } | undefined;
  /** Send again after an unknown end even where a second copy may count twice. */
  retry_ambiguous?: boolean;
};

/** How long a row is ours once claimed or born; longer than a request, its wait for a turn and its completion. */
export const LEASE_MS = 60_000;
