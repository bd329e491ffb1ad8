// The keep stage as one object: every question, bound to its database and vault.
import { firstIdAt } from '../lib/id.ts';
import type { Rate } from '../lib/leaky-bucket.ts';
import type { Vault } from '../lib/vault.ts';
import type { Db, Delivery } from '../types.ts';
import { type AttemptGroup, listAttempts } from './attempts.ts';
import { type AuditLine, listAudit, writeAudit } from './audit.ts';
import { type AuditPage, auditChoices, listAuditPage } from './audit-list.ts';
import { countEnded, countOpen } from './counts.ts';
import {
  claimDeliveries,
  type DeliveryClaim,
  type Finished,
  findDueAccounts,
  finishDeliveries,
  releaseDeliveries,
  startDeliveries,
} from './deliveries.ts';
import { type Digest, recordDigests } from './digests.ts';
import { findEnd, listDead, listWaiting, type Place } from './ends.ts';
import {
  type EntryPage,
  findEntry,
  findLike,
  keepEntries,
  type Likeness,
  listEntries,
  type NewEntry,
  undoEntry,
} from './entries.ts';
import { type EraseOptions, erasePerson, eraseSource } from './erase.ts';
import { countKept, type FoundEvent, findPerson, type Where } from './find-person.ts';
import { countSenders, freeAccount, type Hold, holdAccount, listHolds, removeSender, takeProbe } from './holds.ts';
import { addRefusals, countNewHooks, type Refusals, sumHooks, sumHooksTillNow } from './hook-hours.ts';
import {
  type Claim,
  claimHooks,
  countTry,
  type HeldHook,
  holdHook,
  keepHooks,
  type NewHook,
  releaseHooks,
} from './hooks.ts';
import { sumAttempts, sumEvents, sumPurchases } from './hours.ts';
import { type Claimed, claimIdentity, findVisits, keepVisits, lastSeen, type NewVisit } from './identities.ts';
import { type Identity, type Keyer, openKeyer } from './identity-key.ts';
import {
  calmIncident,
  endIncident,
  findIncidents,
  listEndedIncidents,
  listOpenIncidents,
  type NewIncident,
  type Outcome,
  openIncident,
} from './incidents.ts';
import { lastVisit, sumJoins } from './joins.ts';
import { findHook, findMakers, openEvents } from './kept-hook.ts';
import { pullDue, releaseAllLeases } from './leases.ts';
import {
  countHooks,
  type HookGroup,
  lastHookOf,
  listEventNames,
  listEvents,
  listHooks,
  type Stretch,
} from './lists.ts';
import { claimNotices, finishNotices, listNotices, type NoticeClaim, type NoticeEnd } from './notices.ts';
import { coverOrders, findOrders } from './orders.ts';
import { listPauses, type Pause, pauseAccount, resumeAccount } from './pauses.ts';
import type { Person } from './person.ts';
import { identitiesOf, identitiesOfEvent, visitsOf } from './person-visits.ts';
import {
  countSelectedDeliveries,
  countSelectedHooks,
  type Ended,
  mapAgain,
  type Page,
  type Selection,
  selectDeliveries,
  selectHooks,
  sendAgain,
} from './replay.ts';
import { forget, type Limits } from './retention.ts';
import { checkVault } from './sealed.ts';
import { type Search, search } from './search.ts';
import { endSession, endSessionsOf, findSession, type SessionLimits, startSession, touchSession } from './sessions.ts';
import { clearTries, holdTries, takeTry } from './throttles.ts';
import { beginKeyed, endKeyed, type Keyed } from './token-answers.ts';
import { addToken, findToken, listTokens, type NewToken, removeToken, touchToken } from './tokens.ts';
import { findReceipt, findTrace } from './trace.ts';
import {
  addFirstAdmin,
  addLink,
  addUser,
  findLink,
  findUser,
  hasUsers,
  listUsers,
  type NewLink,
  type Role,
  removeUser,
  setPassword,
  setPasswordByLink,
  setRole,
  type User,
} from './users.ts';
import { knowSources, leaveWatch, takeWatch, type Watch } from './watches.ts';

/** A file that is written anew within about a second, during which nothing else can be kept. */
const SMALL_FILE = 64_000_000;
/** A write that changes nothing; a database that only reads refuses it all the same. */
const NO_WRITE = { sql: 'delete from migrations where version < $1', rows: [[0]] };

export type Keep = ReturnType<typeof createKeep>;

