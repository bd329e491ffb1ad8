// What of a body is kept: named values are gone, the rest is as it came, and what cannot be stripped is not kept.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keepableBody } from '../../src/receive/strip.ts';

const kept = (text: string, names: string[], type?: string): string | undefined => {
  const body = keepableBody(Buffer.from(text), type, names);
  return body === undefined ? undefined : Buffer.from(body).toString();
};

describe('a body without the named fields', () => {
  test.each(['{"a": 1.10 }', '<a>1</a>', 'a=1', '', 'anything', '\uFEFF [1] '])('is kept byte by byte: %j', (text) => {
    const body = Buffer.from(text);
    expect(keepableBody(body, 'application/json', ['password_hash'])).toBe(body);
    expect(keepableBody(body, 'application/json', [])).toBe(body);
  });
  test('that only mentions a name in its values is kept byte by byte', () => {
    const body = Buffer.from('{"note":"password_hash: no","list":["password_hash"]}');
    expect(keepableBody(body, undefined, ['password_hash'])).toBe(body);
  });
});

describe('a JSON body', () => {
  test('loses values of any kind at any depth, and nothing else', () => {
    const text =
      '{"id":820982911946154508, "customer" : {"password_hash":"a\\"}x", "rp_token" :\n 12.50,"name":"M"},"cards":[{"rp_token":{"a":[1,{"b":"}"}]}},{"rp_token":[]}],"price":1.10}';
    expect(kept(text, ['password_hash', 'rp_token'])).toBe(
      '{"id":820982911946154508, "customer" : {"password_hash":null, "rp_token" :\n null,"name":"M"},"cards":[{"rp_token":null},{"rp_token":null}],"price":1.10}',
    );
  });
  test('loses a value whose key is written with escapes', () => {
    expect(kept('{"k\\u00e4rte\\/nr":"4111","x":1}', ['kärte/nr'])).toBe('{"k\\u00e4rte\\/nr":null,"x":1}');
  });
  test('that breaks off inside a value loses the rest', () => {
    expect(kept('{"a":1,"secret":{"x":[1', ['secret'])).toBe('{"a":1,"secret":null');
    expect(kept('{"a":1,"secret":"abc', ['secret'])).toBe('{"a":1,"secret":null');
  });
  test.each(['x', 'a\\\\/', '\\"'])('with a text of many megabytes of %j loses its values all the same', (part) => {
    const file = part.repeat(12_000_000 / part.length);
    expect(kept(`{"file":"${file}","secret":"abc"}`, ['secret']) === `{"file":"${file}","secret":null}`).toBe(true);
  });
  test('is, for any data, what it was with null in the place of the values', () => {
    const without = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(without);
      if (typeof value !== 'object' || value === null) return value;
      const isNamed = (key: string) => key === 'secret' || key === 'b"\\ä';
      return Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [key, isNamed(key) ? null : without(inner)]),
      );
    };
    const keys = fc.constantFrom('secret', 'a', 'b"\\ä', 'sec', 'secrets');
    const leaf = fc.oneof(
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(null, true, 'secret', '"secret":', '{'),
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ maxDepth: 5 }, leaf, fc.array(tie('tree')), fc.dictionary(keys, tie('tree'))),
    }));
    fc.assert(
      fc.property(fc.dictionary(keys, tree), fc.constantFrom(0, 2), (data, indent) => {
        const stripped = kept(JSON.stringify(data, null, indent), ['secret', 'b"\\ä']);
        expect(JSON.parse(stripped ?? '')).toEqual(without(JSON.parse(JSON.stringify(data))));
      }),
    );
  });
});

