// The README and the pages about connecting: tables are those of the code, files load, commands run, links lead somewhere.
// UPDATE_DOCS=1 writes the tables anew; read the difference before you commit it.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parse } from 'dotenv';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMANDS } from '../src/cli/run.ts';
import { formatProblem, readMappings } from '../src/map/files/files.ts';
import { loadMappings } from '../src/map/files/load.ts';
import { mappingParts } from '../src/mapping-parts.ts';
import { formatPublished, readResults } from './faults/results.ts';
import { folderWith } from './support/cli.ts';
import { connectPage, PAGES } from './support/connect.ts';
import { blocks, exampleSettings, fences, fill, README, tried } from './support/docs.ts';
import { MAPPINGS } from './support/stores.ts';

const ROOT = resolve(import.meta.dirname, '..');
const readme = readFileSync(README, 'utf8');
const yaml = fences(readme, 'yaml');
const [lamps = '', acme = '', ...overrides] = yaml;

const ORDER = `{
  "id": 1042,
  "status": "paid",
  "paid_at": "2026-11-18T09:00:00Z",
  "currency": "EUR",
  "total": "121.00",
  "vat": "21.00",
  "cookies": { "_ga": "GA1.1.1380133182.1764792191" },
  "buyer": { "email": "ann@example.com" },
  "lines": [{ "sku": "LAMP-1", "name": "Desk lamp", "quantity": 2, "net_price": "50.00" }]
}`;
const STORE = `store: acme
sources: { lamps: { platform: lamps, secrets: ["\${LAMPS_SECRET}"] } }
destinations: { ga4: { measurement_id: G-ABC1234567, api_secret: "\${ACME_GA4_SECRET}" } }
`;

