// CSV lines: quoted as RFC 4180 says, numbers as they are, and no text that a spreadsheet would carry out.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvLine } from '../../src/lib/csv.ts';

test('quotes text, doubles quotes, leaves numbers alone and ends with CR LF', () => {
  expect(csvLine(['a "b", c', 'two\nlines', -12.5, 0, true, undefined, ''])).toBe(
    '"a ""b"", c","two\nlines",-12.5,0,true,,""\r\n',
  );
});

test.each(['=1+1', '+31612345678', '-2', '@SUM(A1)', '＝1', '=HYPERLINK("http://evil.example")'])(
  'S95 %j is text in a spreadsheet, not a formula',
  (text) => {
    expect(csvLine([text])).toBe(`"'${text.replaceAll('"', '""')}"\r\n`);
  },
);

test.each(['\t', '\r', '\n'])('S95 a formula behind %j is none, whether a cell begins there or not', (separator) => {
  expect(csvLine([`${separator}=1`])).toBe(`"'${separator}'=1"\r\n`);
});

test('a text of a million separators takes no longer than another one', () => {
  expect(csvLine([`x${'\n'.repeat(1_000_000)}`])).toHaveLength(1_000_005);
});

/** What a spreadsheet makes of a line where semicolons stand between cells: only a quote at a cell's begin is one. */
function readElsewhere(line: string): string[] {
  return [...line.matchAll(/(?:"((?:[^"]|"")*)")?([^;\r\n]*)(?:[;\r\n]+|$)/g)].map(
    ([, quoted = '', bare = '']) => quoted.replaceAll('""', '"') + bare,
  );
}

test.each(['x;=1+1;y', 'x; =1+1;y', 'x;"=1+1;y', 'x;@SUM(A1);y', 'x\n=1+1\ny', 'x\r\n"+1+1\ny'])(
  'S95 %j in a line is no formula where a spreadsheet expects other separators',
  (text) => {
    const cells = readElsewhere(csvLine(['2026-01-01', text]));
    expect(cells.filter((cell) => /^\s*[=+\-@]/.test(cell))).toEqual([]);
  },
);

/** What a reader of RFC 4180 makes of one line. */
function read(line: string): string[] {
  const cells = [...line.slice(0, -2).matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)];
  return cells.map(([, quoted, bare = '']) => quoted?.replaceAll('""', '"') ?? bare);
}

/** Without the marks before what could be a formula. */
const unmarked = (text: string) => text.replaceAll(/(^|[;\t|\r\n][\s"]*)'(?=[=+\-@\t\r\n＝＋－＠])/g, '$1');

test('any texts come back as they were, but for the mark before a formula', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 5 }), (texts) => {
      expect(read(csvLine(texts)).map(unmarked)).toEqual(texts.map(unmarked));
    }),
  );
});
