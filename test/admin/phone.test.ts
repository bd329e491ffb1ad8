// The pages of the phone team over HTTP, without scripts: enter, be warned, take back, and see what became of it.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSqlite } from '../../src/keep/sqlite.ts';
import { becomeRole, type Page } from '../support/browser.ts';
import { runHere } from '../support/cli.ts';
import { fromShopify, lampOrder, post } from '../support/hooks.ts';
import { comeBy, DAY_MS, type PhoneRig, startPhone } from '../support/phone.ts';
import { eventually, SECRETS, storeFile, writeStore } from '../support/service.ts';
import { untilFound } from '../support/shop.ts';

let keys = 0;
const fields = (over: Record<string, string> = {}) => ({
  store: 'shop',
  kind: 'order',
  key: `form-${keys++}`,
  phone: '06 12345678',
  amount: '99',
  currency: 'EUR',
  ...over,
});
const localTime = (ago: number) => new Date(Date.now() - ago).toISOString().slice(0, 16);
const text = ({ text: markup }: Page) =>
  markup
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .replaceAll('&#39;', "'");

/** What the form says that the person has seen, for the next time that it is sent. */
const seenIn = ({ text: markup }: Page) => /name="sure" value="([^"]*)"/.exec(markup)?.[1] ?? '';
const savedId = ({ location }: Page) => new URL(location ?? '', 'http://here').searchParams.get('saved') ?? '';

