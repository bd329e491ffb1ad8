// Joins alerts to what they watch: looks around once a minute, opens and ends incidents, and sends what is owed.
import { type Contact, contactsFor, contactsOf, isWanted, type StoreAlerts } from '../alert/contacts.ts';
import type { Facts, Finding } from '../alert/finding.ts';
import type { Heartbeat } from '../alert/heartbeat.ts';
import { decide, findAll, type Step, stillSeen, watchedIn } from '../alert/look.ts';
import { createNotify } from '../alert/notify.ts';
import { createOutage } from '../alert/outage.ts';
import { createSend, type Sent } from '../alert/send.ts';
import { adminUrl, type Config, ownAlerts } from '../config.ts';
import type { Http } from '../deliver/http.ts';
import type { Keep } from '../keep/keep.ts';
import type { Keeping } from '../keep/keeping.ts';
import type { Host } from '../keep/open.ts';
import type { Incident } from '../keep/questions/incidents.ts';
import { describeError } from '../lib/errors.ts';
import { createFresh, LATEST } from '../lib/fresh.ts';
import type { Log } from '../lib/log.ts';
import { every } from '../lib/wait.ts';
import type { Mappings } from '../map/files/mappings.ts';
import type { Clock } from '../types.ts';
import { createFacts } from './facts.ts';
import { createLooking } from './looking.ts';

export type AlertingParts = {
  keep: Keep;
  host: Host;
  keeping: Pick<Keeping, 'failingSince'>;
  mappings: Pick<Mappings, 'get' | 'all' | 'problems'>;
  config: Config;
  http: Pick<Http, 'send'>;
  /** May reach addresses of the own network, as only settings name them. */
  ownHttp: Pick<Http, 'send'>;
  /** Undefined where nobody is to hear that the bridge runs. */
  heartbeat: Heartbeat | undefined;
  now: Clock;
  newId: () => string;
  signal: AbortSignal;
  log: Pick<Log, 'info' | 'warn' | 'error'>;
};
export type Alerting = ReturnType<typeof createAlerting>;
export type Seen = { facts: Facts; findings: Finding[] };

const EVERY_MS = 60_000;
/** Another replica takes over when the one that watches is gone for this long. */
const LEASE_MS = 150_000;
/** For so long a chat may be away before nobody is said to hear of an alert. */
const UNTOLD_MS = 10 * 60_000;
/** What came while nobody watched for longer is not known. */
const GAP_MS = 10 * 60_000;

/** Contacts of settings and store files, as they are now. */
export function contactsNow(
  config: Config,
  mappings: Pick<Mappings, 'all'>,
): { contacts: Contact[]; stores: StoreAlerts[] } {
  const stores = mappings.all().map(({ name, settings }) => ({ store: name, alerts: settings.alerts }));
  return { contacts: contactsOf(ownAlerts(config).alerts, stores), stores };
}

/** Sends a message that says that messages arrive. */
export function createTest({
  config,
  http,
  ownHttp,
  now,
  newId,
  signal,
}: Pick<AlertingParts, 'config' | 'http' | 'ownHttp' | 'now' | 'newId' | 'signal'>) {
  const send = createSend({ http, ownHttp, smtp: ownAlerts(config).smtp, signal });
  return (contact: Contact): Promise<Sent> => {
    const id = newId();
    const title = 'Alerts of tagbridge arrive here';
    const detail = `This is a test of ${contact.id}. ${contact.store === undefined ? 'What goes wrong with any store is told here.' : `What goes wrong with ${contact.store} is told here.`}`;
    const link = linkWith(config)('/alerts');
    const notice = {
      id,
      phase: 'test',
      kind: 'test',
      title,
      detail,
      todo: undefined,
      link,
      since: now(),
      ended_at: undefined,
    } as const;
    return send(contact, [notice], { id, at: now() });
  };
}

const linkWith =
  (config: Config) =>
  (path: string): string | undefined =>
    config.ADMIN_URL === undefined ? undefined : adminUrl(config) + path;

