// Erasing and exporting a person beside a running service, with and without a key, and what is left in the files.
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runHere } from '../support/cli.ts';
import { filesWith } from '../support/files.ts';
import { fromShopify, lampOrder, lampRefund, post } from '../support/hooks.ts';
import { eventually, type Rig, SECRETS, startRig } from '../support/service.ts';

const KEY = Buffer.alloc(32, 'k').toString('base64');
const CANARY = 'canary.person@example.com';
const STREET = 'Canary-street 12345 bis';
/** Long enough that SQLite lays it on pages of its own. */
const LONG = `${STREET} `.repeat(400);

describe.each([
  ['without a key', {}],
  ['with a key', { ENCRYPTION_KEY: KEY }],
])('S80 erasing %s', (_, environment: Record<string, string>) => {
  let rig: Rig;
  const env = () => ({
    ...SECRETS,
    ...environment,
    DATA_DIR: join(rig.folder, 'data'),
    MAPPINGS_DIR: join(rig.folder, 'mappings'),
  });
  const run = (...words: string[]) => runHere(words, env());
  const send = async (body: object, topic?: string) => {
    expect((await post(rig.service.url, fromShopify(body, topic))).status).toBe(200);
  };
  const stats = async (): Promise<string> => (await run('stats')).out;
  const buyer = (id: number, over: object = {}) =>
    lampOrder(id, {
      email: CANARY,
      phone: '06 12345678',
      customer: { id: 7120060000202 },
      note: LONG,
      billing_address: { first_name: 'Canary', last_name: 'Person', address1: STREET, country_code: 'NL' },
      ...over,
    });

  beforeAll(async () => {
    rig = await startRig(environment);
    // What is sent to one destination stays waiting, so that there is something to cancel.
    rig.standins.sgtm.fail({ status: 503 });
    await send(buyer(6001));
    await send(lampRefund(91, 6001), 'refunds/create');
    await send(buyer(6002, { financial_status: 'pending', email: CANARY.toUpperCase() }), 'orders/create');
    await send({ id: 7120060000202, email: CANARY, note: LONG }, 'customers/update');
    await send(buyer(6003, { email: 'other@example.net', phone: '06 87654321', customer: { id: 7120060000203 } }));
    await eventually(
      async () => `${(await stats()).match(/\S+ (waiting|pending): \d+/g)}` === 'shop/sgtm waiting: 3',
      'three deliveries wait, and all else is through',
    );
  });
  afterAll(() => rig.close());

  test('a dry run counts and changes nothing', async () => {
    const { out } = await run('erase', '--email', CANARY, '--dry-run');
    expect(out).toMatch(/^would erase 2 events, 2 waiting deliveries cancelled, 4 hooks\n$/);
    expect(await stats()).toContain('shop/sgtm waiting: 3');
  });

  test('in a store that is not there is no success, nor is what is held there', async () => {
    for (const command of ['erase', 'export']) {
      const { code, out, err } = await run(command, '--email', CANARY, '--store', 'shpo');
      expect([code, out, err]).toEqual([78, '', 'UNKNOWN_STORE there is no store shpo, did you mean shop?\n']);
    }
  });

  test('a data request is answered with all that is held', async () => {
    const { out } = await run('export', '--email', CANARY, '--store', 'shop');
    const held = JSON.parse(out);
    expect(held.events.map(({ name }: { name: string }) => name).sort()).toEqual(['purchase', 'refund']);
    expect(held.events[0].event.user_data.email_address).toBe(CANARY);
    expect(held.events[0].attempts.map(({ destination }: { destination: string }) => destination)).toContain('ga4');
    expect(held.hooks).toHaveLength(4);
    expect(held.hooks[0].body).toContain(STREET);
    expect(out).not.toContain('other@example.net');
  });

  test('cancels what waits, deletes bodies and leaves the person in no file while the service runs', async () => {
    const texts = [CANARY, CANARY.toUpperCase(), '612345678', '7120060000202'];
    const data = join(rig.folder, 'data');
    if (environment.ENCRYPTION_KEY === undefined) expect(await filesWith(data, ...texts)).not.toEqual([]);
    expect(await run('erase', '--email', CANARY, '--phone', '0612345678')).toEqual({
      code: 0,
      out: 'erased 2 events, 2 waiting deliveries cancelled, 4 hooks\n',
      err: '',
    });
    expect(await filesWith(data, ...texts)).toEqual([]);
    expect(await stats()).toContain('shop/sgtm waiting: 1');
    expect((await run('export', '--email', CANARY)).out).toContain('"events": []');
  });

  test('is not undone by replays or by the order coming again', async () => {
    for (const words of [
      ['--order', '6001'],
      ['--status', 'ignored'],
      ['--status', 'delivered', '--order', '6001'],
    ])
      expect((await run('replay', ...words)).out).toMatch(/^0 /);
    await send(buyer(6001, { email: 'late@example.net', updated_at: 'later' }), 'orders/updated');
    await send(lampRefund(92, 6001), 'refunds/create');
    await eventually(
      async () => (await stats()).match(/shopify ignored: \d+/)?.[0] === 'shopify ignored: 1',
      'the refund is dropped',
    );
    const sent = rig.standins.received.filter(({ body }) => JSON.stringify(body).includes('"6001"'));
    expect(sent.filter(({ destination }) => destination === 'ga4')).toHaveLength(2);
    expect((await run('replay', '--status', 'ignored', '--dry-run')).out).toContain('its order was erased');
  });

  test('says that traces may be left in a large file, unless it is written anew or a key hides them', async () => {
    const database = new DatabaseSync(join(rig.folder, 'data/tagbridge.db'), { timeout: 5_000 });
    database.exec('create table ballast as select zeroblob(70000000) as weight');
    database.close();
    const traces = environment.ENCRYPTION_KEY === undefined ? /--rewrite removes them/ : /^erased .*\n$/;
    expect(await run('erase', '--order', '6003')).toMatchObject({ code: 0, out: expect.stringMatching(traces) });
    const { code, out } = await run('erase', '--order', '6003', '--rewrite');
    expect([code, out]).toEqual([0, expect.stringMatching(/^erased .*\n$/)]);
    await send(buyer(6004));
  });

  test('stands in the audit without a word about the person, under one name for whoever types commands', async () => {
    await run('user', 'add', 'someone@example.com');
    const { out } = await run('audit', '--json');
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ action }) => action)).toEqual(expect.arrayContaining(['export', 'erase', 'replay']));
    expect([...new Set(lines.map(({ actor }) => actor))]).toHaveLength(1);
    expect(lines.find(({ action }) => action === 'erase')).toMatchObject({
      actor: expect.stringMatching(/./),
      detail: expect.stringMatching(/^email:[0-9a-f]{12} phone:[0-9a-f]{12}; 2 events/),
    });
    expect(out).not.toMatch(/canary|612345678/i);
    expect((await run('audit', '--since', '2100-01-01T00:00:00Z')).out).toBe('nobody did anything\n');
    for (const since of ['3d', '999999999d'])
      expect(await run('audit', '--since', since, '--json'), since).toMatchObject({ code: 0, out });
    expect((await run('audit', '--since', '0s')).out).toBe('nobody did anything\n');
  });
});

describe('erase', () => {
  test.each([
    [[], 'nobody is named'],
    [['--email', 'ann'], '--email ann is no e-mail'],
    [['--phone', '12'], '--phone 12 is no phone number'],
    [['--order', ''], 'an id is empty'],
  ])('refuses %j', async (words, said) => {
    const { code, err } = await runHere(['erase', ...words], {});
    expect(code).toBe(78);
    expect(err).toContain(said);
  });
});
