// The page of alerts over real HTTP: what is open, whom it was told, what is watched, and a test of each contact.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { createKeep } from '../../src/keep/keep.ts';
import { openSqlite } from '../../src/keep/sqlite/sqlite.ts';
import { createLog } from '../../src/lib/log.ts';
import { plainVault } from '../../src/lib/vault.ts';
import { startService } from '../../src/main.ts';
import { ADMIN, type Browser, becomeAdmin, becomeRole, createBrowser } from '../support/browser.ts';
import { always, type Receiver, startReceiver } from '../support/deliver-receiver.ts';
import { fromShopify, lampOrder, post } from '../support/hooks.ts';
import { eventually, type Rig, SECRETS, startRig } from '../support/service.ts';
import { TOKEN_REFUSED } from '../support/shop.ts';

let chat: Receiver;
let monitor: Receiver;
let rig: Rig;
let admin: Browser;
let viewer: Browser;
beforeAll(async () => {
  chat = await startReceiver(always(200));
  monitor = await startReceiver(always(200));
  rig = await startRig({
    HEARTBEAT_URL: `${monitor.url}/secret-of-the-check`,
    ALERT_SLACK_URL: chat.url,
    ALERT_TEAMS_URL: 'http://127.0.0.1:9/',
  });
  admin = await becomeAdmin(rig);
  viewer = await becomeRole(rig, admin, 'viewer');
});
afterAll(async () => {
  await rig.close();
  await chat.close();
  await monitor.close();
});

describe('the page of alerts', () => {
  test('says who is told and what is watched, before anything is wrong', async () => {
    const { text } = await viewer.get('/alerts');
    expect(text).toContain('all/slack');
    expect(text).toContain('shop/shopify');
    expect(text).toContain('No hook ever came.');
    expect(text).toContain('0 of 0 tries failed in two hours.');
    expect(text).not.toContain(chat.url);
  });

  test('says who hears that the bridge runs, without the secret in its address', async () => {
    await eventually(
      async () => (await viewer.get('/alerts')).text.includes('It last took the call at'),
      'it was called',
    );
    const { text } = await viewer.get('/alerts');
    expect(text).toContain(
      `<strong>127.0.0.1:${monitor.port}</strong> is called every minute to say that the bridge runs`,
    );
    expect(text).not.toContain('secret-of-the-check');
    expect(monitor.received[0]?.url).toBe('/secret-of-the-check');
  });

  test('tests a contact for admins only, says how it went, and notes it', async () => {
    expect((await viewer.submit('/alerts/test', { contact: 'all/slack' })).status).toBe(403);
    expect(chat.received).toHaveLength(0);
    expect((await admin.submit('/alerts/test', { contact: 'all/slack' })).text).toContain('all/slack took the message');
    expect(JSON.parse(chat.received[0]?.body ?? '')).toMatchObject({ text: '🔵 Alerts of tagbridge arrive here' });
    const failed = await admin.submit('/alerts/test', { contact: 'all/teams' });
    expect(failed.text).toContain('all/teams did not take the message: no answer: refused.');
    expect((await admin.submit('/alerts/test', { contact: 'all/nobody' })).status).toBe(404);
    expect((await viewer.get('/alerts')).text).not.toContain('aria-label="Test');
  });
});

test('of what is over the page says how long it lasted, without the calm in which its end was waited for, and how it ended', async () => {
  const { db, close } = await openSqlite({ path: join(rig.folder, 'data/tagbridge.db') });
  const keep = createKeep({ db, vault: plainVault });
  const since = Date.UTC(2026, 0, 15, 12);
  const words = { title: 'shop/ga4: deliveries are late', detail: '9 deliveries wait.', todo: 'Wait.', path: '/' };
  const incident = { id: '01', subject: 'sending shop/old', kind: 'queue', stores: ['shop'], ...words };
  await keep.openIncident({ ...incident, since, opened_at: since }, []);
  await keep.calmIncident('01', since + 5 * 60_000);
  await keep.endIncident('01', since + 15 * 60_000, 'left');
  await close();
  const { text } = await viewer.get('/alerts');
  expect(text).toContain('>5 min<');
  expect(text).toContain('not mended');
  expect((await viewer.get('/export/alerts.csv')).text).toMatch(/"9 deliveries wait\.","Wait\.","left"/);
});

test('what is wrong when a service starts is told once, on the page and on the overview; a restart repeats nothing', async () => {
  rig.standins.meta.fail(TOKEN_REFUSED, { times: 1 });
  await post(rig.service.url, fromShopify(lampOrder(1042)));
  await eventually(async () => (await admin.get('/destinations')).text.includes('Paused since'), 'meta is paused');
  const told = () => chat.received.filter(({ body }) => body.includes('shop/meta is paused'));
  const config = readConfig({
    ...SECRETS,
    PORT: '0',
    ADMIN_PORT: '0',
    HOST: '127.0.0.1',
    ALLOW_PRIVATE_DESTINATIONS: 'true',
    MAPPINGS_DIR: join(rig.folder, 'mappings'),
    DATA_DIR: join(rig.folder, 'data'),
    ALERT_SLACK_URL: chat.url,
  });
  await rig.service.stop();
  for (const start of ['first', 'second']) {
    const logged: string[] = [];
    const log = createLog('info', { write: (line: string) => void logged.push(line) });
    const service = await startService({ config, log, onCrash: () => undefined });
    const person = createBrowser(service.adminUrl);
    await person.logIn(ADMIN.email, ADMIN.password);
    await eventually(
      async () => (await person.get('/alerts')).text.includes('was told its beginning'),
      `${start} told`,
    );
    expect((await person.get('/')).text).toContain('shop/meta is paused');
    expect((await person.get('/alerts')).text).toContain('Nobody is told when the bridge itself is down');
    await service.stop();
    expect(told()).toHaveLength(1);
  }
  for (const personal of ['buyer1042', 'Mila', SECRETS.META_TOKEN]) expect(told()[0]?.body).not.toContain(personal);
});
