// The keep stage as one object: every question, bound to its database and vault.
import type { Vault } from '../lib/vault.ts';
import type { Db } from '../types.ts';
import { type Identity, type Keyer, openKeyer } from './identity-key.ts';
import type { Person } from './person.ts';
import { listAttempts } from './questions/attempts.ts';
import { auditChoices, listAudit, listAuditPage, writeAudit } from './questions/audit.ts';
import {
  countFound,
  keepFound,
  knownKeys,
  listComparisons,
  markComparison,
  noteComparison,
  whichFound,
} from './questions/comparisons.ts';
import { countEnded, countOpen } from './questions/counts.ts';
import {
  claimDeliveries,
  countDeath,
  findDueAccounts,
  finishDeliveries,
  releaseDeliveries,
  startDeliveries,
} from './questions/deliveries.ts';
import { type Digest, recordDigests } from './questions/digests.ts';
import { findEnd, listDead, listWaiting } from './questions/ends.ts';
import { findEntry, findLike, keepEntries, listEntries, replaceEntry, undoEntry } from './questions/entries.ts';
import { type EraseOptions, erasePerson, eraseSource } from './questions/erase.ts';
import { countKept, type FoundEvent, findPerson, type Where } from './questions/find-person.ts';
import { countSenders, freeAccount, holdAccount, listHolds, removeSender, takeProbe } from './questions/holds.ts';
import { addRefusals, countNewHooks, sumHooks, sumHooksTillNow } from './questions/hook-hours.ts';
import { claimHooks, countTry, holdHook, keepHooks, type NewHook, releaseHooks } from './questions/hooks.ts';
import { sumAttempts, sumEvents, sumPurchases } from './questions/hours.ts';
import {
  type Claimed,
  claimIdentity,
  findVisits,
  keepVisits,
  lastSeen,
  type NewVisit,
} from './questions/identities.ts';
import {
  calmIncident,
  endIncident,
  findIncidents,
  listEndedIncidents,
  listMended,
  listOpenIncidents,
  openIncident,
} from './questions/incidents.ts';
import { lastVisit, sumJoins } from './questions/joins.ts';
import { findHook, findMakers, openEvents } from './questions/kept-hook.ts';
import { listLacking } from './questions/lacking.ts';
import { pullDue, releaseAllLeases } from './questions/leases.ts';
import { countHooks, lastHookOf, listEventNames, listEvents, listHooks } from './questions/lists.ts';
import { claimNotices, finishNotices, listNotices, listUntold } from './questions/notices.ts';
import { coverOrders, findOrders } from './questions/orders.ts';
import { listPauses, pauseAccount, resumeAccount } from './questions/pauses.ts';
import { identitiesOf, identitiesOfEvent, visitsOf } from './questions/person-visits.ts';
import { listQualities, noteQuality } from './questions/qualities.ts';
import { listRecounts, madePurchases, noteRecount } from './questions/recounts.ts';
import {
  countSelectedDeliveries,
  countSelectedHooks,
  mapAgain,
  selectDeliveries,
  selectHooks,
  sendAgain,
} from './questions/replay.ts';
import { search } from './questions/search.ts';
import { endSession, endSessionsOf, findSession, startSession, touchSession } from './questions/sessions.ts';
import { clearTries, holdTries, takeTry } from './questions/throttles.ts';
import { beginKeyed, endKeyed } from './questions/token-answers.ts';
import { addToken, findToken, listTokens, removeToken, touchToken } from './questions/tokens.ts';
import { addTopics, listTopics, sumTopics } from './questions/topic-hours.ts';
import { findReceipt, findTrace } from './questions/trace.ts';
import {
  addFirstAdmin,
  addLink,
  addUser,
  findLink,
  findUser,
  hasUsers,
  listUsers,
  removeUser,
  setPassword,
  setPasswordByLink,
  setRole,
} from './questions/users.ts';
import { knowSources, leaveWatch, takeWatch } from './questions/watches.ts';
import { listWebhooks, noteWebhooks } from './questions/webhook-lists.ts';
import { forget } from './retention.ts';
import { checkVault } from './sealed.ts';
import { createDamage } from './sqlite/damage.ts';

/** A file that is written anew within about a second, during which nothing else can be kept. */
const SMALL_FILE = 64_000_000;
/** A write that changes nothing; a database that only reads refuses it all the same. */
const NO_WRITE = { sql: 'delete from migrations where version < $1', rows: [[0]] };

export type Keep = ReturnType<typeof createKeep>;

