// What the pages of the phone team ask about before they save: orders and numbers that were there, corrections, wrong phone numbers.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSqlite } from '../../src/keep/sqlite/sqlite.ts';
import { runHere } from '../support/cli.ts';
import { fromShopify, lampOrder, post } from '../support/hooks.ts';
import { DAY_MS, type PhoneRig } from '../support/phone.ts';
import { auditedAt, fields, savedId, seenIn, sellAt, startWaiting, text } from '../support/phone-forms.ts';
import { SECRETS } from '../support/service.ts';
import { untilFound } from '../support/shop.ts';

describe('a phone order that waits to be sent', () => {
  let phone: PhoneRig;
  let code: string;
  beforeAll(async () => {
    ({ phone, code } = await startWaiting());
  });
  afterAll(() => phone.close());
  const sell = (over: Record<string, string> = {}) => sellAt(phone, over);
  const audited = () => auditedAt(phone);

  test('warns of another of the same customer and amount, and lets the person go on', async () => {
    const first = await sell({ phone: '06 33333333', amount: '250' });
    const asked = await sell({ phone: '+31633333333', amount: '250,00' });
    expect(asked.status).toBe(409);
    expect(text(asked)).toMatch(/same amount, P\d{6}-\w{8} , came from the phone team \d+ s ago/);
    expect(asked.text).toContain('Save it all the same');
    const sure = await sell({ phone: '06 33333333', amount: '250', sure: savedId(first) });
    expect(sure.status).toBe(303);
    expect((await sell({ phone: '06 33333334', amount: '250' })).status).toBe(303);
    const dollars = await sell({ phone: '06 33333333', amount: '250', currency: 'USD' });
    expect([dollars.status, text(dollars)]).toEqual([409, expect.stringContaining('another amount')]);
    const byCode = { phone: '', code, amount: '252' };
    expect([(await sell(byCode)).status, (await sell(byCode)).status]).toEqual([303, 409]);
  });

  test('asks about another amount of the same customer, and is saved in place of what it corrects', async () => {
    const wrong = await sell({ phone: '06 34343434', amount: '2500', number: 'B-7' });
    const id = savedId(wrong);
    const form = fields({ phone: '06 34343434', amount: '250', number: 'B-7', email: 'cleo@example.com' });
    const asked = await phone.sales.submit('/phone/orders', { ...form, number: '' });
    expect([asked.status, text(asked)]).toEqual([409, expect.stringMatching(/another amount, B-7 , came from/)]);
    expect(asked.text).toContain(`<button name="instead" value="${id}" id="instead">Save it in place of B-7</button>`);
    const saved = await phone.sales.submit('/phone/orders', { ...form, sure: id, instead: id });
    const again = await phone.sales.submit('/phone/orders', { ...form, sure: id, instead: id });
    expect([saved.status, savedId(again)]).toEqual([303, savedId(saved)]);
    const list = text(await phone.sales.get('/phone'));
    expect(list).toMatch(/EUR 250\.00 · B-7 · phone …434 Kept, and not sent yet.* B-7 Taken back, nothing was sent/);
    expect((await audited()).filter((line) => line.includes(id))).toEqual([
      `sales@example.com phone order kept hook ${id}`,
      `sales@example.com phone order taken back hook ${id}`,
    ]);
  });

  test('is saved in place of what it corrects once, also from two tabs at the same time', async () => {
    const id = savedId(await sell({ phone: '06 38383838', amount: '2500' }));
    const tabs = ['250', '260'].map((amount) => fields({ phone: '06 38383838', amount, sure: id, instead: id }));
    const ends = await Promise.all(tabs.map((form) => phone.sales.submit('/phone/orders', form)));
    expect(ends.map(({ status }) => status).sort()).toEqual([303, 409]);
    expect(text(await phone.sales.get('/phone')).match(/phone …838 Kept, and not sent yet/g)).toHaveLength(1);
  });

  test('leaves what it corrects as it is where it cannot be kept itself', async () => {
    const id = savedId(await sell({ phone: '06 37373737', amount: '2500', number: 'B-8' }));
    const { db, close } = await openSqlite({ path: join(phone.rig.folder, 'data/tagbridge.db') });
    const refuse = `create trigger refuse before insert on entries when new.number = 'B-8' begin select raise(abort, 'no'); end`;
    await db.transaction([{ sql: refuse, rows: [[]] }]);
    const form = fields({ phone: '06 37373737', amount: '250', number: 'B-8', sure: id, instead: id });
    const failed = await phone.sales.submit('/phone/orders', form);
    const list = text(await phone.sales.get('/phone'));
    await db.transaction([{ sql: 'drop trigger refuse', rows: [[]] }]);
    await close();
    expect(failed.status).toBe(503);
    expect(list).toMatch(/EUR 2,?500\.00 · B-8 · phone …737 Kept, and not sent yet/);
    expect((await phone.sales.submit('/phone/orders', form)).status).toBe(303);
    expect(text(await phone.sales.get('/phone'))).toMatch(
      /EUR 250\.00 · B-8 .* Kept.* B-8 Taken back, nothing was sent/,
    );
  });

  test('is not saved in place of what is not the person’s own', async () => {
    const form = { phone: '06 35353535', amount: '2500' };
    const theirs = savedId(await phone.admin.submit('/phone/orders', fields(form)));
    const asked = await sell({ ...form, amount: '250' });
    expect([asked.status, asked.text.includes('name="instead"')]).toEqual([409, false]);
    const refused = await sell({ ...form, amount: '250', sure: theirs, instead: theirs });
    expect([refused.status, text(refused)]).toEqual([409, expect.stringContaining('It is too late to take it back')]);
    expect(text(await phone.admin.get('/phone'))).not.toMatch(/EUR 250\.00 · P[\w-]+ · phone …535/);
  });

  test('of another amount an hour later is another order', async () => {
    const form = { phone: '06 36363636', amount: '2500' };
    const id = savedId(await sell(form));
    const { db, close } = await openSqlite({ path: join(phone.rig.folder, 'data/tagbridge.db') });
    await db.transaction([{ sql: 'update hooks set received_at = received_at - 3600000 where id = $1', rows: [[id]] }]);
    await close();
    expect((await sell({ ...form, amount: '250' })).status).toBe(303);
  });

  test.each([
    ['one digit too few', '06 1234567', '+31 61234567', '+3161234567'],
    ['two digits too many', '06 1234567890', '+31 61234567890', '+3161234567890'],
    ['a foreign one, far too short', '+49 151 123', '+49 151123', '+49151123'],
  ])('asks about a number with %s, and takes it from who is sure', async (_, typed, shown, e164) => {
    const asked = await sell({ phone: typed, amount: '260' });
    expect(asked.status).toBe(409);
    expect(text(asked)).toContain(`Is the phone number right? ${shown} fits no number of its country`);
    expect(asked.text).toContain(`name="sure" value="${e164}"`);
    expect(text(await phone.sales.submit('/phone/look', fields({ phone: typed })))).toContain(
      'Is the phone number right?',
    );
    expect((await sell({ phone: typed, amount: '260', sure: e164 })).status).toBe(303);
  });

  test('warns of the same number, also of one that came from the shop', async () => {
    await sell({ phone: '06 44444444', amount: '10', number: 'A-17' });
    expect(text(await sell({ phone: '06 55555555', amount: '11', number: 'A-17' }))).toContain(
      'An order with this number, A-17',
    );
    await post(phone.rig.service.url, fromShopify(lampOrder(1042, {})));
    await untilFound(phone.admin, '1042');
    const shop = await sell({ phone: '06 55555555', number: '#1042' });
    expect([shop.status, text(shop)]).toEqual([409, expect.stringMatching(/this number, 1042 , came from Shopify/)]);
  });

  test('warns of a number that was counted, of which nothing but its name is known any more, but not of its own form', async () => {
    const typed = { phone: '06 55555555', amount: '12', number: '2024-A 1' };
    const { db, close } = await openSqlite({ path: join(phone.rig.folder, 'data/tagbridge.db') });
    const long = Date.now() - 300 * DAY_MS;
    await db.transaction([
      {
        sql: "insert into event_keys (store, key, event_id) values ('shop', $1, 'forgotten')",
        rows: [[`purchase:${typed.number}`], ['purchase:2024-A 3']],
      },
      {
        sql: "insert into orders (store, order_id, reason, seen_at) values ('shop', '2024-A 2', 'it was not paid', $1)",
        rows: [[long]],
      },
    ]);
    await close();
    const asked = await sell(typed);
    expect([asked.status, text(asked)]).toEqual([409, expect.stringContaining('its number was counted before')]);
    expect(text(asked)).toContain('An order with the number 2024-A 1 was counted before');
    const key = 'once';
    const saved = await sell({ ...typed, sure: seenIn(asked), key });
    expect(saved.status).toBe(303);
    expect((await sell({ ...typed, key })).location).toBe(saved.location);
    // What is said first is true of it, though it may be another one.
    const both = text(await sell({ ...typed, number: '2024-A 3' }));
    expect(both).toContain('for the same amount, 2024-A 1 , came from the phone team');
    expect(both).toContain('Not saved yet: its number was counted before');
    expect((await sell({ phone: '06 57575757', amount: '13', number: '2024-A 2' })).status).toBe(303);
  });

  test('warns of the number of an order that was erased, which would not be counted, and asks about each number anew', async () => {
    const { rig } = phone;
    for (const id of [1088, 1089]) {
      await post(rig.service.url, fromShopify(lampOrder(id, { email: 'eve@example.com' })));
      await untilFound(phone.admin, String(id));
    }
    const env = { ...SECRETS, DATA_DIR: join(rig.folder, 'data'), MAPPINGS_DIR: join(rig.folder, 'mappings') };
    expect((await runHere(['erase', '--email', 'eve@example.com'], env)).out).toContain('erased 2 events');
    const typed = { phone: '06 58585858', amount: '14' };
    const asked = await sell({ ...typed, number: '1088' });
    expect([asked.status, text(asked)]).toEqual([409, expect.stringContaining('the number 1088 was counted before')]);
    const sure = seenIn(asked);
    const other = await sell({ ...typed, number: '1089', sure });
    expect([other.status, text(other)]).toEqual([409, expect.stringContaining('the number 1089 was counted before')]);
    expect((await sell({ ...typed, number: '1088', sure })).status).toBe(303);
  });

  test('warns of an order of the same customer and amount that came from the shop', async () => {
    await post(phone.rig.service.url, fromShopify(lampOrder(1077, { email: 'bob@example.com' })));
    await untilFound(phone.admin, '1077');
    const asked = await sell({ phone: '', email: 'Bob@Example.com', amount: '121,00' });
    expect([asked.status, text(asked)]).toEqual([409, expect.stringContaining('came from Shopify')]);
  });

  test('of an order that the shop told more than a month ago asks about its number alone', async () => {
    await post(phone.rig.service.url, fromShopify(lampOrder(1078, { email: 'old@example.com' })));
    await untilFound(phone.admin, '1078');
    const { db, close } = await openSqlite({ path: join(phone.rig.folder, 'data/tagbridge.db') });
    const aged = "update events set created_at = $1 where order_id = '1078'";
    await db.transaction([{ sql: aged, rows: [[Date.now() - 31 * DAY_MS]] }]);
    await close();
    const typed = { phone: '', email: 'old@example.com', amount: '121' };
    const asked = await sell({ ...typed, number: '1078' });
    expect([asked.status, text(asked)]).toEqual([
      409,
      expect.stringContaining('this number, 1078 , came from Shopify'),
    ]);
    expect((await sell({ ...typed, number: 'another' })).status).toBe(303);
  });
});
