// Expressions: what is compiled, what is left to the interpreter, what is refused, and what goes wrong while running.
import jsonata from 'jsonata';
import { describe, expect, it, vi } from 'vitest';
import { JSONATA_FUNCTIONS } from '../../../src/map/expression/builtins.ts';
import { compileExpression } from '../../../src/map/expression/expression.ts';
import { functions } from '../../../src/map/functions/functions.ts';
import { body, compile, failure, mistake, ORDER, run } from './expressions.ts';

describe('a simple expression', () => {
  it.each([
    ['id', 5001],
    ['customer.email', 'jane@example.com'],
    ['line_items.price', ['10.00', '5.00', '1.50']],
    ['line_items.sku', ['A', 'C']],
    ['only.sku', 'A'],
    ['only.sku[]', ['A']],
    ['line_items[0].price', '10.00'],
    ['line_items[-1].price', '1.50'],
    ["line_items[sku = 'C'].quantity", 4],
    ['line_items[$not($exists(tip))].price', ['10.00', '1.50']],
    ['line_items[quantity > 1][1].sku', 'C'],
    ['refunds', []],
    ['refunds.id', undefined],
    ['nothing.here', undefined],
    ['$sum(line_items.(quantity * $number(price)))', 31],
    ['$count(line_items)', 3],
    ["email ? email : 'none'", 'none'],
    ['$exists(email) or $exists(note)', false],
    ["customer.email ~> $substringBefore('@') ~> $uppercase", 'JANE'],
    ['($all := line_items.quantity; $max($all) & "/" & $sum($all))', '4/7'],
    ['{"id": $string(id), "skus": line_items.sku, "gone": email}', { id: '5001', skus: ['A', 'C'] }],
    ['[id, line_items.quantity, email]', [5001, 2, 1, 4]],
    ["id in [1, 5001] and 'A' in line_items.sku", true],
    ['customer.phone ?? customer.email', 'jane@example.com'],
    ['-id % 10', -1],
    ['$count($distinct(line_items))', 3],
    [
      '$distinct([{"a": 1, "b": [2]}, {"b": [2], "a": 1}, {"a": "1", "b": [2]}, {"a": 1, "b": 2}, 1, "1", [1], [1], 1])',
      [{ a: 1, b: [2] }, { a: '1', b: [2] }, { a: 1, b: 2 }, 1, '1', [1]],
    ],
  ])('%s is answered at once', (text, expected) => {
    const expression = compile(text);
    expect(expression.evaluate(ORDER, {})).toStrictEqual(expected);
    expect([expression.compiled, expression.deopts()]).toEqual([true, 0]);
  });

  it('knows the bound variables, and $$ as the record around the context', () => {
    const item = body({ sku: 'A' });
    const env = { headers: { 'x-topic': 'orders/paid' }, topic: 'orders/paid', record: ORDER };
    expect(run('$headers."x-topic" = $topic', item, env)).toBe(true);
    expect(run("sku & '-' & $$.id & '-' & $record.id", item, env)).toBe('A-5001-5001');
    expect(run('$topic', item, {})).toBeUndefined();
  });

  it('has the input as $$ where there is no record', () => {
    expect(run('only.($$.id)')).toBe(5001);
  });

  it('has no access to what every JavaScript object has', () => {
    expect(run('constructor')).toBeUndefined();
    expect(run('customer.toString')).toBeUndefined();
    expect(run('$lookup(customer, "hasOwnProperty")')).toBeUndefined();
  });
});