export function createKeep({ db, vault }: { db: Db; vault: Vault }) {
  /** A question with what it is asked of given already, and of what lies sealed its vault too. */
  const ask =
    <Given extends unknown[], Answer>(question: (db: Db, ...given: Given) => Answer) =>
    (...given: Given): Answer =>
      question(db, ...given);
  const askSealed =
    <Given extends unknown[], Answer>(question: (db: Db, vault: Vault, ...given: Given) => Answer) =>
    (...given: Given): Answer =>
      question(db, vault, ...given);
  let opening: Promise<Keyer> | undefined;
  /** Opened at the first need: stores without visits have none. */
  const keyer = (): Promise<Keyer> => {
    opening ??= openKeyer(db, vault).catch((error) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
  const damage = createDamage();
  return {
    checkVault: askSealed(checkVault),
    /** Writes nothing in the way hooks are kept; rejects where they could not be. */
    tryWriting: async () => {
      damage.check();
      await db.transaction([NO_WRITE], { urgent: true });
    },

    keepHooks: (hooks: readonly NewHook[]) => damage.noting(keepHooks(db, vault, hooks)),
    keepEntries: askSealed(keepEntries),
    keepFound: askSealed(keepFound),
    whichFound: ask(whichFound),
    countFound: ask(countFound),
    knownKeys: ask(knownKeys),
    listComparisons: ask(listComparisons),
    markComparison: ask(markComparison),
    noteComparison: ask(noteComparison),
    listWebhooks: ask(listWebhooks),
    noteWebhooks: ask(noteWebhooks),
    listRecounts: ask(listRecounts),
    noteRecount: ask(noteRecount),
    listQualities: ask(listQualities),
    noteQuality: ask(noteQuality),
    madePurchases: askSealed(madePurchases),
    listEntries: ask(listEntries),
    findEntry: ask(findEntry),
    findLike: askSealed(findLike),
    undoEntry: ask(undoEntry),
    replaceEntry: askSealed(replaceEntry),
    claimHooks: askSealed(claimHooks),
    releaseHooks: ask(releaseHooks),
    countTry: ask(countTry),
    holdHook: ask(holdHook),
    recordDigests: (digests: readonly Digest[], now: number) => recordDigests({ db, vault, keyer }, digests, now),
    coverOrders: ask(coverOrders),
    findOrders: askSealed(findOrders),

    findDueAccounts: ask(findDueAccounts),
    claimDeliveries: askSealed(claimDeliveries),
    startDeliveries: ask(startDeliveries),
    countDeath: ask(countDeath),
    finishDeliveries: ask(finishDeliveries),
    releaseDeliveries: ask(releaseDeliveries),
    releaseAllLeases: ask(releaseAllLeases),
    pullDue: ask(pullDue),

    pauseAccount: ask(pauseAccount),
    resumeAccount: ask(resumeAccount),
    listPauses: ask(listPauses),
    holdAccount: ask(holdAccount),
    freeAccount: ask(freeAccount),
    takeProbe: ask(takeProbe),
    listHolds: ask(listHolds),
    countSenders: ask(countSenders),
    removeSender: ask(removeSender),

    countOpen: ask(countOpen),
    countEnded: ask(countEnded),
    selectHooks: ask(selectHooks),
    countSelectedHooks: ask(countSelectedHooks),
    countSelectedDeliveries: ask(countSelectedDeliveries),
    mapAgain: ask(mapAgain),
    selectDeliveries: ask(selectDeliveries),
    sendAgain: ask(sendAgain),
    forget: ask(forget),
    findTrace: ask(findTrace),
    findReceipt: ask(findReceipt),

    countKept: ask(countKept),
    findPerson: (person: Person, where: Where) => findPerson({ db, vault }, person, where),
    erasePerson: (person: Person, where: Where, options: EraseOptions) =>
      erasePerson({ db, vault, keyer }, person, where, options),
    eraseSource: (which: { store: string; source: string }, options: EraseOptions) =>
      eraseSource({ db, vault, keyer }, which, options),
    /** Answers whether nothing of what was deleted is left anywhere; see `Db`. */
    scrub: async (rewriteUpTo = SMALL_FILE) => (await db.scrub?.(rewriteUpTo)) ?? true,
    writeAudit: ask(writeAudit),
    listAudit: ask(listAudit),
    listAuditPage: ask(listAuditPage),
    auditChoices: ask(auditChoices),

    listHooks: ask(listHooks),
    countHooks: ask(countHooks),
    lastHookOf: ask(lastHookOf),
    listEventNames: ask(listEventNames),
    listEvents: ask(listEvents),
    listLacking: ask(listLacking),
    listDead: ask(listDead),
    listWaiting: ask(listWaiting),
    listAttempts: ask(listAttempts),
    findEnd: ask(findEnd),
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
    sumJoins: ask(sumJoins),
    lastVisit: ask(lastVisit),
    sumEvents: ask(sumEvents),
    sumPurchases: ask(sumPurchases),
    sumAttempts: ask(sumAttempts),
    countNewHooks: ask(countNewHooks),
    addRefusals: ask(addRefusals),
    sumHooks: ask(sumHooks),
    sumHooksTillNow: ask(sumHooksTillNow),
    addTopics: ask(addTopics),
    sumTopics: ask(sumTopics),
    listTopics: ask(listTopics),
    search: askSealed(search),
    findHook: askSealed(findHook),
    openEvents: askSealed(openEvents),
    findMakers: ask(findMakers),

    listUsers: ask(listUsers),
    hasUsers: ask(hasUsers),
    findUser: ask(findUser),
    addUser: ask(addUser),
    removeUser: ask(removeUser),
    setRole: ask(setRole),
    setPassword: ask(setPassword),
    addLink: ask(addLink),
    findLink: ask(findLink),
    addFirstAdmin: ask(addFirstAdmin),
    setPasswordByLink: ask(setPasswordByLink),
    startSession: ask(startSession),
    findSession: ask(findSession),
    touchSession: ask(touchSession),
    endSession: ask(endSession),
    endSessionsOf: ask(endSessionsOf),
    addToken: ask(addToken),
    listTokens: ask(listTokens),
    findToken: ask(findToken),
    touchToken: ask(touchToken),
    removeToken: ask(removeToken),
    beginKeyed: ask(beginKeyed),
    endKeyed: ask(endKeyed),
    takeTry: ask(takeTry),
    holdTries: ask(holdTries),
    clearTries: ask(clearTries),

    openIncident: ask(openIncident),
    calmIncident: ask(calmIncident),
    endIncident: ask(endIncident),
    listOpenIncidents: ask(listOpenIncidents),
    listEndedIncidents: ask(listEndedIncidents),
    listMended: ask(listMended),
    findIncidents: ask(findIncidents),
    claimNotices: ask(claimNotices),
    finishNotices: ask(finishNotices),
    listNotices: ask(listNotices),
    listUntold: ask(listUntold),
    takeWatch: ask(takeWatch),
    leaveWatch: ask(leaveWatch),
    knowSources: ask(knowSources),
  };
}
