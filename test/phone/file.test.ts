// Files of phone orders: what they are written in, which column is what, how cells are read, and a word for each mistake.
import { describe, expect, test } from 'vitest';
import { type Chosen, FILE_FIELDS, matchColumns } from '../../src/phone/file-columns.ts';
import { groupBad, lineRanges, lookThrough } from '../../src/phone/file-import.ts';
import { type FileLine, openFile, readLines } from '../../src/phone/file-read.ts';
import { type Reading, readDate, readMoney } from '../../src/phone/file-values.ts';

const NOW = Date.parse('2026-11-21T09:00:00Z');
const READING: Reading = { dates: 'day_month', decimal: 'either', zone: 'Europe/Amsterdam' };

const open = (text: string | Uint8Array, chosen: Chosen = {}) => {
  const file = openFile(typeof text === 'string' ? Buffer.from(text) : text, chosen);
  if ('problem' in file) throw new Error(file.problem);
  return file;
};
const problemOf = (bytes: Uint8Array): string => {
  const file = openFile(bytes, {});
  return 'problem' in file ? file.problem : 'none';
};
async function read(text: string | Uint8Array, chosen: Chosen = {}, skip = 0): Promise<FileLine[]> {
  const around = { country: 'NL', currency: 'EUR', now: NOW };
  return Array.fromAsync(readLines(open(text, chosen), { reading: READING, around }, skip));
}
const entries = (lines: FileLine[]) => lines.flatMap((one) => ('entry' in one ? [one.entry] : []));
const mistakes = (lines: FileLine[]) =>
  lines.flatMap((one) =>
    'mistakes' in one ? one.mistakes.map(({ column, message }) => [one.line, column, message]) : [],
  );

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

describe('an amount in a file', () => {
  test('may stand beside the currency of its line or store, not beside another', async () => {
    const lines = await read(
      'phone;amount;currency\n0612345678;"1.234,50 €";\n0612345679;12,00 kr;SEK\n0612345670;$12;\n0612345671;12,00 €;SEK\n',
    );
    expect(entries(lines)).toMatchObject([
      { amount: '1234.50', currency: 'EUR' },
      { amount: '12.00', currency: 'SEK' },
    ]);
    expect(mistakes(lines)).toEqual([4, 5].map((line) => [line, 'amount', expect.stringContaining('is no amount')]));
  });
});

