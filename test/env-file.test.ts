// Reading .env: values that its # cuts off, and files that are no text.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';
import { readEnvFile } from '../src/env-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'env-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function written(text: string | Buffer): Promise<string> {
  const path = join(folder, '.env');
  await writeFile(path, text);
  return path;
}

test('a file that is not there says nothing', () => {
  expect(readEnvFile(join(folder, 'none'))).toEqual({ values: {}, cut: new Map() });
});

test('a value without quotes ends at its #, and its line is told', async () => {
  const path = await written('\n# a comment\nONE=ab#cd\r\nexport TWO = a b#c\nTHREE=#abc\n');
  const { values, cut } = readEnvFile(path);
  expect(values).toEqual({ ONE: 'ab', TWO: 'a b', THREE: '' });
  expect([...cut]).toEqual([
    ['ONE', 3],
    ['TWO', 4],
    ['THREE', 5],
  ]);
});

test('nothing is cut by comments, nor in quotes', async () => {
  const lines = ['#PORT=80#80', 'A=abc # not b', 'B="ab#cd"', "C='ab#cd' # it", 'D=`ab#cd`', 'E= # none', 'F=', 'G=ab'];
  const { values, cut } = readEnvFile(await written(`${lines.join('\n')}\n`));
  expect([...cut]).toEqual([]);
  expect(values).toEqual({ A: 'abc', B: 'ab#cd', C: 'ab#cd', D: 'ab#cd', E: '', F: '', G: 'ab' });
});

test('a value that the environment has is not cut', async () => {
  const path = await written('ONE=ab#cd\nTWO=ab#cd\n');
  expect([...readConfig({ ONE: 'ab#cd' }, path).cut.keys()]).toEqual(['TWO']);
});

test('a file in UTF-16, as PowerShell writes it, is refused in words', async () => {
  const path = await written(Buffer.from('\uFEFFONE=abc\r\n', 'utf16le'));
  expect(() => readEnvFile(path)).toThrow('.env is no UTF-8');
});
