// Bodies as people read them, in exports and on the playground: in the charset they came in, as far as they can be read.
import { expect, test } from 'vitest';
import { readableText } from '../../src/lib/charset.ts';

test.each([
  ['application/json', Buffer.from('Müller'), 'Müller'],
  ['application/json; charset=iso-8859-1', Buffer.from('Müller', 'latin1'), 'Müller'],
  ['application/json; charset=utf-16', Buffer.from('Müller', 'utf16le'), 'Müller'],
  ['application/json', Buffer.from('Müller', 'latin1'), 'M\uFFFDller'],
])('a text of %s is shown in it', (type, bytes, text) => {
  expect(readableText(bytes, type)).toBe(text);
});
