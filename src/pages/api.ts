// Joins the API for other programs to what is kept and to the mapping files, for each token as far as it may look.
import express, { type Router } from 'express';
import { actApi } from '../admin/api/act-routes.ts';
import { alertApi } from '../admin/api/alert-routes.ts';
import { auditApi } from '../admin/api/audit-routes.ts';
import { exportApi } from '../admin/api/export-routes.ts';
import { createGate } from '../admin/api/gate.ts';
import { listApi } from '../admin/api/list-routes.ts';
import { phoneApi } from '../admin/api/phone-routes.ts';
import { placeApi } from '../admin/api/place-routes.ts';
import { reportApi } from '../admin/api/report-routes.ts';
import type { ApiRoute } from '../admin/api/route.ts';
import { createApi } from '../admin/api/server.ts';
import { traceApi } from '../admin/api/trace-routes.ts';
import type { View, ViewOf } from '../admin/api/view.ts';
import { createMcp } from '../admin/mcp/server.ts';
import { createTools } from '../admin/mcp/tools.ts';
import type { Overview } from '../admin/overview/facts.ts';
import type { Audit } from '../admin/route.ts';
import { createTokens } from '../admin/tokens/tokens.ts';
import type { Keep } from '../keep/keep.ts';
import type { Incident } from '../keep/questions/incidents.ts';
import type { Mappings } from '../map/files/mappings.ts';
import { readBody } from '../phone/body.ts';
import type { PhoneOrders } from '../phone/phone-orders.ts';
import type { Clock } from '../types.ts';
import type { Alerting } from './alerting.ts';
import { createLooking, type Looking } from './looking.ts';
import { createMatch } from './match.ts';
import { createOverview } from './overview.ts';
import { createPlaces } from './places.ts';
import { createTracing } from './tracing.ts';

export type ViewsParts = {
  keep: Keep;
  mappings: Mappings;
  publicUrl: string | undefined;
  /** The one that pages show: however many ask, it is made once in a while. */
  overview: () => Promise<Overview>;
  now: Clock;
  seen: Alerting['seen'];
};
export type ApiJoinParts = Pick<ViewsParts, 'keep' | 'mappings' | 'now'> & {
  viewOf: ViewOf;
  looking: Pick<Looking, 'sendAgain' | 'replay'>;
  base: string;
  /** How people reach the pages; undefined where that is told by each request's Host. */
  adminUrl: string | undefined;
  phoneOrders: PhoneOrders;
  audit: Audit;
  onError: (error: unknown) => void;
};

/** The mapping files as far as they are about these stores. */
function only(mappings: Mappings, stores: ReadonlySet<string>): Pick<Mappings, 'get' | 'all'> {
  return {
    get: (store) => (stores.has(store) ? mappings.get(store) : undefined),
    all: () => mappings.all().filter(({ name }) => stores.has(name)),
  };
}

/** Goes on reading until a page is full of what `fits`. */
async function filled<T extends { id: string }>(
  read: (before: string, limit: number) => Promise<T[]>,
  fits: (one: T) => boolean,
  before: string,
  limit: number,
): Promise<T[]> {
  const found: T[] = [];
  for (let at = before; ; ) {
    const rows = await read(at, limit);
    found.push(...rows.filter(fits));
    const last = rows.at(-1);
    if (last === undefined || rows.length < limit || found.length >= limit) return found.slice(0, limit);
    at = last.id;
  }
}

/** What each token may look at. */
export function createViews({ keep, mappings, publicUrl, overview, seen, now }: ViewsParts): ViewOf {
  const create = (stores: ReadonlySet<string> | undefined): View => {
    const own = stores === undefined ? mappings : only(mappings, stores);
    const has = (store: string) => stores === undefined || stores.has(store);
    const concerns = (incident: Incident) =>
      stores === undefined || (incident.stores.length > 0 && incident.stores.every(has));
    const looking = createLooking({ keep, mappings: own, only: stores !== undefined, now });
    const tracing = createTracing({ keep, mappings: own, now });
    const ownOverview = createOverview({ keep, mappings: own, troubled: looking.troubled, seen, now });
    return {
      ...looking,
      hook: async (id) => {
        const trace = await tracing.hook(id);
        return trace !== undefined && has(trace.hook.store) ? trace : undefined;
      },
      order: async (store, order_id) => (has(store) ? tracing.order(store, order_id) : { hooks: [], events: [] }),
      ...createPlaces({ keep, mappings: own, only: stores !== undefined, publicUrl, now }),
      match: createMatch({ keep, mappings: own, now }),
      has,
      openEvents: keep.openEvents,
      owns: (account) =>
        mappings.all().every(({ name, routes }) => has(name) || routes.every((route) => route.account !== account)),
      overview: async () => {
        if (stores === undefined) return overview();
        const facts = await ownOverview();
        return { ...facts, troubles: facts.troubles.filter(({ store }) => store !== undefined && has(store)) };
      },
      openAlerts: async () => (await keep.listOpenIncidents()).filter(concerns),
      endedAlerts: (before, limit) => filled(keep.listEndedIncidents, concerns, before, limit),
      audit: ({ stores: asked, ...page }) =>
        keep.listAuditPage({ ...page, stores: stores === undefined ? asked : (asked ?? [...stores]).filter(has) }),
    };
  };
  const everything = create(undefined);
  return ({ stores }) => (stores.length === 0 ? everything : create(new Set(stores)));
}

function apiRoutes(parts: ApiJoinParts): ApiRoute[] {
  const { keep, mappings, viewOf, looking, phoneOrders, audit, now } = parts;
  const { sendAgain, replay } = looking;
  return [
    ...placeApi({
      viewOf,
      pause: (account, reason) => keep.pauseAccount({ account, reason, since: now() }),
      resume: keep.resumeAccount,
      audit,
    }),
    ...listApi({ viewOf }),
    ...traceApi({ viewOf, audit }),
    ...actApi({
      viewOf,
      mapAgain: (ids) => keep.mapAgain(ids, now()),
      findEnd: keep.findEnd,
      sendAgain,
      replay,
      audit,
    }),
    ...phoneApi({
      viewOf,
      store: mappings.get,
      phoneOrders,
      bodyOf: async (hook_id) => readBody(await keep.findHook(hook_id)),
      audit,
      now,
    }),
    ...alertApi({ viewOf }),
    ...reportApi({ viewOf }),
    ...auditApi({ viewOf }),
    ...exportApi({ viewOf, audit }),
  ];
}

/** The API, and what of it assistants may use. */
export function createApiRouter(parts: ApiJoinParts): Router {
  const { keep, audit, base, adminUrl, now, onError } = parts;
  const gate = createGate({ tokens: createTokens({ keep, now }), audit, now });
  const routes = apiRoutes(parts);
  const tools = createTools({ routes, gate, onError });
  return express
    .Router()
    .use('/api', createApi({ routes, gate, keep, base, now, onError }))
    .use('/mcp', createMcp({ tools, gate, adminUrl, onError }));
}
