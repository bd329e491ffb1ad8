// A refund finds its purchase: it takes over the purchase's ids and person, waits for it, or is not sent at all.
import type { Event, Item } from '../event.ts';
import { CLICK_IDS } from '../lib/click-ids.ts';

/**
 * What the ledger knows of an order: its purchase when it was counted, else why it was not, and its channel if that is why. Of
 * one that is `lost` it is known only that it was counted: its purchase was forgotten, or cannot be opened.
 */
export type LedgerEntry = {
  order_id: string;
  event?: Event | undefined;
  lost?: 'forgotten' | 'unreadable';
  reason?: string | undefined;
  channel?: string | undefined;
  erased?: boolean;
  /** The hook that tells of it and has not come to its end, and when it is handed out again. */
  told?: { by: string; at: number };
};
/** Whether its purchase was counted, also when nothing more is known of it. */
export const isCounted = ({ event, lost }: LedgerEntry): boolean => event !== undefined || lost !== undefined;
/** A refund is `dropped` for good, or `unless` this order is counted after all. */
export type Joined = { event: Event } | { dropped: string; unless?: string | undefined } | { waits: string };

/** What belongs to the buyer and the order, not to the moment: a refund happens without the buyer's browser. */
const INHERITED = [
  'order_id',
  'transaction_id',
  'channel',
  'action_source',
  'user_id',
  'external_id',
  'client_id',
  'fbp',
  ...CLICK_IDS,
  'consent',
] as const satisfies readonly (keyof Event)[];

/** A refund may name its order by another id than the purchase. */
const IDS_OF_THE_ORDER: ReadonlySet<string> = new Set(['order_id', 'transaction_id']);

/** Of a refund that does not say for what it is, tax and shipping are in its value and not in that of its purchase. */
const isWorthMore = (refund: Event, purchase: Event): boolean =>
  refund.currency === purchase.currency && purchase.value !== undefined && (refund.value ?? 0) > purchase.value;

/**
 * Articles may be deleted from a shop after they were sold, and are told by the line of their order then. What has their name
 * among what was sold, or with its variant behind it, says what they were sold as.
 */
function asSold(item: Item, sold: readonly Item[]): Item {
  if (item.item_name === undefined || sold.some(({ item_id }) => item_id === item.item_id)) return item;
  const isIt = ({ item_name, item_variant = item.item_variant }: Item): boolean =>
    (item.item_variant ?? item_variant) === item_variant &&
    [item_name, `${item_name} - ${item_variant}`].includes(item.item_name);
  const ids = new Set(sold.filter(isIt).map(({ item_id }) => item_id));
  const [item_id] = ids;
  return ids.size === 1 && item_id !== undefined ? { ...item, item_id } : item;
}

function inherit(refund: Event, purchase: Event): Event {
  const joined: Event = { ...refund };
  const { items: sold = [] } = purchase;
  if (refund.items !== undefined) joined.items = refund.items.map((item) => asSold(item, sold));
  const provenance = { ...refund.provenance };
  for (const name of INHERITED) {
    const value = purchase[name];
    if (value === undefined || (refund[name] !== undefined && !IDS_OF_THE_ORDER.has(name))) continue;
    Object.assign(joined, { [name]: value });
    const origin = purchase.provenance?.[name];
    if (origin !== undefined) provenance[name] = origin;
  }
  if (isWorthMore(refund, purchase)) joined.value = purchase.value;
  if (purchase.user_data !== undefined) joined.user_data = { ...purchase.user_data, ...refund.user_data };
  return Object.keys(provenance).length > 0 ? { ...joined, provenance } : joined;
}

/**
 * `patient` is true while the purchase may still be on its way, also of an order that was seen and not counted: a hook from
 * before it was paid may have come first, or one from after it was cancelled. Without any trace of the order the refund is
 * sent as mapped: the order is older than the bridge. So is one whose purchase is lost, for which there is nothing to wait.
 */
export function joinRefund(refund: Event, entry: LedgerEntry | undefined, patient: boolean): Joined {
  if (entry?.event !== undefined) return { event: inherit(refund, entry.event) };
  if (entry?.erased) return { dropped: 'its order was erased' };
  if (entry?.lost !== undefined) return { event: refund };
  if (patient && refund.order_id !== undefined) return { waits: refund.order_id };
  if (entry?.reason !== undefined)
    return { dropped: `its order was not counted: ${entry.reason}`, unless: refund.order_id };
  return { event: refund };
}
