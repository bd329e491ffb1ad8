// Keeps phone orders and leads as hooks of the source that is entered here, so that they go the road of any hook.

import type { Keep } from '../keep/keep.ts';
import type { KeptEntry, NewEntry } from '../keep/questions/entries.ts';
import type { Store } from '../map/files/load.ts';
import type { Source } from '../map/files/source.ts';
import { identify } from '../map/identify.ts';
import { dedupeKeys } from '../road/hook-keys.ts';
import { lettersFor } from '../road/reference-code.ts';
import type { Clock } from '../types.ts';
import type { Entry } from './read.ts';

/** Who entered it: the id of a user or of a token, never an address. */
export type Maker = { id: string; how: 'page' | 'api' | 'file' };
export type PhoneOrdersParts = {
  keep: Pick<Keep, 'keepEntries' | 'replaceEntry'>;
  /** Throws while the disk is too full to keep more. */
  checkRoom?: () => void;
  now: Clock;
  newId: () => string;
};
export type PhoneOrders = ReturnType<typeof createPhoneOrders>;

/** The source of a store whose hooks are entered here; undefined where its platform file is not there. */
export const enteredSource = (store: Store): Source | undefined =>
  [...store.sources.values()].find(({ entered }) => entered);

/** A number for what has none: the day, and eight letters and digits that are not taken for each other. */
export const numberFor = ({ kind, agreed_at }: Pick<Entry, 'kind' | 'agreed_at'>, id: string): string =>
  `${kind === 'order' ? 'P' : 'L'}${agreed_at.slice(2, 10).replaceAll('-', '')}-${lettersFor(id, 8)}`;

type Named = { id: string; number: string; by: string };

/** The body as it is kept: what was entered, under its number and key, and by whom. */
export const bodyOf = ({ idempotency_key: _, ...entry }: Entry, { id, number, by }: Named) => ({
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(JSON.stringify({ ...entry, number, id, by })),
});

export function createPhoneOrders({ keep, checkRoom, now, newId }: PhoneOrdersParts) {
  const hookOf = async (store: Store, source: Source, entry: Entry, maker: Maker, wait: number): Promise<NewEntry> => {
    const id = newId();
    const at = now();
    const { idempotency_key = id, number = numberFor(entry, id) } = entry;
    const kept = bodyOf(entry, { id: idempotency_key, number, by: maker.id });
    const hook = { id, store: store.name, source: source.name, received_at: at, ...kept };
    const { topic, delivery_id } = await identify(source, hook);
    const { kind, email, phone, code } = entry;
    return {
      hook,
      keys: dedupeKeys(hook, topic, delivery_id),
      due_at: at + wait,
      made_by: maker.id,
      how: maker.how,
      kind,
      number,
      email,
      phone,
      code,
    };
  };

  const sourceFor = (store: Store): Source => {
    const source = enteredSource(store);
    if (source === undefined) throw new Error(`store ${store.name} has no source whose hooks are entered here`);
    checkRoom?.();
    return source;
  };

  /**
   * Keeps entries that `readOrder` or `readLead` made, in one transaction, durable when it resolves. What was kept before
   * under the same idempotency key is a duplicate and changes nothing. `wait` are the milliseconds until work on them
   * begins; until then they can be undone. Throws a `KeepError` where nothing can be kept.
   */
  const keepAll = async (store: Store, entries: readonly Entry[], maker: Maker, wait = 0): Promise<KeptEntry[]> => {
    const source = sourceFor(store);
    return keep.keepEntries(await Promise.all(entries.map((entry) => hookOf(store, source, entry, maker, wait))));
  };

  const keepOne = async (store: Store, entry: Entry, maker: Maker, wait = 0): Promise<KeptEntry> => {
    const [kept] = await keepAll(store, [entry], maker, wait);
    if (kept === undefined) throw new Error('an entry was neither kept nor a duplicate');
    return kept;
  };

  /** As `keep`, in place of an entry that is taken back; answers whether it is. `made_by` is whose it must be. */
  const replace = async (
    store: Store,
    entry: Entry,
    maker: Maker,
    wait: number,
    old: { hook_id: string; made_by: string | undefined },
  ): ReturnType<Keep['replaceEntry']> =>
    keep.replaceEntry(await hookOf(store, sourceFor(store), entry, maker, wait), { ...old, now: now() });

  return { keep: keepOne, keepAll, replace };
}
