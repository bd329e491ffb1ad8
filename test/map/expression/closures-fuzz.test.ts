// Compiled expressions against jsonata itself: random expressions over random data must give the same answers and errors.
import jsonata from 'jsonata';
import { expect, it } from 'vitest';
import { prepareBody } from '../../../src/map/body.ts';
import { compileExpression } from '../../../src/map/expression/expression.ts';
import { functions } from '../../../src/map/functions/functions.ts';

/** Expressions to try; more on demand: `FUZZ_RUNS=200000 FUZZ_SEED=7 npx vitest run test/map/expression/closures-fuzz`. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 4_000);
const SEED = Number(process.env.FUZZ_SEED ?? 1);
const BODIES_EACH = 4;

/** mulberry32: the same numbers for the same seed. */
function createRandom(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(next() * choices.length)] as T;
  return { next, pick };
}
type Random = ReturnType<typeof createRandom>;

const NAMES = ['a', 'b', 'c', 'd', 'p'];
const SCALARS = [1, 2, 0, -3.5, 0.1, 'x', 'y', '', '12', '3.50', ' a  b ', 'ü😀', 'GA1.1.2.3', true, false, null];

function randomData({ next, pick }: Random, depth: number): unknown {
  const chance = next();
  if (depth === 0 || chance < 0.25) return pick(SCALARS);
  if (chance < 0.6) {
    const entries = NAMES.filter(() => next() < 0.7).map((name) => [name, randomData({ next, pick }, depth - 1)]);
    return Object.fromEntries(next() < 0.2 ? [...entries, ['name', pick(NAMES)], ['value', pick(SCALARS)]] : entries);
  }
  return Array.from({ length: Math.floor(next() * 4) }, () => randomData({ next, pick }, depth - 1));
}

function randomExpression(random: Random, depth: number): string {
  const { pick } = random;
  const name = () => pick(NAMES);
  const any = () => randomExpression(random, Math.max(0, depth - 1));
  const leaf = () => randomExpression(random, 0);
  const position = () => pick(['0', '1', '-1', '-2', '1.7', '-0.5']);
  const literal = () => pick(['"x"', '"12"', '"3.50"', '""', '0', '1', '2', '-1', '2.5', 'true', 'null']);
  if (depth === 0) {
    return pick([
      name,
      name,
      () => `${name()}.${name()}`,
      literal,
      () => '$',
      () => `$$.${name()}`,
      () => `$h.${name()}`,
    ])();
  }
  return pick([
    () => `${name()}.${any()}`,
    () => `${any()}.${name()}`,
    () => `${name()}.${name()}.${name()}`,
    () => `${name()}[${name()}=${leaf()}].${name()}`,
    () => `${name()}[${name()}="x"]`,
    () => `${name()}[${any()}]`,
    () => `${name()}[${position()}]`,
    () => `${name()}[${any()}][${position()}].${name()}`,
    () => `${name()}.${name()}[${position()}].${name()}`,
    () => `(${name()}.${name()})[${position()}]`,
    () => `(${any()})[${any()}].${name()}`,
    () => `${name()}.{"p":${any()},"b":${any()}}`,
    () => `{"p":${any()},"a":${any()}}`,
    () => `{"p":${any()},"a":${name()}.${name()}[]}.${pick(['p', 'a', 'a.b', 'a[0]', 'p[]'])}`,
    () => `[${any()},${any()}]`,
    () => `[${any()}]`,
    () => `[${any()}].${name()}`,
    () => `[[${any()}],${any()}]`,
    () => `${any()} & ${any()}`,
    () => `(${any()} ${pick(['=', '!=', '<', '<=', '>', '>=', 'in', 'and', 'or'])} ${any()})`,
    () => `(${any()} ${pick(['+', '-', '*', '/', '%'])} ${any()})`,
    () => `-(${any()})`,
    () => `(${name()} in [${literal()}, ${any()}])`,
    () => `(${any()} ? ${any()} : ${any()})`,
    () => `(${any()} ? ${any()})`,
    () => `(${any()} ${pick(['??', '?:'])} ${any()})`,
    () => `($v:=${any()}; ${pick(['$v', '$v.a', '$v[0]', '$v[a="x"].b', '$v[]', '$count($v)', '{"a": $v}.a'])})`,
    () => `($v:={"a": ${name()}.${name()}[], "b": ${any()}}; ${pick(['$v.a', '$v.b', '$v.a.b', '$v.a[0]', '$v.(a)'])})`,
    () => `{"a": ${name()}.${name()}[], "b": ${any()}}.(${pick(['a', 'b', 'a.b', '[a]', 'a[]'])})`,
    () => `($v:=${any()}; $w:=($v:=${any()}; $v); [$v, $w])`,
    () => `${pick(NAMES)}.(${any()})`,
    () => `${name()}[]`,
    () => `${name()}.${name()}[]`,
    () => `${name()}[].${name()}`,
    () => `$.${name()}.${leaf()}`,
    () => `$h[${name()}="x"].${name()}`,
    () => `${name()}.[${any()}]`,
    () =>
      `$${pick(['string', 'number', 'boolean', 'not', 'exists', 'count', 'sum', 'max', 'min', 'average'])}(${any()})`,
    () => `$${pick(['abs', 'floor', 'ceil', 'lowercase', 'uppercase', 'trim', 'length', 'distinct'])}(${any()})`,
    () => `$${pick(['fromMillis', 'toMillis', 'encodeUrlComponent', 'decodeUrlComponent', 'keys', 'type'])}(${any()})`,
    () =>
      `$${pick(['append', 'substringBefore', 'substringAfter', 'contains', 'split', 'join', 'lookup'])}(${any()}, ${any()})`,
    () =>
      `$${pick(['contains', 'split', 'join', 'substringAfter'])}($string(${any()}), ${pick(['"x"', '""', '" "', '"1"'])})`,
    () => `$replace($string(${any()}), ${pick(['"x"', '"1"', leaf()])}, ${pick(['"$0"', leaf()])})`,
    () =>
      `$substring($string(${any()}), ${pick(['0', '1', '-2', '-9', leaf()])}${pick(['', ', 2', ', 0', ', -1', `, ${leaf()}`])})`,
    () => `(${any()} ~> $${pick(['string', 'count', 'first', 'lowercase', 'append(1)', 'attr("x")', 'join("-")'])})`,
    () => `$attr(${any()}, ${pick(['"a"', '"b"', any()])})`,
    () => `$${pick(['first', 'ga_client_id', 'total', 'utc', 'first_name'])}(${any()})`,
    () => `$${pick(['plus', 'minus', 'times', 'divide', 'query', 'attr_prefix'])}(${any()}, ${any()})`,
    () => `${name()}.$${pick(['first', 'string', 'count', 'total'])}(${any()})`,
    () => `${name()}{${name()}: ${any()}}`,
    () => `${name()}^(${name()})`,
    () => `$map(${any()}, function($x){$x.${name()}})`,
    () => `${pick(['*', '**', `${name()}.*`])}.${name()}`,
  ])();
}

