// Makes signed hooks of made-up orders, as their platforms would send them.
import { createHmac, randomUUID } from 'node:crypto';
import { SECRETS } from './service.ts';

export type SignedHook = { path: string; headers: Record<string, string>; body: string };

const hmac = (secret: string, body: string) => createHmac('sha256', secret).update(body).digest('base64');

/** A paid order of two lamps; `over` is laid over the body. */
export function lampOrder(id: number, over: object = {}): object {
  const at = new Date(Date.now() - 60_000).toISOString();
  return {
    id,
    name: `#${id}`,
    created_at: at,
    processed_at: at,
    financial_status: 'paid',
    confirmed: true,
    cancelled_at: null,
    test: false,
    source_name: 'web',
    currency: 'EUR',
    total_price: '121.00',
    total_tax: '21.00',
    taxes_included: true,
    email: `buyer${id}@example.com`,
    browser_ip: '203.0.113.9',
    client_details: {
      browser_ip: '203.0.113.9',
      user_agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0',
    },
    order_status_url: 'https://lamps.example/1/orders/a/authenticate?key=k',
    landing_site: '/?gclid=Click123',
    note_attributes: [{ name: '_ga', value: 'GA1.1.1380133182.1764792191' }],
    line_items: [
      {
        id: 1,
        sku: 'LAMP',
        title: 'Lamp',
        price: '60.50',
        quantity: 2,
        discount_allocations: [],
        tax_lines: [{ price: '21.00' }],
      },
    ],
    billing_address: { first_name: 'Mila', last_name: 'de Vries', city: 'Utrecht', zip: '3512 AB', country_code: 'NL' },
    ...over,
  };
}

export function lampRefund(id: number, orderId: number): object {
  const at = new Date().toISOString();
  return {
    id,
    order_id: orderId,
    created_at: at,
    processed_at: at,
    refund_line_items: [
      { line_item_id: 1, quantity: 1, subtotal: 50, total_tax: 10.5, line_item: { sku: 'LAMP', title: 'Lamp' } },
    ],
    order_adjustments: [],
    transactions: [{ kind: 'refund', status: 'success', amount: '60.50', currency: 'EUR', test: false }],
  };
}

/** Signs a body as Shopify does. */
export function fromShopify(body: object, topic = 'orders/paid', id: string = randomUUID()): SignedHook {
  const text = JSON.stringify(body);
  return {
    path: '/hooks/shop/shopify',
    headers: {
      'content-type': 'application/json',
      'x-shopify-topic': topic,
      'x-shopify-webhook-id': id,
      'x-shopify-hmac-sha256': hmac(SECRETS.SHOP_SECRET, text),
    },
    body: text,
  };
}

export async function post(
  url: string,
  { path, headers, body }: SignedHook,
): Promise<{ status: number; body: string; headers: Headers }> {
  const reply = await fetch(`${url}${path}`, { method: 'POST', headers, body });
  return { status: reply.status, body: await reply.text(), headers: reply.headers };
}
