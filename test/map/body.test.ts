// Bodies: what is read, what is refused and in which words, and what mapping gets to see of nulls and long numbers.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBody, prepareBody } from '../../src/map/body.ts';

const read = (text: string, contentType = 'application/json') => parseBody(Buffer.from(text), contentType);
const problem = (text: string, contentType?: string) => {
  const parsed = read(text, contentType);
  return 'problem' in parsed ? parsed.problem : undefined;
};
const FORM = 'application/x-www-form-urlencoded';

describe('JSON', () => {
  it('is read as it is when nothing is missing in it', () => {
    const value = { id: 5, ok: false, none: 0, text: ' ', list: [1, 'a', { b: [] }], empty: {} };
    expect(read(JSON.stringify(value))).toEqual({ value });
  });

  it('loses null and empty texts at every level', () => {
    const text = '{"a":null,"b":"","c":{"d":null,"e":0},"f":[null,"",{"g":"","h":false},[null,1]],"i":{"j":""}}';
    expect(read(text)).toStrictEqual({ value: { c: { e: 0 }, f: [{ h: false }, [1]], i: {} } });
  });

  it('may be a list, and of a key given twice the last one counts', () => {
    expect(read('[{"a":1,"a":2}]')).toEqual({ value: [{ a: 2 }] });
  });

  it('may begin with a byte order mark and white space', () => {
    expect(read('\uFEFF \n{"a":1}')).toEqual({ value: { a: 1 } });
  });

  it('is recognised without or with a wrong content type', () => {
    expect(parseBody(Buffer.from('{"a":1}'), undefined)).toEqual({ value: { a: 1 } });
    expect(read('[1]', FORM)).toEqual({ value: [1] });
    expect(read('{"a":1}', 'text/plain; charset=utf-8')).toEqual({ value: { a: 1 } });
  });

  it('keeps every digit of integers that JavaScript cannot hold', () => {
    const text =
      '{"id":820982911946154508,"neg":-9007199254740993,"safe":9007199254740991,"in":[12345678901234567890],"x":""}';
    expect(read(text)).toStrictEqual({
      value: {
        id: '820982911946154508',
        neg: '-9007199254740993',
        safe: 9007199254740991,
        in: ['12345678901234567890'],
      },
    });
  });

  it('leaves fractions and exponents numbers', () => {
    expect(read('{"a":29.989999999999998436805981327781589083526611328125,"b":1e21,"c":0.1}')).toEqual({
      value: { a: 29.99, b: 1e21, c: 0.1 },
    });
  });

  it('refuses a number beyond all bounds', () => {
    expect(problem('{"a":1e400}')).toBe('the body has a number that is too large');
    expect(read(`{"a":${'9'.repeat(400)}}`)).toEqual({ value: { a: '9'.repeat(400) } });
  });

  it.each([
    ['{"email":"jane@example.com", oops}', 'the body is not valid JSON at character 30 of 34'],
    ['{"email":"jane@example.com"', 'the body is not valid JSON: it ends after character 27'],
    ['{"a":1}}', 'the body is not valid JSON at character 8 of 8'],
    ['{', /^the body is not valid JSON/],
    ['hello', 'the body is not valid JSON'],
    ['', 'the body is empty'],
    [' \n', 'the body is empty'],
    ['5', 'the body is neither an object nor a list'],
    ['null', 'the body is neither an object nor a list'],
  ])('refuses %j without quoting it', (text, expected) => {
    expect(problem(text)).toMatch(expected);
    expect(problem(text)).not.toContain('jane');
  });

  const MUELLER = '{"name":"Müller €"}';
  const latin = Buffer.from(MUELLER.replace('€', '\x80'), 'latin1');
  it.each([
    ['application/json; charset=iso-8859-1', latin],
    ['application/json;charset="Windows-1252"', latin],
    ['text/plain; x=1; CHARSET = latin1 ; y=2', latin],
    ['application/json; charset=utf-16', Buffer.from(`\uFEFF${MUELLER}`, 'utf16le')],
    ['application/json; charset=UTF-16LE', Buffer.from(MUELLER, 'utf16le')],
    ['application/json; charset=utf-16be', Buffer.from(MUELLER, 'utf16le').swap16()],
    // The order of its bytes is the one they have: Java writes the large one under this name.
    ['application/json; charset=utf-16', Buffer.from(`\uFEFF${MUELLER}`, 'utf16le').swap16()],
    ['application/json; charset=utf-16', Buffer.from(MUELLER, 'utf16le').swap16()],
    ['application/json; charset=utf-16be', Buffer.from(`\uFEFF${MUELLER}`, 'utf16le')],
    // Not what they say they are.
    ['application/json; charset=iso-8859-1', Buffer.from(MUELLER)],
    ['application/json; charset=utf-16', Buffer.from(MUELLER)],
    ['application/json; charset=x-own', Buffer.from(MUELLER)],
  ])('of the charset of %s is read', (contentType, bytes) => {
    expect(parseBody(bytes, contentType)).toEqual({ value: { name: 'Müller €' } });
  });

  it.each([
    ['application/json; charset=x-own', 'the body is not UTF-8 text, and its charset x-own is none that is known'],
    ['application/json; charset=utf-8', 'the body is not UTF-8 text'],
    ['application/json; charset=shift_jis', 'the body is neither UTF-8 text nor shift_jis'],
  ])('of bytes that are not of the charset of %s is refused with its name', (contentType, words) => {
    expect(parseBody(latin, contentType)).toEqual({ problem: words });
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(parseBody(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d), 'application/json')).toEqual({
      problem: 'the body is not UTF-8 text',
    });
  });

  it('allows 64 levels and refuses more, however many', () => {
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    expect(problem(nested(64))).toBeUndefined();
    expect(problem(nested(65))).toBe('the body is nested more than 64 levels deep');
    expect(problem(nested(500_000))).toBe('the body is nested more than 64 levels deep');
    expect(problem(`${'{"a":'.repeat(500_000)}1e400${'}'.repeat(500_000)}`)).toContain('levels deep');
  });

  it('counts no brackets inside texts, however the texts end, in large bodies too', () => {
    const brackets = `${'[{'.repeat(30_000)}`;
    for (const text of [brackets, `"${brackets}`, `\\"${brackets}\\`, `${brackets}"\\\\"`])
      expect(read(JSON.stringify({ text, list: [[text]] }))).toEqual({ value: { text, list: [[text]] } });
    const deep = `{"text":${JSON.stringify(`\\"${brackets}\\`)},"list":${'['.repeat(64)}${']'.repeat(64)}}`;
    expect(problem(deep)).toBe('the body is nested more than 64 levels deep');
    expect(problem(`{"text":"${brackets}`)).toContain('not valid JSON');
  });

  it('drops keys that could harm and keeps harmless namesakes', () => {
    const text =
      '{"__proto__":{"admin":true},"a":{"__proto__":{"b":1},"_jsonata_lambda":true,"constructor":"x","_ga":"y"}}';
    const parsed = read(text);
    expect(parsed).toStrictEqual({ value: { a: { constructor: 'x', _ga: 'y' } } });
    expect(Object.prototype).not.toHaveProperty('admin');
  });

  it('S46 is the same as JSON without its nulls and empty texts, for any data', () => {
    const withoutMissing = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.filter((one) => one !== null && one !== '').map(withoutMissing);
      if (typeof value !== 'object' || value === null) return value;
      const kept = Object.entries(value).filter(([, one]) => one !== null && one !== '');
      return Object.fromEntries(kept.map(([key, one]) => [key, withoutMissing(one)]));
    };
    const leaf = fc.oneof(fc.constant(null), fc.constant(''), fc.string(), fc.integer(), fc.boolean());
    const tree = fc.letrec((tie) => ({
      node: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('node')), fc.dictionary(fc.string(), tie('node'))),
    })).node;
    fc.assert(
      fc.property(fc.array(tree), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!text.includes('__proto__'));
        expect(read(text)).toStrictEqual({ value: withoutMissing(JSON.parse(text)) });
      }),
    );
  });
});

