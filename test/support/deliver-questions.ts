// The questions deliver asks, answered from a table in memory; leases and fences as the real ones.
import type { DeliveryQuestions, Hold } from '../../src/deliver/questions.ts';
import type { Attempt, Delivery } from '../../src/types.ts';

export type StoredDelivery = {
  delivery: Delivery;
  /** While leased, the end of the lease. */
  due_at: number;
  attempts: Attempt[];
  /** How it ended; undefined while it is open. */
  end?: Attempt['kind'];
};

const keyOf = (delivery: Delivery) => `${delivery.event_id} ${delivery.destination} ${delivery.copy}`;

export const createMemoryQuestions = () => {
  const rows = new Map<string, StoredDelivery>();
  const pauses = new Map<string, string>();
  const stamps = new Map<string, string>();
  const holds = new Map<string, Hold>();
  const transactions: number[] = [];
  const claims: { account: string; claimed: number }[] = [];
  const begun: string[][] = [];

  const open = () => [...rows.values()].filter(({ end }) => end === undefined);
  const held = (delivery: Delivery): StoredDelivery | undefined => {
    const row = rows.get(keyOf(delivery));
    return row?.end === undefined && row?.delivery.lease_id === delivery.lease_id ? row : undefined;
  };
  /** The row is as its holder found it; what the holder began is over. */
  const free = (row: StoredDelivery, found: Delivery, due_at: number, attempts: number) => {
    row.delivery = { ...found, attempts, lease_id: '' };
    row.due_at = due_at;
  };

  const questions: DeliveryQuestions = {
    findDueAccounts: async () => {
      const due = new Map<string, number>();
      for (const { delivery, due_at } of open()) {
        due.set(delivery.account, Math.min(due.get(delivery.account) ?? due_at, due_at));
      }
      return [...due].map(([account, due_at]) => ({ account, due_at }));
    },
    claimDeliveries: async ({ account, now, lease_until, lease_id, limit, even_paused = false }) => {
      if (pauses.has(account) && !even_paused) return [];
      const due = open()
        .filter((row) => row.delivery.account === account && row.due_at <= now)
        .sort((one, other) => one.due_at - other.due_at)
        .slice(0, limit);
      claims.push({ account, claimed: due.length });
      for (const row of due) {
        row.due_at = lease_until;
        row.delivery = { ...row.delivery, lease_id };
      }
      return due.map(({ delivery }) => delivery);
    },
    startDeliveries: async (deliveries, now) => {
      const mine = deliveries.filter(held);
      begun.push(mine.map(({ event_id }) => event_id));
      for (const delivery of mine) {
        const row = held(delivery);
        if (row) row.delivery = { ...row.delivery, sending_since: now };
      }
      return mine;
    },
    countDeath: async () => undefined,
    finishDeliveries: async (completions) => {
      transactions.push(completions.length);
      for (const { delivery, attempt, due_at } of completions) {
        const row = held(delivery);
        if (!row) continue;
        row.attempts.push(attempt);
        free(row, delivery, due_at ?? row.due_at, delivery.attempts + 1);
        if (due_at === undefined) row.end = attempt.kind;
      }
    },
    releaseDeliveries: async (deliveries, due_at) => {
      for (const delivery of deliveries) {
        const row = held(delivery);
        if (row) free(row, delivery, due_at, delivery.attempts);
      }
    },
    pauseAccount: async ({ account, reason, settings }) => {
      pauses.set(account, reason);
      if (settings !== undefined) stamps.set(account, settings);
    },
    resumeAccount: async (account) => void pauses.delete(account),
    listPauses: async () =>
      [...pauses].map(([account, reason]) => {
        const settings = stamps.get(account);
        return { account, reason, ...(settings !== undefined && { settings }) };
      }),
    holdAccount: async (hold) => void holds.set(hold.account, hold),
    freeAccount: async (account) => void holds.delete(account),
    takeProbe: async ({ account, now, until, most }) => {
      const hold = holds.get(account);
      if (hold === undefined) return true;
      if (hold.until > now && hold.until <= now + most) return false;
      holds.set(account, { ...hold, until });
      return true;
    },
    listHolds: async () => [...holds.values()],
    countSenders: async () => 1,
    removeSender: async () => undefined,
  };

  return {
    questions,
    rows,
    pauses,
    holds,
    /** Sizes of the groups written, in order. */
    transactions,
    /** Every claim, in order. */
    claims,
    /** Event ids noted as being sent, one list per question. */
    begun,
    /** Adds a delivery that is due, or held under its lease until `due_at`. */
    add: (delivery: Delivery, due_at = delivery.created_at) =>
      rows.set(keyOf(delivery), { delivery, due_at, attempts: [] }),
    ends: () => [...rows.values()].map(({ end }) => end ?? 'open'),
    row: (event_id: string): StoredDelivery => {
      const found = [...rows.values()].find(({ delivery }) => delivery.event_id === event_id);
      if (!found) throw new Error(`no delivery of ${event_id}`);
      return found;
    },
  };
};
