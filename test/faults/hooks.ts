// The hooks that the load process sends: an order or its refund, told apart by an id that the receivers' records show too.
import { fromShopify, lampOrder, lampRefund, type SignedHook } from '../support/hooks.ts';

export type Kind = 'order' | 'refund';
/** `order:6200001`. */
export type HookId = `${Kind}:${number}`;

/** The topic each kind arrives under, and the name of its event. */
const TOPICS: Record<Kind, string> = { order: 'orders/paid', refund: 'refunds/create' };

/** `again` makes another delivery of it. */
export const makeHook = (kind: Kind, order: number, over: object = {}, again = ''): SignedHook => {
  const body = kind === 'refund' ? lampRefund(order * 10 + 1, order) : lampOrder(order, over);
  return fromShopify(body, TOPICS[kind], `${kind}-${order}${again}`);
};

/** Destinations that must get the event of a hook, and under which name. */
export const WANTED: Record<Kind, Record<string, string>> = {
  order: { ga4: 'purchase', meta: 'Purchase', sgtm: 'purchase' },
  refund: { ga4: 'refund', sgtm: 'refund' },
};
export const splitId = (id: string): { kind: Kind; order: string } => {
  const [kind = '', order = ''] = id.split(':');
  if (kind !== 'order' && kind !== 'refund') throw new Error(`${id} is no hook of the suite`);
  return { kind, order };
};
