// Finds what an entry may be a second time of: the number, or the customer and amount of an order, also from a shop's own
// hooks; the customer of a lead.
import type { Event } from '../event.ts';
import type { Keep } from '../keep/keep.ts';
import type { Store } from '../map/load.ts';
import type { Clock } from '../types.ts';
import { readBody } from './body.ts';
import type { Entry, Order } from './read.ts';

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
  const like = async (store: Store, { number, email, phone, kind }: Entry) => {
    const wanted = {
      store: store.name,
      since: now() - LOOKED_BACK_MS,
      ...(number !== undefined && { number }),
      ...(email !== undefined && { email }),
      ...(phone !== undefined && { phone }),
    };
    return (await keep.findLike(wanted)).filter((one) => one.kind === kind);
  };

  const entered = async (store: Store, order: Order): Promise<Alike[]> => {
    const orders = await like(store, order);
    const bodies = await Promise.all(orders.map(async ({ hook_id }) => readBody(await keep.findHook(hook_id))));
    return orders.flatMap(({ hook_id, number, at }, index): Alike[] => {
      const told = { hook_id, number, from: IN_HAND, at };
      if (number === order.number) return [{ by: 'number', ...told }];
      const body = bodies[index];
      const isSame = body?.currency === order.currency && isAmount(body.amount, order);
      return isSame ? [{ by: 'customer', ...told }] : [];
    });
  };

  /** Of a number that is given it is the next stage, not another lead. */
  const leads = async (store: Store, lead: Entry): Promise<Alike[]> =>
    (await like(store, lead)).flatMap(({ hook_id, number, at }) =>
      number === lead.number ? [] : [{ by: 'customer' as const, hook_id, number, from: IN_HAND, at }],
    );

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
  return async (store: Store, entry: Entry): Promise<Alike[]> => {
    if (entry.kind === 'lead') return leads(store, entry);
    const found = [...(await entered(store, entry)), ...(await received(store, entry))];
    const byHook = new Map(found.map((one) => [one.hook_id, one]));
    return [...byHook.values()].sort((a, b) => (a.by < b.by ? 1 : a.by > b.by ? -1 : b.at - a.at));
  };
}