describe('the README', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await folderWith({
      'mappings/lamps.yaml': lamps,
      'mappings/stores/acme.yaml': STORE,
      'order.json': ORDER,
    });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('says in its tables what the code says', async () => {
    const made = Object.fromEntries(Object.entries(blocks).map(([name, make]) => [name, make()]));
    const faults = formatPublished(readResults());
    const now = fill(readme, { ...made, faults, try: await tried(folder, ORDER) });
    if (process.env.UPDATE_DOCS === '1') writeFileSync(README, now);
    expect(readFileSync(README, 'utf8')).toBe(now);
  });

  test('begins with a mapping of twelve lines that maps an order', () => {
    expect(lamps.trimEnd().split('\n')).toHaveLength(12);
    const shown = fences(readme, 'text').find((text) => text.startsWith('acme/lamps'));
    expect(shown).toMatch(/^acme\/lamps \(lamps\): mapped\nevent purchase\n/);
    expect(shown).toContain('"value": 100,');
  });

  test('has a store file that is right with the names of .env.example', async () => {
    const names = Object.keys(parse(readFileSync(join(ROOT, '.env.example'), 'utf8')));
    const env = Object.fromEntries(names.map((name) => [name, 'x']));
    const { platforms } = await readMappings(MAPPINGS);
    const load = (text: string) => {
      const named = platforms.filter(({ file }) => text.includes(`platform: ${file.slice(0, -5)}`));
      return loadMappings({ platforms: named, stores: [{ file: 'stores/acme.yaml', text }] }, mappingParts(env));
    };
    expect(load(acme).problems.map(formatProblem)).toEqual([]);
    for (const sources of overrides.filter((text) => text.startsWith('sources:'))) {
      const store = `store: acme\n${sources}destinations: {}\n`;
      expect(load(store).problems.map(formatProblem)).toEqual([]);
    }
  });

  test('comes with an .env.example of every setting', () => {
    const file = join(ROOT, '.env.example');
    const mark = '# Every setting of the service, with its default. Remove the # to change one.\n\n';
    const [secrets = ''] = readFileSync(file, 'utf8').split(mark);
    const now = secrets + mark + exampleSettings();
    if (process.env.UPDATE_DOCS === '1') writeFileSync(file, now);
    expect(readFileSync(file, 'utf8')).toBe(now);
    expect(now).toContain('#PORT=8080\n');
  });

  test('names only commands there are', () => {
    const named = [...readme.matchAll(/npm run -s tagbridge(?: --)? (\w+)/g)].map(([, name = '']) => name);
    expect(new Set(named)).toEqual(new Set(['check', 'try', 'schema', 'functions']));
    for (const name of named) expect(Object.keys(COMMANDS)).toContain(name);
    const scripts = [...readme.matchAll(/npm (?:run )?(?:-s )?(\w+)/g)].map(([, name = '']) => name);
    const known: Record<string, string> = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).scripts;
    for (const script of scripts.filter((name) => !['ci', 'run'].includes(name)))
      expect(Object.keys({ ...known, ci: '' })).toContain(script);
  });

  test('shows a folder tree of what is there', () => {
    const tree = fences(readme, 'text').find((text) => text.startsWith('mappings/')) ?? '';
    /** The folders that a line is in, outermost first: each level is indented by two more. */
    let inside: string[] = [];
    for (const line of tree.trimEnd().split('\n')) {
      const [, indent = '', names = ''] = /^( *)(\S+(?: {2}\S+\/)?) {2,}/.exec(`${line}  `) ?? [];
      inside = inside.slice(0, indent.length / 2);
      const paths = names.split(/ +/).map((name) => join(ROOT, ...inside, name));
      inside.push(names);
      if (!names.startsWith('stores/'))
        for (const path of paths) expect([path, existsSync(path)]).toEqual([path, true]);
    }
    const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const ofSrc = tree.slice(tree.indexOf('\nsrc/'), tree.indexOf('\ntest/'));
    expect(folders.map(({ name }) => ` ${name}/`).filter((name) => !ofSrc.includes(name))).toEqual([]);
  });

  test('links only to headings it has', () => {
    const headings = [...readme.matchAll(/^#+ (.+)$/gm)].map(([, text = '']) =>
      text
        .toLowerCase()
        .replaceAll(/[^\w\s-]/g, '')
        .replaceAll(' ', '-'),
    );
    for (const [, target] of readme.matchAll(/\]\(#([^)]+)\)/g)) expect(headings).toContain(target);
  });
});

describe('the pages about connecting', () => {
  const platforms = readdirSync(MAPPINGS).flatMap((name) => (name.endsWith('.yaml') ? [name.slice(0, -5)] : []));

  test.each(platforms)('%s: says what its mapping file says', (platform) => {
    const file = join(PAGES, `${platform}.md`);
    const now = connectPage(platform);
    if (process.env.UPDATE_DOCS === '1') writeFileSync(file, now);
    expect(readFileSync(file, 'utf8')).toBe(now);
  });

  test.each(platforms)('%s: has a source that is right', async (platform) => {
    const [yaml = ''] = fences(connectPage(platform), 'yaml');
    const texts = (await readMappings(MAPPINGS)).platforms.filter(({ file }) => file === `${platform}.yaml`);
    const names = [...yaml.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name);
    const env = Object.fromEntries(names.map((name) => [name, 'x']));
    const store = { file: 'stores/acme.yaml', text: `store: acme\n${yaml}destinations: {}\n` };
    const { problems } = loadMappings({ platforms: texts, stores: [store] }, mappingParts(env));
    expect(problems.map(formatProblem)).toEqual([]);
  });

  test('are there for every platform, and the README links to them and to the files they speak of', () => {
    expect(readdirSync(PAGES).sort()).toEqual(platforms.map((name) => `${name}.md`).sort());
    for (const [, path = '', heading] of readme.matchAll(/\]\((docs\/[^)#]+|mappings\/[^)#]+)(?:#([^)]+))?\)/g)) {
      expect([path, existsSync(join(ROOT, path))]).toEqual([path, true]);
      if (heading === undefined) continue;
      const headings = [...readFileSync(join(ROOT, path), 'utf8').matchAll(/^## (.+)$/gm)];
      expect(headings.map(([, text = '']) => text.toLowerCase().replaceAll(' ', '-'))).toContain(heading);
    }
  });
});

describe('the pages of destinations', () => {
  const folder = join(ROOT, 'docs/destinations');

  test.each(readdirSync(folder))('%s: has settings that are right, and is linked to', (name) => {
    const [yaml = ''] = fences(readFileSync(join(folder, name), 'utf8'), 'yaml');
    // As drafts see secrets: they stand for ones that are right.
    const env = Object.fromEntries([...yaml.matchAll(/\$\{(\w+)\}/g)].map(([, secret = '']) => [secret, '***']));
    const store = { file: 'stores/acme.yaml', text: `store: acme\nsources: {}\n${yaml}` };
    const { problems } = loadMappings({ platforms: [], stores: [store] }, mappingParts(env));
    expect(problems.map(formatProblem)).toEqual([]);
    expect(readme).toContain(`(docs/destinations/${name})`);
  });
});
