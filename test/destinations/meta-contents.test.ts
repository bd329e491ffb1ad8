// What Meta is told of the articles, and of the store's own parameters beside them.
import { describe, expect, it } from 'vitest';
import { order } from './example.ts';
import { sent } from './meta-example.ts';

describe('Meta contents', () => {
  it('leave out items that were removed or have no id, or one with an e-mail address, and count whole pieces', () => {
    const items = [
      { item_id: 'A', quantity: 1.5, price: 2 },
      { item_id: 'B', quantity: 0, price: 3 },
      { item_name: 'No id', quantity: 4 },
      { item_id: 'C' },
      { item_id: 'gift for jane@example.com' },
    ];
    const { custom_data } = sent(order({ items }));
    expect(custom_data.content_ids).toEqual(['A', 'C']);
    expect(custom_data.contents).toEqual([
      { id: 'A', quantity: 2, item_price: 2 },
      { id: 'C', quantity: 1 },
    ]);
    expect(custom_data.num_items).toBe(8);
  });

  it('are absent without items', () => {
    expect(sent(order({ items: undefined })).custom_data).toEqual({ value: 119.9, currency: 'USD', order_id: '1001' });
  });

  it('go with the store’s own parameters, which replace nothing and carry no e-mail address', () => {
    const custom = { margin: 12.5, gift: true, value: 1, order_id: 'x', note: 'ask jane@example.com' };
    const { custom_data } = sent(order({ custom }));
    expect(custom_data).toMatchObject({ margin: 12.5, gift: true, value: 119.9, order_id: '1001' });
    expect(custom_data).not.toHaveProperty('note');
  });

  it.each([
    ['contents', 'A,B', undefined],
    ['content_ids', 'A', undefined],
    ['content_type', 'boots', undefined],
    ['num_items', 'three', undefined],
    ['predicted_ltv', 120, 120],
    ['net_revenue', '12.50', 12.5],
    ['net_revenue', 'high', undefined],
    ['content_name', 7, '7'],
    ['search_string', true, 'true'],
    ['delivery_category', 'curbside', 'curbside'],
    ['delivery_category', 'by post', undefined],
    ['constructor', 'own', 'own'],
  ])(
    'take the store’s %s %s as %s: what Meta names has Meta’s type, or would refuse the whole batch',
    (name, given, expected) => {
      const { custom_data } = sent(order({ items: undefined, custom: { [name]: given } }));
      const { value, currency, order_id, ...own } = custom_data;
      expect(own).toEqual(expected === undefined ? {} : { [name]: expected });
    },
  );
});