describe('any other expression', () => {
  it.each([
    ['line_items^(>quantity).price', 'sort', ['1.50', '10.00', '5.00']],
    ['$map(line_items, function($item) { $item.quantity + 1 })', 'lambda', [3, 2, 5]],
    ['$filter(line_items, function($item) { $item.quantity = 2 }).price', 'lambda', '10.00'],
    ['line_items{sku: quantity}', 'grouping', { A: 2, C: 4 }],
    ['customer.*', 'wildcard', 'jane@example.com'],
    ['$keys(customer)', '$keys', 'email'],
    ['line_items#$i[$i = 1].price', 'a bound step', '5.00'],
    ['$replace(customer.email, /[aeiou]/, "")', 'regex', 'jn@xmpl.cm'],
    ['line_items.[price]', 'a list as a step', [['10.00'], ['5.00'], ['1.50']]],
  ])('%s is left to the interpreter because of: %s', async (text, reason, expected) => {
    const expression = compile(text);
    expect(expression).toMatchObject({ compiled: false, reason });
    expect(await expression.evaluate(ORDER, {})).toStrictEqual(expected);
  });

  it('gets $$ and the bound variables too', async () => {
    const env = { record: ORDER, topic: 'orders/paid' };
    expect(await run('$map([1], function($x) { $$.id & $topic & $record.id })', { sku: 'A' }, env)).toBe(
      '5001orders/paid5001',
    );
  });

  it('is asked by a compiled expression for what is unusual, without changing the input', async () => {
    const expression = compile('{"same": customer = only, "text": $string(customer), "list": refunds.{"a": 1}}');
    const before = JSON.stringify(ORDER);
    const answer = expression.evaluate(ORDER, {});
    expect(answer).toBeInstanceOf(Promise);
    expect(await answer).toStrictEqual({ same: false, text: '{"email":"jane@example.com"}' });
    expect(expression.deopts()).toBe(1);
    expect(JSON.stringify(ORDER)).toBe(before);
  });

  it('does not change empty lists of the input, as jsonata alone does', async () => {
    const input = { list: [], rest: { list: [] } };
    expect(await run('list{"a": 1}', input, { record: input.rest })).toEqual({ a: 1 });
    expect(await run('list{"a": $record.list{"b": 1}}', input, { record: input.rest })).toEqual({ a: { b: 1 } });
    expect(input).toEqual({ list: [], rest: { list: [] } });
  });

  it('takes a list as the whole input as one value', async () => {
    expect(await run('$', [{ id: 1 }, { id: 2 }])).toStrictEqual([{ id: 1 }, { id: 2 }]);
    expect(await run('id', [{ id: 1 }, { id: 2 }])).toStrictEqual([1, 2]);
  });

  it('answers with plain data, without the marks of jsonata', async () => {
    const made = await run('$merge([{"a": 1}, {"b": line_items.price}])');
    expect(made).toStrictEqual({ a: 1, b: ['10.00', '5.00', '1.50'] });
    expect(Object.keys(Object(await run('$append(line_items.sku, [])^($)')))).toEqual(['0', '1']);
    expect(Object.keys(Object(run('line_items.sku')))).toEqual(['0', '1']);
  });
});

const codeOf = (run: Promise<unknown>) => run.then(String, ({ code }: { code: unknown }) => code);

describe('the functions of JSONata', () => {
  it.each(JSONATA_FUNCTIONS)('$%s is there', async (name) => {
    expect(await jsonata(`$type($${name})`).evaluate({})).toBe('function');
    expect(() => compile(`$map([1], $${name})`)).not.toThrow();
  });

  it.each(JSONATA_FUNCTIONS.filter((name) => name !== 'zip'))(
    '$%s takes as many arguments as JSONata lets it',
    async (name) => {
      for (const count of [0, 1, 2, 3, 4, 5]) {
        // Each of them a function or nothing, which fits anything else.
        const calls = Array.from({ length: 2 ** count }, (_, bits) => {
          const args = Array.from({ length: count }, (_, at) => ((bits >> at) % 2 === 0 ? 'nothing' : '$trim'));
          return `$${name}(${args.join(', ')})`;
        });
        const codes = await Promise.all(calls.map((call) => codeOf(jsonata(call).evaluate({}))));
        const isRefused = codes.every((code) => code === 'T0410');
        expect([count, mistake(calls[0] ?? '').code]).toEqual([count, isRefused ? 'ARGUMENTS' : undefined]);
      }
    },
  );
});