export function createKeep({ db, vault }: { db: Db; vault: Vault }) {
  let opening: Promise<Keyer> | undefined;
  /** Opened at the first need: stores without visits have none. */
  const keyer = (): Promise<Keyer> => {
    opening ??= openKeyer(db, vault).catch((error) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
  return {
    checkVault: () => checkVault(db, vault),
    /** Writes nothing in the way hooks are kept; rejects where they could not be. */
    tryWriting: () => db.transaction([NO_WRITE], { urgent: true }),

    keepHooks: (hooks: readonly NewHook[]) => keepHooks(db, vault, hooks),
    keepEntries: (entries: readonly NewEntry[]) => keepEntries(db, vault, entries),
    listEntries: (page: EntryPage) => listEntries(db, page),
    findEntry: (hook_id: string) => findEntry(db, hook_id),
    findLike: (wanted: Likeness) => findLike(db, vault, wanted),
    undoEntry: (hook_id: string, made_by: string | undefined, now: number) => undoEntry(db, hook_id, made_by, now),
    claimHooks: (claim: Claim) => claimHooks(db, vault, claim),
    releaseHooks: (held: readonly HeldHook[], due_at: number) => releaseHooks(db, held, due_at),
    countTry: (id: string, lease_id: string) => countTry(db, id, lease_id),
    holdHook: (id: string, lease_id: string, until: number) => holdHook(db, id, lease_id, until),
    recordDigests: (digests: readonly Digest[], now: number) => recordDigests({ db, vault, keyer }, digests, now),
    coverOrders: (store: string, source: string, since: number) => coverOrders(db, store, source, since),
    findOrders: (store: string, order_ids: readonly string[]) => findOrders(db, vault, store, order_ids),

    findDueAccounts: () => findDueAccounts(db),
    claimDeliveries: (claim: DeliveryClaim) => claimDeliveries(db, vault, claim),
    startDeliveries: (deliveries: readonly Delivery[], now: number) => startDeliveries(db, deliveries, now),
    finishDeliveries: (finished: readonly Finished[]) => finishDeliveries(db, finished),
    releaseDeliveries: (deliveries: readonly Delivery[], due_at: number) => releaseDeliveries(db, deliveries, due_at),
    releaseAllLeases: (now: number) => releaseAllLeases(db, now),
    pullDue: (now: number, jump?: number) => pullDue(db, now, jump),

    pauseAccount: (pause: Pause) => pauseAccount(db, pause),
    resumeAccount: (account: string) => resumeAccount(db, account),
    listPauses: () => listPauses(db),
    holdAccount: (hold: Hold) => holdAccount(db, hold),
    freeAccount: (account: string) => freeAccount(db, account),
    takeProbe: (probe: Parameters<typeof takeProbe>[1]) => takeProbe(db, probe),
    listHolds: () => listHolds(db),
    countSenders: (id: string, now: number, since: number) => countSenders(db, id, now, since),
    removeSender: (id: string) => removeSender(db, id),

    countOpen: () => countOpen(db),
    countEnded: (since: number) => countEnded(db, firstIdAt(since)),
    selectHooks: (by: Selection, page: Page) => selectHooks(db, by, page),
    countSelectedHooks: (by: Selection) => countSelectedHooks(db, by),
    countSelectedDeliveries: (by: Selection, kinds: readonly string[]) => countSelectedDeliveries(db, by, kinds),
    mapAgain: (ids: readonly string[], now: number) => mapAgain(db, ids, now),
    selectDeliveries: (by: Selection, kinds: readonly string[], page: Page) => selectDeliveries(db, by, kinds, page),
    sendAgain: (deliveries: readonly Ended[], now: number) => sendAgain(db, deliveries, now),
    forget: (limits: Limits, signal: AbortSignal) => forget(db, limits, signal),
    findTrace: (by: Parameters<typeof findTrace>[1]) => findTrace(db, by),
    findReceipt: (event_id: string, destination: string) => findReceipt(db, event_id, destination),

    countKept: () => countKept(db),
    findPerson: (person: Person, where: Where) => findPerson({ db, vault }, person, where),
    erasePerson: (person: Person, where: Where, options: EraseOptions) =>
      erasePerson({ db, vault, keyer }, person, where, options),
    eraseSource: (which: { store: string; source: string }, options: EraseOptions) =>
      eraseSource({ db, vault, keyer }, which, options),
    /** Answers whether nothing of what was deleted is left anywhere; see `Db`. */
    scrub: async (rewriteUpTo = SMALL_FILE) => (await db.scrub?.(rewriteUpTo)) ?? true,
    writeAudit: (line: AuditLine) => writeAudit(db, line),
    listAudit: (since: number) => listAudit(db, since),
    listAuditPage: (page: AuditPage) => listAuditPage(db, page),
    auditChoices: () => auditChoices(db),

    listHooks: (groups: readonly HookGroup[] | undefined, page: Stretch) => listHooks(db, groups, page),
    countHooks: (of: { store: string; source: string }, from: number, until: number) =>
      countHooks(db, of, firstIdAt(from), firstIdAt(until)),
    lastHookOf: (store: string, source: string) => lastHookOf(db, store, source),
    listEventNames: (store: string) => listEventNames(db, store),
    listEvents: (groups: Parameters<typeof listEvents>[1], page: Stretch) => listEvents(db, groups, page),
    listDead: (place: Place, page: Stretch) => listDead(db, place, page),
    listWaiting: (place: Place & { account: string }, page: Parameters<typeof listWaiting>[2]) =>
      listWaiting(db, place, page),
    listAttempts: (groups: readonly AttemptGroup[], page: Parameters<typeof listAttempts>[2]) =>
      listAttempts(db, groups, page),
    findEnd: (event_id: string, destination: string) => findEnd(db, event_id, destination),
    keepVisits: async (visits: readonly NewVisit[]) => keepVisits(db, vault, await keyer(), visits),
    lastSeen: async (visit: Pick<NewVisit, 'visitor' | 'id'>) => lastSeen(db, await keyer(), visit),
    findVisits: async (identities: readonly Identity[], now: number) =>
      findVisits(db, vault, await keyer(), identities, now),
    /** The visits of a person, however old, and those that these events of theirs find. */
    visitsOf: async (person: Person, { store }: Where, events: readonly FoundEvent[]) => {
      const known = [...(await identitiesOf(db, person, store)), ...events.flatMap(identitiesOfEvent)];
      return visitsOf({ db, vault, keyOf: await keyer() }, known);
    },
    claimIdentity: async (identity: Identity, claim: Claimed) => claimIdentity(db, await keyer(), identity, claim),
    sumJoins: (from: number, until: number) => sumJoins(db, from, until),
    lastVisit: (store: string) => lastVisit(db, store),
    sumEvents: (from: number, until: number) => sumEvents(db, from, until),
    sumPurchases: (from: number, until: number) => sumPurchases(db, from, until),
    sumAttempts: (from: number, until: number) => sumAttempts(db, from, until),
    countNewHooks: (until: number, turn: string) => countNewHooks(db, until, turn),
    addRefusals: (refusals: readonly Refusals[]) => addRefusals(db, refusals),
    sumHooks: (from: number, until: number) => sumHooks(db, from, until),
    sumHooksTillNow: (from: number, until: number) => sumHooksTillNow(db, from, until),
    search: (wanted: Search) => search(db, vault, wanted),
    findHook: (id: string) => findHook(db, vault, id),
    openEvents: (ids: readonly string[]) => openEvents(db, vault, ids),
    findMakers: (store: string, keys: readonly string[]) => findMakers(db, store, keys),

    listUsers: () => listUsers(db),
    hasUsers: () => hasUsers(db),
    findUser: (email: string) => findUser(db, email),
    addUser: (user: Omit<User, 'ready'>) => addUser(db, user),
    removeUser: (id: string) => removeUser(db, id),
    setRole: (id: string, role: Role) => setRole(db, id, role),
    setPassword: (user_id: string, password: string) => setPassword(db, user_id, password),
    addLink: (link: NewLink, now: number) => addLink(db, link, now),
    findLink: (token_hash: string, now: number) => findLink(db, token_hash, now),
    addFirstAdmin: (token_hash: string, user: Parameters<typeof addFirstAdmin>[2]) =>
      addFirstAdmin(db, token_hash, user),
    setPasswordByLink: (token_hash: string, given: Parameters<typeof setPasswordByLink>[2]) =>
      setPasswordByLink(db, token_hash, given),
    startSession: (session: Parameters<typeof startSession>[1], limits: SessionLimits) =>
      startSession(db, session, limits),
    findSession: (token_hash: string, limits: SessionLimits) => findSession(db, token_hash, limits),
    touchSession: (token_hash: string, now: number) => touchSession(db, token_hash, now),
    endSession: (token_hash: string) => endSession(db, token_hash),
    endSessionsOf: (user_id: string) => endSessionsOf(db, user_id),
    addToken: (token: NewToken) => addToken(db, token),
    listTokens: () => listTokens(db),
    findToken: (id: string) => findToken(db, id),
    touchToken: (id: string, now: number) => touchToken(db, id, now),
    removeToken: (id: string) => removeToken(db, id),
    beginKeyed: (keyed: Keyed, now: number) => beginKeyed(db, keyed, now),
    endKeyed: (keyed: Pick<Keyed, 'token_id' | 'key'>, answer: Parameters<typeof endKeyed>[2]) =>
      endKeyed(db, keyed, answer),
    takeTry: (key: string, rate: Rate, now: number) => takeTry(db, key, rate, now),
    holdTries: (key: string, rate: Rate, until: number) => holdTries(db, key, rate, until),
    clearTries: (key: string) => clearTries(db, key),

    openIncident: (incident: NewIncident, contacts: readonly string[]) => openIncident(db, incident, contacts),
    calmIncident: (id: string, since: number | undefined) => calmIncident(db, id, since),
    endIncident: (id: string, at: number, outcome?: Outcome) => endIncident(db, id, at, outcome),
    listOpenIncidents: () => listOpenIncidents(db),
    listEndedIncidents: (before: string, limit: number) => listEndedIncidents(db, before, limit),
    findIncidents: (ids: readonly string[]) => findIncidents(db, ids),
    claimNotices: (claim: NoticeClaim) => claimNotices(db, claim),
    finishNotices: (ends: readonly NoticeEnd[], lease_id: string) => finishNotices(db, ends, lease_id),
    listNotices: (incident_ids: readonly string[]) => listNotices(db, incident_ids),
    takeWatch: (watch: Watch) => takeWatch(db, watch),
    leaveWatch: (holder: string) => leaveWatch(db, holder),
    knowSources: (sources: readonly { store: string; source: string }[], now: number) => knowSources(db, sources, now),
  };
}
