// One hook to its events: bodies that cannot be read, people, money and ids on the way, and what does not count.
import { describe, expect, test } from 'vitest';
import { ACME, type Files, ORDER, SHOP, tryIn } from '../support/yaml.ts';

const shop = (...fields: string[]) => SHOP.replace('total: total', ['total: total', ...fields].join('\n      '));
const files = (platform = SHOP, store = ACME): Files => ({ 'shop.yaml': platform, 'stores/acme.yaml': store });
const eventOf = async (platform: string, body: object, store = ACME) =>
  (await tryIn(files(platform, store), { ...ORDER, ...body })).events[0];

describe('a body', () => {
  test.each([
    ['that is empty', '', 'the body is empty'],
    ['that is cut off', '{"id": 7, "email": "ann@example.com"', /^the body is not valid JSON/],
    ['that is a text', '"hello"', /neither an object nor a list/],
    ['that is nested too deep', '['.repeat(70) + ']'.repeat(70), /nested more than 64 levels deep/],
  ])('%s makes the hook stuck, in words that quote nothing of it', async (_, body, reason) => {
    const { hook, events } = await tryIn(files(), body);
    expect(hook).toMatchObject({ verdict: 'stuck', reason: expect.stringMatching(reason) });
    expect(hook.reason).not.toContain('ann@example.com');
    expect(events).toEqual([]);
  });

  test('cannot reach into every object, whatever its keys', async () => {
    const hostile = JSON.stringify({ ...ORDER, note: 'x' }).replace(
      '"note"',
      '"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}, "toString": "no function", "note"',
    );
    const { hook, events } = await tryIn(
      files(shop('coupon: polluted', 'custom.constructor: note', 'custom.text: toString')),
      hostile,
    );
    expect(hook.verdict).toBe('mapped');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(events[0]).not.toHaveProperty('coupon');
    expect(events[0]?.custom).toMatchObject({ text: 'no function' });
  });

  test('with a table where its topic should be has no topic', async () => {
    const platform = SHOP.replace('$headers."x-topic"', 'kind').replace('    topics: [order.paid]\n', '');
    const { hook } = await tryIn(files(platform), { ...ORDER, kind: { toString: 1 } });
    expect(hook).toMatchObject({ verdict: 'mapped' });
    expect(hook).not.toHaveProperty('topic');
  });

  test('keeps every digit of long ids, in keys too', async () => {
    const body = JSON.stringify(ORDER).replace('"id":7', '"id":820982911946154508');
    const { events } = await tryIn(files(), body);
    expect(events[0]).toMatchObject({ order_id: '820982911946154508', transaction_id: '820982911946154508' });
  });
});

describe('an event', () => {
  test('without what every order must have is not made, and the reason asks for the subscription', async () => {
    const say = async (body: object) => (await tryIn(files(), { ...ORDER, ...body })).hook;
    for (const field of ['paid_at', 'currency', 'total']) {
      const { verdict, reason } = await say({ [field]: null });
      expect(verdict).toBe('ignored');
      expect(reason).toMatch(
        /^purchase 7: (event_time|currency|total) is missing; does the subscription send all fields\?$/,
      );
    }
  });

  test('with an amount or a time that is none makes the hook stuck: nothing wrong is sent', async () => {
    const { hook } = await tryIn(files(), { ...ORDER, total: '1.234,50', paid_at: 'yesterday' });
    expect(hook.verdict).toBe('stuck');
    expect(hook.reason).toBe(
      'shop.yaml:12:19 purchase.event_time: "yesterday" is no time | shop.yaml:14:14 purchase.total: "1.234,50" is no amount',
    );
  });

  test('says of ids where they came from', async () => {
    const event = await eventOf(shop('client_id: [cookies.ga, ga]', 'gclid: gclid'), { ga: '1.2', gclid: 'Cj0K' });
    expect(event?.provenance).toEqual({ client_id: { from: 'ga' }, gclid: { from: 'gclid' } });
  });

  test('has no empty tables and no fields that only feed the policies', async () => {
    const event = await eventOf(shop('user_data.email_address: email', 'shipping_tax: tax', 'tip: tip', 'test: test'), {
      email: 'no address',
      tax: 1,
      tip: 2,
      test: false,
    });
    expect(Object.keys(event ?? {})).toEqual(
      expect.not.arrayContaining(['user_data', 'shipping_tax', 'tip', 'test', 'consent', 'items', 'provenance']),
    );
  });
});