const withoutMissing = (text: string): unknown =>
  JSON.parse(text, (_key, value) =>
    Array.isArray(value)
      ? value.filter((item) => item !== undefined)
      : value === null || value === ''
        ? undefined
        : value,
  );

async function outcomeOf(work: () => unknown): Promise<string> {
  try {
    return `gives ${JSON.stringify(await work())}`;
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'EVALUATION';
    return `fails with ${code}`;
  }
}

function reference(text: string) {
  const program = jsonata(text);
  for (const [name, { fn }] of Object.entries(functions)) program.registerFunction(name, fn);
  return program;
}

it(`gives what jsonata gives, for ${RUNS} expressions from seed ${SEED}`, { timeout: 600_000 }, async () => {
  const random = createRandom(SEED);
  const mismatches: string[] = [];
  const counts = { compiled: 0, interpreted: 0, evaluated: 0, left: 0 };
  for (let run = 0; run < RUNS; run++) {
    const text = randomExpression(random, 1 + Math.floor(random.next() * 3));
    const reject = (error: unknown) => ({ syntax: error instanceof Error || typeof error === 'object' });
    const expression = await Promise.resolve()
      .then(() => compileExpression(text, { functions, bindings: ['h'] }))
      .catch(reject);
    if ('syntax' in expression) continue;
    counts[expression.compiled ? 'compiled' : 'interpreted'] += 1;
    const program = reference(text);
    for (let body = 0; body < BODIES_EACH; body++) {
      const data = randomData(random, 4);
      if (typeof data !== 'object' || data === null) continue;
      const json = JSON.stringify(data);
      const headers = { a: 'x', b: { a: 1 }, c: [{ a: 'x', b: 2 }] };
      const theirs = withoutMissing(json);
      const untouched = JSON.stringify(theirs);
      const expected = await outcomeOf(() => program.evaluate(theirs, { h: structuredClone(headers) }));
      // jsonata pushes into empty lists of its input while it makes objects, and then sees what it pushed.
      if (JSON.stringify(theirs) !== untouched) continue;
      const prepared = prepareBody(JSON.parse(json));
      const input = 'value' in prepared ? prepared.value : undefined;
      const before = JSON.stringify(input);
      const given = await outcomeOf(() => expression.evaluate(input, { h: headers }));
      counts.evaluated += 1;
      // Which of several mistakes is found first is nobody's promise.
      const bothFail = given === 'fails with NOT_A_NUMBER' && expected.startsWith('fails');
      if (given !== expected && !bothFail)
        mismatches.push(`${text}\n  over ${json}\n  jsonata ${expected}\n  ours    ${given}`);
      if (JSON.stringify(input) !== before)
        mismatches.push(`${text}\n  changed its input ${before}\n  to ${JSON.stringify(input)}`);
    }
    counts.left += expression.deopts();
  }
  expect(mismatches.slice(0, 10).join('\n')).toBe('');
  // Without these the comparison would prove little.
  expect(counts.compiled).toBeGreaterThan(RUNS / 2);
  expect(counts.left).toBeLessThan(counts.evaluated / 2);
});
