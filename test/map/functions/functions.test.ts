// The functions of mappings: every example of the table, in both engines, and the forms a help text has no room for.
import jsonata from 'jsonata';
import { describe, expect, it } from 'vitest';
import { compileExpression } from '../../../src/map/expression/expression.ts';
import { describeFunctions, functions } from '../../../src/map/functions/functions.ts';

const run = (text: string, input: unknown = {}) =>
  compileExpression(text, { functions, bindings: [] }).evaluate(input, {});
const interpret = (text: string, input: unknown) => {
  const program = jsonata(text);
  for (const [name, { fn }] of Object.entries(functions)) program.registerFunction(name, fn);
  return program.evaluate(input);
};

describe.each(describeFunctions())('$usage', ({ name, help, examples }) => {
  it('has a help text, and examples that use it', () => {
    expect(help).toMatch(/^[A-Z].*\.$/);
    expect(examples.length).toBeGreaterThan(0);
    expect(examples.filter(({ expr }) => !expr.includes(`${name}(`))).toEqual([]);
  });

  it.each(examples)('$expr gives $result', async ({ expr, input, result }) => {
    const expression = compileExpression(expr, { functions, bindings: [] });
    expect(expression.compiled).toBe(true);
    expect(expression.evaluate(input ?? {}, {})).toStrictEqual(result);
    expect(await interpret(expr, structuredClone(input ?? {}))).toStrictEqual(result);
  });

  it('gives nothing for nothing, and nothing for what is of another kind', () => {
    const { fn } = functions[name.slice(1)] ?? {};
    expect(fn?.()).toBeUndefined();
    const isAboutMoney = [
      '$plus',
      '$minus',
      '$times',
      '$divide',
      '$share',
      '$total',
      '$minor',
      '$absolute',
      '$round_money',
    ].includes(name);
    if (!isAboutMoney && name !== '$first') expect(fn?.({}, {}, {})).toBeUndefined();
  });
});

describe('$attr', () => {
  const list = [
    { name: 'a', value: 0 },
    { key: 'b', value: false },
    { name: 'c' },
    { name: 'c', value: 'later' },
    null,
    5,
  ];

  it('gives 0 and false, and skips attributes without a value', () => {
    expect([
      run("$attr(list, 'a')", { list }),
      run("$attr(list, 'b')", { list }),
      run("$attr(list, 'c')", { list }),
    ]).toEqual([0, false, 'later']);
  });

  it('takes a single pair, which a path through one line gives, as a list', () => {
    expect(run("$attr(lines.notes, 'a')", { lines: [{ notes: [{ name: 'a', value: 'x' }] }] })).toBe('x');
    expect(run("$attr({'name': 'a', 'value': 'x'}, 'a')")).toBe('x');
    expect(run("$attr({'name': 'a', 'value': 'x'}, 'name')")).toBe('a');
  });

  it('gives nested values, and knows nothing that only every object has', () => {
    expect(run("$attr(meta, 'm').click_id", { meta: [{ key: 'm', value: { click_id: 'x' } }] })).toBe('x');
    expect(run("$attr(meta, 'constructor')", { meta: {} })).toBeUndefined();
    expect(run("$attr(meta, 'x')", { meta: 'text' })).toBeUndefined();
  });
});

describe('$query', () => {
  it.each([
    ['https://shop.example/?x=1&gclid=A', 'A'],
    ['/p?gclid=&gclid=B', 'B'],
    ['?gclid=C', 'C'],
    ['gclid=D', 'D'],
    ['/p?gclid=E%2BF+G', 'E+F G'],
    ['/p?%67clid=H', 'H'],
    ['/p?gclid=%E0%A4%A', '\uFFFD%A'],
    ['/p?a=b?gclid=1&gclid=J=K', 'J=K'],
    ['/p?xgclid=1', undefined],
    ['/p#?gclid=1', undefined],
    ['/p/gclid=1', undefined],
    ['https://shop.example', undefined],
    ['', undefined],
  ])('finds in %s', (address, expected) => {
    expect(functions.query?.fn(address, 'gclid')).toBe(expected);
  });
});

