// Files of phone orders: what they are written in, which column is what, and how dates and amounts are read.
import { describe, expect, test } from 'vitest';
import { FILE_FIELDS, matchColumns } from '../../src/phone/file-columns.ts';
import { openFile } from '../../src/phone/file-read.ts';
import { type Reading, readDate, readMoney } from '../../src/phone/file-values.ts';
import { entries, mistakes, NOW, open, READING, read } from '../support/phone-file.ts';

const problemOf = (bytes: Uint8Array): string => {
  const file = openFile(bytes, {});
  return 'problem' in file ? file.problem : 'none';
};

describe('a file', () => {
  const text = 'Téléphone;Montant\n+33 6 12 34 56 78;12,50\n';
  test.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8', Buffer.from(`\ufeff${text}`)],
    ['UTF-16', Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['Windows-1252', Buffer.from(text, 'latin1')],
  ])('in %s is read, with its accents', async (encoding, bytes) => {
    const file = open(bytes);
    expect([file.encoding, file.heads]).toEqual([encoding, ['Téléphone', 'Montant']]);
    expect(entries(await read(bytes))).toMatchObject([{ phone: '+33612345678', amount: '12.50', currency: 'EUR' }]);
  });

  test.each([
    ['is empty', '', /empty/],
    ['has a mark and no text', '\ufeff\r\n', /empty/],
    ['is a workbook', 'PK\u0003\u0004…', /workbook.*CSV/],
    ['is no text', 'a\0b', /no text/],
    ['is in another code page', Buffer.from([0x61, 0x2c, 0x81, 0xff]), /neither UTF-8 nor Windows-1252/],
    ['has two columns of one name', 'phone,amount,amount\n', /two columns are called “amount”/],
    ['is too large', Buffer.alloc(10_000_001, 'a'), /larger than 10 MB/],
  ])('that %s is refused in words', (_, bytes, words) => {
    expect(problemOf(Buffer.from(bytes))).toMatch(words);
  });

  test.each([',', ';', '\t'])('with cells between %j is read', async (delimiter) => {
    const lines = ['phone,amount,name', '0612345678,5,"Jansen, P.; jr"'].map((one) =>
      one.replace(/,(?! )/g, delimiter),
    );
    expect(entries(await read(lines.join('\r\n')))).toMatchObject([{ amount: '5', name: 'Jansen, P.; jr' }]);
  });

  test('that names its delimiter first keeps the numbers of its lines', async () => {
    expect(mistakes(await read('sep=;\nphone;amount\n0612345678;x\n'))).toMatchObject(
      [[3, 'amount', /./]].map(([line, column]) => [line, column, expect.any(String)]),
    );
  });
});

describe('columns', () => {
  const fieldsOf = (...heads: string[]) => Object.fromEntries(matchColumns(heads, {}).places);
  test('are known by their names in several languages', () => {
    expect(fieldsOf('Bestelnummer', 'Datum', 'Telefoonnummer', 'E-mailadres', 'Bedrag')).toEqual({
      number: 0,
      agreed_at: 1,
      phone: 2,
      email: 3,
      amount: 4,
    });
    expect(fieldsOf('BESTELLNUMMER', 'Bestelldatum', 'Handynummer', 'Betrag', 'Währung', 'MwSt.')).toEqual({
      number: 0,
      agreed_at: 1,
      phone: 2,
      amount: 3,
      currency: 4,
      tax: 5,
    });
    expect(fieldsOf('N° de commande', 'Numéro de téléphone', 'Montant TTC')).toEqual({
      number: 0,
      phone: 1,
      amount: 2,
    });
    expect(fieldsOf('Número de pedido', 'Fecha', 'Teléfono', 'Importe')).toEqual({
      number: 0,
      agreed_at: 1,
      phone: 2,
      amount: 3,
    });
    for (const field of FILE_FIELDS) expect(fieldsOf(field)).toEqual({ [field]: 0 });
  });
  test('are read of the first line only as far as a line goes', () => {
    expect(open(`phone,amount${','.repeat(200_000)}`).heads.length).toBeLessThan(50_000);
  });

  test('that could be the same are never guessed between', () => {
    expect(matchColumns(['Phone', 'Mobile', 'Amount'], {}).problems).toEqual([
      '“Phone”, “Mobile” could each be the Phone; choose one',
    ]);
    const { places, problems } = matchColumns(['Phone', 'Mobile', 'Amount'], { phone: 'Mobile' });
    expect([places.get('phone'), problems]).toEqual([1, []]);
  });
  test('that are missing are asked for', () => {
    expect(matchColumns(['Klantcode', 'Due'], {}).problems).toEqual([
      'no column is known to be the amount; choose it',
      'no column is known to be the phone, the e-mail or the reference code; choose at least one',
    ]);
    expect(matchColumns(['Amount', 'Phone'], { name: 'Customer' }).problems).toEqual(['there is no column “Customer”']);
    expect(matchColumns(['Amount', 'Phone', 'Name'], { name: '' }).places.has('name')).toBe(false);
  });
});

