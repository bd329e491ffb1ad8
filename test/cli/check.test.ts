// `tagbridge check` with examples beside a mapping: what holds, what does not, and bodies that lead elsewhere.
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { check } from '../../src/cli/check.ts';
import { contactLookup, THIN } from '../support/thin.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tagbridge-check-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(file: string, content: unknown): Promise<void> {
  const path = join(folder, 'mappings', file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, typeof content === 'string' ? content : stringify(content));
}
async function run(...given: (string | Record<string, string>)[]): Promise<{ code: number; said: string }> {
  const args = given.filter((one) => typeof one === 'string');
  const over = given.find((one) => typeof one === 'object');
  const said: string[] = [];
  const out = (text: string) => void said.push(text);
  const env = { MAPPINGS_DIR: join(folder, 'mappings'), CRM_SECRET: 'secret-of-the-crm', ...over };
  const code = await check.run(args, { out, err: out, env });
  return { code, said: said.join('\n') };
}

const platform = (...examples: object[]) => ({
  ...THIN,
  verify: { scheme: 'query' },
  lookups: { contact: contactLookup('https://api.crm.example') },
  examples,
});
const STORE = { store: 'shop', sources: { crm: { platform: 'thin', secrets: ['${CRM_SECRET}'] } }, destinations: {} };
const BODY = JSON.stringify({ topic: 'contact.new', records: [{ id: 7 }] });
const answers = { contact: { properties: { email: 'ann@example.com', gclid: 'Cj0K', other: null } } };
const example = (parts: object) => ({ about: 'a new contact', body: 'bodies/contact.json', answers, ...parts });
const expectEvent = (fields: object) => example({ expect: { verdict: 'mapped', events: [fields] } });

test('two accounts whose ids repeat in one store are warned of, and the files are fine', async () => {
  const { crm } = STORE.sources;
  await write('thin.yaml', { ...platform(), ids_repeat: true });
  await write('stores/shop.yaml', { ...STORE, sources: { crm, crm_be: crm } });
  const { code, said } = await run();
  expect(code).toBe(0);
  expect(said.split('\n')).toEqual([
    expect.stringMatching(/^stores\/shop\.yaml:\d+:3 SAME_IDS crm and crm_be are both thin/),
    '1 platform and 1 store are fine: shop; the above is most likely not meant',
  ]);
  expect(JSON.parse((await run('--json')).said)).toMatchObject({ problems: [], warnings: [{ code: 'SAME_IDS' }] });
});

test.each([
  ['stores/shop.yaml.txt', 'stores/shop.yaml'],
  ['stores/shop.YAML', 'stores/shop.yaml'],
])('a store file called %s is warned of, because nobody reads it', async (file, wanted) => {
  await write('thin.yaml', platform());
  await write(file, STORE);
  const { code, said } = await run();
  expect(code).toBe(0);
  expect(said).toContain(
    `${file}:1:1 FILE_NAME it is not read: its name does not end in .yaml, rename it to ${wanted}`,
  );
  expect(said).toContain('0 stores are fine; the above is most likely not meant');
});

test('a file that the steps to connect a sender speak of and that is not there is warned of', async () => {
  const files = ['form-feilds.html', 'module/etc/module.xml', 'module/etc'];
  await write('thin.yaml', { ...platform(), setup: [{ title: 'Connect it', steps: ['Do it.'], files }] });
  expect((await run()).said).toBe('1 platform and 0 stores are fine');
  await write('templates/form-fields.html', '<p>');
  await write('templates/module/etc/module.xml', '<xml/>');
  const { code, said } = await run();
  expect(code).toBe(0);
  expect(said.split('\n')).toEqual([
    expect.stringMatching(
      /^thin\.yaml:\d+:9 NO_FILE there is no templates\/form-feilds\.html, so nobody is shown it, did you mean form-fields\.html\?$/,
    ),
    expect.stringMatching(
      /^thin\.yaml:\d+:9 NO_FILE there is no templates\/module\/etc, so nobody is shown it, put it there or take it out$/,
    ),
    '1 platform and 0 stores are fine; the above is most likely not meant',
  ]);
});

