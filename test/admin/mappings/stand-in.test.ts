// Made-up values in the place of personal ones: nothing of a person is left, and mappings still find what they look for.
import { expect, test } from 'vitest';
import { standInBody, standInHeaders } from '../../../src/admin/mappings/stand-in.ts';
import { lampOrder } from '../../support/hooks.ts';

test('of an order keep what was bought and where the click came from, and nothing of who bought it', () => {
  const made = JSON.stringify(standInBody(lampOrder(1042)));
  for (const kept of [
    '1042',
    '#1042',
    'paid',
    '121.00',
    'EUR',
    'LAMP',
    'gclid=Click123',
    'GA1.1.1380133182.1764792191',
    'web',
    'NL',
  ])
    expect(made).toContain(kept);
  for (const personal of [
    'buyer1042',
    'Mila',
    'Vries',
    'Utrecht',
    '3512 AB',
    '3512ab',
    '203.0.113.9',
    'Firefox',
    'authenticate',
  ])
    expect(made).not.toContain(personal);
});

test.each([
  ['email', 'ada@example.org', 'somebody@example.com'],
  ['phone', '+31 6 1234 5678', '+31 1 1111 1111'],
  ['first_name', 'Ada', 'Xxx'],
  ['note', 'ring at 12b', 'xxxx xx 11x'],
  ['browser_ip', '198.51.100.7', '203.0.113.1'],
  ['remote_addr', '2001:db8:1::7', '2001:db8::1'],
  ['landing_site', '/offers?email=ada&gclid=Ab1', '/?gclid=Ab1'],
  ['referring_site', 'https://example.org/u/ada', 'https://shop.example/'],
  ['user_agent', 'Mozilla/5.0 (Macintosh)', 'Mozilla/5.0 (X11; Linux x86_64) Somebody/1.0'],
  ['phone', 31612345678, 11111111111],
])('%s %j becomes %j', (name, value, made) => {
  expect(standInBody({ [name]: value })).toEqual({ [name]: made });
});

test('of a list of names and values each value goes by its name', () => {
  expect(
    standInBody({
      note_attributes: [
        { name: '_ga', value: 'GA1.1.1.2' },
        { name: 'Delivery instructions', value: 'ring at Ada' },
        { name: 'Ada Lovelace, the neighbour', value: 'x' },
      ],
      meta_data: [{ id: 5, key: '_billing_vat', value: 'NL001' }],
    }),
  ).toEqual({
    note_attributes: [
      { name: '_ga', value: 'GA1.1.1.2' },
      { name: 'Delivery instructions', value: 'xxxx xx Xxx' },
      { name: 'Xxx Xxxxxxxx, xxx xxxxxxxxx', value: 'x' },
    ],
    meta_data: [{ id: 5, key: '_billing_vat', value: 'XX111' }],
  });
});

test('headers keep topics and lose addresses', () => {
  expect(standInHeaders({ 'x-topic': 'orders/paid', from: 'ada@example.org', 'x-client-ip': '198.51.100.7' })).toEqual({
    'x-topic': 'orders/paid',
    from: 'somebody@example.com',
    'x-client-ip': '203.0.113.1',
  });
});
