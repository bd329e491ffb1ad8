// Requests of a platform as a mapping file declares them, and what a store may say of its destinations' patience.
import { describe, expect, test } from 'vitest';
import { mapHook } from '../../src/map/map.ts';
import { buildStore } from '../support/stores.ts';

const SHOP = { shop_id: 68817, shop_domain: 'lamps.myshopify.com' };
const MILA = { id: 7120060000202, email: 'mila@example.com', phone: '06 12345678' };

async function ask(topic: string, body: object, source: object = {}) {
  const store = await buildStore('shopify', { country: 'NL' }, { ...source });
  const compiled = store.sources.get('shopify');
  if (compiled === undefined) throw new Error('there is no source');
  const headers = { 'content-type': 'application/json', 'x-shopify-topic': topic };
  return mapHook(compiled, { headers, body: Buffer.from(JSON.stringify(body)), received_at: Date.now() });
}

describe('a request', () => {
  test('names a person by all that the body says, phones with the country of the store', async () => {
    const body = { ...SHOP, customer: MILA, orders_to_redact: [6200354002001, 6200354002001, '7'] };
    expect(await ask('customers/redact', body)).toMatchObject({
      verdict: 'ignored',
      request: {
        do: 'erase',
        person: {
          emails: ['mila@example.com'],
          phones: [{ e164: '+31612345678', national: '612345678' }],
          customers: ['7120060000202'],
          orders: ['6200354002001', '7'],
        },
      },
    });
  });

  test('may name a person by a phone number alone', async () => {
    const { request } = await ask('customers/redact', { ...SHOP, customer: { phone: MILA.phone } });
    expect(request).toMatchObject({ person: { emails: [], customers: [], phones: [{ e164: '+31612345678' }] } });
  });

  test.each([
    ['an order', { id: 6200354002001, email: MILA.email, customer: MILA }, 'shop_id is missing'],
    ['another request', { ...SHOP, customer: MILA, data_request: { id: 9 } }, 'data_request is'],
    ['nobody', { ...SHOP, customer: { phone: 'unknown' } }, 'it names nobody'],
  ])('with %s for a body asks for nothing', async (_, body, said) => {
    const { request, reason } = await ask('customers/redact', body);
    expect(request).toBeUndefined();
    expect(reason).toContain(said);
  });

  test('of another shop is not heeded where the source names its own', async () => {
    expect(await ask('shop/redact', SHOP, { shop_domain: 'other.myshopify.com' })).not.toHaveProperty('request');
    expect(await ask('shop/redact', SHOP, { shop_domain: SHOP.shop_domain })).toHaveProperty('request');
  });

  test('is changed or taken away by a store', async () => {
    const off = await ask('customers/redact', { ...SHOP, customer: MILA }, { requests: { 'customers/redact': 'off' } });
    expect(off).not.toHaveProperty('request');
    const other = { requests: { 'customers/redact': { when: { shop_id: 1 } } } };
    expect(await ask('customers/redact', { ...SHOP, customer: MILA }, other)).toMatchObject({
      reason: expect.stringContaining('shop_id is "68817" (must be 1)'),
    });
  });
});

describe('a destination in a store file', () => {
  const build = (ga4: object) => buildStore('shopify', { destinations: { ga4 } });
  test('names its waits between tries and when to stop asking', async () => {
    const { routes } = await build({ retry: ['10s', '1m', '1h'], breaker: { failures: 3, first: '30s' } });
    expect(routes.find(({ name }) => name === 'ga4')).toMatchObject({
      schedule: [10_000, 60_000, 3_600_000],
      breaker: { failures: 3, first: 30_000 },
    });
  });
  test.each([
    [{ retry: ['soon'] }, 'write a number and s, m, h or d'],
    [{ retry: [] }, 'retry'],
    [{ breaker: { failure: 3 } }, 'unknown key failure'],
  ])('refuses %j', async (given, said) => {
    await expect(build(given)).rejects.toThrow(said);
  });
});
