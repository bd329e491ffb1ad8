// Sends what is owed: claims notices that are due, bundles those of one contact, tries again later where it fails.
import type { Incident } from '../keep/questions/incidents.ts';
import type { DueNotice, NoticeClaim, NoticeEnd } from '../keep/questions/notices.ts';
import { DAY_MS } from '../lib/time.ts';
import type { Clock } from '../types.ts';
import type { Contact } from './contacts.ts';
import { noticeOf } from './notice.ts';
import type { Send } from './send.ts';

export type NotifyParts = {
  keep: {
    claimNotices: (claim: NoticeClaim) => Promise<DueNotice[]>;
    finishNotices: (ends: readonly NoticeEnd[], lease_id: string) => Promise<void>;
    findIncidents: (ids: readonly string[]) => Promise<Incident[]>;
  };
  contacts: () => readonly Contact[];
  send: Send;
  /** Where a page is for those who read the notice; undefined where that is not known. */
  linkTo: (path: string) => string | undefined;
  now: Clock;
  newId: () => string;
  onProblem: (contact: string, problem: string) => void;
};

const LIMIT = 100;
const LEASE_MS = 120_000;
/** A slow contact is told no more after so long; the rest is due again when its lease ends, and looking around goes on. */
const LONGEST_MS = LEASE_MS / 2;
/** Waits after the first, second … failed try; the last one repeats. */
const WAITS = [30_000, 120_000, 600_000, 1_800_000, 3_600_000];
/** What could not be told for a day is told no more. */
const GIVE_UP_MS = DAY_MS;

export function createNotify({ keep, contacts, send, linkTo, now, newId, onProblem }: NotifyParts) {
  const sendBatch = async (contact: Contact, due: readonly DueNotice[], incidents: ReadonlyMap<string, Incident>) => {
    const known = due.flatMap((one) => {
      const incident = incidents.get(one.incident_id);
      return incident === undefined ? [] : [{ one, notice: noticeOf(incident, one.phase, linkTo(incident.path)) }];
    });
    const [first] = known;
    if (first === undefined) return undefined;
    const { incident_id, phase } = first.one;
    const id = `${incident_id}/${contact.id}/${phase}`;
    return send(
      contact,
      known.map(({ notice }) => notice),
      { id, at: now() },
    );
  };

  const endOf = (one: DueNotice, sent: Awaited<ReturnType<Send>> | undefined): NoticeEnd => {
    const { incident_id, contact, phase, attempts, first_due } = one;
    const key = { incident_id, contact, phase };
    if (sent?.ok === true) return { ...key, sent_at: now() };
    if (sent === undefined) return { ...key, problem: 'this contact is not set up any more' };
    const retry = now() + Math.max(WAITS[Math.min(attempts, WAITS.length) - 1] ?? 0, sent.after ?? 0);
    return retry - first_due > GIVE_UP_MS
      ? { ...key, problem: sent.problem }
      : { ...key, problem: sent.problem, retry };
  };

  /** Sends what is due now; resolves when each is sent or put off. */
  return async (): Promise<void> => {
    const lease_id = newId();
    const due = await keep.claimNotices({ now: now(), lease_until: now() + LEASE_MS, lease_id, limit: LIMIT });
    if (due.length === 0) return;
    const found = await keep.findIncidents([...new Set(due.map(({ incident_id }) => incident_id))]);
    const incidents = new Map(found.map((incident) => [incident.id, incident]));
    const byContact = [...Map.groupBy(due, ({ contact }) => contact)];
    const until = now() + LONGEST_MS;
    await Promise.all(
      byContact.map(async ([id, all]) => {
        const contact = contacts().find((one) => one.id === id);
        const size = contact?.messenger.batch ?? all.length;
        // In order, so that nobody reads of an end before its beginning.
        for (let from = 0; from < all.length && now() < until; from += size) {
          const batch = all.slice(from, from + size);
          const sent = contact && (await sendBatch(contact, batch, incidents));
          if (sent?.ok === false) onProblem(id, sent.problem);
          const isDown = sent?.ok === false && sent.down === true;
          await keep.finishNotices(
            (isDown ? all.slice(from) : batch).map((one) => endOf(one, sent)),
            lease_id,
          );
          if (isDown) return;
        }
      }),
    );
  };
}
