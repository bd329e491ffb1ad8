// Finds what an entry may be a second time of: the number, or the customer and amount of an order, also from a shop's own
// hooks; the customer and another amount, where one may correct the other; the customer of a lead.
import type { Event } from '../event.ts';
import type { Keep } from '../keep/keep.ts';
import type { Entered } from '../keep/questions/entries.ts';
import { DAY_MS, HOUR_MS } from '../lib/time.ts';
import type { Store } from '../map/files/load.ts';
import type { Clock } from '../types.ts';
import { readBody } from './body.ts';
import type { Entry, Order } from './read.ts';

/** `by` is what they have in common, `amount` what a customer's two do not; `from` who told of it, in the name people know. */
export type Alike = {
  by: 'number' | 'customer' | 'amount';
  hook_id: string;
  number: string;
  from: string;
  at: number;
  /** Where it was entered here. */
  entered?: Entered;
};
export type Likes = {
  alike: Alike[];
  /** The number of an order, where one was counted under it of which nothing but that is known any more. */
  taken: string | undefined;
};
export type AlikeParts = {
  keep: Pick<Keep, 'findLike' | 'search' | 'findTrace' | 'findHook' | 'openEvents' | 'knownKeys'>;
  now: Clock;
};

/** Who orders the same for the same amount a month later means it. */
const LOOKED_BACK_MS = 30 * DAY_MS;
/** Who orders for another amount within the hour mostly means the same order, which was typed wrong. */
const CORRECTED_MS = HOUR_MS;
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
  /** Entries of the same number or customer with what they say; `isOwn` is the one that this very form made before. */
  const entriesLike = async (store: Store, { number, email, phone, code, kind, idempotency_key }: Entry) => {
    const wanted = { store: store.name, since: now() - LOOKED_BACK_MS, number, email, phone, code };
    const found = (await keep.findLike(wanted)).filter((one) => one.kind === kind);
    const bodies = await Promise.all(found.map(async ({ hook_id }) => readBody(await keep.findHook(hook_id))));
    return found.map((one, index) => {
      const body = bodies[index];
      return { ...one, body, isOwn: body !== undefined && body.id === idempotency_key };
    });
  };
  type Like = Awaited<ReturnType<typeof entriesLike>>[number];

  const told = ({ body: _, isOwn: __, ...entered }: Like) => {
    const { hook_id, number, at } = entered;
    return { hook_id, number, from: IN_HAND, at, entered };
  };
  const alikeOrder = (like: Like, order: Order): Alike[] => {
    const { number, at, body } = like;
    if (number === order.number) return [{ by: 'number', ...told(like) }];
    const isSame = body?.currency === order.currency && isAmount(body.amount, order);
    if (isSame) return [{ by: 'customer', ...told(like) }];
    return at > now() - CORRECTED_MS ? [{ by: 'amount', ...told(like) }] : [];
  };
  /** Of a number that is given it is the next stage, not another lead. */
  const alikeLead = (like: Like, lead: Entry): Alike[] =>
    like.number === lead.number ? [] : [{ by: 'customer', ...told(like) }];

  /** Orders that came as hooks of any source. */
  const received = async (store: Store, order: Order): Promise<Alike[]> => {
    const { number, email, phone } = order;
    const numbers = number === undefined ? [] : formsOf(number);
    const whose = { emails: email === undefined ? [] : [email], phones: phone === undefined ? [] : [phone] };
    const ask = (text: string, by: typeof whose) =>
      keep.search({ text, stores: [store.name], only: true, delivery_keys: [], ...by });
    const found = await Promise.all([ask('', whose), ...numbers.map((one) => ask(one, { emails: [], phones: [] }))]);
    const matches = found.flatMap((one) => one.matches);
    const hooks = [...new Set(matches.flatMap((one) => (one.name === 'purchase' ? [one.hook_id] : [])))];
    const traces = await Promise.all(hooks.map((hook_id) => keep.findTrace({ hook_id })));
    const events = traces.flatMap((trace) => trace.events.map((event) => ({ event, hook: trace.hooks[0] })));
    const opened = await keep.openEvents(events.map(({ event }) => event.id));
    return events.flatMap(({ event: { id, created_at }, hook }): Alike[] => {
      const event = opened.get(id);
      if (event?.name !== 'purchase' || hook === undefined) return [];
      const { order_id = '', transaction_id = order_id } = event;
      const isNumber = numbers.includes(order_id) || numbers.includes(transaction_id);
      const isAlike = isWorth(event, order) && created_at >= now() - LOOKED_BACK_MS;
      if (!isNumber && !isAlike) return [];
      const source = store.sources.get(hook.source);
      const from = source?.entered === false ? source.title : IN_HAND;
      return [{ by: isNumber ? 'number' : 'customer', hook_id: hook.id, number: transaction_id, from, at: created_at }];
    });
  };

  /** Purchases are made once under a number, for as long as their names are known: also of one that was erased since. */
  const takenBefore = async ({ name }: Store, { number }: Order): Promise<string | undefined> =>
    number !== undefined && (await keep.knownKeys(name, [`purchase:${number}`])).size > 0 ? number : undefined;

  /** The strongest first, each hook once. */
  return async (store: Store, entry: Entry): Promise<Likes> => {
    const like = await entriesLike(store, entry);
    const others = like.filter(({ isOwn }) => !isOwn);
    if (entry.kind === 'lead') return { alike: others.flatMap((one) => alikeLead(one, entry)), taken: undefined };
    const found = [...others.flatMap((one) => alikeOrder(one, entry)), ...(await received(store, entry))];
    const byHook = new Map(found.map((one) => [one.hook_id, one]));
    for (const { isOwn, hook_id } of like) if (isOwn) byHook.delete(hook_id);
    const alike = [...byHook.values()].sort((a, b) => (a.by < b.by ? 1 : a.by > b.by ? -1 : b.at - a.at));
    const isShown = like.some(({ isOwn }) => isOwn) || alike.some(({ by }) => by === 'number');
    return { alike, taken: isShown ? undefined : await takenBefore(store, entry) };
  };
}