describe('lines', () => {
  const HEAD = 'number;date;phone;amount;name\n';
  test('with mistakes are named with line, column and reason, and the others are read', async () => {
    const lines = await read(
      `${HEAD}1;20-11-2026;0612345678;12,50;Ann\n2;31-02-2026;0612345678;1.234;\n3;;;5;\n4;;0612345678\n\n5;20-11-2026;"06"x;5;"two\nlines"\n6;;0612345679;5;\n`,
    );
    expect(mistakes(lines)).toEqual([
      [3, 'amount', expect.stringContaining('1.234 can be read in two ways')],
      [3, 'date', 'is no day of the calendar'],
      [4, '', 'give the customer’s phone number, e-mail address or reference code'],
      [5, '', 'has 3 cells where the first line has 5'],
      [7, '', 'is read as one with what follows up to line 8; is a quote left open?'],
    ]);
    expect(lines.flatMap((one) => ('entry' in one ? [one.line] : []))).toEqual([2, 9]);
  });

  test('are all looked through, and the first ones shown as they were read', async () => {
    const around = { country: 'NL', currency: 'EUR', now: NOW };
    const file = open(`${HEAD}1;;0612345678;5;\n2;;;5;\n3;;0612345678;7;\n4;;0612345678;9;\n`);
    const found = await lookThrough(readLines(file, { reading: READING, around }), 2);
    expect(found).toMatchObject({ lines: 4, good: 3, first: [{ line: 2 }, { line: 4 }], bad: [{ line: 3 }] });
    expect(found.first).toHaveLength(2);
  });

  test('that say the same, or have the number of another, are named and not read twice', async () => {
    const lines = await read(`${HEAD}1;;0612345678;5;\n;;0612345679;5;\n;;0612345679;5;\n1;;0612345670;7;\n`);
    expect(mistakes(lines)).toEqual([
      [4, '', 'says the same as line 3; if it is another order, give both a number'],
      [5, '', 'has the order number of line 2'],
    ]);
    const after = await read(`${HEAD}1;;0612345678;5;\n;;0612345679;5;\n;;0612345679;5;\n1;;0612345670;7;\n`, {}, 2);
    expect(mistakes(after)).toEqual(mistakes(lines));
    expect(entries(after)).toEqual([]);
  });

  test('keep their key whatever the order of the columns, and have another for another order', async () => {
    const key = async (text: string) => entries(await read(text))[0]?.idempotency_key;
    const first = await key('phone,amount\n0612345678,5\n');
    expect(await key('amount,note,phone\n5,called back,0612345678\n')).toBe(first);
    expect(await key('phone,amount\n0612345678,6\n')).not.toBe(first);
    expect(await key('number,phone,amount\n7,0612345678,5\n')).toBe(await key('number,phone,amount\n7,0612345678,6\n'));
  });

  test('whose amount is split by its own decimal mark are named', async () => {
    expect(mistakes(await read('phone,amount\n0612345678,12,50\n'))).toEqual([
      [2, '', 'has 3 cells where the first line has 2; quote cells that contain a comma'],
    ]);
  });

  test('after a quote that is never closed are told not to be read', async () => {
    const lines = await read(`${HEAD}1;;0612345678;5;\n2;;0612345678;5;"open\n3;;0612345678;5;\n`);
    expect(mistakes(lines)).toEqual([
      [3, '', 'opens a quote that is not closed; neither it nor what follows was read'],
    ]);
    expect(entries(lines)).toHaveLength(1);
  });

  test.each(['name', 'a column that is not read'])('that a quote in %s made one are named together', async (column) => {
    const head = HEAD.replace('name', column);
    const lines = await read(`${head}1;;0612345678;5;"open\n2;;0612345678;5;"shut"\n3;;0612345678;5;"two\nlines"\n`);
    const joined = [2, '', 'is read as one with what follows up to line 3; is a quote left open?'];
    expect(mistakes(lines)[0]).toEqual(joined);
    expect(lines).toHaveLength(2);
  });

  test('that are empty give others their turn, however many they are', async () => {
    const turns = [performance.now()];
    let isRead = false;
    const others = () => {
      turns.push(performance.now());
      if (!isRead) setImmediate(others);
    };
    setImmediate(others);
    expect(await read(`phone,amount\n${'\n'.repeat(16_000)}`)).toEqual([]);
    isRead = true;
    const end = performance.now();
    const waits = turns.map((at, index) => (turns[index + 1] ?? end) - at);
    expect(turns.length).toBeGreaterThan(100);
    expect(Math.max(...waits)).toBeLessThan((end - (turns[0] ?? end)) / 2);
  });

  test('whose numbers a spreadsheet shortened are none, each for itself, and not taken for one another', async () => {
    const lines = await read('order number,phone,amount\n5.12346E+12,0612345678,5\n5.12346E+12,0612345679,6\n');
    const message = expect.stringMatching(/shortened.*format its column as text/);
    expect(mistakes(lines)).toEqual([
      [2, 'order number', message],
      [3, 'order number', message],
    ]);
  });

  test('are none in a file that only has a head, ended or not', async () => {
    expect(await read('phone,amount')).toEqual([]);
    expect(await read('phone,amount\n')).toEqual([]);
    expect(entries(await read('phone,amount\n0612345678,5'))).toHaveLength(1);
  });

  test('may have cells of several lines where nothing is read', async () => {
    const lines = await read('phone,note,amount\n0612345678,"called twice,\nthen agreed",5\n');
    expect(entries(lines)).toHaveLength(1);
  });

  test('as spreadsheets guard them against formulas are read as they were', async () => {
    expect(entries(await read("phone,amount\n'+31612345678,5\n"))).toMatchObject([{ phone: '+31612345678' }]);
  });

  test('say what the customer agreed to', async () => {
    const text = 'phone,amount,ad_user_data\n0612345678,5,Denied\n0612345679,5,maybe\n';
    expect(entries(await read(text))).toMatchObject([{ consent: { ad_user_data: 'denied' } }]);
    expect(mistakes(await read(text))).toMatchObject([[3, 'ad_user_data', expect.any(String)]]);
  });
});

describe('the mistakes of many lines', () => {
  const badOf = (lines: FileLine[]) => lines.flatMap((one) => ('mistakes' in one ? [one] : []));

  test('are told once each, with the lines that make them, the most frequent first', async () => {
    const rows = ['0612345678,free', '0612345679,free', '0612345670,5', 'nobody,6', '0612345671,free', 'no one,free'];
    const groups = groupBad(badOf(await read(`phone,amount\n${rows.join('\n')}\n`)));
    expect(groups.map(({ column, lines, alike }) => [column, lines, alike])).toEqual([
      ['amount', [2, 3, 6, 7], false],
      ['phone', [5], false],
    ]);
  });

  test('are one also where each quotes its own amount, told by the first', async () => {
    const groups = groupBad(badOf(await read('phone,amount\n0612345678,1.234\n0612345679,5.678\n0612345670,9.999\n')));
    expect(groups).toMatchObject([{ column: 'amount', lines: [2, 3, 4], alike: true }]);
    expect(groups[0]?.message).toContain('1.234 can be read in two ways');
  });

  test('name their lines as ranges', () => {
    expect(lineRanges([2, 3, 4, 7, 9, 10])).toEqual(['2–4', '7', '9, 10']);
  });
});
