// API routes of lists and of the search: the rows behind every number, newest first, a page at a time.
import { z } from 'zod';
import { ATTEMPT_KINDS } from '../../keep/questions/attempts.ts';
import { HOOK_STATES } from '../../keep/questions/lists.ts';
import type { Token } from '../../keep/questions/tokens.ts';
import { groupByCause } from '../problems/causes.ts';
import { ANY_PAGING, CURSORS, NO_CURSOR, PAGING, pageOf, pagingBy, store, word } from './asked.ts';
import { type ApiRoute, json, PLAIN, route } from './route.ts';
import * as schemas from './schemas.ts';
import { attemptRow, deliveryRow, eventRow, hookRow, iso, maybeIso } from './shapes.ts';
import type { ViewOf } from './view.ts';

const CURSOR_OF = { delivered: CURSORS.attempt, waiting: CURSORS.waiting, dead: CURSORS.dead };

const get = { ...PLAIN, method: 'get', scope: 'read' } as const;

export function listApi({ viewOf }: { viewOf: ViewOf }): ApiRoute[] {
  return [
    route({
      ...get,
      path: '/hooks',
      id: 'listHooks',
      summary: 'Hooks, the newest first',
      tool: 'For what arrived lately from shops and CRMs, and, with state ignored, for what was not counted and why. A hook is no order: an order makes several.',
      query: z.strictObject({ store, source: word.optional(), state: z.enum(HOOK_STATES).optional(), ...PAGING }),
      answer: schemas.HookList,
      run: async ({ token, query: { limit, cursor = '', ...chosen } }) => {
        const read = (most: number) => viewOf(token).hooks(chosen, cursor, most);
        return json(await pageOf(read, limit, hookRow, ({ id }) => id));
      },
    }),
    route({
      ...get,
      path: '/events',
      id: 'listEvents',
      summary: 'Events, the newest first',
      query: z.strictObject({ store, name: word.optional(), ...PAGING }),
      answer: schemas.EventList,
      run: async ({ token, query: { limit, cursor = '', ...chosen } }) => {
        const read = (most: number) => viewOf(token).events(chosen, cursor, most);
        return json(await pageOf(read, limit, eventRow, ({ id }) => id));
      },
    }),
    route({
      ...get,
      path: '/deliveries',
      id: 'listDeliveries',
      summary: 'Deliveries that arrived, wait or are dead',
      tool: 'For single orders that wait for a destination, or that are dead: it did not take them. listProblems tells of dead ones by cause.',
      query: z
        .strictObject({
          store,
          destination: word.optional(),
          state: z.enum(['delivered', 'waiting', 'dead']).default('delivered'),
          ...ANY_PAGING,
        })
        .refine(({ state, cursor }) => cursor === undefined || CURSOR_OF[state].test(cursor), {
          path: ['cursor'],
          error: NO_CURSOR,
        }),
      answer: schemas.DeliveryList,
      run: async ({ token, query: { limit, cursor = '', state, ...chosen } }) => {
        const read = (most: number) => viewOf(token).deliveries({ ...chosen, kind: state }, cursor, most);
        return json(await pageOf(read, limit, deliveryRow, ({ mark }) => mark));
      },
    }),
    route({
      ...get,
      path: '/attempts',
      id: 'listAttempts',
      summary: 'Every try at a destination, the newest event first',
      query: z.strictObject({
        store,
        destination: word.optional(),
        outcome: z.enum(ATTEMPT_KINDS).optional(),
        ...pagingBy(CURSORS.attempt),
      }),
      answer: schemas.AttemptList,
      run: async ({ token, query: { limit, cursor = '', outcome, ...chosen } }) => {
        const read = (most: number) => viewOf(token).attempts({ ...chosen, kind: outcome }, cursor, most);
        return json(await pageOf(read, limit, attemptRow, ({ mark }) => mark));
      },
    }),
    route({
      ...get,
      path: '/search',
      id: 'search',
      summary: 'What goes by an id of an order, transaction, hook or delivery, or by an e-mail or phone',
      tool: 'The first step of any question about one order or buyer: it gives the store, order_id and hook_id that other tools take. uncounted are orders that arrived and were not counted.',
      query: z.strictObject({ q: word.describe('One of these alone, such as 1042, without words before it') }),
      answer: schemas.Found,
      run: async ({ token, query: { q } }) => {
        const { matches, uncounted } = await viewOf(token).find(q.trim());
        return json({
          matches: matches.map(({ what, hook_id, store, order_id, name }) => ({
            found_by: what,
            hook_id,
            store,
            order_id,
            event: name,
          })),
          uncounted,
        });
      },
    }),
    route({
      ...get,
      path: '/problems',
      id: 'listProblems',
      summary: 'What is stuck or dead, by cause, the largest first',
      tool: 'The answer to what is stuck or was refused, where and why, with advice. What merely waits is not here: listDestinations tells which are paused, and how much waits there.',
      query: z.strictObject({ store }),
      answer: schemas.CauseList,
      run: async ({ token, query }) => json({ items: await causes(viewOf, token, query.store) }),
    }),
    route({
      ...get,
      path: '/token',
      id: 'showToken',
      summary: 'What the token of the request may do',
      answer: schemas.TokenFacts,
      run: async ({ token: { id, name, scopes, stores, expires_at } }) =>
        json({
          id,
          name,
          scopes: [...scopes],
          stores: [...stores],
          expires_at: maybeIso(expires_at),
        }),
    }),
  ];
}

async function causes(viewOf: ViewOf, token: Token, store: string | undefined) {
  const { items, limit } = await viewOf(token).troubled(store);
  return groupByCause(items).map(({ items: own, ...group }) => {
    const times = own.map(({ at }) => at);
    return {
      ...group,
      count: own.length,
      more: own.length >= limit,
      oldest: iso(Math.min(...times)),
      newest: iso(Math.max(...times)),
      newest_hook_id: own[0]?.hook_id ?? '',
    };
  });
}
