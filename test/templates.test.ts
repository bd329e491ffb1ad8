// The body templates we ship for other people's modules make bodies that the platform files read.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tryBody } from '../src/trial.ts';
import { buildStore, MAPPINGS } from './support/stores.ts';

type Table = Record<string, unknown>;
const AT = Date.UTC(2026, 10, 18, 9, 5);

/** The value at a path such as `item.billingAddress.city`. */
const valueAt = (path: string, scope: Table): unknown =>
  path.split('.').reduce<unknown>((at, key) => Reflect.get(Object(at), key), scope);

/** Texts and numbers as they are; anything else prints as nothing. */
function print(path: string, scope: Table): string {
  const value = valueAt(path, scope);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** As much of Liquid as the templates use. */
function render(template: string, scope: Table): string {
  const loops = template.replace(
    /\{% for (\w+) in ([\w.]+) %\}([\s\S]*?)\{% unless forloop\.last %\},\{% endunless %\}\{% endfor %\}/g,
    (_, name: string, list: string, inner: string) =>
      [valueAt(list, scope)]
        .flat()
        .map((row) => render(inner, { ...scope, [name]: row }))
        .join(','),
  );
  return loops.replace(/\{\{ ([\w.]+)((?: \| [^}]+)?) \}\}/g, (_, path: string, filters: string) => {
    const text = filters.includes('strip_newlines') ? print(path, scope).replaceAll('\n', '') : print(path, scope);
    return filters.includes(`replace: '"', "'"`) ? text.replaceAll('"', "'") : text;
  });
}

const tryTemplate = async (name: string, item: Table) => {
  const body = render(readFileSync(join(MAPPINGS, 'templates', name), 'utf8'), { item });
  const store = await buildStore('magento');
  const source = store.sources.get('magento');
  if (source === undefined) throw new Error('there is no source');
  return tryBody(store, source, { headers: { 'content-type': 'application/json' }, body: Buffer.from(body) }, AT);
};

const money = { order_currency_code: 'USD', base_currency_code: 'EUR', created_at: '2026-11-18 09:01:00' };
const ORDER = {
  ...money,
  entity_id: '7',
  increment_id: '000000007',
  state: 'processing',
  grand_total: '33.00',
  base_grand_total: '30.00',
  base_subtotal: '25.00',
  base_shipping_amount: '5.00',
  customer_email: 'ann@example.com',
  coupon_code: null,
  gclid: 'click',
  billingAddress: { firstname: 'Ann "Annie"', street: 'Elm St 9\n', city: 'Austin', country_id: 'US', telephone: null },
  items: [
    { item_id: '1', sku: '12" PLATE', name: 'Plate 12"', qty_ordered: '1', base_price: '25', base_row_total: '25' },
    { item_id: '2', parent_item_id: '1', sku: '12" PLATE', name: 'Plate', qty_ordered: '1', base_price: '0' },
  ],
};

test('the order of the Mageplaza module, with quotes, empty fields and a part', async () => {
  const { hook, events } = await tryTemplate('magento-mageplaza-order.liquid', ORDER);
  expect(hook).toMatchObject({ verdict: 'mapped', topic: 'order' });
  expect(events).toHaveLength(1);
  expect(events[0]).toMatchObject({
    order_id: '7',
    transaction_id: '000000007',
    currency: 'EUR',
    total: 30,
    value: 25,
    items: [{ item_id: "12' PLATE", item_name: "Plate 12'", price: 25 }],
    user_data: { email_address: 'ann@example.com', address: { first_name: "Ann 'Annie'", street: 'Elm St 9' } },
    gclid: 'click',
  });
});

test('the credit memo of the Mageplaza module', async () => {
  const memo = {
    ...money,
    entity_id: '5',
    increment_id: '5',
    order_id: '7',
    state: 2,
    grand_total: 11,
    base_grand_total: 10,
  };
  const { events } = await tryTemplate('magento-mageplaza-creditmemo.liquid', memo);
  expect(events).toMatchObject([{ name: 'refund', order_id: '7', currency: 'EUR', total: 10 }]);
});
