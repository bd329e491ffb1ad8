// Sales and refunds of a made-up shop: as the API of its platform lists them, and as its webhooks tell of them.
import type { SignedHook } from './hooks.ts';
import { type ListApi, MAGENTO } from './list-apis.ts';
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

export const SECRET = SECRETS.SHOP_SECRET;
export const asHook = (platform: string, body: object, headers: Record<string, string>): SignedHook => ({
  path: `/hooks/shop/${platform}`,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});
export const iso = (at: number) => new Date(at).toISOString();

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
