// Sales and refunds at payment providers: as their APIs list them, and as their webhooks tell of them.
import { createHmac } from 'node:crypto';
import type { SignedHook } from './hooks.ts';
import { SQUARE, STRIPE } from './list-apis.ts';
import { iso, type Platform, SECRET } from './listed-sales.ts';

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
