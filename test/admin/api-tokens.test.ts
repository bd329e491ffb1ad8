// API tokens on the page of admins, on the command line and in the API: shown once, kept as hashes, gone when revoked, for their scopes and store alone.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { token as tokenCommand } from '../../src/cli/token.ts';
import { type Client, createClient, idOf, makeStrangersToken, makeToken } from '../support/api.ts';
import { auditLines, Items, Problem, startApiDay, stopClock } from '../support/api-day.ts';
import { type Browser, becomeRole } from '../support/browser.ts';
import { type Rig, SECRETS } from '../support/service.ts';

let rig: Rig;
let admin: Browser;
let token: string;
let client: Client;
let hook: string;
beforeAll(async () => {
  ({ rig, admin, token, client, hook } = await startApiDay());
});
afterAll(() => rig.close());
afterEach(() => void vi.restoreAllMocks());

async function run(...args: string[]): Promise<string[]> {
  const said: string[] = [];
  const out = (text: string) => void said.push(text);
  const env = { ...SECRETS, DATA_DIR: join(rig.folder, 'data'), MAPPINGS_DIR: join(rig.folder, 'mappings') };
  await tokenCommand.run(args, { out, err: out, env });
  return said;
}

describe('the page of API tokens', () => {
  test('S99 shows a token once, and no file has it', async () => {
    const token = await makeToken(admin, { name: 'nightly report', scopes: ['read', 'act'], stores: ['shop'] });
    const { text } = await admin.get('/tokens');
    expect(text).toContain('nightly report');
    expect(text).toContain(idOf(token));
    expect(text).toContain('read, act');
    const secret = token.split('_').slice(2).join('_');
    expect(text).not.toContain(secret);
    for (const name of await readdir(join(rig.folder, 'data')))
      expect((await readFile(join(rig.folder, 'data', name))).includes(secret)).toBe(false);
    expect(rig.logged.join('')).not.toContain(secret);
  });

  test('makes one token of a form, however often its page is loaded again', async () => {
    const sent = async () => {
      const { text } = await admin.get('/tokens');
      return {
        id: /name="id" value="([0-9a-f]{12})"/.exec(text)?.[1] ?? '',
        name: 'loaded again',
        scope: 'read',
        days: '',
      };
    };
    const form = await sent();
    const first = await admin.submit('/tokens', form);
    expect([first.status, /value="tagbridge_([0-9a-f]{12})_/.exec(first.text)?.[1]]).toEqual([200, form.id]);
    const again = await admin.submit('/tokens', form);
    expect(again.status).toBe(409);
    expect(again.text).toContain('This form was sent before');
    expect(again.text).not.toContain('tagbridge_');
    const named = async () => (await admin.get('/tokens')).text.match(/<strong>loaded again<\/strong>/g);
    expect(await named()).toHaveLength(1);
    expect((await admin.submit('/tokens', await sent())).status).toBe(200);
    expect(await named()).toHaveLength(2);
  });

  test('lists a revoked one no more', async () => {
    const id = idOf(await makeToken(admin, { name: 'short-lived' }));
    expect((await admin.submit(`/tokens/${id}/revoke`)).location).toBe('/tokens?done=revoked');
    expect((await admin.get('/tokens')).text).not.toContain(id);
    expect((await admin.submit(`/tokens/${id}/revoke`)).status).toBe(404);
  });

  test.each([
    [{ name: '', scope: 'read' }, 'Give it a name'],
    [{ name: 'x'.repeat(61), scope: 'read' }, 'at most 60'],
    [{ name: 'nothing' }, 'Say what it may do'],
    [{ name: 'of a shop that is gone', scope: 'read', store: 'gone' }, 'There is no store gone any more'],
  ])('refuses %j, which stays in the form', async (fields, why) => {
    const page = await admin.submit('/tokens', fields);
    expect(page.status).toBe(400);
    expect(page.text).toContain(why);
    expect(page.text).toContain(`name="name" value="${fields.name}"`);
    expect(page.text).toMatch('scope' in fields ? /value="read" checked/ : /value="read">/);
    expect(page.text).not.toContain('tagbridge_');
  });

  test('S97 is for admins alone', async () => {
    for (const role of ['viewer', 'sales']) {
      const browser = await becomeRole(rig, admin, role);
      expect((await browser.get('/tokens')).status).toBe(403);
      expect((await browser.submit('/tokens', { name: 'mine', scope: 'act' })).status).toBe(403);
    }
    expect((await admin.get('/tokens')).text).not.toContain('mine');
  });
});

describe('tagbridge token', () => {
  test('makes, lists and revokes', async () => {
    const [token = ''] = await run('add', 'from the shell', '--scope', 'read', '--store', 'shop', '--days', '7');
    expect(token).toMatch(/^tagbridge_[0-9a-f]{12}_[\w-]{43}$/);
    const listed = (await run('list')).find((line) => line.includes(idOf(token)));
    expect(listed).toMatch(/from the shell {2}read {2}shop {2}expires \d{4}-\d\d-\d\d {2}never used$/);
    await run('revoke', idOf(token));
    expect((await run('list')).join()).not.toContain(idOf(token));
  });

  test.each([
    [['add', 'x', '--scope', 'write'], 'there is no scope write'],
    [['add', 'x', '--scope', 'read', '--store', 'shup'], 'there is no store shup'],
    [['add', 'x', '--scope', 'read', '--days', '0'], 'is no number of days'],
    [['add', '--scope', 'read'], 'Give it a name'],
    [['add', 'x'], 'Say what it may do'],
    [['revoke', 'nobody'], 'there is no token nobody'],
    [['toString'], 'there is no tagbridge token toString'],
  ])('%j is refused in words', async (args, why) => {
    await expect(run(...args)).rejects.toThrow(why);
  });
});

const META = '1234567890123456';
const withScopes = async (...scopes: string[]) => createClient(rig, await makeToken(admin, { scopes }));
const forStore = async (...stores: string[]) =>
  createClient(rig, await makeToken(admin, { scopes: ['read', 'act', 'personal_data', 'audit'], stores }));
const audited = (action: string) => auditLines(rig, action);
const strangerTo = async () => createClient(rig, await makeStrangersToken(rig, admin));

describe('a token', () => {
  test('S99 that is revoked is refused from the next request on', async () => {
    const gone = await makeToken(admin);
    const asker = createClient(rig, gone);
    expect((await asker.get('/token')).json).toMatchObject({ id: idOf(gone), scopes: ['read'], stores: [] });
    await admin.submit(`/tokens/${idOf(gone)}/revoke`);
    const reply = await asker.get('/token');
    expect(reply.status).toBe(401);
    expect(reply.headers.get('www-authenticate')).toBe('Bearer');
  });

  test('shows on its page that it was used', async () => {
    const used = await makeToken(admin, { name: 'used once' });
    await createClient(rig, used).get('/token');
    const row = new RegExp(`${idOf(used)}</code>.*?</tr>`, 's').exec((await admin.get('/tokens')).text)?.[0];
    expect(row?.match(/<time /g)).toHaveLength(2);
  });

  test('S93 is all that counts: the session of a browser opens nothing here', async () => {
    expect((await admin.get('/api/hooks')).status).toBe(401);
    expect((await admin.submit('/api/destinations/pause', { account: META })).status).toBe(401);
  });

  test('S97 does only what its scopes say, and its tries are audited', async () => {
    const reader = await withScopes('read');
    const before = (await audited('refused: post /api/destinations/pause')).length;
    expect((await reader.post('/destinations/pause', { account: META })).status).toBe(403);
    expect((await reader.get('/audit')).status).toBe(403);
    expect((await reader.get(`/hooks/${hook}?unmasked=true`)).status).toBe(403);
    expect((await reader.get('/export/events?unmasked=true')).status).toBe(403);
    expect((await reader.get('/export/audit')).status).toBe(403);
    expect((await (await withScopes('act')).get('/hooks')).status).toBe(403);
    expect((await audited('refused: post /api/destinations/pause')).length).toBe(before + 1);
    expect((await audited('refused: personal data')).at(-1)).toContain(hook);
  });

  test('S97 without the scope is told that an address with NUL is none, also where the try could not be noted', async () => {
    const actor = await withScopes('act');
    const reply = await actor.get('/stores/shop/orders/10%0042');
    expect(reply.status).toBe(400);
    expect(Problem.parse(reply.json).detail).toContain('cannot be seen');
  });

  test('S96 for one store sees nothing of another', async () => {
    const stranger = await strangerTo();
    for (const path of [`/hooks/${hook}`, '/stores/shop/orders/1042']) {
      const reply = await stranger.get(path);
      expect([path, reply.status]).toEqual([path, 404]);
    }
    for (const path of [
      '/hooks',
      '/hooks?store=shop',
      '/events',
      '/deliveries',
      '/attempts',
      '/problems',
      '/sources',
      '/destinations',
      '/alerts',
      '/alerts/ended',
      '/audit',
    ])
      expect([path, Items.parse((await stranger.get(path)).json).items]).toEqual([path, []]);
    expect((await stranger.get('/search?q=1042')).json).toEqual({ matches: [], uncounted: [] });
    expect((await stranger.get('/overview')).json).toMatchObject({ stores: [], troubles: [] });
    expect((await stranger.get('/reports/match')).json).toMatchObject({ stores: [] });
    expect((await stranger.post('/replays', { store: 'shop', place: 'shopify', kind: 'stuck' })).status).toBe(404);
    expect((await stranger.post(`/hooks/${hook}/map`, {})).status).toBe(404);
    expect((await stranger.post('/destinations/pause', { account: META })).status).toBe(404);
    for (const list of ['hooks', 'events', 'deliveries', 'attempts', 'problems', 'alerts', 'match', 'audit'])
      expect((await stranger.get(`/export/${list}`)).text.trim().split('\r\n')).toHaveLength(1);
    expect(Items.parse((await (await forStore('shop')).get('/hooks')).json).items.length).toBeGreaterThan(5);
  });

  test('S90 cannot be guessed: after thirty tries an address has to wait, a right token of it has not', async () => {
    stopClock();
    const guess = () => `tagbridge_${idOf(token)}_${'x'.repeat(43)}`;
    const replies = await Promise.all(Array.from({ length: 200 }, () => createClient(rig, guess()).get('/token')));
    const statuses = replies.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(31);
    const slowed = replies.find(({ status }) => status === 429);
    expect(Number(slowed?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await client.get('/token')).status).toBe(200);
    for (const wrong of ['', 'tagbridge_', 'x'.repeat(9_000), token.slice(0, -1), `${token}x`])
      expect([401, 429]).toContain((await createClient(rig, wrong).get('/token')).status);
  });
});
