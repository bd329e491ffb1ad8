// The pages of the phone team over HTTP, without scripts: enter an order that waits to be sent, and take it back.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { becomeRole, type Page } from '../support/browser.ts';
import { runHere } from '../support/cli.ts';
import { DAY_MS, type PhoneRig } from '../support/phone.ts';
import { auditedAt, fields, localTime, savedId, sellAt, startWaiting, text } from '../support/phone-forms.ts';
import { SECRETS } from '../support/service.ts';

describe('a phone order that waits to be sent', () => {
  let phone: PhoneRig;
  let code: string;
  beforeAll(async () => {
    ({ phone, code } = await startWaiting());
  });
  afterAll(() => phone.close());
  const sell = (over: Record<string, string> = {}) => sellAt(phone, over);
  const audited = () => auditedAt(phone);

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

  test('says every mistake at its head, each leading to its field, and in its title', async () => {
    const refused = await sell({ phone: '12', amount: '1.234', email: 'nobody' });
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('<title>Not saved: Phone orders');
    const [summary = ''] = /<div class="notice bad" role="alert"[\s\S]*?<\/div>/.exec(refused.text) ?? [];
    expect([...summary.matchAll(/href="#(\w+)"/g)].map(([, name]) => name)).toEqual(['amount', 'email']);
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
