// What a refund takes over from its purchase.
import { expect, test } from 'vitest';
import { joinRefund } from '../../src/enrich/ledger.ts';
import type { Event, Item } from '../../src/event.ts';

const about = { event_time: '2026-01-15T12:00:00Z', order_id: '1042', currency: 'EUR' };
const refundedAs = (item: Item, items: Item[]): string | undefined => {
  const event: Event = { ...about, name: 'purchase', value: 50, items };
  const joined = joinRefund({ ...about, name: 'refund', value: 25, items: [item] }, { order_id: '1042', event }, true);
  return 'event' in joined ? joined.event.items?.[0]?.item_id : undefined;
};
const blue: Item = { item_id: 'LAMP-B', item_name: 'Lamp', item_variant: 'Blue' };
const red: Item = { item_id: 'LAMP-R', item_name: 'Lamp', item_variant: 'Red' };

test('an article that came into the order later is none of the same name in another variant', () => {
  expect(refundedAs(red, [blue])).toBe('LAMP-R');
});

test('an article that was deleted since is that of its name and variant', () => {
  expect(refundedAs({ ...red, item_id: '9' }, [blue, red])).toBe('LAMP-R');
  expect(refundedAs({ ...red, item_id: '9' }, [{ item_id: 'LAMP', item_name: 'Lamp' }])).toBe('LAMP');
  expect(refundedAs({ item_id: '9', item_name: 'Lamp - Blue' }, [blue, red])).toBe('LAMP-B');
  expect(refundedAs({ item_id: '9', item_name: 'Lamp' }, [blue, red])).toBe('9');
});