describe('a phone order that waits to be sent', () => {
  let phone: PhoneRig;
  let code: string;
  beforeAll(async () => {
    phone = await startPhone(300);
    code = await comeBy(phone.rig, 'ann', { code: true });
  });
  afterAll(() => phone.close());
  const sell = (over: Record<string, string> = {}) => phone.sales.submit('/phone/orders', fields(over));
  const audited = async () => {
    const { db, close } = await openSqlite({ path: join(phone.rig.folder, 'data/tagbridge.db') });
    const rows = await db.query('select actor, action, detail from audit order by id');
    await close();
    return rows.map(({ actor, action, detail }) => `${actor} ${action} ${detail}`);
  };

  test('is entered by sales and admins alone, and sales comes to its page at once', async () => {
    expect((await phone.sales.get('/')).location).toBe('/phone');
    const viewer = await becomeRole(phone.rig, phone.admin, 'viewer');
    expect((await viewer.get('/phone')).status).toBe(403);
    expect((await viewer.submit('/phone/orders', fields())).status).toBe(403);
    expect((await viewer.submit('/phone/look', fields())).status).toBe(403);
    expect((await phone.sales.post('/phone/orders', fields())).status).toBe(403);
    expect((await phone.admin.get('/phone')).status).toBe(200);
  });

  test('has keyboards that fit its fields, and no browser fills them in', async () => {
    const { text: markup } = await phone.sales.get('/phone');
    for (const [name, mode] of [
      ['phone', 'tel'],
      ['email', 'email'],
      ['amount', 'decimal'],
    ])
      expect(markup).toMatch(new RegExp(`name="${name}"[^>]*autocomplete="off"[^>]*inputmode="${mode}"`));
  });

  test('says whether a visit is known as soon as the customer is typed, and no more than that', async () => {
    const look = async (over: object) =>
      text(await phone.sales.submit('/phone/look', { ...fields(), phone: '', amount: '', ...over }));
    expect(await look({ code: code.toLowerCase() })).toContain('A visit is known: Google ad, 3 days ago');
    expect(await look({ code })).not.toMatch(/lamps\.example|Click-1|@/);
    expect(await look({ code, email: 'half-typed@' })).toContain('A visit is known');
    expect(await look({ email: 'nobody@example.com' })).toContain('No visit of this customer is known');
    expect(await look({})).toContain('finds the visit');
    expect(await look({ email: 'half-typed@' })).toContain('finds the visit');
  });

  test('is kept at once, as it was typed, with its number and the time it is sent', async () => {
    const saved = await sell({ amount: '1.234,50', name: 'Ann van Dyk', items: '2 x Oak table\nChair' });
    expect(saved.status).toBe(303);
    const page = await phone.sales.get(saved.location ?? '');
    expect(text(page)).toMatch(/Saved: EUR 1,234\.50 · P\d{6}-\w{8}/);
    expect(text(page)).toMatch(/Ann van Dyk.*Kept, and not sent yet.*It is sent at .* UTC/);
    expect(page.text).not.toContain('12345678');
    expect(phone.rig.standins.received).toEqual([]);
    expect(await audited()).toContain(`sales@example.com phone order kept hook ${savedId(saved)}`);
    const other = await sell({ amount: '1,234.51', phone: '06 11111111' });
    expect(text(await phone.sales.get(other.location ?? ''))).toContain('EUR 1,234.51');
  });

  test('says for how long a typing mistake can be mended, and what becomes of it later', async () => {
    expect(text(await phone.sales.get('/phone'))).toMatch(
      /An order can be taken back for \d+ \w+\. After that it stays as it was entered; a corrected one would count beside it\./,
    );
  });

  test('counts once, however often its form is sent', async () => {
    const form = fields({ phone: '06 22222222' });
    const [first, again] = await Promise.all([
      phone.sales.submit('/phone/orders', form),
      phone.sales.submit('/phone/orders', form),
    ]);
    expect(savedId(first)).not.toBe('');
    expect(savedId(again)).toBe(savedId(first));
    expect(savedId(await phone.sales.submit('/phone/orders', form))).toBe(savedId(first));
    expect((await phone.sales.get('/phone')).text.match(/phone …222/g)).toHaveLength(1);
    const changed = await phone.sales.submit('/phone/orders', { ...form, amount: '98', sure: savedId(first) });
    expect(savedId(changed)).not.toBe(savedId(first));
    expect(text(await phone.sales.get(changed.location ?? ''))).toContain('Saved: EUR 98.00');
  });

  test.each([
    ['1.234', 'two ways'],
    ['12,34,5', 'no amount'],
    ['', 'missing'],
    ['0', 'more than 0'],
    ['1,005.125', 'more decimals'],
  ])('of %j is refused, and what was typed stays', async (amount, words) => {
    const refused = await sell({ amount, email: 'ann@example.com', name: 'Ann' });
    expect(refused.status).toBe(400);
    expect(text(refused)).toContain(words);
    expect(refused.text).toContain('value="ann@example.com"');
    expect(refused.text).toContain('id="amount-wrong"');
  });

  test('without a customer, or of a time to come, is refused', async () => {
    expect(text(await sell({ phone: '' }))).toContain(
      'Give the customer’s phone number, e-mail address or reference code',
    );
    expect(text(await sell({ agreed_at: localTime(-DAY_MS) }))).toContain('lies in the future');
  });

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

  test('says every mistake at its head, each leading to its field, and in its title', async () => {
    const refused = await sell({ phone: '12', amount: '1.234', email: 'nobody' });
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('<title>Not saved: Phone orders');
    const [summary = ''] = /<div class="notice bad" role="alert"[\s\S]*?<\/div>/.exec(refused.text) ?? [];
    expect([...summary.matchAll(/href="#(\w+)"/g)].map(([, name]) => name)).toEqual(['amount', 'email']);
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

  test('says in words that it is too old for some, and where it goes instead', async () => {
    const look = async (days: number) =>
      text(
        await phone.sales.submit(
          '/phone/look',
          fields({ email: 'ann@example.com', agreed_at: localTime(days * DAY_MS), zone: '0' }),
        ),
      );
    expect(await look(1)).not.toContain('Not sent');
    expect(await look(4)).toMatch(
      /Not sent to Google Analytics 4: older than 72 hours.*It goes to Meta.* and Server-side/,
    );
    expect(await look(8)).toMatch(/Not sent to Meta Conversions API: older than 7 days.*kept here and sent nowhere/);
    expect(await look(120)).toContain('It is not counted');
  });

  describe('and is taken back', () => {
    test('is never sent, not even by a replay, and leaves nothing of the customer', async () => {
      const id = savedId(await sell({ phone: '06 66666666', amount: '77' }));
      const undone = await phone.sales.submit('/phone/undo', { id });
      const page = text(undone);
      expect(page).toContain('Taken back: nothing of it was sent');
      expect(page).toContain('Taken back, nothing was sent');
      expect(await audited()).toContain(`sales@example.com phone order taken back hook ${id}`);
      await phone.admin.submit(`/hooks/${id}/map`);
      const { rig } = phone;
      const env = { ...SECRETS, DATA_DIR: join(rig.folder, 'data'), MAPPINGS_DIR: join(rig.folder, 'mappings') };
      const replayed = await runHere(['replay', '--hook', id], env);
      expect(replayed.out).toContain('0 hooks');
      expect(text(await phone.sales.get('/phone'))).toContain('Taken back, nothing was sent');
      expect((await sell({ phone: '06 66666666', amount: '77' })).status).toBe(303);
    });

    const value = ({ text: markup }: Page, name: string) =>
      new RegExp(`name="${name}" value="([^"]*)"`).exec(markup)?.[1];
    test('stands in the form again as it was typed, to be corrected, and can be taken back by a thumb that presses twice', async () => {
      const typed = {
        phone: '06 67676767',
        amount: '1.234,5',
        name: 'Ann',
        items: '2 x Oak table\nChair',
        email: 'dora@example.com',
      };
      const sold = await sell({ ...typed, number: 'C-9', agreed_at: localTime(DAY_MS), zone: '-60' });
      const made = await sell({ ...typed, email: '', phone: '06 68686868' });
      const undone = await phone.sales.submit('/phone/undo', { id: savedId(sold) });
      const names = ['phone', 'amount', 'number', 'name', 'agreed_at', 'zone', 'email'];
      expect([undone.status, ...names.map((name) => value(undone, name))]).toEqual([
        ...[200, '+31667676767', '1234.5', 'C-9', 'Ann', localTime(DAY_MS + 3_600_000), '0', typed.email],
      ]);
      expect(undone.text).toContain('2 x Oak table\n1 x Chair</textarea>');
      expect(text(undone)).toContain('It stands in the form again');
      expect(undone.headers.get('cache-control')).toBe('no-store');
      const again = await phone.sales.submit('/phone/undo', { id: savedId(sold) });
      expect(again.location).toBe('/phone?done=undone');
      const other = await phone.sales.submit('/phone/undo', { id: savedId(made) });
      expect(['number', 'agreed_at'].map((name) => value(other, name))).toEqual(['', '']);
    });

    test('is not said to be saved any more, nor when the form it was saved by is sent once more', async () => {
      const form = fields({ phone: '06 65656565', amount: '83' });
      const id = savedId(await phone.sales.submit('/phone/orders', form));
      await phone.sales.submit('/phone/undo', { id });
      expect(text(await phone.sales.get(`/phone?saved=${id}`))).not.toContain('Saved:');
      const again = await phone.sales.submit('/phone/orders', form);
      expect([again.status, text(again)]).toEqual([409, expect.stringContaining('Taken back: nothing of it was sent')]);
      expect(['phone', 'amount'].map((name) => value(again, name))).toEqual(['06 65656565', '83']);
      const meant = await phone.sales.submit('/phone/orders', { ...form, key: value(again, 'key') ?? '' });
      expect(text(await phone.sales.get(meant.location ?? ''))).toMatch(/Saved: EUR 83\.00/);
    });

    test('as a lead stands in the form of leads, at its address: loaded again it is no form of orders', async () => {
      const lead = fields({ kind: 'lead', phone: '06 64646464', amount: '' });
      const id = savedId(await phone.sales.submit('/phone/leads', lead));
      const undone = await phone.sales.submit('/phone/undo', { id });
      expect([undone.status, value(undone, 'phone')]).toEqual([200, '+31664646464']);
      expect(undone.text).toContain('data-of="/phone/leads"');
    });

    test('by an admin shows them nothing of it', async () => {
      const id = savedId(await sell({ phone: '06 69696969', amount: '81' }));
      const undone = await phone.admin.submit('/phone/undo', { id });
      expect(undone.location).toBe('/phone?done=undone');
      expect((await phone.admin.get('/phone')).text).not.toContain('69696969');
    });

    test('once, and by nobody else of the team', async () => {
      const id = savedId(await sell({ phone: '06 87777777', amount: '78' }));
      const added = await phone.admin.submit('/people', { email: 'other@example.com', role: 'sales' });
      expect(added.status).toBe(200);
      const own = savedId(await phone.admin.submit('/phone/orders', fields({ phone: '06 88888888', amount: '79' })));
      expect((await phone.sales.submit('/phone/undo', { id: own })).status).toBe(409);
      expect((await phone.sales.get('/phone')).text).not.toContain(own);
      expect((await phone.admin.submit('/phone/undo', { id })).status).toBe(303);
      expect((await phone.sales.submit('/phone/undo', { id })).location).toBe('/phone?done=undone');
      expect((await audited()).filter((line) => line.includes(`taken back hook ${id}`))).toHaveLength(1);
    });
  });
});

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
