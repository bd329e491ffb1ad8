// The pages of the phone team over HTTP: what became of orders and leads that were sent, and stores without a currency.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { comeBy, type PhoneRig, startPhone } from '../support/phone.ts';
import { fields, savedId, text } from '../support/phone-forms.ts';
import { eventually, storeFile, writeStore } from '../support/service.ts';
import { untilFound } from '../support/shop.ts';

describe('what was entered and sent', () => {
  let phone: PhoneRig;
  let code: string;
  beforeAll(async () => {
    phone = await startPhone(0);
    code = await comeBy(phone.rig, 'ann', { code: true });
  });
  afterAll(() => phone.close());
  const until = (path: string, words: RegExp) =>
    eventually(async () => words.test(text(await phone.sales.get(path))), `${path} says ${words}`);
  const sentTo = (destination: string) =>
    JSON.stringify(phone.rig.standins.received.filter((one) => one.destination === destination));

  test('an order is joined by its code, and the list says to what and where it went', async () => {
    await phone.sales.submit('/phone/orders', fields({ phone: '', code, number: 'A-1' }));
    await until('/phone', /A-1 .*Sent .*Joined by the reference code: Google ad, 3 days before the call/);
    const page = text(await phone.sales.get('/phone'));
    for (const title of ['Google Analytics 4', 'Meta Conversions API', 'Server-side Google Tag Manager'])
      expect(page).toContain(`Accepted by ${title}`);
    expect(sentTo('ga4')).toContain('1380133182.1764792191');
    expect(sentTo('meta')).toContain('phone_call');
    expect(sentTo('meta')).toMatch(/fb\.1\.\d{13}\.AbC-1/);
    expect(sentTo('sgtm')).toContain('Click-1');
    expect(sentTo('sgtm')).not.toContain(phone.rig.service.adminUrl);
    const late = /name="id" value="([^"]+)"/.exec((await phone.sales.get('/phone')).text);
    expect(late).toBeNull();
  });

  test('a number that came before is counted once, and the list says so', async () => {
    const first = await phone.sales.submit('/phone/orders', fields({ phone: '06 10101010', number: 'A-2' }));
    await until('/phone', /A-2 · phone …010 Sent/);
    const second = await phone.sales.submit(
      '/phone/orders',
      fields({ phone: '06 10101010', number: 'A-2', sure: savedId(first) }),
    );
    expect(second.status).toBe(303);
    await until('/phone', /Counted already: this number came before/);
    expect(phone.rig.standins.meta.counted.get('Purchase:A-2')).toBe(1);
  });

  test('an order without any visit says so', async () => {
    await phone.sales.submit('/phone/orders', fields({ phone: '06 12121212', number: 'A-3' }));
    await until('/phone', /A-3 .*?Sent .*?Not joined: no visit of this customer is known/);
  });

  test('a lead goes on with the customer it began with, until it is won', async () => {
    const saved = await phone.sales.submit('/phone/leads', {
      ...fields({ kind: 'lead', amount: '', phone: '06 13131313', code, number: 'L-1' }),
      stage: 'generate_lead',
    });
    expect(saved.status).toBe(303);
    await until('/phone/leads', /L-1 .*New.*Sent/);
    const { text: markup } = await phone.sales.get('/phone/leads');
    const id = /id="next-([\w-]+)"/.exec(markup)?.[1] ?? '';
    const wrong = await phone.sales.submit('/phone/leads/next', {
      id,
      key: 'n-0',
      stage: 'close_convert_lead',
      amount: '1.234',
    });
    expect([wrong.status, text(wrong)]).toEqual([
      400,
      expect.stringContaining('Nothing is saved: amount 1.234 can be read in two ways'),
    ]);
    await phone.sales.submit('/phone/leads/next', {
      id,
      key: 'n-1',
      stage: 'close_convert_lead',
      amount: '900,00',
      currency: 'EUR',
    });
    await until('/phone/leads', /EUR 900\.00 · L-1 .*Won.*Sent .*Joined by the lead: Google ad/);
    expect((await phone.sales.get('/phone/leads')).text).not.toContain('id="next-');
    await eventually(() => /close_convert_lead/.test(sentTo('sgtm')), 'the won lead arrived');
    expect(sentTo('sgtm')).toMatch(/close_convert_lead(?:(?!event_name).)*Click-1/);
    expect((await phone.sales.submit('/phone/leads/next', { id: 'none', stage: 'qualify_lead' })).status).toBe(404);
  });

  test('a second lead of a customer is asked about first', async () => {
    const lead = (over: object = {}) =>
      phone.sales.submit('/phone/leads', { ...fields({ kind: 'lead', phone: '06 15151515', amount: '' }), ...over });
    const first = savedId(await lead({ number: 'L-2' }));
    const asked = await lead();
    expect([asked.status, text(asked)]).toEqual([
      409,
      expect.stringContaining('A lead of this customer, L-2 , came from the phone team'),
    ]);
    expect((await lead({ number: 'L-2', stage: 'qualify_lead' })).status).toBe(303);
    expect((await lead({ sure: first })).status).toBe(409);
  });

  test('names, numbers and items written to do harm stay text', async () => {
    const harm = '<img src=x onerror=alert(1)>';
    const saved = await phone.sales.submit(
      '/phone/orders',
      fields({ phone: '06 14141414', number: harm, name: harm, items: harm }),
    );
    const { text: markup } = await phone.sales.get(saved.location ?? '');
    expect(markup).not.toContain('<img');
    expect(markup).toContain('&lt;img');
  });
});

