// API routes that tell what became of a hook or an order, masked unless a token with that scope asks for personal data.
import { z } from 'zod';
import type { Token } from '../../keep/questions/tokens.ts';
import type { Audit } from '../route.ts';
import { actorOf } from '../tokens/tokens.ts';
import { notFound, unmasked, word } from './asked.ts';
import { type ApiRoute, json, PLAIN, problem, route } from './route.ts';
import * as schemas from './schemas.ts';
import { eventTrace, hookRow, hookTrace } from './shapes.ts';
import type { ViewOf } from './view.ts';

const get = { ...PLAIN, method: 'get', scope: 'read', problems: [403, 404] } as const;

export function traceApi({ viewOf, audit }: { viewOf: ViewOf; audit: Audit }): ApiRoute[] {
  /** Notes that personal data is shown, or says why it is not. */
  const unmask = async (token: Token, store: string, detail: string) => {
    const actor = actorOf(token);
    if (!token.scopes.includes('personal_data')) {
      await audit({ actor, action: 'refused: personal data', store, detail });
      return problem(403, 'This token may not see personal data: it has not the scope personal_data.');
    }
    await audit({ actor, action: 'personal data shown', store, detail });
    return undefined;
  };
  return [
    route({
      ...get,
      path: '/hooks/{id}',
      id: 'traceHook',
      summary: 'A hook from its arrival to its deliveries',
      tool: 'For one webhook that is stuck or ignored: what it carried, and in mapped_now what is made of it today, by which line of which mapping file. It is long; for an order ask traceOrder first.',
      params: z.strictObject({ id: z.uuid() }),
      query: z.strictObject({ unmasked }),
      answer: schemas.HookTrace,
      run: async ({ token, params: { id }, query }) => {
        const trace = await viewOf(token).hook(id);
        if (trace === undefined) return notFound('hook with this id');
        const showData = query.unmasked === 'true';
        const refused = showData ? await unmask(token, trace.hook.store, `hook ${id}`) : undefined;
        return refused ?? json(hookTrace(trace, { showData }));
      },
    }),
    route({
      ...get,
      path: '/stores/{store}/orders/{order_id}',
      id: 'traceOrder',
      summary: 'All hooks and events of an order',
      tool: 'For each event of the order: what became of it at each destination, every try with its answer (reason), and the request as it would be built now. While paused says why, nothing is sent there.',
      params: z.strictObject({ store: word, order_id: word.describe('As the search gives it') }),
      query: z.strictObject({ unmasked }),
      answer: schemas.OrderTrace,
      run: async ({ token, params: { store, order_id }, query }) => {
        const { hooks, events } = await viewOf(token).order(store, order_id);
        if (hooks.length + events.length === 0) return notFound('order with this id');
        const showData = query.unmasked === 'true';
        const detail = `hooks ${hooks.map(({ id }) => id).join(' ')}`;
        const refused = showData ? await unmask(token, store, detail) : undefined;
        const traces = events.map((event) => eventTrace(event, [], { showData }));
        return refused ?? json({ hooks: hooks.map(hookRow), events: traces });
      },
    }),
  ];
}
