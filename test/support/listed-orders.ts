// Sales and refunds of a shop whose webhooks name an order alone: as its API lists them, and as those webhooks tell of them.
import { createHmac } from 'node:crypto';
import type { SignedHook } from './hooks.ts';
import { bigcommerceApi } from './list-apis.ts';
import { asHook, iso, type Platform, SECRET } from './listed-sales.ts';

const records = new Map<string, Record<string, unknown> | Record<string, unknown>[]>();
const inWords = (at: number) => new Date(at).toUTCString().replace('GMT', '+0000');
const AMOUNTS = { total_ex_tax: '30.0000', total_inc_tax: '36.3000', total_tax: '6.3000' };
const orderOf = (n: number, at: number, made: number) => {
  const order = {
    ...{ id: n, status_id: 11, status: 'Awaiting Fulfillment', order_source: 'www', customer_id: 0, is_deleted: false },
    ...{ date_created: inWords(made), date_modified: inWords(at), default_currency_code: 'EUR', ...AMOUNTS },
    billing_address: { first_name: 'Mila', last_name: 'de Vries', email: `buyer${n}@example.com`, country_iso2: 'NL' },
  };
  records.set(`/v2/orders/${n}`, order);
  records.set(`/v2/orders/${n}/products`, [{ id: 1, sku: 'LAMP', name: 'Lamp', quantity: 1, ...AMOUNTS }]);
  records.set(`/v3/orders/${n}/transactions`, { data: [], meta: {} });
  return order;
};

function hookOf(scope: string, id: number, data: object = {}): SignedHook {
  const at = Math.floor(Date.now() / 1_000);
  const told = { scope, producer: 'stores/lampsx1', hash: `${scope} ${id}`, created_at: at, store_id: '1002481' };
  const body = JSON.stringify({ ...told, data: { type: 'order', id, ...data } });
  const signature = createHmac('sha256', SECRET).update(`msg_${id}.${at}.${body}`).digest('base64');
  const headers = {
    'webhook-id': `msg_${id}`,
    'webhook-timestamp': String(at),
    'webhook-signature': `v1,${signature}`,
  };
  return { ...asHook('bigcommerce', {}, headers), body };
}

export const bigcommerce: Platform = {
  platform: 'bigcommerce',
  api: bigcommerceApi(records),
  settings: { store_hash: 'lampsx1', api_token: 'token-of-the-api' },
  page: 100,
  sale: (n, at, made = at) => ({
    id: String(n),
    known: String(n),
    listed: [orderOf(n, at, made)],
    hook: hookOf('store/order/updated', n),
    later: [hookOf('store/order/statusUpdated', n, { status: { previous_status_id: 0, new_status_id: 11 } })],
  }),
  refund: (n, at, made = at) => {
    if (!records.has(`/v2/orders/${n}`)) orderOf(n, at, made);
    const id = n + 500_000;
    const refund = { id, order_id: n, created: iso(made), total_amount: 12.1, total_tax: 2.1, items: [], payments: [] };
    records.set(`/v3/orders/${n}/payment_actions/refunds`, { data: [refund], meta: {} });
    const hook = hookOf('store/order/refund/created', n, { refund: { refund_id: id } });
    return { id: String(n), known: String(id), listed: [refund], hook };
  },
};
