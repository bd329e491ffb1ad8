// The command line as people and scripts meet it: what it prints where, and how it ends. Most of it runs in this
// process; what only a process of its own can show is spawned.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { folderWith, type Ran, runHere, tagbridge, tagbridgeUnread } from '../support/cli.ts';
import { ACME, AT, ENV, ORDER, SHOP } from '../support/yaml.ts';

let folder: string;
const FILES = {
  'mappings/shop.yaml': SHOP,
  'mappings/stores/acme.yaml': ACME,
  '.env': `SHOP_SECRET=${ENV.SHOP_SECRET}\nGA4_SECRET=${ENV.GA4_SECRET}\n`,
  'paid.json': JSON.stringify(ORDER),
  'open.json': JSON.stringify({ ...ORDER, id: 8, status: 'open' }),
  'broken.json': '{"id": 7, "email": "ann@example.com"',
  'headers.json': JSON.stringify({ 'X-Topic': 'order.paid' }),
  'bad-headers.json': JSON.stringify({ 'X-Topic': 5 }),
};
beforeAll(async () => {
  folder = await folderWith(FILES);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const env = (more: Record<string, string> = {}) => ({ ...ENV, MAPPINGS_DIR: join(folder, 'mappings'), ...more });
const run = (...args: string[]): Promise<Ran> => runHere(args, env());
const file = (name: string) => join(folder, name);
const tryIt = (...args: string[]) => run('try', ...args, ...OF_SHOP, '--headers', file('headers.json'), '--at', AT);
const OF_SHOP = ['--store', 'acme', '--source', 'shop'];

describe('a process of its own', () => {
  test('reads .env of its folder, prints to stdout alone, and exits 0', async () => {
    const at = ['--headers', 'headers.json', '--at', AT, '--json'];
    const { code, out, err } = await tagbridge(['try', 'paid.json', ...OF_SHOP, ...at], folder);
    expect([code, err]).toEqual([0, '']);
    expect(JSON.parse(out).hook.verdict).toBe('mapped');
  });

  test('prints mistakes to stderr, and exits 78', async () => {
    const { code, out, err } = await tagbridge(['try', 'paid.json', '--store', 'acm', '--source', 'shop'], folder);
    expect({ code, out, err }).toEqual({
      code: 78,
      out: '',
      err: 'UNKNOWN_STORE there is no store acm, did you mean acme?\n',
    });
  });

  test('does what it was told where nobody reads on, and exits 0 without a word', async () => {
    expect(await tagbridgeUnread(['functions'], folder)).toEqual({ code: 0, err: '' });
  });

  test('lets the environment go before .env', async () => {
    const { code, out } = await tagbridge(['check'], folder, { SHOP_SECRET: '' });
    expect({ code, out }).toEqual({ code: 1, out: expect.stringMatching(/^stores\/acme\.yaml:3:\d+ ENV_MISSING/) });
  });

  test('serves nothing while mapping files have mistakes: it lists them, and exits 78', async () => {
    const { code, err } = await tagbridge(['serve'], folder, { SHOP_SECRET: '', PORT: '0', ADMIN_PORT: '0' });
    expect(code).toBe(78);
    expect(err).toMatch(/^MAPPINGS 1 mistakes? in mapping files:\nstores\/acme\.yaml:3:\d+ ENV_MISSING/);
  });
});

describe('tagbridge try', () => {
  test('shows what would become of a body: its event, the exact request, and no secret', async () => {
    const { code, out, err } = await tryIt(file('paid.json'), '--json');
    expect([code, err]).toEqual([0, '']);
    const tried = JSON.parse(out);
    expect(Object.keys(tried)).toEqual(['hook', 'events', 'requests', 'skipped']);
    expect(tried.hook).toEqual({
      store: 'acme',
      source: 'shop',
      platform: 'shop',
      topic: 'order.paid',
      verdict: 'mapped',
    });
    expect(tried.events[0]).toMatchObject({ name: 'purchase', event_time: '2026-11-18T09:00:00.000Z', total: 12.5 });
    expect(tried.requests[0]).toMatchObject({
      destination: 'ga4',
      method: 'POST',
      url: 'https://www.google-analytics.com/mp/collect?measurement_id=G-TEST000001&api_secret=***',
      body: { events: [{ name: 'purchase' }] },
    });
    expect(out).not.toContain(ENV.GA4_SECRET);
  });

  test('reads several bodies, one object per line, in their order', async () => {
    const { code, out } = await tryIt(file('paid.json'), file('open.json'), file('broken.json'), '--json');
    expect(code).toBe(0);
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).hook);
    expect(lines.map(({ verdict }) => verdict)).toEqual(['mapped', 'ignored', 'stuck']);
    expect(lines[1].reason).toBe('purchase: status is "open" (must be paid)');
    expect(lines[2].reason).toMatch(/^the body is not valid JSON: it ends after character \d+$/);
    expect(out).not.toContain('ann@example.com');
  });

  test('says the same in words', async () => {
    const { out } = await tryIt(file('paid.json'), file('open.json'));
    expect(out).toMatch(/^acme\/shop \(shop\) order\.paid: mapped\nevent purchase\n/);
    expect(out).toMatch(/\nto ga4: POST https:\/\/www\.google-analytics\.com\//);
    expect(out).toMatch(
      /\nacme\/shop \(shop\) order\.paid: ignored\n {2}purchase: status is "open" \(must be paid\)\n$/,
    );
  });

  test.each([
    ['no file', [], OF_SHOP, /^ARGUMENT name at least one file with a body/],
    [
      'a file that is not there',
      ['gone.json'],
      OF_SHOP,
      /^FILE there is no file \S+gone\.json, look at its name and folder\n$/,
    ],
    ['a folder', ['mappings'], OF_SHOP, /^FILE \S+mappings is a folder, name a file in it\n$/],
    [
      'a file in a file',
      ['paid.json/x'],
      OF_SHOP,
      /^FILE there is no file \S+paid\.json\/x, look at its name and folder\n$/,
    ],
    ['no store', ['paid.json'], [], /^ARGUMENT name a store and a source, --store S --source N/],
    [
      'an unknown store',
      ['paid.json'],
      ['--store', 'acm', '--source', 'shop'],
      /^UNKNOWN_STORE there is no store acm, did you mean acme\?/,
    ],
    [
      'an unknown source',
      ['paid.json'],
      ['--store', 'acme', '--source', 'shpo'],
      /^UNKNOWN_SOURCE store acme has no source shpo, did you mean shop\?/,
    ],
    [
      'a time that is none',
      ['paid.json'],
      [...OF_SHOP, '--at', 'noon'],
      /^ARGUMENT --at noon is no time, write it like 2026-/,
    ],
  ])('with %s says what to write, and ends with 78', async (_, names, options, wanted) => {
    const { code, out, err } = await run('try', ...names.map(file), ...options);
    expect({ code, out }).toEqual({ code: 78, out: '' });
    expect(err).toMatch(wanted);
  });

  test.each(['bad-headers.json', 'broken.json'])('with headers that are none (%s) says so', async (name) => {
    const { code, err } = await run('try', file('paid.json'), ...OF_SHOP, '--headers', file(name));
    expect(code).toBe(78);
    expect(err).toMatch(/^HEADERS .+ is no table of header names and texts/);
  });

  test('with an unknown option says so and how it is used, and ends with 2', async () => {
    const { code, err } = await run('try', 'paid.json', '--stroe', 'acme');
    expect(code).toBe(2);
    expect(err).toMatch(/^Unknown option '--stroe'.*\nusage: tagbridge try FILE… .*\n$/);
  });
});

describe('what was typed and means nothing', () => {
  test.each([
    [['replay', '--order', '1', '--order', '2'], '--order is given twice, it takes one value'],
    [['try', 'paid.json', ...OF_SHOP, '--store', 'other'], '--store is given twice, it takes one value'],
    [['resume', 'one', 'two'], 'two is one word too many, put a name with spaces in quotes'],
    [
      ['token', 'add', 'my', 'reports', '--scope', 'read'],
      'reports is one word too many, put a name with spaces in quotes',
    ],
    [['user', 'role', 'a@example.com', 'admin', 'now'], 'now is one word too many, put a name with spaces in quotes'],
    [['user', 'remove', 'a@example.com', 'b'], 'b is one word too many, put a name with spaces in quotes'],
    [['export', '--hook', 'id', '--email', 'a@b.c'], '--hook names person and store itself, leave out all else'],
    [['user', 'add', 'a@b.c', 'viewer', '--role', 'sales'], 'the role is given twice: viewer and --role sales'],
    [['token', 'list', 'reports'], 'reports is one word too many, put a name with spaces in quotes'],
    [['alerts', 'test', 'slack', 'teams'], 'teams is one word too many, put a name with spaces in quotes'],
  ])('is refused before anything is done: %j', async (words, said) => {
    expect(await run(...words)).toEqual({ code: 78, out: '', err: `ARGUMENT ${said}\n` });
  });

  test.each([
    [['user', 'add'], 'name a person, such as: tagbridge user add ann@example.com'],
    [['token', 'revoke'], 'name a token by its id, tagbridge token list shows them'],
  ])('and what is missing is named: %j', async (words, said) => {
    expect(await run(...words)).toEqual({ code: 78, out: '', err: `ARGUMENT ${said}\n` });
  });

  test('is refused by the demo too', async () => {
    const { code, err } = await run('demo', '--onec');
    expect([code, err]).toEqual([2, "Unknown option '--onec'\nusage: tagbridge demo [--once]\n"]);
  });
});

describe('tagbridge check', () => {
  test('says that all is fine, and ends with 0', async () => {
    expect(await run('check')).toEqual({ code: 0, out: '1 platform and 1 store are fine: acme\n', err: '' });
  });

  test('prints every mistake on a line of its own, and ends with 1', async () => {
    const { code, out } = await runHere(['check'], env({ SHOP_SECRET: '', GA4_SECRET: '' }));
    expect(code).toBe(1);
    expect(out.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^stores\/acme\.yaml:3:\d+ ENV_MISSING \$\{SHOP_SECRET\} is not set/),
      expect.stringMatching(/^stores\/acme\.yaml:5:\d+ ENV_MISSING \$\{GA4_SECRET\} is not set/),
    ]);
  });

  test('prints them as JSON for machines', async () => {
    const { code, out } = await runHere(['check', '--json'], env({ SHOP_SECRET: '' }));
    expect(code).toBe(1);
    expect(JSON.parse(out).problems).toEqual([
      expect.objectContaining({ file: 'stores/acme.yaml', line: 3, column: expect.any(Number), code: 'ENV_MISSING' }),
    ]);
  });
});

