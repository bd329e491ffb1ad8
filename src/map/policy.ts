// The store's policies on a mapped event: what it is worth, which orders count, and what may be said about the buyer.
import {
  type Decimal,
  divide,
  isZero,
  minus,
  ONE,
  parseDecimal,
  plus,
  roundMoney,
  sum,
  times,
  toNumber,
  ZERO,
} from '../lib/money.ts';
import { DAY_MS } from '../lib/time.ts';

export type Policies = {
  value: { tax: 'include' | 'exclude'; shipping: 'include' | 'exclude' };
  channels: readonly string[];
  zero_value: 'ignore' | 'send';
  test_orders: 'ignore' | 'send';
  max_age: number;
  currency?: string | undefined;
};
/** Mapped values by field path, such as `user_data.email_address`. */
export type Values = Record<string, string | number | boolean>;
/** What a rule mapped: event fields plus the inputs that never leave (`shipping_tax`, `tip`, `tip_tax`, `test`, line amounts). */
export type Draft = { name: string; values: Values; items?: Values[] };

const decimal = (values: Values, name: string): Decimal | undefined => {
  const given = values[name];
  return typeof given === 'number' ? parseDecimal(given) : undefined;
};

/** An amount that the hook may not tell, with the tax on it where tax counts. */
function counted(values: Values, name: string, { value: { tax } }: Policies): Decimal {
  const amount = decimal(values, name) ?? ZERO;
  return tax === 'include' ? plus(amount, decimal(values, `${name}_tax`) ?? ZERO) : amount;
}

/** The line's worth under the tax policy, exact; undefined where the hook gives neither amount nor price. */
function lineTotal(item: Values, policies: Policies): Decimal | undefined {
  if (decimal(item, 'amount') !== undefined) return counted(item, 'amount', policies);
  const price = decimal(item, 'price');
  return price === undefined ? undefined : times(price, decimal(item, 'quantity') ?? ONE);
}

/** Items with their unit price after discount, rounded to the currency, and the exact sum of their lines. */
function priceItems(items: readonly Values[], currency: string | undefined, policies: Policies) {
  const totals: Decimal[] = [];
  const priced = items.map((item): Values => {
    const total = lineTotal(item, policies);
    const discount = decimal(item, 'discount');
    const rounded = discount === undefined ? item : { ...item, discount: toNumber(roundMoney(discount, currency)) };
    if (total === undefined) return rounded;
    totals.push(total);
    const quantity = decimal(item, 'quantity');
    const unit = quantity === undefined || isZero(quantity) ? total : divide(total, quantity);
    return { ...rounded, price: toNumber(roundMoney(unit, currency)) };
  });
  return { priced, worth: totals.length === items.length ? sum(totals) : undefined };
}

/** total − what the policy leaves out, as far as the hook tells it. */
function worthOfTotal(draft: Draft, policies: Policies): Decimal | undefined {
  const total = decimal(draft.values, 'total');
  if (total === undefined) return undefined;
  const { tax, shipping } = policies.value;
  let worth = minus(total, counted(draft.values, 'tip', policies));
  // Where tax leaves the total, it takes the tax of every part along.
  if (tax === 'exclude') worth = minus(worth, decimal(draft.values, 'tax') ?? ZERO);
  if (shipping === 'exclude') worth = minus(worth, counted(draft.values, 'shipping', policies));
  return worth;
}

function worth(draft: Draft, itemsWorth: Decimal | undefined, policies: Policies): Decimal | undefined {
  if (draft.name === 'refund' || itemsWorth === undefined) {
    const value = worthOfTotal(draft, policies);
    // A split that takes more out than there is contradicts itself; then only the money that moved is sure.
    return value !== undefined && toNumber(value) < 0 ? decimal(draft.values, 'total') : value;
  }
  if (policies.value.shipping === 'exclude') return itemsWorth;
  return plus(itemsWorth, counted(draft.values, 'shipping', policies));
}

const IS_ORDER = new Set(['purchase', 'refund']);
const SOURCE_OF_CHANNEL: Record<string, string> = {
  online: 'website',
  phone: 'phone_call',
  pos: 'physical_store',
  renewal: 'system_generated',
};
/** What describes the device in use: on phone, till and renewal orders it is never the buyer’s. */
const DEVICE_FIELDS = [
  'ip_override',
  'user_agent',
  'page_location',
  'page_referrer',
  'language',
  'session_id',
  'session_ids',
];