describe('cookies', () => {
  it.each([
    ['ga_client_id', 'GA1.2.123.456', '123.456'],
    ['ga_client_id', 'GA1.2-2.123.456', '123.456'],
    ['ga_client_id', ' GA1.1.123.456 ', '123.456'],
    ['ga_client_id', 'GA1%2E1%2E123%2E456', '123.456'],
    ['ga_client_id', 'GA1.1.amp-abc', undefined],
    ['ga_client_id', '123', undefined],
    ['ga_client_id', '%', undefined],
    ['ga_session_id', 'GS1.2-2.1760000000', '1760000000'],
    ['ga_session_id', 'GS2.1.o5$g1$t1760000100$s1760000000', '1760000000'],
    ['ga_session_id', 'GS2.1.s1760000000%24o5%24g1', '1760000000'],
    ['ga_session_id', 1760000000, '1760000000'],
    ['ga_session_id', 'GS2.1.o5$g1$xs17', undefined],
    ['ga_session_id', 'GS1.1.abc.1', undefined],
    ['gcl', 'GCL.1760000000.Cj0K_-x', 'Cj0K_-x'],
    ['gcl', 'GCL.x.Cj0K', undefined],
  ])('%s(%s)', (name, cookie, expected) => {
    expect(functions[name]?.fn(cookie)).toBe(expected);
  });

  it('of several streams give each session with its stream', () => {
    const cookies = {
      _ga: 'GA1.1.123.456',
      _ga_ab12: 'GS1.1.1760000000.5.1',
      _ga_CD34: 'GS2.1.o5%24s1760000001',
      _ga_EF56: 'undefined',
      _ga_GH78: 'GS3.x',
      _ga_of_old: 'GS1.1.1760000002.5.1',
    };
    const fn = (list: unknown, prefix: unknown) => functions.ga_session_ids?.fn(list, prefix);
    expect(fn(cookies, '_ga_')).toBe('AB12=1760000000,CD34=1760000001');
    expect(fn({ _ga_AB12: cookies._ga_ab12, _ga: '1' }, '_ga_')).toBeUndefined();
    expect(fn(undefined, '_ga_')).toBeUndefined();
    expect(fn(cookies, undefined)).toBeUndefined();
  });

  it.each([
    ['AbC', '2026-01-02 03:04:05', 'fb.1.1767323045000.AbC'],
    ['AbC', 1767323045123, 'fb.1.1767323045123.AbC'],
    ['fb.2.1767323045000.AbC.AQQCAQAA', undefined, 'fb.2.1767323045000.AbC.AQQCAQAA'],
    ['Ab C', '2026-01-02', undefined],
    ['Ab.C', '2026-01-02', undefined],
    ['AbC', 'yesterday', undefined],
  ])('fbc(%s, %s)', (fbclid, seenAt, expected) => {
    expect(functions.fbc?.fn(fbclid, seenAt)).toBe(expected);
  });
});

describe('money', () => {
  it('is exact through several steps', () => {
    const lines = [
      { price: '19.99', quantity: 3 },
      { price: 0.1, quantity: 3 },
    ];
    expect(run('$total(lines.$times(price, quantity))', { lines })).toBe(60.27);
    expect(run("$round_money($divide('100.00', '1.21'), 'EUR')")).toBe(82.64);
  });

  it('keeps digits that a number would lose', () => {
    expect(run("$plus('12345678901234567890.12', '0.01')")).toBe('12345678901234567890.13');
    expect(run("$plus($plus('12345678901234567890.12', '0.01'), '0.87')")).toBe('12345678901234567891.00');
  });

  it('gives a number for what a division leaves, which goes on for ever', () => {
    expect(run("$divide('2469', '0.7')")).toBeCloseTo(3527.142857, 6);
    expect(run("$abs($minus($share('1933.41', '1479.50', '1597.86'), '1790.20'))")).toBeLessThan(0.01);
    expect(run("$share('123456789.01', 2, 3) > 82304526")).toBe(true);
  });

  it('counts by ISO 4217, whatever people write on price tags', () => {
    expect([run("$minor('100000', 'huf')"), run("$minor(100000, 'ISK')"), run("$minor(-5, 'USD')")]).toEqual([
      1000, 100000, -0.05,
    ]);
  });

  it('is missing without a currency', () => {
    expect([run('$minor(5, currency)'), run('$round_money(5, currency)')]).toEqual([undefined, undefined]);
  });

  it.each([
    "$plus('12,50', 1)",
    "$minus(5, 'x')",
    "$times('', 2)",
    '$divide(true, 1)',
    "$share('a', 1, 2)",
    "$total(['1', {}])",
    "$minor('€5', 'EUR')",
  ])('%s is an error that does not quote the value', (text) => {
    expect(() => run(text)).toThrow(/^\$[a-z_]+ was given something that is no decimal number/);
  });

  it('refuses what is no currency', () => {
    expect(() => run("$minor(5, 'euro')")).toThrow(/no ISO 4217 currency/);
    expect(() => run("$round_money(5, 'ABC')")).toThrow(/no ISO 4217 currency/);
  });
});

