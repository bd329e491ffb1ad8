// The script that pages load is made of its readable source, and small.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { minify, transform } from 'rolldown/experimental';
import { expect, test } from 'vitest';
import { visitScript } from '../../src/receive/visit-script.ts';
import { SCRIPT } from '../../src/receive/visit-script-text.ts';

const SRC = resolve(import.meta.dirname, '../../src/receive');
/** What browsers of 2019 read, such as Safari on iOS 13: a word they do not know is an error in the page of the shop. */
const OLD = 'es2019';
const OPTIONS = { compress: { target: OLD }, mangle: true, codegen: { removeWhitespace: true } };

test('the script is the minified form of its source', async () => {
  const source = readFileSync(`${SRC}/visit-script.js`, 'utf8');
  const { code } = await minify('visit-script.js', source, OPTIONS);
  const file = `${SRC}/visit-script-text.ts`;
  const made = `// Made of visit-script.js by test/receive/visit-script.test.ts; to be changed there.\nexport const SCRIPT =\n  ${JSON.stringify(code)};\n`;
  if (process.env.UPDATE_DOCS !== undefined) writeFileSync(file, made);
  else expect(SCRIPT).toBe(code);
});

test('the script has no words that browsers of 2019 do not know', async () => {
  const { code } = await transform('visit-script.js', SCRIPT, { target: OLD });
  const { code: same } = await transform('visit-script.js', SCRIPT, { target: 'esnext' });
  expect(code).toBe(same);
  expect(SCRIPT).not.toMatch(/randomUUID|replaceAll|\.at\(|\(\?<[=!]/);
});

test('the script is smaller than 3 kB', () => {
  expect(Buffer.byteLength(visitScript({ required: true, calling: '886' }))).toBeLessThan(3_000);
});
