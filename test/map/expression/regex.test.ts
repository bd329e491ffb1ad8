// Regular expressions in mappings: what JSONata makes of them, and what is refused.
import jsonata from 'jsonata';
import { describe, expect, it } from 'vitest';
import { failure, mistake, run } from './expressions.ts';

describe('regular expressions', () => {
  it.each([
    ['$match("a1b22", /[a-z](\\d+)/).groups', ['1', '22']],
    ['$match("ab", /a(x)?/).groups', [undefined]],
    ['$contains("Tag, VIP", /\\bvip\\b/i)', true],
    ['$split("a, b ,c", /\\s*,\\s*/)', ['a', 'b', 'c']],
    ['$replace("+31 (0)6-12", /[^0-9+]/, "")', '+310612'],
    ['$replace("john smith", /(\\w+)\\s(\\w+)/, "$2, $1")', 'smith, john'],
    ['$match("😀 x1", /x\\d/).index', 3],
  ])('%s', async (text, expected) => {
    expect(await run(text)).toEqual(expected);
    expect(JSON.stringify(await jsonata(text).evaluate({}))).toBe(JSON.stringify(expected));
  });

  it('S105 take no longer for patterns that are catastrophic elsewhere', async () => {
    expect(await run('$contains(text, /^(a+)+$/)', { text: `${'a'.repeat(5_000)}!` })).toBe(false);
  });

  it('S106 of 10 KB, or with repeats of repeats, are refused', () => {
    expect(mistake(`$contains(a, /${'(a)'.repeat(3_400)}/)`)).toMatchObject({ code: 'REGEX_TOO_LONG' });
    expect(mistake('$contains(a, /((a{1,1000}){1,1000}){1,1000}/)')).toMatchObject({ code: 'REGEX_UNSUPPORTED' });
  });

  it('that match nothing are refused where that would never end', async () => {
    expect(await failure('$match("abc", /x*/)')).toMatchObject({ code: 'D1004' });
  });
});
