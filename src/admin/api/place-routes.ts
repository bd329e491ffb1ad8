// API routes of the overview, of sources and of destinations, which can be paused and resumed.
import { z } from 'zod';
import type { Token } from '../../keep/questions/tokens.ts';
import { HOUR_MS } from '../../lib/time.ts';
import type { HourFacts } from '../overview/facts.ts';
import type { AccountQuality } from '../places/quality-view.ts';
import type { WebhooksView } from '../places/webhooks-view.ts';
import type { Audit } from '../route.ts';
import { actorOf } from '../tokens/tokens.ts';
import { store, word } from './asked.ts';
import { DestinationList, SourceList } from './place-schemas.ts';
import { type ApiRoute, json, PLAIN, problem, route } from './route.ts';
import * as schemas from './schemas.ts';
import { iso, maybeIso } from './shapes.ts';
import type { ViewOf } from './view.ts';

export type PlaceApiParts = {
  viewOf: ViewOf;
  pause: (account: string, reason: string) => Promise<void>;
  resume: (account: string) => Promise<void>;
  audit: Audit;
};

const get = { ...PLAIN, method: 'get', scope: 'read' } as const;
const post = { ...PLAIN, method: 'post', scope: 'act', keyed: true, problems: [403, 404] } as const;

const account = word.describe('As in the list of destinations');

const hourOf = ({ hour, revenue, ...sums }: HourFacts) => ({
  begins: iso(hour * HOUR_MS),
  ...sums,
  revenue: [...revenue].map(([currency, compared]) => ({ currency, ...compared })),
});

const webhooksOf = ({ asked_at, problem, listed }: WebhooksView) => ({
  ...{ asked_at: maybeIso(asked_at), problem },
  listed: listed && {
    at: iso(listed.at),
    here: listed.here.map(({ id, address, topics, on, state, off_since, mended_at, unmended }) => ({
      ...{ id, address, topics: [...topics], on, state, unmended },
      ...{ off_since: maybeIso(off_since), mended_at: maybeIso(mended_at) },
    })),
    gone: listed.gone.map(({ topic }) => topic),
    lost: listed.beside.flatMap(({ place, topics, lost_since }) =>
      lost_since === undefined ? [] : [{ path: `/hooks/${place}`, topics: [...topics], since: iso(lost_since) }],
    ),
    others: listed.others,
  },
});

const endOf = ({ told, todo, problem, names }: AccountQuality['ends'][number]) => {
  const at = typeof told?.ends === 'number' ? told.ends : undefined;
  return {
    names: [...names],
    ...{ told_at: maybeIso(told?.at), at: maybeIso(at), soon: told?.soon ?? false, words: told?.words },
    ...{ todo: at === undefined ? undefined : todo, problem },
  };
};

const qualityOf = ({ asked_at, problem, said: [last], events, ends }: AccountQuality) => ({
  ...{ asked_at: maybeIso(asked_at), problem, ends: ends.map(endOf) },
  said: last && {
    at: iso(last.at),
    events: events.map(({ keys, lacks, doubles, issues, told_at, ...told }) => ({
      ...{
        ...told,
        told_at: maybeIso(told_at),
        keys: [...keys],
        lacks: [...lacks],
        doubles: [...doubles],
        issues: [...issues],
      },
    })),
  },
});