describe('$decimal', () => {
  const read = (text: string, mark?: string) => run(mark ? `$decimal(text, '${mark}')` : '$decimal(text)', { text });

  it.each([
    ['12.50', '12.50'],
    ['-3', '-3'],
    ['12.000', '12.000'],
    ['1,234,567.89', '1234567.89'],
    ['1.234.567,89', '1234567.89'],
    ['1.234.567', '1234567'],
    ['FCFA 2,000,000', '2000000'],
    ['12 000,00 €', '12000.00'],
    ['12\u202f000,5 kr.', '12000.5'],
    ['CHF 1’234.50', '1234.50'],
    ['Rs. 500', '500'],
    ['$0', '0'],
  ])('reads %s as %s', (text, amount) => expect(read(text)).toBe(amount));

  it.each(['12,000', '€ 12.000', '1,234.567,89', 'free', '12,5,0,', '--5', '1e400', '.50', '9'.repeat(41)])(
    'refuses %s, which is no amount or could be two',
    (text) => expect(() => read(text)).toThrow('could be read in two ways'),
  );

  it('takes the mark before the decimals from the mapping', () => {
    expect(read('12.000', ',')).toBe('12000');
    expect(read('12,000', ',')).toBe('12.000');
    expect(read('12,000', '.')).toBe('12000');
  });

  it('gives numbers as they are', () => expect(run('$decimal(n)', { n: 12.5 })).toBe(12.5));
});

describe('$named', () => {
  it('finds 0 and false, and goes on behind names whose value is a table', () => {
    expect(run("$named(lead, 'is won')", { lead: { IsWon: false } })).toBe(false);
    expect(run("$named(lead, ['person', 'name'])", { lead: { Person: { id: 1 }, Name: 'Jane' } })).toBe('Jane');
  });

  it('takes the first of two fields whose names differ in marks only', () =>
    expect(run("$named(lead, 'gclid')", { lead: { GCLID__c: 'new', gclid: 'old' } })).toBe('new'));

  it('reads names in other scripts', () => expect(run("$named(lead, 'ÉTAPE')", { lead: { étape: 'ok' } })).toBe('ok'));
});

describe('$values', () => {
  it('leaves out fields whose value came as null, and tables that hold no value', () =>
    expect(run('$values(p)', { p: { a: { value: 0 }, b: { source: 'x' }, c: ['l'] } })).toEqual({ a: 0, c: ['l'] }));
});

describe('$fingerprint', () => {
  it('tells texts apart', () =>
    expect(run("$fingerprint('a@b.example')")).not.toBe(run("$fingerprint('a@c.example')")));
});

describe('$with_children', () => {
  const skus = (items: object[]) =>
    run("$join($with_children(items, 'id', 'parent').sku, ' ')", { items: items.map((item) => ({ ...item })) });

  it('leaves out children whose parents are told without their ids', () => {
    expect(skus([{ sku: 'a' }, { sku: 'b', parent: 1 }])).toBe('a');
  });

  it('keeps a row whose parent is not in the list', () => {
    const given = [
      { id: 1, sku: 'a' },
      { id: 2, parent: 9, sku: 'b' },
    ];
    expect(skus(given)).toBe('a b');
  });

  it('gives children to nobody who has no id', () => {
    const items = [{ sku: 'a' }, { sku: 'b', parent: 1 }];
    expect(run("$count($with_children(items, 'id', 'parent').children)", { items })).toBe(0);
  });
});

describe('$without_copies', () => {
  const skus = (items: object[]) => run("$join($without_copies(items, 'sku', 'price').sku, ' ')", { items });

  it('keeps rows that cost nothing and repeat nothing, and rows of one article that both have a price', () => {
    expect(skus([{ sku: 'a', price: 0 }, { sku: 'a' }])).toBe('a a');
    expect(
      skus([
        { sku: 'a', price: 1 },
        { sku: 'a', price: '2.0' },
      ]),
    ).toBe('a a');
  });

  it('keeps rows without a name', () => {
    expect(run("$count($without_copies(items, 'sku', 'price'))", { items: [{ price: 1 }, { price: 0 }] })).toBe(2);
  });
});
