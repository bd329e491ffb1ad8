// The button that tests a connection, over real HTTP: words for each ending, who may press it, and what stays out of sight.

import { createServer as createTlsServer } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSqlite } from '../../src/keep/sqlite/sqlite.ts';
import { ADMIN, type Browser, becomeAdmin, becomeRole } from '../support/browser.ts';
import { selfSigned } from '../support/certificates.ts';
import { listenAnywhere } from '../support/port.ts';
import { type Rig, startRig, storeFile, writeStore } from '../support/service.ts';

let rig: Rig;
let admin: Browser;
beforeAll(async () => {
  rig = await startRig();
  admin = await becomeAdmin(rig);
});
afterAll(() => rig.close());

const ga4 = { store: 'shop', destination: 'ga4' };
const meta = { store: 'shop', destination: 'meta', test_event_code: 'TEST12345' };
const sgtm = { store: 'shop', destination: 'sgtm', preview: 'ZW52LTF8YWJj' };
const run = (fields: Record<string, string>, browser = admin) => browser.submit('/destinations/test', fields);

describe('a test of a connection', () => {
  test.each([
    ['ga4', ga4, 'finds nothing wrong with the request'],
    ['meta', meta, 'Meta took the event'],
    ['sgtm', sgtm, 'The container took the event'],
  ])('of %s says that it works, and shows the request without secrets', async (_, fields, said) => {
    const { status, text } = await run(fields);
    expect([status, text]).toEqual([200, expect.stringContaining(said)]);
    expect(text).toContain('tagbridge_test');
    expect(text).not.toMatch(/secret-of-ga4|token-of-meta/);
  });

  test('is offered on the page with what it asks for', async () => {
    const { text } = await admin.get('/destinations');
    expect(text.match(/action="\/destinations\/test"/g)).toHaveLength(3);
    expect(text).toContain('name="test_event_code" value="" pattern="^[A-Za-z0-9]{3,40}$"');
  });

  test.each([
    ['nothing', ''],
    ['a slip of the hand', 'TEST 1'],
    ['text written to do harm', '"><script>alert(1)</script>'],
  ])('with %s for a code sends nothing', async (_, test_event_code) => {
    const before = rig.standins.received.length;
    const { status, text } = await run({ ...meta, test_event_code });
    expect([status, text]).toEqual([400, expect.stringContaining('Test event code: this does not look like one.')]);
    expect(text).not.toContain('<script>alert');
    expect(rig.standins.received.length).toBe(before);
  });

  test('leaves neither an event nor a delivery behind, and is audited', async () => {
    const { db, close } = await openSqlite({ path: join(rig.folder, 'data/tagbridge.db') });
    const rows = (sql: string) => db.query(sql);
    const counts = 'select (select count(*) from events) as events, (select count(*) from attempts) as attempts';
    expect(await rows(counts)).toEqual([{ events: 0, attempts: 0 }]);
    const audited = "select actor, store, detail from audit where action = 'connection tested' order by id";
    expect((await rows(audited))[0]).toEqual({ actor: ADMIN.email, store: 'shop', detail: 'ga4: works' });
    await close();
  });

  test('is refused to viewers, and answers 404 for what is no destination', async () => {
    expect((await run(ga4, await becomeRole(rig, admin, 'viewer'))).status).toBe(403);
    expect((await run({ ...ga4, destination: 'other' })).status).toBe(404);
    expect((await run({ ...ga4, store: '__proto__' })).status).toBe(404);
  });
});

describe('a test that fails', () => {
  const load = (destinations: object) => writeStore(rig, { ...storeFile(rig.standins), destinations });
  const sgtmAt = (url: string) => load({ sgtm: { url } });

  test('says that a name is not found', async () => {
    await sgtmAt('https://sst.shop.invalid/data');
    expect((await run(sgtm)).text).toContain('The name of the host cannot be found.');
  });

  test('says that a certificate is of nobody this machine trusts', async () => {
    const server = createTlsServer(selfSigned('localhost', new Date(Date.now() + 3_600_000)));
    await sgtmAt(`https://localhost:${await listenAnywhere(server)}/data`);
    expect((await run(sgtm)).text).toContain('The secure connection failed');
    server.close();
  });

  test('says that a container does not claim the path, and quotes no markup of the receiver', async () => {
    await load(storeFile(rig.standins).destinations);
    rig.standins.sgtm.fail({ status: 400, body: '<script>alert(1)</script>' }, { times: 1 });
    const { text } = await run(sgtm);
    expect(text).toContain('It answered 400: no client in the container claims this path');
    expect(text).not.toContain('<script>alert');
  });
});

test('a test does not lead into the operator’s own network', async () => {
  const own = await startRig({ ALLOW_PRIVATE_DESTINATIONS: 'false' });
  const { text } = await run(ga4, await becomeAdmin(own));
  expect(text).toContain('leads into a private network');
  expect(own.standins.received).toEqual([]);
  await own.close();
});
