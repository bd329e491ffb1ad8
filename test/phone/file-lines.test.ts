// The lines of files of phone orders: a word for each mistake, orders that are there twice, quotes left open, and many mistakes told once.
import { describe, expect, test } from 'vitest';
import { groupBad, lineRanges, lookThrough } from '../../src/phone/file-import.ts';
import { type FileLine, readLines } from '../../src/phone/file-read.ts';
import { entries, mistakes, NOW, open, READING, read } from '../support/phone-file.ts';

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