test('nothing is said of a file that the steps speak of in a folder that is a link', async () => {
  const files = ['module/etc/module.xml'];
  await write('thin.yaml', { ...platform(), setup: [{ title: 'Connect it', steps: ['Do it.'], files }] });
  await write('elsewhere/etc/module.xml', '<xml/>');
  await mkdir(join(folder, 'mappings/templates'));
  await symlink('../elsewhere', join(folder, 'mappings/templates/module'));
  expect((await run()).said).toBe('1 platform and 0 stores are fine');
});

test.each([
  ['https://127.1/data', /ADDRESS destinations\.sgtm\.url must not lead to a private or local address/],
  ['https://[::ffff:a9fe:a9fe]/data', /ADDRESS destinations\.sgtm\.url must not lead to a private or local address/],
  ['https://sst.shop.example:6379/data', /ADDRESS destinations\.sgtm\.url must not use port 6379/],
  ['http://sst.shop.example/data', /ADDRESS destinations\.sgtm\.url must start with https/],
])('S60 S61 S67 an address that nothing is sent to is warned of: %s', async (url, said) => {
  await write('thin.yaml', platform());
  await write('stores/shop.yaml', { ...STORE, destinations: { sgtm: { url } } });
  expect((await run()).said.split('\n')[0]).toMatch(said);
  const allowed = await run({ ALLOW_PRIVATE_DESTINATIONS: 'true' });
  expect(allowed.said.includes('ADDRESS')).toBe(url.includes('6379'));
});

test('S08 a secret that can be guessed is warned of, and not shown', async () => {
  await write('thin.yaml', platform());
  await write('stores/shop.yaml', STORE);
  const { code, said } = await run({ CRM_SECRET: 'lamps-2026' });
  expect([code, said]).toEqual([
    0,
    expect.stringMatching(/^stores\/shop\.yaml:\d+:\d+ SHORT_SECRET a secret of crm has/),
  ]);
  expect(said).not.toContain('lamps-2026');
  expect((await run({ CRM_SECRET: 'sixteen letters!' })).said).not.toContain('SHORT_SECRET');
});

