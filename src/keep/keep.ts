// The keep stage as one object: every question, bound to its database and vault.
import { firstIdAt } from '../lib/id.ts';
import type { Vault } from '../lib/vault.ts';
import type { Db, Delivery } from '../types.ts';
import { type AuditLine, listAudit, writeAudit } from './audit.ts';
import { countEnded, countOpen } from './counts.ts';
import {
  claimDeliveries,
  type Finished,
  findDueAccounts,
  finishDeliveries,
  releaseDeliveries,
  startDeliveries,
} from './deliveries.ts';
import { type Digest, recordDigests } from './digests.ts';
import { type EraseOptions, erasePerson, eraseSource } from './erase.ts';
import { countKept, findPerson, type Where } from './find-person.ts';
import { type Claim, claimHooks, holdHook, keepHooks, type NewHook, releaseHooks } from './hooks.ts';
import { releaseAllLeases } from './leases.ts';
import { findOrders } from './orders.ts';
import { listPauses, type Pause, pauseAccount, resumeAccount } from './pauses.ts';
import type { Person } from './person.ts';
import {
  mapAgain,
  type Page,
  type SelectedDelivery,
  type Selection,
  selectDeliveries,
  selectHooks,
  sendAgain,
} from './replay.ts';
import { forget, type Limits } from './retention.ts';
import { checkVault } from './sealed.ts';
import { findTrace } from './trace.ts';

export type Keep = ReturnType<typeof createKeep>;

export function createKeep({ db, vault }: { db: Db; vault: Vault }) {
  return {
    checkVault: () => checkVault(db, vault),

    keepHooks: (hooks: readonly NewHook[]) => keepHooks(db, vault, hooks),
    claimHooks: (claim: Claim) => claimHooks(db, vault, claim),
    releaseHooks: (ids: readonly string[], lease_id: string, due_at: number) => releaseHooks(db, ids, lease_id, due_at),
    holdHook: (id: string, lease_id: string, until: number) => holdHook(db, id, lease_id, until),
    recordDigests: (digests: readonly Digest[], now: number) => recordDigests(db, vault, digests, now),
    findOrders: (store: string, order_ids: readonly string[]) => findOrders(db, vault, store, order_ids),

    findDueAccounts: () => findDueAccounts(db),
    claimDeliveries: (claim: Claim & { account: string }) => claimDeliveries(db, vault, claim),
    startDeliveries: (deliveries: readonly Delivery[], now: number) => startDeliveries(db, deliveries, now),
    finishDeliveries: (finished: readonly Finished[]) => finishDeliveries(db, finished),
    releaseDeliveries: (deliveries: readonly Delivery[], due_at: number) => releaseDeliveries(db, deliveries, due_at),
    releaseAllLeases: (now: number) => releaseAllLeases(db, now),

    pauseAccount: (pause: Pause) => pauseAccount(db, pause),
    resumeAccount: (account: string) => resumeAccount(db, account),
    listPauses: () => listPauses(db),

    countOpen: () => countOpen(db),
    countEnded: (since: number) => countEnded(db, firstIdAt(since)),
    selectHooks: (by: Selection, page: Page) => selectHooks(db, by, page),
    mapAgain: (ids: readonly string[], now: number) => mapAgain(db, ids, now),
    selectDeliveries: (by: Selection, kinds: readonly string[], page: Page) => selectDeliveries(db, by, kinds, page),
    sendAgain: (deliveries: readonly (SelectedDelivery & { account: string })[], now: number) =>
      sendAgain(db, deliveries, now),
    forget: (limits: Limits, signal: AbortSignal) => forget(db, limits, signal),
    findTrace: (by: Parameters<typeof findTrace>[1]) => findTrace(db, by),

    countKept: () => countKept(db),
    findPerson: (person: Person, where: Where) => findPerson({ db, vault }, person, where),
    erasePerson: (person: Person, where: Where, options: EraseOptions) =>
      erasePerson({ db, vault }, person, where, options),
    eraseSource: (which: { store: string; source: string }, options: EraseOptions) =>
      eraseSource({ db, vault }, which, options),
    scrub: async () => db.scrub?.(),
    writeAudit: (line: AuditLine) => writeAudit(db, line),
    listAudit: (since: number) => listAudit(db, since),
  };
}
