// Reading mapping files: positions, syntax errors in words, and YAML that was written to do harm.
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { formatProblem, parseMapping, readMappings } from '../../../src/map/files/files.ts';
import { ACME, mistakes, SHOP } from '../../support/yaml.ts';

const problemsOf = (text: string) => parseMapping({ file: 'a.yaml', text }).problems.map(formatProblem);

describe('a file', () => {
  const text = `platform: shop
verify:
  scheme: hmac # a comment
  list: [one, { two: 2 }]
`;
  const { parsed } = parseMapping({ file: 'a.yaml', text });

  test.each([
    [['platform'], false, 1, 11],
    [['verify', 'scheme'], false, 3, 11],
    [['verify', 'scheme'], true, 3, 3],
    [['verify', 'list', 0], false, 4, 10],
    [['verify', 'list', 1, 'two'], true, 4, 17],
    [['verify', 'missing'], false, 2, 1],
    [['nowhere', 'at', 'all'], false, 1, 1],
    [[], false, 1, 1],
  ])('has %j (key: %s) at %d:%d, or its nearest parent there', (path, key, line, column) => {
    expect(parsed?.at(path, key)).toEqual({ line, column });
  });

  test('knows what it says and what it does not', () => {
    expect([parsed?.has(['verify', 'list', 1, 'two']), parsed?.has(['verify', 'three'])]).toEqual([true, false]);
  });

  test.each([
    [
      'a wrong indent',
      'a: 1\n  b: 2\n',
      /^a\.yaml:1:4 YAML Nested .*, give the keys of one table the same number of spaces/,
    ],
    ['a key further right than the others', 'a: 1\n b: 2\nc:\n d: 1\n  e: 2\n', /the same number of spaces/],
    ['a key further left than the others', 'a:\n  b: 2\n c: 2\n', /^a\.yaml:3:1 YAML .*, give the keys of one table/],
    ['a tab', 'a:\n\tb: 2\n', /^a\.yaml:2:1 YAML Tabs are not allowed as indentation, use spaces$/],
    ['a key twice', 'a: 1\na: 2\n', /^a\.yaml:2:1 YAML Map keys must be unique, it is there twice: keep one of them$/],
    ['no space behind a colon', 'a: 1\nb:2\n', /^a\.yaml:2:1 YAML .*, write a colon and a space behind a key$/],
    ['an open quote', 'a: "1\n', /^a\.yaml:2:1 YAML Missing closing "quote, one was opened above and not closed$/],
    ['an open bracket', 'a: { b: [1, 2]\nc: 1\n', /^a\.yaml:2:1 YAML .*, one was opened above and not closed$/],
    ['two documents', 'a: 1\n---\nb: 1\n', /^a\.yaml:2:1 YAML .*, take out the line ---, or make two files of it$/],
    ['a tag', 'a: !!js/function "x"\n', /^a\.yaml:1:4 YAML Unresolved tag: tag:yaml.org,2002:js\/function, put the/],
    ['no space behind the first colon', 'a:1\nb: 2\n', /^a\.yaml:1:1 YAML .*, write a colon and a space behind a key$/],
    [
      'a name of nothing',
      'a: 1\nb: *c\n',
      /^a\.yaml:2:4 YAML \*c names nothing, put the whole text in quotes, or write &c above, before what it names$/,
    ],
    [
      'a table inside itself',
      'a: &a\n  b: { c: [*a] }\n',
      /^a\.yaml:2:12 YAML \*a stands inside of what it names, write out/,
    ],
    [
      'a merge key',
      'a: &a { b: 1 }\nc: { <<: *a }\n',
      /^a\.yaml:2:6 YAML << is not read, write the keys out, or take over/,
    ],
    [
      'a text behind quotes',
      'a: "Acme" Lamps\n',
      /^a\.yaml:1:11 YAML .*, put the whole text in quotes that are not in it/,
    ],
    ['an apostrophe in quotes', "a: 'Acme's Lamps'\n", /^a\.yaml:1:10 YAML .* or "Acme's Lamps"$/],
    ['an expression behind quotes', 'a: "SKU-" & sku\n', /^a\.yaml:1:11 YAML .*, put the whole text in quotes/],
    [
      'a text with a colon',
      'a: Acme: Lamps\n',
      /^a\.yaml:1:4 YAML .*, put a text with a colon and a space in it in quotes$/,
    ],
    [
      'a text with a colon in braces',
      'a: { b: Acme: Lamps }\n',
      /^a\.yaml:1:9 YAML .*, and a text with a colon or a comma in/,
    ],
    ['a percent sign in front', 'a: %c\n', /^a\.yaml:1:4 YAML .*, put the whole text in quotes$/],
    ['an at sign in front', 'a: @c\n', /^a\.yaml:1:4 YAML .*, put the whole text in quotes$/],
    ['a backtick in front', 'a: `c`\n', /^a\.yaml:1:4 YAML .*, put the whole text in quotes$/],
    ['a sign of comparison', 'a: { b: >5 }\n', /^a\.yaml:1:9 YAML .*, put the whole text in quotes$/],
    ['a backslash in quotes', 'a: "C:\\Acme"\n', /^a\.yaml:1:7 YAML .*, put the text in single quotes/],
    ['no comma', 'a: { b: c d: e }\n', /^a\.yaml:1:9 YAML .*, put a comma between the parts of/],
    ['a brace too many', 'a: { b: 1 } }\n', /^a\.yaml:1:13 YAML .*, one of } and \] is too many here/],
    [
      'several values without dashes',
      'a:\n  b:\n    "x"\n    "y"\n',
      /^a\.yaml:4:1 YAML .*, several values are a list/,
    ],
    ['a value in its key', 'a: { b:c, d: e }\n', /^a\.yaml:1:6 YAML b:c is one word, write a space behind the colon$/],
    [
      'what git left',
      'a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> x\n',
      /^a\.yaml:2:1 YAML .*, git left two versions/,
    ],
    ['marks around it', '```yaml\na: 1\n```\n', /^a\.yaml:1:1 YAML .*, take out this line$/],
    ['a comment of another language', 'a: 1\n// c\nb: 1\n', /^a\.yaml:2:1 YAML .*, a comment begins with #$/],
    ['a space that is none', 'a:\u00A01\nb: 1\n', /^a\.yaml:1:1 YAML .*, a space in this line is another character/],
    [
      'a space that is none in front',
      'a:\n \u00A0b: 1\n',
      /^a\.yaml:2:2 YAML this looks like a space .*, type the spaces/,
    ],
    ['another encoding', 'a: 1\nb: L\uFFFDmpchen\n', /^a\.yaml:2:5 ENCODING this is no UTF-8, save the file as UTF-8$/],
    ['two bytes for each letter', 'a\u0000:\u0000 \u00001\u0000', /^a\.yaml:1:2 ENCODING this is no UTF-8, save/],
  ])('with %s is told line, column, what is wrong and what to do', (_, given, wanted) => {
    expect(problemsOf(given)[0]).toMatch(wanted);
  });

  test('has one mistake for a line, not those that follow from it too', () => {
    expect(problemsOf('a: 1\nb: { c: d[e="x"].f }\n')).toHaveLength(1);
  });

  test('may have an address or a word in a list, where there is no key', () => {
    expect(problemsOf('a: [b:c, https://acme.example]\nd: { https://acme.example/e }\nf: L\u00A0g\n')).toEqual([]);
  });

  test('has numbers as keys, and what stands behind a name, where they are written', () => {
    const named = parseMapping({ file: 'a.yaml', text: 'a: { 12: &b { c: 1 } }\nd: *b\n' }).parsed;
    expect([named?.at(['a', '12']), named?.has(['a', '12', 'c'])]).toEqual([{ line: 1, column: 13 }, true]);
    expect([named?.at(['d', 'c']), named?.at(['d', 'c'], true)]).toEqual([
      { line: 1, column: 18 },
      { line: 1, column: 15 },
    ]);
  });

  test('may write ${NAME} in flow style too, where braces would end a plain text', () => {
    const flow = parseMapping({ file: 'a.yaml', text: 'a: [ ${ONE}, "x ${TWO}" ]\nb: { c: ${ONE} }\n' });
    expect(flow.problems).toEqual([]);
    expect(JSON.stringify(flow.parsed?.value).replaceAll('\uE000', '{').replaceAll('\uE001', '}')).toBe(
      '{"a":["${ONE}","x ${TWO}"],"b":{"c":"${ONE}"}}',
    );
    expect(flow.parsed?.at(['b', 'c'])).toEqual({ line: 2, column: 9 });
  });
});

