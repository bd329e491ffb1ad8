// The store's own parameters for Meta: where Meta has a parameter of that name, in its type, because another one refuses the whole batch.
import type { Event } from '../event.ts';
import { hasEmail } from '../lib/email-in-text.ts';
import { parseDecimal, toNumber } from '../lib/money.ts';

type Value = NonNullable<Event['custom']>[string];

const asText = (value: Value): Value => String(value);
const asAmount = (value: Value): Value | undefined => {
  const decimal = typeof value === 'boolean' ? undefined : parseDecimal(value);
  return decimal === undefined ? undefined : toNumber(decimal);
};
const DELIVERIES: ReadonlySet<Value> = new Set(['in_store', 'curbside', 'home_delivery']);
const asDelivery = (value: Value): Value | undefined => (DELIVERIES.has(value) ? value : undefined);
/** What the event itself tells, or nobody. */
const never = () => undefined;

/** https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/custom-data */
const TYPES: ReadonlyMap<string, (value: Value) => Value | undefined> = new Map([
  ...['value', 'currency', 'order_id', 'event_source', 'lead_event_source'].map((name) => [name, never] as const),
  ...['content_type', 'content_ids', 'contents', 'num_items'].map((name) => [name, never] as const),
  ...['predicted_ltv', 'net_revenue'].map((name) => [name, asAmount] as const),
  ...['content_name', 'content_category', 'search_string', 'item_number'].map((name) => [name, asText] as const),
  ['delivery_category', asDelivery] as const,
]);

/** Personal data has no place among them. */
const isSendable = (value: Value) => typeof value !== 'string' || (value !== '' && !hasEmail(value));

/** The store's own parameters that Meta takes. */
export function ownParameters({ custom = {} }: Event): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(custom)
      .filter(([, value]) => isSendable(value))
      .flatMap(([name, value]) => {
        const type = TYPES.get(name);
        const typed = type === undefined ? value : type(value);
        return typed === undefined ? [] : [[name, typed] as const];
      }),
  );
}