describe('the phone team of a store without a currency', () => {
  let phone: PhoneRig;
  beforeAll(async () => {
    phone = await startPhone(300);
    await writeStore(phone.rig, storeFile(phone.rig.standins));
    await eventually(
      async () => /<option value="">choose/.test((await phone.sales.get('/phone')).text),
      'the store has no currency',
    );
  });
  afterAll(() => phone.close());
  const chosen = async (path: string) =>
    [...(await phone.sales.get(path)).text.matchAll(/<option value="([A-Z]{3})" selected>/g)].map(([, one]) => one);

  test('says with the worth of a lead that is moved on in which currency it is', async () => {
    await phone.sales.submit('/phone/leads', fields({ kind: 'lead', amount: '', currency: '' }));
    const { text: markup } = await phone.sales.get('/phone/leads');
    const form = /<form[^>]*action="\/phone\/leads\/next".*?<\/form>/s.exec(markup)?.[0] ?? '';
    expect(form).toContain('name="currency"');
    const id = /id="next-([\w-]+)"/.exec(markup)?.[1] ?? '';
    const won = { id, key: 'won', stage: 'close_convert_lead', amount: '500' };
    const { status } = await phone.sales.submit('/phone/leads/next', { ...won, currency: 'CHF' });
    expect(status).toBe(303);
    expect(text(await phone.sales.get('/phone/leads'))).toContain('CHF 500.00');
  });

  test('chooses it once: the form begins with that of the latest entry', async () => {
    expect(await chosen('/phone')).toEqual([]);
    await phone.sales.submit('/phone/orders', fields({ currency: 'SEK' }));
    expect(await chosen('/phone')).toEqual(['SEK']);
  });
});

test('a lead is no order that was not counted, neither at its source nor in the search', async () => {
  const phone = await startPhone(0);
  const lead = fields({ kind: 'lead', stage: 'generate_lead', number: 'L-1' });
  expect((await phone.sales.submit('/phone/leads', lead)).status).toBe(303);
  await untilFound(phone.admin, 'L-1');
  expect((await phone.sales.submit('/phone/orders', fields({ number: 'P-1', phone: '06 87654321' }))).status).toBe(303);
  await untilFound(phone.admin, 'P-1');
  expect(text(await phone.admin.get('/sources/shop/phone'))).toMatch(/latest 1 order that .* 100% count/);
  expect(text(await phone.admin.get('/search?q=L-1'))).not.toContain('not counted');
  await phone.close();
});