describe('a mistake in an expression', () => {
  it.each([
    ['line_items[', { code: 'S0203', position: 11, message: 'Expected "]" before end of expression' }],
    ['a b', { code: 'S0201', position: 3 }],
    ['', { code: 'S0207', position: 1 }],
    ['$match(id, /(/)', { code: 'S0302' }],
    ['$uppercase(id, email)', { code: 'ARGUMENTS', hint: '$uppercase(text?)' }],
    ['id ~> $substring(1, 2, 3)', { code: 'ARGUMENTS' }],
    ['$lowcase(id)', { code: 'UNKNOWN_FUNCTION', position: 1, hint: 'did you mean $lowercase?' }],
    ['1 + $atr(a, "b")', { code: 'UNKNOWN_FUNCTION', position: 5, hint: 'did you mean $attr?' }],
    ['id & lowercase(email)', { code: 'UNKNOWN_FUNCTION', position: 6, hint: 'did you mean $lowercase?' }],
    ['a.(b & $haeders.x)', { code: 'UNKNOWN_VARIABLE', position: 8, hint: 'did you mean $headers?' }],
    [
      '$zzzzzz',
      {
        code: 'UNKNOWN_VARIABLE',
        hint: 'a field of the body has no $ in front; known: $headers, $topic, $record, $received_at',
      },
    ],
    ['$attr(notes)', { code: 'ARGUMENTS', hint: '$attr(list, name)', message: '$attr takes 2 arguments, not 1' }],
    ['$sum(a, b)', { code: 'ARGUMENTS', message: '$sum takes 1 argument, not 2' }],
    ['notes ~> $attr("a", "b")', { code: 'ARGUMENTS' }],
    ['data["utm_term"]', { code: 'FILTER', hint: 'write a dot: .utm_term' }],
    ["a.lines[0]['the name'].b", { code: 'FILTER', hint: 'write a dot: .`the name`' }],
    ['$lowercase($headers.user-agent)', { code: 'HYPHEN', hint: 'put the whole name in quotes: $headers."user-…"' }],
    ['$attr(notes, ‘_ga’)', { code: 'QUOTES', message: '‘_ga’ has curly quotes' }],
    ['{{ created_at }}', { code: 'S0202', hint: 'write the name of the field alone, without braces' }],
    ['a || b', { code: 'S0201', hint: expect.stringContaining('are a list') }],
    ['a == 1 and b', { code: 'S0211', hint: 'write one = to compare' }],
    ['a && b', { code: 'S0211', hint: 'conditions are joined by and, texts by &' }],
    ['lines.0.sku', { code: 'S0213', hint: 'one of a list is lines[0].sku' }],
    ['(total / 1.21', { code: 'S0203', hint: undefined }],
    ['Lead Status', { code: 'S0201', hint: expect.stringContaining('backticks, "`Lead Status`"') }],
    ['if(a, b)', { code: 'UNKNOWN_FUNCTION', hint: 'write condition ? then : else' }],
    ['$eval("1")', { code: 'FORBIDDEN', position: 1 }],
    ['($f := $eval; $f("1"))', { code: 'FORBIDDEN', position: 8 }],
    ['$now()', { code: 'FORBIDDEN', hint: expect.stringContaining('$received_at') }],
    ['$random() > 0.5', { code: 'FORBIDDEN' }],
    ['{"__proto__": 1}', { code: 'FORBIDDEN' }],
    ['a.`__proto__`.b', { code: 'FORBIDDEN' }],
    ['$contains(a, /x(?=y)/)', { code: 'REGEX_UNSUPPORTED' }],
    ['$contains(a, /(x)\\1/)', { code: 'REGEX_UNSUPPORTED' }],
    [`$contains(a, /${'x'.repeat(1025)}/)`, { code: 'REGEX_TOO_LONG' }],
    ['$match(a, /x/) ?? b', { code: 'REGEX_UNSUPPORTED', hint: expect.stringContaining(':=') }],
    [`${'('.repeat(20_000)}a`, { code: 'TOO_DEEP' }],
    [`a${' & a'.repeat(6_000)}`, { code: 'TOO_DEEP' }],
  ])('%s is found when it is compiled', (text, expected) => {
    expect(mistake(text)).toMatchObject(expected);
  });

  it.each([
    '($total := 1; $total + 1)',
    'line_items@$item.{"n": $item}',
    'line_items#$index[$index > 0]',
    'function($a, $b) { $a + $b }(1, 2)',
    'notes ~> $attr("a")',
    '$map(a, $attr(?, "b"))',
    '($twice := function($x) { $x * 2 }; $twice(2))',
  ])('%s is none: it binds its own names', (text) => {
    expect(mistake(text)).toEqual({});
  });
});

describe('a failure while an expression runs', () => {
  it('carries the code of jsonata and its place', async () => {
    expect(await failure('id + customer.email')).toMatchObject({ code: 'T2002', position: 4 });
  });

  it('never quotes the value at hand', async () => {
    const { message } = await failure('$number(customer.email)');
    expect(message).toBe('Unable to cast value to a number: a text of 16 characters');
    expect((await failure('customer.email > id')).message).toMatch(/^The values a text of 16 characters and 5001 /);
    expect((await failure('id > customer.email')).message).toMatch(/^The values 5001 and a text of 16 characters /);
    const mixed = { people: [{ name: 'jane@example.com' }, { name: 5 }] };
    expect((await failure('people^(name)', mixed)).message).toMatch(/^Type mismatch .* a text of 16 characters and 5 /);
  });

  it('is thrown at once by our own functions, and says which', () => {
    expect(() => run("$plus('1', 'jane@example.com')")).toThrow(
      /^\$plus was given something that is no decimal number/,
    );
  });

  it('is also a function instead of a value', async () => {
    expect(await failure('$uppercase')).toMatchObject({ code: 'NO_VALUE' });
    expect(await failure('[$map([1], function($x) { $uppercase })]')).toMatchObject({ code: 'NO_VALUE' });
  });

  it.each([
    ['endless recursion', '($f := function($n) { 1 + $f($n) }; $f(1))', 'D1011'],
    ['an endless loop', '($f := function($n) { $f($n) }; $f(1))', 'D1012'],
    ['an enormous list', '[1..9999999]', 'D2015'],
  ])('ends %s', async (_, text, code) => {
    expect(await failure(text)).toMatchObject({ code });
  });

  it.each([
    [3_000, 'goes on', 4],
    [3_600_000, 'ends', 'D1012'],
  ])('where the machine stands still for %i ms each time %s', async (ms, _, end) => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const stand = { args: 'ms', fn: () => vi.setSystemTime(Date.now() + ms) && 1 };
    const text = '($f := function($n) { $n < 3 ? $f($n + 1) : $n }; $stand(1) + $f(0))';
    const { compiled, evaluate } = compileExpression(text, { functions: { ...functions, stand }, bindings: [] });
    const ended = Promise.resolve(evaluate({}, {})).catch(({ code }) => code);
    expect([compiled, await ended]).toEqual([false, end]);
    vi.useRealTimers();
  });
});
