// CSV lines: quoted as RFC 4180 says, numbers as they are, and no text that a spreadsheet would carry out.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvLine } from '../../src/lib/csv.ts';

test('quotes text, doubles quotes, leaves numbers alone and ends with CR LF', () => {
  expect(csvLine(['a "b", c', 'two\nlines', -12.5, 0, true, undefined, ''])).toBe(
    '"a ""b"", c","two\nlines",-12.5,0,true,,""\r\n',
  );
});

test.each([
  '=1+1',
  '+31612345678',
  '-2',
  '@SUM(A1)',
  '\t=1',
  '\r=1',
  '\n=1',
  '＝1',
  '=HYPERLINK("http://evil.example")',
])('S95 %j is text in a spreadsheet, not a formula', (text) => {
  expect(csvLine([text])).toBe(`"'${text.replaceAll('"', '""')}"\r\n`);
});

/** What a reader of RFC 4180 makes of one line. */
function read(line: string): string[] {
  const cells = [...line.slice(0, -2).matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)];
  return cells.map(([, quoted, bare = '']) => quoted?.replaceAll('""', '"') ?? bare);
}

test('any texts come back as they were, but for the mark before a formula', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 5 }), (texts) => {
      const unmarked = read(csvLine(texts)).map((cell) => cell.replace(/^'(?=[=+\-@\t\r\n＝＋－＠])/, ''));
      expect(unmarked).toEqual(texts.map((text) => text.replace(/^'(?=[=+\-@\t\r\n＝＋－＠])/, '')));
    }),
  );
});
