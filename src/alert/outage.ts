// Tells that hooks cannot be kept: the one thing no incident can tell, because incidents lie where hooks do.
import { DAY_MS, MINUTE_MS } from '../lib/time.ts';
import { ago } from '../lib/words.ts';
import type { Clock } from '../types.ts';
import { type Contact, contactsFor } from './contacts.ts';
import type { Kind } from './kinds.ts';
import type { Notice } from './messenger.ts';
import { noticeOf, type Told } from './notice.ts';
import type { Send } from './send.ts';

/** A database that starts anew, or hands over to another, is back within that. */
const PATIENCE_MS = 2 * MINUTE_MS;
/** What fails again within that is the same outage. */
const CALM_MS = 5 * MINUTE_MS;
/** An end that could not be told for so long is told no more. */
const GIVE_UP_MS = DAY_MS;

export type OutageParts = {
  contacts: () => readonly Contact[];
  send: Send;
  now: Clock;
  newId: () => string;
  onProblem: (contact: string, problem: string) => void;
};
/** `over` is since when hooks are kept again. */
type Outage = { id: string; since: number; over: number | undefined; told: Set<string> };

function tellOf({ id, since, over }: Outage, now: number): Notice {
  const incident: Told = {
    id,
    kind: 'keep' satisfies Kind,
    title: 'Hooks cannot be kept',
    detail: `For ${ago(now - since)} every hook has been answered with 503: the database does not answer, takes no writes, or its disk is full.`,
    todo: 'Look at the log of the bridge and at the database. Senders try again for some hours only.',
    since,
    calm_since: over,
    ended_at: over,
    outcome: over === undefined ? undefined : 'mended',
  };
  // The pages say nothing of it: they lie where hooks do.
  if (over === undefined) return noticeOf(incident, 'open', undefined);
  const notice = noticeOf(incident, 'end', undefined);
  return { ...notice, detail: `${notice.detail} What senders did not send again is missing.` };
}

/**
 * Makes what is to be called once a minute with the time since when hooks cannot be kept, undefined while they can, and whether
 * it is ours to begin to tell. Everybody who would hear of every store is told once that it began, and by the same teller once
 * that it is over; who cannot be reached, at the next call.
 */
export function createOutage({ contacts, send, now, newId, onProblem }: OutageParts) {
  let outage: Outage | undefined;

  const tell = async (one: Outage, to: readonly Contact[]): Promise<Contact[]> => {
    const notice = tellOf(one, now());
    const answers = await Promise.all(
      to.map(async (contact) => {
        const sent = await send(contact, [notice], { id: `${one.id}/${contact.id}/${notice.phase}`, at: now() });
        if (!sent.ok) onProblem(contact.id, sent.problem);
        return sent.ok ? [contact] : [];
      }),
    );
    return answers.flat();
  };

  return async (since: number | undefined, mayBegin: boolean): Promise<void> => {
    const at = now();
    const all = contactsFor(contacts(), []);
    if (since !== undefined) {
      // Somebody could not be told that the one before was over.
      if (outage?.over !== undefined && since - outage.over >= CALM_MS) outage = undefined;
      if (outage === undefined && (!mayBegin || at - since < PATIENCE_MS)) return;
      outage ??= { id: newId(), since, over: undefined, told: new Set() };
      outage.over = undefined;
      const { told } = outage;
      const untold = all.filter(({ id }) => !told.has(id));
      for (const { id } of await tell(outage, untold)) told.add(id);
      return;
    }
    if (outage === undefined) return;
    outage.over ??= at;
    if (at - outage.over < CALM_MS) return;
    const { told } = outage;
    const toTell = all.filter(({ id }) => told.has(id));
    const reached = await tell(outage, toTell);
    for (const { id } of reached) told.delete(id);
    if (reached.length === toTell.length || at - outage.over > GIVE_UP_MS) outage = undefined;
  };
}
