// What a signature scheme is: how it proves a sender, and how to sign like one.
import { z } from 'zod';

/** A request as it came, before anybody trusts it. Header names are lower case; `url` is path and query as sent. */
export type Unverified = { method: string; url: string; headers: Record<string, string>; body: Uint8Array };

/** What a source knows about its sender. */
export type Sender = {
  /** Shared secrets; every one of them counts, so that a secret can be changed without a gap. */
  secrets: readonly string[];
  /** Public keys and certificates that stand among the secrets, as PEM. They are no shared secrets: many know them. */
  keys: readonly string[];
  /** The source's own settings, such as a user name or the id a sender gave to the webhook. */
  settings: Readonly<Record<string, unknown>>;
};

/** A public key from its sender's host, as PEM; `temporary` problems may be gone when the sender tries again. */
export type FetchedKey = { pem: string } | { problem: string; temporary: boolean };
export type FetchKey = (url: string) => Promise<FetchedKey>;

/** What verifying needs from around it. */
export type Around = {
  now: number;
  /** How senders reach the hook port; some sign it. */
  publicUrl: string | undefined;
  fetchKey: FetchKey;
  /** The body as data, undefined where it cannot be read; only for senders whose secret stands in the body. */
  readBody: () => Promise<unknown>;
};

/** `reason` is for the log, never for the sender, and names no secret. `later` means that it cannot be told now. */
export type Verdict = { ok: true } | { ok: false; reason: string; later?: boolean };
export const no = (reason: string): Verdict => ({ ok: false, reason });

/** What a sender would add to its request. */
export type Signature = { headers: Record<string, string>; query?: Record<string, string> };

/** Methods, not function properties, so that a table of schemes can be asked with the settings of any of them. */
export type Scheme<S> = {
  /** What a request must have for this scheme, in words for the log. */
  proof(settings: S): string;
  /** Has the request that? */
  applies(settings: S, request: Unverified): boolean;
  /** Names of the headers that carry credentials or signatures; `headers` are those of a request. */
  credentials(settings: S, headers: Record<string, string>): string[];
  verify(settings: S, request: Unverified, sender: Sender, around: Around): Verdict | Promise<Verdict>;
  /** Undefined where only the sender itself can sign, or something that is signed is not known. */
  sign(
    settings: S,
    request: Unverified,
    sender: Sender,
    around: Pick<Around, 'now' | 'publicUrl'>,
  ): Signature | undefined;
};

export const HeaderName = z.string().min(1).toLowerCase();
export const HeaderNames = z.union([HeaderName, z.array(HeaderName).min(1)]);

/** Settings of every scheme. */
export const Common = {
  when_header: z
    .record(HeaderName, z.union([z.string(), z.array(z.string()).min(1)]))
    .optional()
    .describe('Judge only requests whose headers have these values; "" stands for a missing header'),
  check: z
    .string()
    .min(1)
    .optional()
    .describe('A JSONata expression over the body that must be true too, such as whose account sent it'),
};
