// Joins the pages for people to what is kept and to the mapping files.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import express, { type Router } from 'express';
import { alertRoutes } from '../admin/alerts/alert-pages.ts';
import type { View } from '../admin/api/view.ts';
import { auditRoutes } from '../admin/audit/audit-pages.ts';
import { exportRoutes } from '../admin/export/export-pages.ts';
import { listRoutes } from '../admin/lists/list-pages.ts';
import { createLive } from '../admin/live.ts';
import { accountRoutes } from '../admin/login/account-pages.ts';
import { type Accounts, createAccounts, makeLink } from '../admin/login/accounts.ts';
import { createIdentity } from '../admin/login/identity.ts';
import { identityLink, identityRoutes } from '../admin/login/identity-pages.ts';
import { loginRoutes } from '../admin/login/login-pages.ts';
import { userRoutes } from '../admin/login/user-pages.ts';
import { mappingRoutes } from '../admin/mappings/mapping-pages.ts';
import { playgroundRoutes } from '../admin/mappings/playground-pages.ts';
import { lackingRoutes } from '../admin/match/lacking-pages.ts';
import { matchRoutes } from '../admin/match/match-pages.ts';
import type { Overview } from '../admin/overview/facts.ts';
import { overviewRoutes } from '../admin/overview/overview-pages.ts';
import { createPages } from '../admin/pages.ts';
import { importRoutes } from '../admin/phone/import-pages.ts';
import { phoneRoutes } from '../admin/phone/phone-pages.ts';
import { destinationRoutes } from '../admin/places/destination-pages.ts';
import { sourceRoutes } from '../admin/places/source-pages.ts';
import { problemRoutes } from '../admin/problems/problem-pages.ts';
import type { Audit, OpenRoute, Route } from '../admin/route.ts';
import { searchRoutes } from '../admin/search/search-pages.ts';
import { tokenRoutes } from '../admin/tokens/token-pages.ts';
import { askRoutes } from '../admin/trace/ask-pages.ts';
import { traceRoutes } from '../admin/trace/trace-pages.ts';
import { figuresOf } from '../alert/figures.ts';
import { adminPath, type Config, identitySettings } from '../config.ts';
import type { Http } from '../deliver/http.ts';
import { createSender } from '../deliver/sender.ts';
import type { Keep } from '../keep/keep.ts';
import { createFresh, FOR_PAGES, LATEST } from '../lib/fresh.ts';
import type { Log } from '../lib/log.ts';
import type { Mappings } from '../map/files/mappings.ts';
import { createDesk } from '../phone/desk.ts';
import { createPhoneOrders } from '../phone/phone-orders.ts';
import type { Clock } from '../types.ts';
import type { Alerting } from './alerting.ts';
import { createApiRouter, createViews } from './api.ts';
import { createLooking, type Looking } from './looking.ts';
import { createMappingFiles } from './mapping-files.ts';
import { createOverview } from './overview.ts';
import { createPicking } from './picking.ts';
import { createAsking, createProbing } from './probing.ts';
import { createTrials } from './trials.ts';
import { createTrying } from './trying.ts';

export type PeopleParts = {
  alerting: Alerting;
  keep: Keep;
  mappings: Mappings;
  config: Config;
  /** Where people reach the pages; known once the port is. */
  origin: () => string;
  /** Sends tests of connections. */
  http: Pick<Http, 'send'>;
  /** Hooks that this process could not keep lately. */
  notKept: () => number;
  now: Clock;
  newId: () => string;
  /** Throws while the disk is too full to keep more. */
  checkRoom: () => void;
  /** Ends what is under way when the service stops. */
  signal: AbortSignal;
  log: Log;
  onError: (error: unknown) => void;
};

/** What a draft may take, in milliseconds and MB. */
const TRY = { deadline: 5_000, memory: 192 };
const COMPARE = { deadline: 25_000, memory: 384 };

/** The pages of mappings, and what they try drafts with. */
function mappingPages({ keep, mappings, config, now, signal, onError }: PeopleParts, audit: Audit): Route[] {
  const trials = createTrials({ ...TRY, signal, onError });
  const { NODE_EXTRA_CA_CERTS: ca } = config.env;
  // The certificates by which the service itself trusts its database.
  const env = ca === undefined ? {} : { NODE_EXTRA_CA_CERTS: ca };
  const comparisons = createTrials({ ...COMPARE, data: config, env, signal, onError });
  const files = createMappingFiles({ mappings, config, trials: comparisons });
  const trying = createTrying({ keep, files, mappings, config, trials, comparisons, now });
  const pick = createPicking({ keep, mappings });
  return [...mappingRoutes(files), ...playgroundRoutes({ ...trying, schema: files.schema, pick, audit })];
}