export function placeApi({ viewOf, pause, resume, audit }: PlaceApiParts): ApiRoute[] {
  /** Why this token cannot change this account. */
  const refusal = async (token: Token, account: string) => {
    const view = viewOf(token);
    if (!(await view.accounts()).some((one) => one.account === account))
      return problem(404, 'There is no such destination.');
    if (!view.owns(account))
      return problem(403, 'Stores that this token is not for use this destination too, so it cannot change it.');
    return undefined;
  };
  return [
    route({
      ...get,
      path: '/overview',
      id: 'showOverview',
      summary: 'The last 24 hours of every store, and what is wrong now',
      tool: 'For how the last 24 hours went, beside the same hours a week before (before). It goes by the hour, so it is long: name the store where you can. revenue is the value of purchases; refunds are not taken off.',
      query: z.strictObject({ store }),
      answer: schemas.Overview,
      run: async ({ token, query: { store } }) => {
        const { at, stores, troubles } = await viewOf(token).overview();
        const isWanted = (name: string | undefined) => store === undefined || name === undefined || name === store;
        return json({
          at: iso(at),
          stores: stores
            .filter((one) => isWanted(one.store))
            .map(({ destinations, hours, ...facts }) => ({
              ...facts,
              hours: hours.map(hourOf),
              destinations: destinations.map(({ name, oldest, ...numbers }) => ({
                destination: name,
                ...numbers,
                oldest: maybeIso(oldest),
              })),
            })),
          troubles: troubles
            .filter((one) => isWanted(one.store))
            .map(({ later, store: of, what, todo }) => ({ later, store: of, what, todo })),
        });
      },
    }),
    route({
      ...get,
      path: '/sources',
      id: 'listSources',
      summary: 'Where hooks come from, with the address to paste',
      tool: 'For webhooks that are off, deleted or missing (webhooks, farewell, untold), for when the last hook came, and for the address to paste into a shop. Without webhooks in the answer the shop is not asked, and nobody knows whether they are on.',
      query: z.strictObject({ store }),
      answer: SourceList,
      run: async ({ token, query }) => {
        const sources = await viewOf(token).sources();
        return json({
          items: sources
            .filter(({ store }) => query.store === undefined || query.store === store)
            .map(({ store, source, title, url, last, counts, topics, farewell, untold, fetched, webhooks }) => ({
              store,
              source,
              platform: title,
              url,
              last_hook_at: maybeIso(last),
              hooks: { ...counts },
              topics: topics.map(({ topic, last_at, day, week }) => ({
                ...{ topic, last_hook_at: iso(last_at) },
                ...{ hooks_24h: day, hooks_7d: week },
              })),
              farewell: farewell && { topic: farewell.topic, at: iso(farewell.at), reason: farewell.reason },
              untold: untold.map(({ event, topics: wanted }) => ({ event, topics: [...wanted] })),
              fetched,
              webhooks: webhooks && webhooksOf(webhooks),
            })),
        });
      },
    }),
    route({
      ...get,
      path: '/destinations',
      id: 'listDestinations',
      summary: 'Where events go; what several stores share is one account',
      tool: 'For which accounts are paused and why, how many deliveries wait, and how well the destination itself finds the people behind purchases and leads, or may count them twice (quality), and when the access token ends by which events are sent (quality.ends). Without quality in the answer it is not asked, and nobody knows. delivered and failed are of the last two hours only.',
      answer: DestinationList,
      run: async ({ token }) => {
        const accounts = await viewOf(token).accounts();
        return json({
          items: accounts.map(({ account, title, names, paused, delivered, failed, waiting, oldest, quality }) => ({
            account,
            kind: title,
            names: names.map(({ store, destination }) => ({ store, destination })),
            paused: paused && { reason: paused.reason, since: iso(paused.since) },
            delivered,
            failed,
            waiting,
            oldest: maybeIso(oldest),
            quality: quality && qualityOf(quality),
          })),
        });
      },
    }),
    route({
      ...post,
      path: '/destinations/pause',
      id: 'pauseDestination',
      summary: 'Sends nothing there until it is resumed; what comes meanwhile waits',
      tool: 'Deliveries wait, for days at most: each destination refuses what has become too old. Every store that shares the account is paused.',
      body: z.strictObject({ account, reason: word.optional().describe('What others are to read beside it') }),
      answer: schemas.Paused,
      run: async ({ token, body: { account, reason } }) => {
        const refused = await refusal(token, account);
        if (refused !== undefined) return refused;
        await pause(account, reason ?? `paused through the API by ${token.name}`);
        await audit({ actor: actorOf(token), action: 'paused', detail: account });
        return json({ account, paused: true });
      },
    }),
    route({
      ...post,
      path: '/destinations/resume',
      id: 'resumeDestination',
      summary: 'Sends there again, what waited first',
      tool: 'Where a refused token paused it, a new token must be in place first, or it is paused again.',
      body: z.strictObject({ account }),
      answer: schemas.Paused,
      run: async ({ token, body: { account } }) => {
        const refused = await refusal(token, account);
        if (refused !== undefined) return refused;
        await resume(account);
        await audit({ actor: actorOf(token), action: 'resumed', detail: account });
        return json({ account, paused: false });
      },
    }),
  ];
}
