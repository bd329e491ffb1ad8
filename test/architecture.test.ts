// The house rules that a machine can check, read off the sources themselves.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
const SRC = join(ROOT, 'src');
const STAGES = ['receive', 'verify', 'keep', 'map', 'enrich', 'deliver', 'destinations', 'alert', 'admin'];
/** Folders that join the stages, as the files at the top of src do. */
const JOINERS = ['road/', 'pages/'];
/** Files at the top of src that everything may import. */
const SHARED = ['types.ts', 'event.ts', 'event-name.ts'];
const PLATFORMS = readdirSync(join(ROOT, 'mappings'))
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => name.replace('.yaml', ''));
const GENERIC = ['generic', 'phone'];

type Import = { from: string; to: string; typeOnly: boolean };
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
const text = (file: string) => readFileSync(join(SRC, file), 'utf8');

function importsOf(file: string): Import[] {
  const pattern = /^(?:import|export)\s+(type\s+)?(?:([^'";]*?)\s+from\s+)?'(\.[^']+)'/gm;
  return [...text(file).matchAll(pattern)].map(([, typeWord, names = '', target = '']) => {
    const every = names
      .replace(/^[^{]*\{|\}[^}]*$/g, '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '');
    const typeOnly =
      typeWord !== undefined ||
      (names.includes('{') && every.length > 0 && every.every((name) => name.startsWith('type ')));
    return { from: file, to: relative(SRC, resolve(SRC, dirname(file), target)), typeOnly };
  });
}
const imports = files.flatMap(importsOf);
const stageOf = (file: string) => STAGES.find((stage) => file.startsWith(`${stage}/`));
const arrows = (found: Import[]) => found.map(({ from, to }) => `${from} → ${to}`);

describe('the sources', () => {
  test('stages import each other’s types at most', () => {
    const wrong = imports.filter(({ from, to, typeOnly }) => {
      const [own, other] = [stageOf(from), stageOf(to)];
      return !typeOnly && own !== undefined && other !== undefined && own !== other && own !== 'admin';
    });
    expect(arrows(wrong)).toEqual([]);
  });

  test('stages import nothing that joins them', () => {
    const joins = (to: string) =>
      JOINERS.some((folder) => to.startsWith(folder)) || (!to.includes('/') && !SHARED.includes(to));
    const wrong = imports.filter(({ from, to, typeOnly }) => !typeOnly && stageOf(from) !== undefined && joins(to));
    expect(arrows(wrong)).toEqual([]);
  });

  test('lib imports nothing of ours', () => {
    expect(
      arrows(
        imports.filter(({ from, to, typeOnly }) => from.startsWith('lib/') && !to.startsWith('lib/') && !typeOnly),
      ),
    ).toEqual([]);
  });

  test('every file has at most 300 lines and says in its first line what it is for', () => {
    expect(files.filter((file) => text(file).split('\n').length > 301)).toEqual([]);
    expect(files.filter((file) => !/^(#!.*\n)?\/\/ \S.{20,}/.test(text(file)))).toEqual([]);
  });

  test('so does every file of tests', () => {
    const found = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' });
    const read = (file: string) => readFileSync(join(import.meta.dirname, file), 'utf8');
    const tests = found.filter((file) => file.endsWith('.ts'));
    expect(tests.filter((file) => read(file).split('\n').length > 301)).toEqual([]);
    expect(tests.filter((file) => !/^(#!.*\n)?\/\/ \S.{20,}/.test(read(file)))).toEqual([]);
  });

  test('only the command line and config read the environment', () => {
    expect(
      files.filter((file) => text(file).includes('process.env') && !['config.ts', 'cli.ts'].includes(file)),
    ).toEqual([]);
  });

  test('only keep knows which database it is', () => {
    const code = (file: string) => text(file).replace(/^\s*(\/\/|\*|\/\*).*$/gm, '');
    const others = files.filter((file) => !file.startsWith('keep/'));
    // Its address is a setting, and moving into it a command.
    const named = others.filter((file) => /sqlite|postgres/i.test(code(file)));
    expect(named.toSorted()).toEqual(['cli/migrate.ts', 'config.ts']);
    // Whoever has the address hands it on to `openDatabase`, and asks nothing of it.
    const asks = /DATABASE_URL\s*(===|!==|\?|&&|\|\|)|(===|!==)\s*(\w+\.)*DATABASE_URL/;
    expect(others.filter((file) => asks.test(code(file)))).toEqual([]);
  });

  test('no platform is named in code', () => {
    const named = new RegExp(PLATFORMS.filter((name) => !GENERIC.includes(name)).join('|'), 'i');
    const code = (file: string) => text(file).replace(/^\s*(\/\/|\*|\/\*).*$/gm, '');
    expect(files.filter((file) => named.test(code(file)))).toEqual([]);
  });
});