describe('a file written to do harm', () => {
  test('S108 with a bomb of aliases is refused', () => {
    const level = (name: string, of: string) =>
      `${name}: &${name} [${Array.from({ length: 9 }, () => `*${of}`).join(', ')}]`;
    const bomb = [
      'a: &a [x, x, x]',
      ...['b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name, index) => level(name, 'abcdefg'[index] ?? 'a')),
    ];
    expect(problemsOf(bomb.join('\n'))).toEqual([expect.stringMatching(/^a\.yaml:1:1 YAML .*alias/i)]);
  });

  test('S108 with more than a megabyte is refused unread', () => {
    expect(problemsOf(`a: ${'x'.repeat(1_000_001)}`)).toEqual([
      'a.yaml:1:1 FILE_TOO_LARGE the file is larger than 1 MB',
    ]);
  });

  test('S39 cannot reach into every object', () => {
    const hostile = `${SHOP}    __proto__: { polluted: true }\n`;
    expect(mistakes({ 'shop.yaml': hostile, 'stores/acme.yaml': ACME })).not.toEqual([]);
    const store = ACME.replace(
      'store: acme',
      'store: acme\n__proto__: { polluted: true }\nconstructor: { prototype: { polluted: true } }',
    );
    expect(mistakes({ 'shop.yaml': SHOP, 'stores/acme.yaml': store })).not.toEqual([]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test.each(['{{constructor.constructor("return process")()}}', '$eval("1")', '$lookup($, "__proto__").polluted'])(
    'S39 S107 runs no code in an expression: %s',
    (expression) => {
      const hostile = SHOP.replace('total: total', `total: ${JSON.stringify(expression)}`);
      const found = mistakes({ 'shop.yaml': hostile, 'stores/acme.yaml': ACME });
      expect(found).toEqual([expect.stringMatching(/^shop\.yaml:14:\d+ (FORBIDDEN|S0202) /)]);
    },
  );

  test('S110 names no path: a platform is known by its name, not its file', () => {
    const store = ACME.replace('platform: shop', 'platform: ../../../../etc/passwd');
    expect(mistakes({ 'shop.yaml': SHOP, 'stores/acme.yaml': store })).toEqual([
      expect.stringContaining('use lower-case letters, digits, - and _'),
    ]);
  });
});

describe('a folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tagbridge-files-'));
    await mkdir(join(folder, 'stores'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('gives its platforms and its stores by name, and nothing else', async () => {
    const names = ['b.yaml', 'a.yml', 'notes.md', 'stores/two.yaml', 'stores/one.yaml'];
    for (const name of names) await writeFile(join(folder, name), name);
    await mkdir(join(folder, 'schema'));
    await writeFile(join(folder, 'schema/store.json'), '{}');
    const { platforms, stores } = await readMappings(folder);
    expect(platforms).toEqual([
      { file: 'a.yml', text: 'a.yml' },
      { file: 'b.yaml', text: 'b.yaml' },
    ]);
    expect(stores.map(({ file }) => file)).toEqual(['stores/one.yaml', 'stores/two.yaml']);
  });

  test('with what editors leave beside a file that is being changed gives the file alone', async () => {
    await writeFile(join(folder, 'stores/acme.yaml'), ACME);
    await symlink('ann@office.example.1234:99', join(folder, 'stores/.#acme.yaml'));
    for (const name of ['.acme.yaml', '.acme.yaml.swp', 'acme.yaml~', '#acme.yaml#'])
      await writeFile(join(folder, 'stores', name), 'half a fi');
    expect((await readMappings(folder)).stores).toEqual([{ file: 'stores/acme.yaml', text: ACME }]);
  });

  test('with files that cannot be read gives the others, and for each of those says why and what to do', async () => {
    await writeFile(join(folder, 'stores/acme.yaml'), ACME);
    await mkdir(join(folder, 'stores/folder.yaml'));
    await symlink('nowhere', join(folder, 'stores/link.yaml'));
    await symlink('loop.yaml', join(folder, 'stores/loop.yaml'));
    const { stores } = await readMappings(folder);
    expect(stores.flatMap((source) => parseMapping(source).parsed?.file ?? [])).toEqual(['stores/acme.yaml']);
    expect(stores.flatMap((source) => parseMapping(source).problems.map(formatProblem))).toEqual([
      'stores/folder.yaml:1:1 UNREADABLE it cannot be read (EISDIR), it is a folder: give it a name that does not end in .yaml',
      'stores/link.yaml:1:1 UNREADABLE it cannot be read (ENOENT), it is gone, or a link that leads nowhere: put the file back or remove the link',
      'stores/loop.yaml:1:1 UNREADABLE it cannot be read (ELOOP), once it can be, change it or send the service a SIGHUP',
    ]);
  });

  test('that is not there is a mistake', async () => {
    const platforms = [{ file: './', text: '', unread: 'there is no such folder' }];
    expect(await readMappings(join(folder, 'nowhere'))).toEqual({ platforms, stores: [], apps: [] });
  });

  test.each([
    ['stores', 'stores', 'stores/'],
    ['of other apps', 'apps', 'read_also/'],
  ] as const)('%s that cannot be read is told by its name', async (_, kind, name) => {
    await rm(join(folder, name), { recursive: true, force: true });
    await writeFile(join(folder, name.slice(0, -1)), 'a file');
    const [source, ...others] = (await readMappings(folder))[kind] ?? [];
    expect(others).toEqual([]);
    expect(source && parseMapping(source).problems.map(formatProblem)).toEqual([
      `${name}:1:1 UNREADABLE it cannot be read (ENOTDIR), it must be a folder`,
    ]);
  });

  test('of platforms that cannot be read is told too', async () => {
    await symlink('loop', join(folder, 'loop'));
    const { platforms } = await readMappings(join(folder, 'loop'));
    expect(platforms).toEqual([{ file: './', text: '', unread: 'ELOOP' }]);
  });

  test('may hold links, as mounted configuration does', async () => {
    await writeFile(join(folder, 'real.txt'), SHOP);
    await symlink(join(folder, 'real.txt'), join(folder, 'shop.yaml'));
    expect((await readMappings(folder)).platforms).toEqual([{ file: 'shop.yaml', text: SHOP }]);
  });
});