describe('forms', () => {
  it('are read flat, decoded, without empty values', () => {
    expect(read('email=jane%40example.com&name=J%C3%BCrgen+M&note=&total=12%2C50', FORM)).toStrictEqual({
      value: { email: 'jane@example.com', name: 'Jürgen M', total: '12,50' },
    });
  });

  it('are read nested by brackets', () => {
    const text =
      'order[total]=12.50&order[to][city]=Oslo&tags[]=a&tags[]=b&items[0][sku]=A&items[1][sku]=B&items[0][n]=2';
    expect(read(text, `${FORM}; charset=UTF-8`)).toStrictEqual({
      value: {
        order: { total: '12.50', to: { city: 'Oslo' } },
        tags: ['a', 'b'],
        items: [{ sku: 'A', n: '2' }, { sku: 'B' }],
      },
    });
  });

  it('are read in the charset they name, where their escapes are not UTF-8', () => {
    const form = 'n%E4me=M%FCller+%80&a=M%C3%BCller&b=100%25&c=%';
    expect(read(form, `${FORM}; charset=iso-8859-1`)).toEqual({
      value: { näme: 'Müller €', a: 'Müller', b: '100%', c: '%' },
    });
  });

  it('are read where the second byte of a letter is a plain one without an escape', () => {
    expect(read('n=%83A%83%5C+%83A&b%83A=1+%2B+2&c=a%20b', `${FORM}; charset=shift_jis`)).toEqual({
      value: { n: 'アソ ア', bア: '1 + 2', c: 'a b' },
    });
  });

  it('fill the last element of items[] until a name comes again', () => {
    expect(read('items[][sku]=A&items[][n]=1&items[][sku]=B', FORM)).toStrictEqual({
      value: { items: [{ sku: 'A', n: '1' }, { sku: 'B' }] },
    });
  });

  it('keep numbers that are no positions as keys, and odd names as they are', () => {
    expect(read('f[17]=x&f[40]=y&a[b=1&c]=2&[d]=3&e[f][=4', FORM)).toStrictEqual({
      value: { f: { 17: 'x', 40: 'y' }, 'a[b': '1', 'c]': '2', '[d]': '3', 'e[f][': '4' },
    });
  });

  it('let the last one count, also of a value and a table of one name', () => {
    expect(read('a=1&a=2&b=1&b[c]=2&d[e]=1&d=2', FORM)).toStrictEqual({ value: { a: '2', b: { c: '2' }, d: '2' } });
  });

  it('drop names that would reach into every object', () => {
    const text = '__proto__[x]=1&a[__proto__][x]=1&constructor[prototype][x]=1&a[constructor]=1&ok=1';
    expect(read(text, FORM)).toStrictEqual({ value: { ok: '1' } });
    expect({}).not.toHaveProperty('x');
  });

  it('do not follow names nested without end', () => {
    const name = `a${'[b]'.repeat(100_000)}`;
    expect(read(`${name}=1`, FORM)).toStrictEqual({ value: { [name]: '1' } });
  });

  it('read a long list in time proportional to its length', () => {
    const parsed = read('a[]=1&'.repeat(300_000), FORM);
    expect('value' in parsed && parsed.value).toHaveProperty('a.length', 300_000);
  });
});

it('refuses other content types', () => {
  expect(problem('a,b,c', 'text/csv')).toMatch(/neither JSON nor XML nor a form/);
});

it('prepares data that comes from elsewhere', () => {
  expect(prepareBody({ a: null, b: [{ c: '' }] })).toStrictEqual({ value: { b: [{}] } });
});
