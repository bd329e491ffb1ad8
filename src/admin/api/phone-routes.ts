// API routes by which other programs enter phone orders and phone leads; each is kept once under its key.
import { z } from 'zod';
import type { Token } from '../../keep/questions/tokens.ts';
import type { Store } from '../../map/files/load.ts';
import { differences, type EntryBody } from '../../phone/body.ts';
import { PhoneLead, PhoneOrder } from '../../phone/order.ts';
import { enteredSource, type PhoneOrders } from '../../phone/phone-orders.ts';
import { type Around, completeLead, completeOrder, type Entry, type Read } from '../../phone/read.ts';
import type { Clock } from '../../types.ts';
import type { Audit } from '../route.ts';
import { actorOf } from '../tokens/tokens.ts';
import { notFound, word } from './asked.ts';
import { type ApiRoute, json, type Outcome, PLAIN, problem, refusedFor, route } from './route.ts';
import * as schemas from './schemas.ts';
import type { ViewOf } from './view.ts';

export type PhoneApiParts = {
  viewOf: ViewOf;
  store: (name: string) => Store | undefined;
  phoneOrders: PhoneOrders;
  /** What is still kept of an entry. */
  bodyOf: (hook_id: string) => Promise<EntryBody | undefined>;
  audit: Audit;
  now: Clock;
};

const post = {
  ...PLAIN,
  method: 'post',
  scope: 'phone_orders',
  keyed: true,
  params: z.strictObject({ store: word }),
  problems: [404, 422],
  answer: schemas.Entered,
} as const;

/** What is made for an entry that does not say it. */
const MADE = ['number', 'agreed_at'] as const;
type Given = { number?: string | undefined; agreed_at?: string | undefined; idempotency_key?: string | undefined };
type Asked = { token: Token; store: string; key: string | undefined };

export function phoneApi({ viewOf, store: storeOf, phoneOrders, bodyOf, audit, now }: PhoneApiParts): ApiRoute[] {
  const enter = async <G extends Given>(
    { token, store: name, key }: Asked,
    given: G,
    complete: (given: G, around: Around) => Read<Entry>,
  ): Promise<Outcome<z.input<typeof schemas.Entered>>> => {
    const store = viewOf(token).has(name) ? storeOf(name) : undefined;
    if (store === undefined || enteredSource(store) === undefined)
      return notFound('store of this name that takes them');
    const own = given.idempotency_key ?? key;
    if (own === undefined && given.number === undefined)
      return problem(
        400,
        'Send a number or an idempotency_key, or the header Idempotency-Key, so that it is kept once however often you send it.',
      );
    const { country, currency } = store.settings;
    const read = complete(given, { country, currency, now: now() });
    if ('mistakes' in read) {
      const errors = read.mistakes.map(({ field, message }) => ({
        field: field === '' ? 'body' : `body.${field}`,
        detail: message,
      }));
      return refusedFor(errors);
    }
    // Keys of two programs have nothing to do with each other.
    const entry = { ...read.entry, ...(own !== undefined && { idempotency_key: `${token.id}:${own}` }) };
    const kept = await phoneOrders.keep(store, entry, { id: token.id, how: 'api' });
    const { kind, hook_id, number } = kept;
    if (kind === 'kept')
      await audit({
        actor: actorOf(token),
        action: `phone ${entry.kind} kept`,
        store: name,
        detail: `hook ${hook_id}`,
      });
    const before = kind === 'duplicate' ? await bodyOf(hook_id) : undefined;
    const open = MADE.filter((name) => given[name] === undefined);
    const differs = before === undefined ? [] : differences(before, read.entry, open);
    if (before !== undefined && differs.length > 0)
      return problem(
        422,
        `The ${before.kind} ${number} was kept before under this key, and stays as it is. This one differs in ${differs.join(', ')}: if it is another ${entry.kind === 'lead' ? 'lead or stage' : 'order'}, send it under a key of its own.`,
      );
    return json({ outcome: kind, hook_id, number });
  };

  return [
    route({
      ...post,
      path: '/stores/{store}/phone-orders',
      id: 'enterPhoneOrder',
      summary: 'Keeps a phone order, which is mapped and sent at once',
      tool: 'Give a number or an idempotency_key, and the same one when you repeat a call, so that it is counted once.',
      body: PhoneOrder,
      run: ({ token, params, body, key }) => enter({ token, store: params.store, key }, body, completeOrder),
    }),
    route({
      ...post,
      path: '/stores/{store}/phone-leads',
      id: 'enterPhoneLead',
      summary: 'Keeps a phone lead, or its next stage under the number of the lead',
      tool: 'Give a number or an idempotency_key, and the same one when you repeat a call, so that it is kept once.',
      body: PhoneLead,
      run: ({ token, params, body, key }) => enter({ token, store: params.store, key }, body, completeLead),
    }),
  ];
}
