// Sales and refunds of made-up shops: as the API of a platform lists them, and as its webhooks tell of them.
import { createHmac } from 'node:crypto';
import type { SignedHook } from './hooks.ts';
import { HUBSPOT, type ListApi, MAGENTO, PIPEDRIVE, SQUARE, STRIPE } from './list-apis.ts';
import { SECRETS } from './service.ts';

/** `id` is what destinations get, `known` what people know it by; `later` are other hooks that tell the same. */
export type Told = { id: string; known: string; listed: object[]; hook: SignedHook; later?: SignedHook[] };
export type Platform = {
  platform: string;
  api: ListApi;
  settings: object;
  /** Made and changed at `at`; `made` where it was made at another time. */
  sale: (n: number, at: number, made?: number) => Told;
  /** CRMs have none. */
  refund?: (n: number, at: number, made?: number) => Told;
  /** A deal that became a qualified lead; one that was made elsewhen was made there. */
  stage?: (n: number, at: number, made?: number) => Told;
  /** A sale that does not count, of which a later record alone says so. */
  renewal?: (n: number, at: number, later: number) => Told;
  /** How many are listed at most on one page. */
  page: number;
};

const SECRET = SECRETS.SHOP_SECRET;
const asHook = (platform: string, body: object, headers: Record<string, string>): SignedHook => ({
  path: `/hooks/shop/${platform}`,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

const plain = (at: number) => new Date(at).toISOString().slice(0, 19).replace('T', ' ');
const magentoHook = (body: object) => asHook('magento', body, { 'x-webhook-secret': SECRET });
const number = (n: number) => String(n).padStart(9, '0');
export const magento: Platform = {
  platform: 'magento',
  api: MAGENTO,
  settings: { shop_domain: 'teapots.example', api_token: 'token-of-the-api' },
  page: 50,
  sale: (n, at, made = at) => {
    const order = {
      entity_id: n,
      increment_id: number(n),
      store_id: 1,
      state: 'processing',
      created_at: plain(made),
      order_currency_code: 'EUR',
      grand_total: 36.3,
      tax_amount: 6.3,
      customer_email: `buyer${n}@example.com`,
      items: [{ item_id: n, sku: 'TEAPOT', name: 'Teapot', qty_ordered: 1, price: 30, row_total: 30, tax_amount: 6.3 }],
      billing_address: { firstname: 'Mila', lastname: 'de Vries', city: 'Utrecht', country_id: 'NL' },
    };
    // As a template of a module writes it: all texts, under its own type.
    const told = { type: 'order', ...order, entity_id: String(n), grand_total: '36.3000', tax_amount: '6.3000' };
    const known = number(n);
    return { id: known, known, listed: [{ ...order, updated_at: plain(at) }], hook: magentoHook(told) };
  },
  refund: (n, at, made = at) => {
    const memo = {
      entity_id: n + 5_000,
      increment_id: number(n + 70_000),
      order_id: n,
      store_id: 1,
      state: 2,
      created_at: plain(made),
      order_currency_code: 'EUR',
      grand_total: 36.3,
      tax_amount: 6.3,
      adjustment: 0,
      items: [{ order_item_id: n, sku: 'TEAPOT', name: 'Teapot', qty: 1, price: 30, row_total: 30, tax_amount: 6.3 }],
    };
    const told = { ...memo, type: 'creditmemo', entity_id: String(n + 5_000), grand_total: '36.3000' };
    const known = number(n + 70_000);
    return { id: number(n), known, listed: [{ ...memo, updated_at: plain(at) }], hook: magentoHook(told) };
  },
};

const seconds = (at: number) => Math.floor(at / 1_000);
const stripeHook = (event: object): SignedHook => {
  const body = JSON.stringify({ ...event, pending_webhooks: 1 });
  const at = seconds(Date.now());
  const signature = createHmac('sha256', SECRET).update(`${at}.${body}`).digest('hex');
  const headers = { 'content-type': 'application/json', 'stripe-signature': `t=${at},v1=${signature}` };
  return { path: '/hooks/shop/stripe', headers, body };
};
const stripeEvent = (type: string, n: number, at: number, object: object) => ({
  id: `evt_${type}_${n}`,
  object: 'event',
  api_version: '2024-06-20',
  created: seconds(at),
  livemode: true,
  pending_webhooks: 0,
  type,
  data: { object },
});
const stripePaid = (n: number) => ({ currency: 'eur', livemode: true, customer: `cus_${n}` });
const stripeIntent = (n: number, amount_received: number) => ({
  ...stripePaid(n),
  id: `pi_${n}`,
  object: 'payment_intent',
  amount_received,
  status: 'succeeded',
});
export const stripe: Platform = {
  platform: 'stripe',
  api: STRIPE,
  settings: { api_token: 'token-of-the-api' },
  page: 100,
  sale: (n, at, made = at) => {
    const session = {
      ...stripePaid(n),
      id: `cs_live_${n}`,
      object: 'checkout.session',
      mode: 'payment',
      amount_total: 3630,
      payment_intent: `pi_${n}`,
      payment_status: 'paid',
      customer_details: { email: `buyer${n}@example.com`, name: 'Mila de Vries' },
    };
    const event = stripeEvent('checkout.session.completed', n, made, session);
    return {
      id: `pi_${n}`,
      known: `cs_live_${n}`,
      listed: [event],
      hook: stripeHook(event),
      later: [stripeHook(stripeEvent('payment_intent.succeeded', n, made, stripeIntent(n, 3630)))],
    };
  },
  refund: (n, at, made = at) => {
    const refund = {
      id: `re_${n}`,
      object: 'refund',
      amount: 3630,
      charge: `ch_${n}`,
      created: seconds(made),
      currency: 'eur',
      payment_intent: `pi_${n}`,
      status: 'succeeded',
    };
    const event = stripeEvent('refund.created', n, at, refund);
    const later = [stripeHook(stripeEvent('refund.updated', n, at, refund))];
    return { id: `pi_${n}`, known: `re_${n}`, listed: [event], hook: stripeHook(event), later };
  },
  renewal: (n, at, later) => {
    const invoice = {
      ...stripePaid(n),
      id: `in_${n}`,
      object: 'invoice',
      billing_reason: 'subscription_cycle',
      amount_paid: 900,
      total: 900,
      status: 'paid',
      payment_intent: `pi_${n}`,
      status_transitions: { paid_at: seconds(later) },
    };
    const intent = { ...stripeIntent(n, 900), description: 'Tea, every month' };
    const payment = stripeEvent('payment_intent.succeeded', n, at, intent);
    // Newest first, as it is listed.
    const listed = [stripeEvent('invoice.paid', n, later, invoice), payment];
    return { id: `pi_${n}`, known: `pi_${n}`, listed, hook: stripeHook(payment) };
  },
};

const squareHook = (type: string, name: string, record: object): SignedHook => {
  const body = JSON.stringify({
    merchant_id: 'M1',
    type,
    event_id: crypto.randomUUID(),
    data: { object: { [name]: record } },
  });
  const url = 'https://hooks.lamps.example/hooks/shop/square';
  const signature = createHmac('sha256', SECRET)
    .update(url + body)
    .digest('base64');
  const headers = { 'content-type': 'application/json', 'x-square-hmacsha256-signature': signature };
  return { path: '/hooks/shop/square', headers, body };
};
const iso = (at: number) => new Date(at).toISOString();
export const square: Platform = {
  platform: 'square',
  api: SQUARE,
  settings: { api_token: 'token-of-the-api', url: 'https://hooks.lamps.example/hooks/shop/square' },
  page: 100,
  sale: (n, at, made = at) => {
    const money = { amount: 3630, currency: 'EUR' };
    const payment = {
      id: `PAY${n}`,
      order_id: `ORDER${n}`,
      status: 'COMPLETED',
      source_type: 'CARD',
      amount_money: money,
      total_money: money,
      application_details: { square_product: 'ECOMMERCE_API', application_id: 'sq0idp-EXAMPLE' },
      buyer_email_address: `buyer${n}@example.com`,
      card_details: { status: 'CAPTURED', entry_method: 'KEYED' },
      created_at: iso(made),
      updated_at: iso(at),
    };
    const [hook, created] = ['payment.updated', 'payment.created'].map((type) => squareHook(type, 'payment', payment));
    if (hook === undefined || created === undefined) throw new Error('there is no hook');
    return { id: `ORDER${n}`, known: `PAY${n}`, listed: [payment], hook, later: [created] };
  },
  refund: (n, at, made = at) => {
    const refund = {
      id: `PAY${n}_R`,
      payment_id: `PAY${n}`,
      order_id: `RETURN${n}`,
      status: 'COMPLETED',
      amount_money: { amount: 3630, currency: 'EUR' },
      created_at: iso(made),
      updated_at: iso(at),
    };
    const hook = squareHook('refund.updated', 'refund', refund);
    return { id: `ORDER${n}`, known: `PAY${n}_R`, listed: [refund], hook };
  },
};

/** A time in whole seconds, with its zone. */
const wholly = (at: number) => `${iso(at).slice(0, 19)}Z`;
const pipedriveDeal = (n: number, at: number, over: object, previous: object): Pick<Told, 'listed' | 'hook'> => {
  const deal = {
    id: n,
    title: 'Oak tables',
    person_id: 77,
    pipeline_id: 1,
    stage_id: 2,
    status: 'open',
    value: 36.3,
    currency: 'EUR',
    add_time: '2026-01-02T08:00:00Z',
    update_time: wholly(at),
    stage_change_time: null,
    won_time: null,
    lost_time: null,
    custom_fields: {},
    ...over,
  };
  const entity = { entity: 'deal', entity_id: String(n), id: crypto.randomUUID(), timestamp: iso(at) };
  const told = { meta: { action: 'change', ...entity }, data: deal, previous };
  const authorization = `Basic ${btoa(`tagbridge:${SECRET}`)}`;
  return { listed: [deal], hook: asHook('pipedrive', told, { authorization }) };
};
export const pipedrive: Platform = {
  platform: 'pipedrive',
  api: PIPEDRIVE,
  settings: {
    user: 'tagbridge',
    api_token: 'token-of-the-api',
    stages: { 3: 'qualify_lead' },
    events: { purchase: 'on' },
  },
  page: 200,
  sale: (n, at, made = at) => {
    const won = { status: 'won', won_time: wholly(made) };
    return { id: `deal-${n}`, known: String(n), ...pipedriveDeal(n, at, won, { status: 'open', won_time: null }) };
  },
  stage: (n, at, made = at) => {
    const moved = { stage_id: 3, ...(made === at ? { stage_change_time: wholly(at) } : { add_time: wholly(made) }) };
    return { id: String(n), known: String(n), ...pipedriveDeal(n, at, moved, { stage_id: 2 }) };
  },
};

const hubspotDeal = (n: number, at: number, made: number, stage: { dealstage: string } & Record<string, string>) => {
  const properties = {
    hs_object_id: String(n),
    amount: '36.3',
    deal_currency_code: 'EUR',
    createdate: '2026-01-02T08:00:00.000Z',
    hs_lastmodifieddate: iso(at),
    ...stage,
  };
  const change = {
    subscriptionType: 'deal.propertyChange',
    objectId: n,
    propertyName: 'dealstage',
    propertyValue: stage.dealstage,
    occurredAt: made,
    eventId: n,
    attemptNumber: 0,
  };
  const path = `/hooks/shop/hubspot?key=${SECRET}`;
  const listed = [{ id: String(n), properties, updatedAt: iso(at), archived: false }];
  return { known: String(n), listed, hook: { ...asHook('hubspot', [change], {}), path } };
};
export const hubspot: Platform = {
  platform: 'hubspot',
  api: HUBSPOT,
  settings: {
    api_token: 'token-of-the-api',
    stages: { qualifiedtobuy: 'qualify_lead' },
    events: { purchase: 'on' },
    verify: { scheme: 'query' },
  },
  page: 100,
  // Of a pipeline of the account's own, whose stages nobody named.
  sale: (n, at, made = at) => ({
    id: `deal-${n}`,
    ...hubspotDeal(n, at, made, {
      dealstage: '5678',
      hs_is_closed_won: 'true',
      hs_v2_date_entered_current_stage: iso(made),
    }),
  }),
  stage: (n, at, made = at) => ({
    id: String(n),
    ...hubspotDeal(n, at, made, {
      dealstage: 'qualifiedtobuy',
      hs_is_closed_won: 'false',
      // Not every account keeps when a deal came to its stage.
      ...(made === at ? { hs_v2_date_entered_current_stage: iso(at) } : { createdate: iso(made) }),
    }),
  }),
};