export function createAlerting(parts: AlertingParts) {
  const { keep, host, keeping, mappings, config, http, ownHttp, heartbeat, now, newId, signal, log } = parts;
  const { troubled } = createLooking({ keep, mappings, now });
  const readFacts = createFacts({ keep, host, mappings, troubled, now });
  const holder = newId();
  const current = () => contactsNow(config, mappings);
  const telling = {
    contacts: () => current().contacts,
    send: createSend({ http, ownHttp, smtp: ownAlerts(config).smtp, signal }),
    now,
    newId,
    onProblem: (contact: string, problem: string) => log.warn({ contact, problem }, 'alert.not_sent'),
  };
  const notify = createNotify({ ...telling, keep, linkTo: linkWith(config) });
  const tellOutage = createOutage(telling);
  let seen: ReadonlyMap<string, number> = new Map();
  /** Of the last time that somebody watched here; until then, of the start. */
  let watchedSince = now();
  /** Of several replicas the one that watched last tells of what keeps all of them from watching. */
  let watches = false;

  const see = async (): Promise<Seen> => {
    const incidents = await keep.listOpenIncidents();
    const open = new Map(incidents.map((incident) => [incident.subject, incident]));
    const facts = { ...(await readFacts(open)), watchedSince };
    return { facts, findings: findAll(facts) };
  };

  const act = async (step: Step): Promise<void> => {
    if (step.do === 'calm') return keep.calmIncident(step.id, step.since);
    if (step.do === 'end') {
      await keep.endIncident(step.id, now(), step.outcome);
      log.info({ incident: step.id, outcome: step.outcome }, 'incident.ended');
      return;
    }
    const { subject, kind, stores, title, detail, todo, path, since } = step.finding;
    const incident = { id: newId(), subject, kind, stores, title, detail, todo, path, since, opened_at: now() };
    const told = contactsFor(current().contacts, stores).map(({ id }) => id);
    if (await keep.openIncident(incident, told)) log.warn({ incident: incident.id, kind, subject }, 'incident.began');
  };

  /** Why nobody hears of what the operator is to hear of; a contact of a store that takes nothing is that store's matter alone. */
  const unheard = async (): Promise<string | undefined> => {
    const { contacts } = current();
    const untold = (await keep.listUntold(now() - UNTOLD_MS)).find(({ contact, stores }) => {
      const found = contacts.find(({ id }) => id === contact);
      return found !== undefined && (found.store === undefined || stores.length === 0);
    });
    return untold && `an alert reaches nobody (${untold.contact}: ${untold.problem})`;
  };

  /** One look around, unless another replica looks. */
  const look = async (): Promise<void> => {
    const at = now();
    const since = await keep.takeWatch({ holder, now: at, lease_until: at + LEASE_MS, gap: GAP_MS });
    watches = since !== undefined;
    if (since === undefined) return;
    watchedSince = since;
    const { facts, findings } = await see();
    const { stores } = current();
    const isHeard = ({ kind, stores: concerned }: Pick<Incident, 'kind' | 'stores'>) =>
      isWanted(kind, concerned, stores);
    const isWatched = watchedIn(facts);
    const watching = (incident: Incident) => isHeard(incident) && isWatched(incident);
    const wanted = findings.filter(isHeard);
    seen = stillSeen(wanted, seen, now());
    for (const step of decide(wanted, await keep.listOpenIncidents(), seen, now(), watching)) await act(step);
  };

  const round = async (): Promise<void> => {
    try {
      await tellOutage(keeping.failingSince(), watches);
      await look();
      await notify();
      // Last, and by the one that watches: who hears it knows that what goes wrong is seen, and told.
      if (watches) await heartbeat?.beat(await unheard());
      else heartbeat?.rest();
    } catch (error) {
      log.error({ error: describeError(error) }, 'alerts.failed');
    }
  };

  return {
    round,
    /** Looks until the signal, and leaves the watch to others then. */
    keepAlerting: async (): Promise<void> => {
      if (!signal.aborted) await round();
      await every(EVERY_MS, signal, round);
      await keep.leaveWatch(holder).catch(() => undefined);
    },
    /** What is the case now, for pages. */
    seen: createFresh(see, now, LATEST),
    contacts: () => current().contacts,
    /** What stores do not want to be told. */
    ignored: () =>
      current().stores.flatMap(({ store, alerts: { ignore } }) =>
        ignore.length === 0 ? [] : [{ store, kinds: ignore }],
      ),
    test: createTest(parts),
    pulse: () => heartbeat?.pulse(),
  };
}