describe('tagbridge', () => {
  test('lists its commands when asked for nothing or for help', async () => {
    const all = await Promise.all([run(), run('help'), run('--help')]);
    for (const { code, out } of all) {
      expect(code).toBe(0);
      for (const name of ['serve', 'check', 'try', 'send', 'demo', 'schema', 'functions'])
        expect(out).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'));
    }
  });

  test.each([
    ['serve', '--help'],
    ['serve', '-h'],
    ['help', 'serve'],
  ])('asked for help on a command by %s %s says what it does, and does not do it', async (...words) => {
    expect(await run(...words)).toEqual({
      code: 0,
      out: 'tagbridge serve\n    Runs the service (= npm start)\n',
      err: '',
    });
  });

  test.each([
    ['serve', '--port'],
    ['schema', 'here'],
    ['migrate', '--form'],
  ])('given an argument that %s does not take says what it takes, and ends with 2', async (name, wrong) => {
    const { code, out, err } = await run(name, wrong);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(new RegExp(`'${wrong}'.*\\nusage: tagbridge ${name}\\b`));
  });

  test('suggests the command that was meant, and ends with 78', async () => {
    const { code, err } = await run('chekc');
    expect({ code, err }).toEqual({
      code: 78,
      err: 'UNKNOWN_COMMAND there is no command chekc, did you mean check?\n',
    });
  });

  test.each(['toString', 'constructor', '__proto__'])('knows no command %s', async (name) => {
    expect((await run(name)).err).toMatch(/^UNKNOWN_COMMAND/);
  });

  test.each(['user', 'token'])('%s knows no action constructor', async (name) => {
    expect((await run(name, 'constructor')).err).toBe(`ARGUMENT there is no tagbridge ${name} constructor\n`);
  });

  test('with wrong settings names every one of them, and ends with 78', async () => {
    const { code, err } = await runHere(['check'], env({ PORT: 'eighty', LOG_LEVEL: 'loud' }));
    expect(code).toBe(78);
    expect(err).toMatch(/^CONFIG wrong settings: PORT: .+; LOG_LEVEL: .+, see the settings table in the README\n$/);
  });

  test('lists the functions for mapping files with examples', async () => {
    const { code, out } = await run('functions');
    expect(code).toBe(0);
    expect(out).toContain(
      '$ga_client_id(cookie)\n  The client id in a _ga cookie.\n    $ga_client_id(\'GA1.1.1380133182.1764792191\') → "1380133182.1764792191"',
    );
  });

  test('says that the JSON Schemas cannot be written, as in an image', async () => {
    const other = await folderWith({ ...FILES, 'mappings/schema': 'a file' });
    const { code, err } = await runHere(['schema'], env({ MAPPINGS_DIR: join(other, 'mappings') }));
    expect({ code, err }).toEqual({
      code: 78,
      err: expect.stringMatching(/^SCHEMA .+schema\/platform\.json cannot be written: .+, run this where the mapping/),
    });
    await rm(other, { recursive: true });
  });

  test('writes the JSON Schemas beside the mapping files', async () => {
    const { code, out } = await run('schema');
    expect(code).toBe(0);
    expect(out).toBe(
      ['platform', 'store', 'read_also'].map((name) => `${file(`mappings/schema/${name}.json`)}\n`).join(''),
    );
    expect(JSON.parse(await readFile(join(folder, 'mappings/schema/store.json'), 'utf8')).required).toContain(
      'sources',
    );
  });
});