describe('an example', () => {
  beforeEach(() => write('bodies/contact.json', BODY));

  test('that comes out as it says is counted', async () => {
    const fields = {
      name: 'generate_lead',
      lead_id: 7,
      gclid: 'Cj0K',
      fbclid: null,
      user_data: { email_address: 'ann@example.com' },
    };
    await write(
      'thin.yaml',
      platform(expectEvent(fields), expectEvent({ 'user_data.email_address': 'ann@example.com' })),
    );
    expect(await run()).toEqual({ code: 0, said: '1 platform and 0 stores are fine; 2 examples hold' });
  });

  test('that does not is told at the place of what was expected, in words and without personal data', async () => {
    const fields = { lead_id: '8', gclid: null, fbclid: 'x', 'user_data.email_address': 'bob@example.com' };
    await write('thin.yaml', platform(expectEvent(fields)));
    const { code, said } = await run();
    expect(code).toBe(1);
    expect(said.split('\n').map((line) => line.replace(/^thin\.yaml:\d+:\d+ /, ''))).toEqual([
      'EXAMPLE a new contact: lead_id is "7", expected "8"',
      'EXAMPLE a new contact: gclid is "Cj0K", expected nothing',
      'EXAMPLE a new contact: fbclid is nothing, expected "x"',
      'EXAMPLE a new contact: user_data.email_address is *** (15 characters), expected *** (15 characters)',
    ]);
    const text = stringify(platform(expectEvent(fields))).split('\n');
    const [, line = 0, column = 0] = (/:(\d+):(\d+)/.exec(said) ?? []).map(Number);
    expect(text[line - 1]?.slice(column - 1)).toBe('"8"');
  });

  test('can expect another verdict, a reason and how many events there are', async () => {
    await write('bodies/other.json', JSON.stringify({ topic: 'other', records: [{ id: 7 }] }));
    const ignored = { about: 'another topic', body: 'bodies/other.json' };
    await write(
      'thin.yaml',
      platform(
        { ...ignored, expect: { verdict: 'ignored', reason: 'no rule takes other', events: [] } },
        { ...ignored, expect: { verdict: 'mapped', events: [{ lead_id: '7' }] } },
      ),
    );
    const { said } = await run();
    expect(said.split('\n')).toEqual([
      expect.stringContaining('another topic: the hook is ignored (no rule takes other), expected mapped'),
      expect.stringContaining('another topic: it makes 0 events: none (no rule takes other); expected 1'),
    ]);
  });

  test('without answers of look-ups is mapped as without a token', async () => {
    const { answers: _, ...bare } = expectEvent({ 'user_data.email_address': null });
    await write('thin.yaml', platform(bare));
    expect((await run()).code).toBe(0);
  });

  test('of a store sees the overrides of the store and names its source where there are several', async () => {
    await write('thin.yaml', platform());
    const own = { generate_lead: { set: { lead_source: 'web form' } } };
    const crm = { ...STORE.sources.crm, events: own };
    const body = '../bodies/contact.json';
    const events = [{ lead_source: 'web form' }];
    await write('stores/shop.yaml', { ...STORE, sources: { crm }, examples: [example({ body, expect: { events } })] });
    expect(await run()).toMatchObject({ code: 0, said: '1 platform and 1 store are fine: shop; 1 example holds' });
    const both = { ...STORE, sources: { crm, old: STORE.sources.crm } };
    await write('stores/shop.yaml', { ...both, examples: [example({ body, expect: { events } })] });
    expect((await run()).said).toContain('EXAMPLE source is missing, known: crm, old');
    await write('stores/shop.yaml', { ...both, examples: [example({ body, source: 'old', expect: { events } })] });
    expect((await run()).said).toContain('lead_source is nothing, expected "web form"');
  });

  test('without a time of arrival never grows too old, with one it may be', async () => {
    const fields = { event_time: '"2020-01-15T12:00:00Z"' };
    const old = { ...platform(), events: { generate_lead: { ...THIN.events.generate_lead, fields } } };
    const over = (parts: object) => ({
      ...old,
      examples: [{ ...expectEvent({ event_time: '2020-01-15 12:00:00Z' }), ...parts }],
    });
    await write('thin.yaml', over({}));
    expect((await run()).code).toBe(0);
    await write('thin.yaml', over({ at: '2020-03-01T00:00:00Z' }));
    expect((await run()).said).toContain('more than max_age allows');
  });

  test('is in the problems of --json', async () => {
    await write('thin.yaml', platform(expectEvent({ lead_id: '8' })));
    const { problems } = JSON.parse((await run('--json')).said);
    expect(problems).toMatchObject([{ file: 'thin.yaml', code: 'EXAMPLE' }]);
  });
});

describe('the body of an example', () => {
  const withBody = async (body: string) => {
    await write('thin.yaml', platform({ ...example({ expect: {} }), body }));
    return (await run()).said;
  };
  test.each(['../outside.json', '../../../../../../../../etc/passwd', 'bodies/../../outside.json'])(
    'S110 is not read from %s',
    async (body) => {
      await write('bodies/contact.json', BODY);
      await writeFile(join(folder, 'outside.json'), BODY);
      expect(await withBody(body)).toMatch(/EXAMPLE a new contact: .*leads out of the mappings folder/);
    },
  );
  test('S110 is not read through a link that leads out', async () => {
    await writeFile(join(folder, 'outside.json'), BODY);
    await write('bodies/contact.json', BODY);
    await symlink(join(folder, 'outside.json'), join(folder, 'mappings/bodies/link.json'));
    expect(await withBody('bodies/link.json')).toContain('leads out of the mappings folder');
  });
  test('that is not there is told with the place that names it', async () => {
    expect(await withBody('bodies/none.json')).toMatch(/^thin\.yaml:\d+:\d+ EXAMPLE .*cannot read bodies\/none\.json/);
  });
});