/** The pages that need a login and are not about logging in. */
function pagesOf(
  { alerting, keep, mappings, config, http, now, signal }: PeopleParts,
  { view, looking, overview, audit }: { view: View; looking: Looking; overview: () => Promise<Overview>; audit: Audit },
): Route[] {
  const { hook, order, sources, accounts, recounts, match } = view;
  const { troubled, troubledOf, replay, sendAgain, find } = looking;
  const mapAgain = (ids: readonly string[]) => keep.mapAgain(ids, now());
  const send = createSender({ http, now });
  return [
    ...overviewRoutes({ overview }),
    ...searchRoutes({ find }),
    ...traceRoutes({ hook, order, mapAgain, findEnd: keep.findEnd, sendAgain, audit, now }),
    ...askRoutes({ ask: createAsking({ mappings, keep, send, signal }) }),
    ...listRoutes({ ...looking, whichFound: keep.whichFound }),
    ...matchRoutes({ match, stores: () => mappings.all().map(({ name }) => name) }),
    ...lackingRoutes(looking),
    ...problemRoutes({ items: troubled, page: troubledOf, replay, audit, now }),
    ...alertRoutes({
      open: keep.listOpenIncidents,
      ended: keep.listEndedIncidents,
      notices: keep.listNotices,
      watched: async () => {
        const { facts, findings } = await alerting.seen();
        return { findings, figures: figuresOf(facts) };
      },
      contacts: alerting.contacts,
      ignored: alerting.ignored,
      test: alerting.test,
      pulse: alerting.pulse,
      hasAdminUrl: config.ADMIN_URL !== undefined,
      audit,
      now,
    }),
    ...sourceRoutes({
      sources: createFresh(sources, now, LATEST),
      hasPublicUrl: config.PUBLIC_URL !== undefined,
      readTemplate: (name) => readFile(join(config.MAPPINGS_DIR, 'templates', name), 'utf8').catch(() => undefined),
      now,
    }),
    ...destinationRoutes({
      accounts,
      recounts,
      pause: (account, reason) => keep.pauseAccount({ account, reason, since: now() }),
      resume: keep.resumeAccount,
      probing: createProbing({ mappings, send, now, signal }),
      audit,
      now,
    }),
  ];
}

/** By password, and by an identity provider where there is one. */
function loginOf(
  { keep, config, origin, now, newId, log }: PeopleParts,
  accounts: Accounts,
  audit: Audit,
): OpenRoute[] {
  const settings = identitySettings(config);
  if (settings === undefined) return loginRoutes({ accounts, audit });
  const provider = createIdentity({ ...settings, redirectUri: () => `${origin()}/login/identity/back` });
  return [
    ...loginRoutes({ accounts, audit, other: { name: settings.name, href: identityLink } }),
    ...identityRoutes({ provider, domains: settings.domains, keep, accounts, audit, now, newId, log }),
  ];
}

/** Whoever reads the log is the first admin. */
async function welcomeFirst({ keep, origin, now, log }: PeopleParts): Promise<void> {
  if (await keep.hasUsers()) return;
  const { path } = await makeLink(keep, now());
  log.warn({ link: origin() + path, minutes: 15 }, 'admin.first_link: open it to set the password of the first admin');
}

export function createPeople(parts: PeopleParts): {
  /** Pages, and the API for other programs. */
  pages: Router;
  /** Where nobody can log in yet: says in the log how the first admin sets a password. */
  welcome: () => Promise<void>;
} {
  const { alerting, keep, mappings, config, origin, checkRoom, notKept, now, newId, signal, onError } = parts;
  const audit: Audit = (line) => keep.writeAudit({ at: now(), ...line });
  const accounts = createAccounts({ keep, now, newId });
  const base = adminPath(config);
  const storeNames = () => mappings.all().map(({ name }) => name);
  const looking = createLooking({ keep, mappings, now });
  const latest = createFresh(
    createOverview({ keep, mappings, troubled: looking.troubled, seen: alerting.seen, notKept, now }),
    now,
    LATEST,
  );
  const overview = createFresh(latest, now, FOR_PAGES);
  const viewOf = createViews({
    keep,
    mappings,
    publicUrl: config.PUBLIC_URL,
    overview: latest,
    seen: alerting.seen,
    now,
  });
  // What pages show is what a token for all stores may look at.
  const view = viewOf({ stores: [] });
  const phoneOrders = createPhoneOrders({ keep, checkRoom, now, newId });
  const hold = config.PHONE_UNDO_SECONDS * 1000;
  const desk = createDesk({ keep, mappings, phoneOrders, hold, now });
  const adminUrl = config.ADMIN_URL;
  const api = createApiRouter({ keep, mappings, viewOf, looking, base, adminUrl, phoneOrders, audit, now, onError });
  const pages = createPages({
    accounts,
    audit,
    open: loginOf(parts, accounts, audit),
    routes: [
      ...pagesOf(parts, { view, looking, overview, audit }),
      ...exportRoutes({ view, audit }),
      ...mappingPages(parts, audit),
      ...phoneRoutes({ desk, audit, now, newId }),
      ...importRoutes({ stores: mappings.all, phoneOrders, audit, now }),
      ...accountRoutes({ accounts, audit }),
      ...tokenRoutes({ keep, stores: storeNames, audit, now }),
      ...auditRoutes({ rows: keep.listAuditPage, choices: keep.auditChoices, stores: storeNames }),
      ...userRoutes({ keep, accounts, audit, now, newId, origin }),
    ],
    live: createLive({ signal, onError }),
    adminUrl,
    base,
    onError,
  });
  return { pages: express.Router().use(api).use(pages), welcome: () => welcomeFirst(parts) };
}