describe('a date', () => {
  const at = (text: string, over: Partial<Reading> = {}) => readDate(text, { ...READING, ...over }, NOW);
  test.each([
    ['2026-11-20T14:30:00+01:00', '2026-11-20T14:30:00+01:00'],
    ['2026-11-20 14:30', '2026-11-20T13:30:00.000Z'],
    ['2026-07-01 14:30', '2026-07-01T12:30:00.000Z'],
    ['20-11-2026 14:30', '2026-11-20T13:30:00.000Z'],
    ['20.11.2026', '2026-11-20T22:59:59.000Z'],
    ['20/11/2026 2:05 PM', '2026-11-20T13:05:00.000Z'],
    ['21-11-2026', '2026-11-21T09:00:00.000Z'],
    ['21-11-2026 18:00', '2026-11-21T17:00:00.000Z'],
  ])('%s is %s', (text, value) => {
    expect(at(text)).toEqual({ value });
  });
  test.each([
    ['America/New_York', '2026-11-20T19:30:00.000Z'],
    ['Asia/Kolkata', '2026-11-20T09:00:00.000Z'],
    ['UTC', '2026-11-20T14:30:00.000Z'],
  ])('is that of clocks in %s', (zone, value) => {
    expect(at('2026-11-20 14:30', { zone })).toEqual({ value });
  });
  test('is read in the order that was chosen, and in no other', () => {
    expect(at('11/12/2026', { dates: 'month_day', zone: 'UTC' })).toEqual({ value: '2026-11-12T23:59:59.000Z' });
    expect(at('11/12/2026', { zone: 'UTC' })).toEqual({ value: '2026-12-11T23:59:59.000Z' });
    expect(at('20/11/2026', { dates: 'month_day' })).toEqual({ problem: 'is no day of the calendar' });
    expect(at('20/11/2026', { dates: 'iso' })).toMatchObject({ problem: /order nobody chose/ });
    for (const text of ['31-02-2026', '20-11-2026 25:00'])
      expect(at(text)).toEqual({ problem: 'is no day of the calendar' });
    for (const text of ['yesterday', '20-11-26', '46346']) expect(at(text)).toMatchObject({ problem: /is no date/ });
  });
});

describe('an amount', () => {
  const money = (text: string, decimal: Reading['decimal']) => readMoney(text, { ...READING, decimal });
  test('is read with the decimal mark that was chosen', () => {
    expect(money('1.234', 'comma')).toEqual({ value: '1234' });
    expect(money('1.234', 'point')).toEqual({ value: '1.234' });
    expect(money('1.234.567,5', 'comma')).toEqual({ value: '1234567.5' });
    expect(money("1'234.50", 'point')).toEqual({ value: '1234.50' });
    expect(money('12.50', 'comma')).toMatchObject({ problem: /decimal comma/ });
    expect(money('€ 12', 'comma')).toMatchObject({ problem: /without a currency/ });
  });
  test('that can be read in two ways is refused where no mark was chosen', () => {
    expect(money('1.234', 'either')).toMatchObject({ problem: /two ways/ });
    expect(money('1.234,50', 'either')).toEqual({ value: '1234.50' });
  });
});