describe('an XML body', () => {
  test('S58 loses what is between the tags of an element, whatever its prefix', () => {
    const text =
      '<?xml version="1.0"?><e:b xmlns:e="urn:e"><SessionId>00D!AQ&amp;x</SessionId ><x:SessionId a="1"><![CDATA[</SessionId>]]><y>1</y></x:SessionId>\n<SessionId/><SessionId xsi:nil="true"></SessionId><Id>7.10</Id></e:b>';
    expect(kept(text, ['SessionId'])).toBe(
      '<?xml version="1.0"?><e:b xmlns:e="urn:e"><SessionId></SessionId ><x:SessionId a="1"></x:SessionId>\n<SessionId/><SessionId xsi:nil="true"></SessionId><Id>7.10</Id></e:b>',
    );
  });
  test('loses all of an element inside another of its name', () => {
    expect(kept('<a><s>1<s>2</s>3</s><t>4</t></a>', ['s'])).toBe('<a><s></s><t>4</t></a>');
  });
  test('that cannot be read is not kept where it may hold a named field', () => {
    expect(kept('<a><SessionId>x</a>', ['SessionId'])).toBeUndefined();
    expect(kept('<a><b>x</a>', ['SessionId'])).toBe('<a><b>x</a>');
  });
  test('S52 with a DOCTYPE is never kept', () => {
    expect(kept('<!DOCTYPE a><a/>', [])).toBeUndefined();
    const behindProlog = '\uFEFF \n<?xml version="1.0"?><!-- x --><!doctype a [<!ENTITY x "y">]><a>&x;</a>';
    expect(kept(behindProlog, [], 'application/json')).toBeUndefined();
    expect(kept('<a>&lt;!DOCTYPE a&gt;</a>', [])).toBe('<a>&lt;!DOCTYPE a&gt;</a>');
    expect(kept('{"html":"<!DOCTYPE html>"}', [])).toBe('{"html":"<!DOCTYPE html>"}');
  });
});

test('a form body loses the values of fields with the name anywhere in their path', () => {
  const text = 'a=1&token=x%20y&order%5Btoken%5D=z&order[token][id]=7&tokens=2&b=token&token';
  expect(kept(text, ['token'], 'application/x-www-form-urlencoded; charset=utf-8')).toBe(
    'a=1&token=&order%5Btoken%5D=&order[token][id]=&tokens=2&b=token&token',
  );
});

test.each([
  ['iso-8859-1', 'latin1'],
  ['utf-16', 'utf16le'],
] as const)('a body in the charset %s loses the values too, and is UTF-8 from there on', (charset, encoding) => {
  const type = `application/json; charset=${charset}`;
  const keptOf = (text: string, names: string[]) => keepableBody(Buffer.from(text, encoding), type, names);
  const stripped = keptOf('{"token":"abc","name":"Müller"}', ['token']) ?? [];
  expect(Buffer.from(stripped).toString()).toBe('{"token":null,"name":"Müller"}');
  expect(keptOf('{"name":"Müller"}', ['token'])).toEqual(Buffer.from('{"name":"Müller"}', encoding));
  expect(keptOf('<!DOCTYPE a><a>Müller</a>', [])).toBeUndefined();
});

test('a form loses the value of a name that is escaped in the charset it names', () => {
  const type = 'application/x-www-form-urlencoded; charset=iso-8859-1';
  expect(kept('schl%FCssel=abc&a=%FC', ['schlüssel'], type)).toBe('schl%FCssel=&a=%FC');
});

const utf32 = (text: string) => Buffer.concat([...text].map((letter) => Buffer.from(`${letter}\0\0\0`)));
const utf16 = (text: string) => Buffer.from(text, 'utf16le');
test.each([
  ['UTF-16 that is not named', undefined, utf16('{"token":"abc","name":"Müller"}')],
  ['plain UTF-16 that is not named', undefined, utf16('{"token":"abc"}').swap16()],
  ['UTF-32', 'application/json; charset=utf-32', utf32('{"token":"abc"}')],
  [
    'Latin-1 that is called UTF-16',
    'application/json; charset=utf-16',
    Buffer.from('{"token":"abc","n":"ü"}', 'latin1'),
  ],
])('a body that may hold a named field in %s is not kept', (_, type, body) => {
  expect(keepableBody(body, type, ['token'])).toBeUndefined();
  expect(keepableBody(body, type, ['secret'])).toBe(body);
});

test('a body of an unknown kind, or that is no text, is not kept where it may hold a named field', () => {
  expect(kept('token,1', ['token'], 'text/csv')).toBeUndefined();
  const broken = Buffer.from([0x7b, 0xff, ...Buffer.from('"token":1}')]);
  expect(keepableBody(broken, 'application/json', ['token'])).toBeUndefined();
  expect(keepableBody(broken, 'application/json', ['secret'])).toBe(broken);
});