describe('a phone number', () => {
  const fields = shop('user_data.phone_number: phone', 'user_data.address.country: country');
  const phone = async (body: object, store = ACME) => (await eventOf(fields, body, store))?.user_data?.phone_number;
  const german = ACME.replace('store: acme', 'store: acme\ncountry: DE');

  test.each([
    ['the order’s country', { phone: '06 12345678', country: 'NL' }, german, '+31612345678'],
    ['the order’s country in words', { phone: '06 12345678', country: 'Netherlands' }, german, '+31612345678'],
    ['the store’s country', { phone: '0171 2345678' }, german, '+491712345678'],
    ['its own country code', { phone: '+1 (503) 555-0142', country: 'NL' }, german, '+15035550142'],
    ['its own country code after 00', { phone: '0031 6 12345678' }, german, '+31612345678'],
    ['00 apart, which dials nothing there', { phone: '00 31 6 12345678', country: 'US' }, german, '+31612345678'],
    ['00 and it in brackets', { phone: '(0031) 6 12345678', country: 'US' }, german, '+31612345678'],
    ['00 and it alone in brackets', { phone: '00 (61) 412 345 678', country: 'AU' }, german, '+61412345678'],
    ['no country at all', { phone: '0171 2345678' }, ACME, undefined],
    ['nonsense', { phone: 'call me', country: 'NL' }, german, undefined],
    ['too few digits', { phone: '12', country: 'NL' }, german, undefined],
    ['digits that only fill the field', { phone: '0000000000', country: 'NL' }, german, undefined],
    ['such digits and a country code', { phone: '+49 111 1111111' }, german, undefined],
    ['one digit that a number may consist of', { phone: '(777) 777-7777', country: 'US' }, german, '+17777777777'],
    ['digits as they are counted', { phone: '0123456789', country: 'NL' }, german, undefined],
    ['decimals, as of an amount', { phone: '31612345678.0', country: 'NL' }, german, '+31612345678'],
  ])('is written with %s', async (_, body, store, wanted) => {
    expect(await phone(body, store)).toBe(wanted);
  });
});

describe('a test order', () => {
  const marked = SHOP.replace('hook: {', 'hook: { test: [test, $headers."x-test"],');
  const verdict = async (body: object, headers = {}, store = ACME) =>
    (await tryIn(files(marked, store), { ...ORDER, ...body }, { headers: { 'x-topic': 'order.paid', ...headers } }))
      .hook;

  test.each([
    ['its body', { test: true }, {}],
    ['a text in its body', { test: 'true' }, {}],
    ['a header', {}, { 'x-test': 'true' }],
    ['a header, though its body says it is none', { test: false }, { 'x-test': '1' }],
  ])('is known by %s and does not count', async (_, body, headers) => {
    expect(await verdict(body, headers)).toMatchObject({ verdict: 'ignored', reason: 'purchase 7: a test order' });
  });

  test('counts where the store wants to see them', async () => {
    const wanting = ACME.replace('store: acme', 'store: acme\ntest_orders: send');
    expect(await verdict({ test: true }, {}, wanting)).toMatchObject({ verdict: 'mapped' });
  });

  test('is no order that says false or nothing', async () => {
    expect((await verdict({ test: false })).verdict).toBe('mapped');
    expect((await verdict({ test: 0 })).verdict).toBe('mapped');
  });
});
