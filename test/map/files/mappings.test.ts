// The mapping files in use: replaced when they change, never by broken ones, and read once an editor is done with them.
import { writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { formatProblem, readMappings, type Texts } from '../../../src/map/files/files.ts';
import { createMappings, watchMappings } from '../../../src/map/files/mappings.ts';
import { mappingParts } from '../../../src/mapping-parts.ts';
import { soon } from '../../support/soon.ts';
import { ACME, ENV, type Files, SHOP, textsOf } from '../../support/yaml.ts';

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

  test('of one store file compiles no other one again, and tells the mistakes of all', () => {
    const broken = { 'stores/broken.yaml': `${ACME.replace('store: acme', 'store: broken')}oops: 1\n` };
    const used = mappings({ ...FILES, ...broken, 'stores/two.yaml': TWO });
    const two = used.get('two');
    const told = used.problems();
    used.replace(textsOf({ ...FILES, ...broken, 'stores/acme.yaml': titled('New'), 'stores/two.yaml': TWO }));
    expect(used.get('acme')?.settings.title).toBe('New');
    expect(used.get('two')).toBe(two);
    expect(told.map(({ code }) => code)).toEqual(['UNKNOWN_KEY']);
    expect(used.problems()).toEqual(told);
  });

  test('of a platform file compiles all stores again', () => {
    const used = mappings({ ...FILES, 'stores/two.yaml': TWO });
    const before = used.all();
    used.replace(textsOf({ 'shop.yaml': `${SHOP}# edited\n`, 'stores/acme.yaml': ACME, 'stores/two.yaml': TWO }));
    expect(used.all().map(({ name }) => name)).toEqual(before.map(({ name }) => name));
    expect(used.all().some((store) => before.includes(store))).toBe(false);
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
  /** What was read after each change. */
  let changes: Texts[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tagbridge-watch-'));
    await mkdir(join(folder, 'stores'));
    await writeFile(join(folder, 'stores/acme.yaml'), ACME);
    stopping = new AbortController();
    changes = [];
    const onChange = async () => void changes.push(await readMappings(folder));
    watching = watchMappings(folder, { onChange, isBehind: async () => false }, stopping.signal);
  });
  afterEach(async () => {
    stopping.abort();
    await watching;
    await rm(folder, { recursive: true });
  });

  const read = () => changes.map(({ stores }) => stores.map(({ file, text }) => `${file} ${text}`).join());
  const file = () => join(folder, 'stores/acme.yaml');
  /** Waits until the last that was read is this. */
  const sees = (text: string) => soon(() => expect(read().at(-1)).toBe(`stores/acme.yaml ${text}`));

  test('sees a file that is written in pieces, once and whole', async () => {
    for (const text of ['', ACME.slice(0, 20), titled('Whole')]) {
      // The watch hears of each piece before the next, and the disk keeps no piece waiting for longer than it waits.
      writeFileSync(file(), text);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await sees(titled('Whole'));
    expect(changes).toHaveLength(1);
  });

  test('sees every file that an editor puts in the place of the one before', async () => {
    for (const title of ['Swapped', 'Again', 'Thrice']) {
      await writeFile(join(folder, 'stores/.acme.yaml.swp'), titled(title));
      await rename(join(folder, 'stores/.acme.yaml.swp'), file());
      await sees(titled(title));
    }
  });

  test('sees every file that is moved in from elsewhere', async () => {
    for (const title of ['Moved', 'Again', 'Thrice']) {
      await writeFile(`${folder}-draft`, titled(title));
      await rename(`${folder}-draft`, file());
      await sees(titled(title));
    }
  });

  test('sees a file that is deleted and made anew, again and again, and what is written into it then', async () => {
    for (const title of ['Deleted', 'Again']) {
      await rm(file());
      await writeFile(file(), titled(title));
      await sees(titled(title));
    }
    await writeFile(file(), titled('Written'));
    await sees(titled('Written'));
  });

  test('sees files of a folder that is put in the place of the one before, again and again', async () => {
    for (const title of ['Folder', 'Again']) {
      await mkdir(join(folder, 'next'));
      await writeFile(join(folder, 'next/acme.yaml'), titled(title));
      await rename(join(folder, 'stores'), join(folder, `before ${title}`));
      await rename(join(folder, 'next'), join(folder, 'stores'));
      await sees(titled(title));
    }
    await writeFile(file(), titled('Written'));
    await sees(titled('Written'));
  });
});
