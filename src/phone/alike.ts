// Finds what an order may be a second time of: the same number, or the same customer and amount, also from a shop's own hooks.
import type { Event } from '../event.ts';
import type { Keep } from '../keep/keep.ts';
import type { Store } from '../map/load.ts';
import type { Clock } from '../types.ts';
import { readBody } from './body.ts';
import type { Order } from './read.ts';

/** `by` is what they have in common; `from` who told of it, in the name people know. */
export type Alike = { by: 'number' | 'customer'; hook_id: string; number: string; from: string; at: number };
export type AlikeParts = {
  keep: Pick<Keep, 'findLike' | 'search' | 'findTrace' | 'findHook' | 'openEvents'>;
  now: Clock;
};

/** Who orders the same for the same amount a month later means it. */
const LOOKED_BACK_MS = 30 * 86_400_000;
const IN_HAND = 'the phone team';

/** Shops write a number with a # or without it. */
const formsOf = (number: string): string[] => {
  const bare = number.replace(/^#/, '');
  return [bare, `#${bare}`];
};
const isAmount = (text: string | undefined, { amount }: Order) => text !== undefined && Number(text) === Number(amount);
const isWorth = ({ total, value, currency }: Event, { amount, currency: own }: Order) =>
  currency === own && [total, value].some((one) => one === Number(amount));

export function createAlike({ keep, now }: AlikeParts) {
  const entered = async (store: Store, order: Order): Promise<Alike[]> => {
    const { number, email, phone } = order;
    const since = now() - LOOKED_BACK_MS;
    const found = await keep.findLike({
      store: store.name,
      since,
      ...(number !== undefined && { number }),
      ...(email !== undefined && { email }),
      ...(phone !== undefined && { phone }),
    });
    const orders = found.filter(({ kind }) => kind === 'order');
    const bodies = await Promise.all(orders.map(async ({ hook_id }) => readBody(await keep.findHook(hook_id))));
    return orders.flatMap(({ hook_id, number: theirs, at }, index): Alike[] => {
      const told = { hook_id, number: theirs, from: IN_HAND, at };
      if (theirs === number) return [{ by: 'number', ...told }];
      const body = bodies[index];
      const isSame = body?.currency === order.currency && isAmount(body.amount, order);
      return isSame ? [{ by: 'customer', ...told }] : [];
    });
  };

  /** Orders that came as hooks of any source. */
  const received = async (store: Store, order: Order): Promise<Alike[]> => {
    const { number, email, phone } = order;
    const numbers = number === undefined ? [] : formsOf(number);
    const whose = { emails: email === undefined ? [] : [email], phones: phone === undefined ? [] : [phone] };
    const ask = (text: string, by: typeof whose) =>
      keep.search({ text, stores: [store.name], delivery_keys: [], ...by });
    const found = await Promise.all([ask('', whose), ...numbers.map((one) => ask(one, { emails: [], phones: [] }))]);
    const matches = found.flatMap((one) => one.matches);
    const hooks = [...new Set(matches.flatMap((one) => (one.name === 'purchase' ? [one.hook_id] : [])))];
    const traces = await Promise.all(hooks.map((hook_id) => keep.findTrace({ hook_id })));
    const events = traces.flatMap((trace) => trace.events.map((event) => ({ event, hook: trace.hooks[0] })));
    const opened = await keep.openEvents(events.map(({ event }) => event.id));
    return events.flatMap(({ event: { id, created_at }, hook }): Alike[] => {
      const event = opened.get(id);
      if (event?.name !== 'purchase' || hook === undefined || created_at < now() - LOOKED_BACK_MS) return [];
      const { order_id = '', transaction_id = order_id } = event;
      const isNumber = numbers.includes(order_id) || numbers.includes(transaction_id);
      if (!isNumber && !isWorth(event, order)) return [];
      const source = store.sources.get(hook.source);
      const from = source?.entered === false ? source.title : IN_HAND;
      return [{ by: isNumber ? 'number' : 'customer', hook_id: hook.id, number: transaction_id, from, at: created_at }];
    });
  };

  /** The strongest first, each hook once. */
  return async (store: Store, order: Order): Promise<Alike[]> => {
    const found = [...(await entered(store, order)), ...(await received(store, order))];
    const byHook = new Map(found.map((one) => [one.hook_id, one]));
    return [...byHook.values()].sort((a, b) => (a.by < b.by ? 1 : a.by > b.by ? -1 : b.at - a.at));
  };
}