/** Currency, item prices and value: everything that is money, rounded once to the currency's minor units. */
function settleMoney(draft: Draft, isOrder: boolean, policies: Policies): Draft {
  const values = { ...draft.values };
  const hasMoney = isOrder || ['value', 'total', 'tax', 'shipping'].some((name) => values[name] !== undefined);
  if (values.currency === undefined && policies.currency !== undefined && hasMoney) values.currency = policies.currency;
  const currency = typeof values.currency === 'string' ? values.currency : undefined;
  const items =
    draft.items === undefined || draft.items.length === 0 ? undefined : priceItems(draft.items, currency, policies);
  if (isOrder && values.value === undefined) {
    const value = worth(draft, items?.worth, policies);
    if (value !== undefined) values.value = toNumber(value);
  }
  for (const name of ['value', 'total', 'tax', 'shipping', 'discount']) {
    const amount = decimal(values, name);
    if (amount !== undefined) values[name] = toNumber(roundMoney(amount, currency));
  }
  return { name: draft.name, values, ...(items !== undefined && { items: items.priced }) };
}

/** Channel, action source and what they forbid to say about the device. */
function settleChannel(values: Values, name: string): void {
  if (name === 'purchase') values.channel ??= 'online';
  const { channel } = values;
  if (channel !== undefined && channel !== 'online') {
    values.action_source = SOURCE_OF_CHANNEL[String(channel)] ?? 'other';
    for (const field of DEVICE_FIELDS) delete values[field];
  } else if (channel === 'online') values.action_source ??= 'website';
  else if (!IS_ORDER.has(name)) values.action_source ??= 'system_generated';
}

/** Completes a draft under the store's policies. */
export function applyPolicies(given: Draft, policies: Policies): Draft {
  const isOrder = IS_ORDER.has(given.name);
  const draft = settleMoney(given, isOrder, policies);
  const { values } = draft;
  settleChannel(values, draft.name);
  if (isOrder && values.order_id !== undefined) values.transaction_id ??= values.order_id;
  if (draft.name === 'purchase' && values.transaction_id !== undefined) values.event_id ??= values.transaction_id;
  return draft;
}

/**
 * Why the store does not count an event, in words for people; `is_old` where another than the bridge may have counted it,
 * `channel` where it is for the way the order came.
 */
export type NotCounted = { reason: string; is_old?: true; channel?: string };

/** Undefined when the store counts this event. */
export function notCounted(draft: Draft, policies: Policies, receivedAt: number): NotCounted | undefined {
  const refused = refusedByPolicy(draft, policies);
  if (refused !== undefined) return refused;
  const age = receivedAt - Date.parse(String(draft.values.event_time));
  if (age > policies.max_age) {
    const days = Math.floor(age / DAY_MS);
    return { reason: `it happened ${days} days before it arrived, more than max_age allows`, is_old: true };
  }
  const nothing = worthNothing(draft, policies);
  return nothing === undefined ? undefined : { reason: nothing };
}

function refusedByPolicy({ values }: Draft, policies: Policies): NotCounted | undefined {
  if (values.test === true && policies.test_orders === 'ignore') return { reason: 'a test order' };
  const { channel } = values;
  if (typeof channel !== 'string' || policies.channels.includes(channel)) return undefined;
  return { reason: `the store does not count ${channel} orders (channels: ${policies.channels.join(', ')})`, channel };
}

function worthNothing({ name, values }: Draft, policies: Policies): string | undefined {
  // Who maps a value alone says no total; a total alone has been given its value.
  const { value, total = value } = values;
  if (name === 'purchase' && value === 0 && policies.zero_value === 'ignore')
    return 'its value is 0 (zero_value: send counts such orders)';
  if (name !== 'refund') return undefined;
  if (total === 0) return 'no money went back';
  // Receivers would add it to the turnover.
  if (Number(total) < 0 || Number(value) < 0)
    return 'less than nothing went back; take the minus off its amount with $absolute';
  return value === 0 ? 'only shipping or tax went back, which the store does not count' : undefined;
}
