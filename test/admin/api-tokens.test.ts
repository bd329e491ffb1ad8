// API tokens on the page of admins and on the command line: shown once, kept as hashes, gone when revoked.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { token as tokenCommand } from '../../src/cli/token.ts';
import { idOf, makeToken } from '../support/api.ts';
import { type Browser, becomeAdmin, becomeRole } from '../support/browser.ts';
import { type Rig, SECRETS, startRig } from '../support/service.ts';

let rig: Rig;
let admin: Browser;
beforeAll(async () => {
  rig = await startRig();
  admin = await becomeAdmin(rig);
});
afterAll(() => rig.close());

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
