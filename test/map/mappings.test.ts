// The mapping files in use: replaced when they change, never by broken ones, and read once an editor is done with them.
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { formatProblem, readMappings } from '../../src/map/files.ts';
import { createMappings, type Texts, watchMappings } from '../../src/map/mappings.ts';
import { mappingParts } from '../../src/mapping-parts.ts';
import { ACME, ENV, type Files, SHOP, textsOf } from '../support/yaml.ts';

const FILES: Files = { 'shop.yaml': SHOP, 'stores/acme.yaml': ACME };
const mappings = (files: Files = FILES) => createMappings(textsOf(files), mappingParts(ENV));
const titled = (title: string) => ACME.replace('store: acme', `store: acme\ntitle: ${title}`);
const TWO = ACME.replace('store: acme', 'store: two');

describe('a reload', () => {
  test('puts changed, new and removed stores in use', () => {
    const used = mappings();
    used.replace(textsOf({ ...FILES, 'stores/acme.yaml': titled('New'), 'stores/two.yaml': TWO }));
    expect(used.get('acme')?.settings.title).toBe('New');
    expect(used.all().map(({ name }) => name)).toEqual(['acme', 'two']);
    used.replace(textsOf({ 'shop.yaml': SHOP, 'stores/two.yaml': TWO }));
    expect(used.get('acme')).toBeUndefined();
  });

  test.each([
    ['a store file with a mistake', { 'stores/acme.yaml': titled('New').replace('G-TEST000001', 'UA-1') }],
    ['a store file that is no YAML', { 'stores/acme.yaml': 'store: [' }],
    ['an empty store file', { 'stores/acme.yaml': '' }],
    [
      'a platform with a mistake',
      { 'shop.yaml': SHOP.replace('total: total', 'totl: total'), 'stores/acme.yaml': titled('New') },
    ],
    ['a platform that is gone', { 'shop.yaml': 'platform: other\n', 'stores/acme.yaml': titled('New') }],
    ['a store under another name in the same file', { 'stores/acme.yaml': `${TWO}oops: 1\n` }],
  ])('of %s keeps the store as it was, and says what is wrong', (_, change) => {
    const used = mappings();
    const before = used.get('acme');
    const { problems } = used.replace(textsOf({ ...FILES, ...change }));
    expect(problems).not.toEqual([]);
    expect(used.problems()).toBe(problems);
    expect(used.get('acme')).toBe(before);
  });

  test('of a store file that cannot be read keeps the store as it was, and says so', () => {
    const used = mappings();
    const before = used.get('acme');
    used.replace({ ...textsOf(FILES), stores: [{ file: 'stores/acme.yaml', text: '', unread: 'EIO' }] });
    expect(used.get('acme')).toBe(before);
    expect(used.problems().map(formatProblem)).toEqual([expect.stringMatching(/^stores\/acme\.yaml:1:1 UNREADABLE /)]);
  });

  test.each([
    ['no store file any more', {}],
    ['another store file alone, which is broken', { 'stores/two.yaml': 'store: [' }],
  ])('of %s keeps the stores as they were, and says how to go on without', (_, stores) => {
    const used = mappings();
    const before = used.all();
    used.replace(textsOf({ 'shop.yaml': SHOP, ...stores }));
    expect(used.all()).toEqual(before);
    expect(used.problems().map(formatProblem)).toContain(
      'stores/:1:1 NO_STORES no store file is left that can be used, so the stores stay in use as they were, put the files back, or restart the service to go on without',
    );
    used.replace(textsOf({ 'shop.yaml': SHOP, 'stores/two.yaml': TWO }));
    expect([used.problems(), used.all().map(({ name }) => name)]).toEqual([[], ['two']]);
  });

  test('of a stores folder that cannot be read keeps the stores as they were, and says so once', () => {
    const used = mappings();
    const before = used.all();
    used.replace({ ...textsOf(FILES), stores: [{ file: 'stores/', text: '', unread: 'EMFILE' }] });
    expect(used.all()).toEqual(before);
    expect(used.problems().map(formatProblem)).toEqual([
      'stores/:1:1 UNREADABLE it cannot be read (EMFILE), once it can be, change it or send the service a SIGHUP',
    ]);
  });

  test('that finds no stores where there were none has nothing to say', () => {
    const used = mappings({ 'shop.yaml': SHOP });
    expect(used.replace(textsOf({ 'shop.yaml': SHOP })).problems).toEqual([]);
  });

  test('of a broken file lets the others through', () => {
    const used = mappings({ ...FILES, 'stores/two.yaml': TWO });
    used.replace(
      textsOf({
        ...FILES,
        'stores/acme.yaml': 'store: [',
        'stores/two.yaml': TWO.replace('store: two', 'store: two\ntitle: New'),
      }),
    );
    expect([used.get('acme')?.name, used.get('two')?.settings.title]).toEqual(['acme', 'New']);
  });

  test('after the mistake is mended uses the new file', () => {
    const used = mappings();
    used.replace(textsOf({ ...FILES, 'stores/acme.yaml': 'store: [' }));
    used.replace(textsOf({ ...FILES, 'stores/acme.yaml': titled('Mended') }));
    expect(used.problems()).toEqual([]);
    expect(used.get('acme')?.settings.title).toBe('Mended');
  });

  test('never puts in use what was broken from the start', () => {
    const used = mappings({ ...FILES, 'stores/two.yaml': `${TWO}oops: 1\n` });
    expect(used.get('two')).toBeUndefined();
    expect(used.problems().map(formatProblem)).toEqual([expect.stringContaining('stores/two.yaml')]);
  });
});

describe('watching a folder', () => {
  let folder: string;
  let stopping: AbortController;
  let watching: Promise<void>;
  let changes: ReturnType<typeof Promise.withResolvers<Texts>>;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tagbridge-watch-'));
    await mkdir(join(folder, 'stores'));
    await writeFile(join(folder, 'stores/acme.yaml'), ACME);
    stopping = new AbortController();
    changes = Promise.withResolvers<Texts>();
    watching = watchMappings(folder, async () => changes.resolve(await readMappings(folder)), stopping.signal);
  });
  afterEach(async () => {
    stopping.abort();
    await watching;
    await rm(folder, { recursive: true });
  });

  test('sees a file that is written in pieces, once and whole', async () => {
    const file = join(folder, 'stores/acme.yaml');
    await writeFile(file, '');
    await writeFile(file, ACME.slice(0, 20));
    await writeFile(file, titled('Whole'));
    const { stores } = await changes.promise;
    expect(stores).toEqual([{ file: 'stores/acme.yaml', text: titled('Whole') }]);
  });

  test('sees a file that an editor puts in the place of the old one', async () => {
    await writeFile(join(folder, 'stores/.acme.yaml.swp'), titled('Swapped'));
    await rename(join(folder, 'stores/.acme.yaml.swp'), join(folder, 'stores/acme.yaml'));
    const { stores } = await changes.promise;
    expect(stores.map(({ text }) => text)).toEqual([titled('Swapped')]);
  });
});
