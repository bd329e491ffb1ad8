// The heartbeat from end to end: a real database, real HTTP to a stand-in of the service that listens, and a clock that is moved.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { createLog } from '../../src/lib/log.ts';
import { startService } from '../../src/main.ts';
import { HOUR, MINUTE, startWatched, useWatched } from '../support/alerting.ts';
import { startReceiver } from '../support/deliver-receiver.ts';
import { eventually } from '../support/service.ts';
import { MAPPINGS } from '../support/stores.ts';

const SECRET = '/ping/3f9d1c2e-secret-of-this-check';
const start = useWatched();

/** A service that listens and answers with `status`, which tests change. */
async function listen() {
  const answer = { status: 200 };
  const receiver = await startReceiver((_, response) => void response.writeHead(answer.status).end('OK'));
  onTestFinished(receiver.close);
  return { answer, receiver, HEARTBEAT_URL: `${receiver.url}${SECRET}` };
}

test('the service that listens is asked once in every look, by a GET without anything', async () => {
  const { receiver, HEARTBEAT_URL } = await listen();
  const shop = await start({ HEARTBEAT_URL });
  await shop.pass(3);
  expect(receiver.received.map(({ url, body }) => ({ url, body }))).toEqual(Array(3).fill({ url: SECRET, body: '' }));
  expect(shop.alerting.pulse()).toEqual({
    host: `127.0.0.1:${receiver.port}`,
    heard_at: shop.clock.at,
    problem: undefined,
  });
});

test('nobody is asked where nothing is set', async () => {
  const shop = await start();
  await shop.pass(1);
  expect(shop.alerting.pulse()).toBeUndefined();
});

test('of several replicas the one that watches is heard, and when it is gone another one', async () => {
  const { receiver, HEARTBEAT_URL } = await listen();
  const shop = await start({ HEARTBEAT_URL });
  const other = shop.another();
  await shop.pass(1);
  await other.round();
  expect(receiver.received).toHaveLength(1);
  shop.clock.at += 3 * MINUTE;
  await other.round();
  expect(receiver.received).toHaveLength(2);
});

test('a bridge whose database is gone is not heard, for it sees nothing of what goes wrong', async () => {
  const { receiver, HEARTBEAT_URL } = await listen();
  const shop = await startWatched({ HEARTBEAT_URL });
  await shop.pass(1);
  const { alerting } = shop;
  await shop.close();
  await alerting.round();
  expect(receiver.received).toHaveLength(1);
  expect(shop.logged.join()).toContain('alerts.failed');
});

test('a replica that watches no more does not say how its last call went', async () => {
  const { answer, HEARTBEAT_URL } = await listen();
  const shop = await start({ HEARTBEAT_URL });
  const other = shop.another();
  answer.status = 404;
  await shop.pass(1);
  shop.clock.at += 3 * MINUTE;
  answer.status = 200;
  await other.round();
  await shop.alerting.round();
  expect(shop.alerting.pulse()).toMatchObject({ heard_at: undefined, problem: undefined });
  expect(other.pulse()?.heard_at).toBe(shop.clock.at);
});

test('a service that does not take it is logged once, and once when it does again, never with its address', async () => {
  const { answer, HEARTBEAT_URL } = await listen();
  const shop = await start({ HEARTBEAT_URL });
  answer.status = 404;
  await shop.pass(3);
  expect(shop.alerting.pulse()).toMatchObject({ heard_at: undefined, problem: expect.stringMatching(/answered 404$/) });
  answer.status = 200;
  await shop.pass(2);
  expect(shop.alerting.pulse()?.problem).toBeUndefined();
  expect(shop.logged.join('').match(/heartbeat\.\w+/g)).toEqual(['heartbeat.not_heard', 'heartbeat.heard_again']);
  expect(shop.logged.join('')).not.toContain(SECRET);
});

test('the service that listens may be of the own network, where no destination may be', async () => {
  const { receiver, HEARTBEAT_URL } = await listen();
  const folder = await mkdtemp(join(tmpdir(), 'tagbridge-heartbeat-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const ports = { PORT: '0', ADMIN_PORT: '0', HOST: '127.0.0.1' };
  const env = { ...ports, MAPPINGS_DIR: MAPPINGS, DATA_DIR: folder, HEARTBEAT_URL };
  const config = readConfig(env, join(folder, 'none'));
  const service = await startService({ config, log: createLog('silent'), onCrash: () => undefined });
  await eventually(() => receiver.received.length > 0, 'it is heard');
  await service.stop();
  expect(config.ALLOW_PRIVATE_DESTINATIONS).toBe(false);
});

test('no call comes while an alert reaches nobody, for no more than the day in which that is tried', async () => {
  const { receiver, HEARTBEAT_URL } = await listen();
  const shop = await start({ HEARTBEAT_URL, ALERT_SLACK_URL: 'http://127.0.0.1:9/' });
  await shop.keep.pauseAccount({ account: 'G-TEST000001', reason: 'x', since: shop.clock.at, settings: 'stamp' });
  await shop.pass(10);
  expect(receiver.received).toHaveLength(10);
  await shop.pass(20);
  expect(receiver.received).toHaveLength(10);
  expect(shop.alerting.pulse()?.problem).toBe('an alert reaches nobody (all/slack: no answer: refused)');
  shop.clock.at += 24 * HOUR;
  await shop.pass(2);
  expect(receiver.received.length).toBeGreaterThan(10);
});

const BROKEN = 'http://127.0.0.1:9/';
/** The store has a contact of its own that is gone. */
const ITS_OWN = { alerts: { slack: { url: BROKEN } } };

test.each<[string, Record<string, string>, object, boolean]>([
  [
    'that its store alone was to hear does not stop the calls: all others are told',
    { ALERT_SLACK_URL: '' },
    ITS_OWN,
    true,
  ],
  ['that the operator hears too does not', {}, ITS_OWN, true],
  ['that neither hears does', { ALERT_SLACK_URL: BROKEN }, ITS_OWN, false],
])('an alert %s', async (_, environment, store, goesOn) => {
  const { receiver, HEARTBEAT_URL } = await listen();
  const shop = await start({ HEARTBEAT_URL, ...environment }, store);
  await shop.keep.pauseAccount({ account: 'G-TEST000001', reason: 'x', since: shop.clock.at, settings: 'stamp' });
  await shop.pass(20);
  expect(receiver.received).toHaveLength(goesOn ? 20 : 10);
});

const FULL = { id: 'disk', subject: 'disk', kind: 'disk', stores: [], title: 'Full', detail: '', todo: '', path: '/' };

test('an alert of no store that reaches nobody stops the calls, whoever was to hear of it', async () => {
  const { receiver, HEARTBEAT_URL } = await listen();
  const shop = await start({ HEARTBEAT_URL, ALERT_SLACK_URL: '' }, ITS_OWN);
  const { at } = shop.clock;
  await shop.keep.openIncident({ ...FULL, since: at, opened_at: at }, ['shop/slack']);
  await shop.pass(10);
  expect(receiver.received).toHaveLength(9);
});

test('a contact that took nothing stops no call once it is not set up any more', async () => {
  const { receiver, HEARTBEAT_URL } = await listen();
  const shop = await start({ HEARTBEAT_URL, ALERT_SLACK_URL: '' });
  const { at } = shop.clock;
  await shop.keep.openIncident({ ...FULL, since: at, opened_at: at }, ['all/slack']);
  await shop.keep.claimNotices({ now: at, lease_until: at, lease_id: 'before', limit: 1 });
  const failed = { contact: 'all/slack', phase: 'open', problem: 'answered 404', retry: at + HOUR } as const;
  await shop.keep.finishNotices([{ ...failed, incident_id: FULL.id }], 'before');
  await shop.pass(10);
  expect(receiver.received).toHaveLength(10);
});

test('alerts are told though the service that listens is away', async () => {
  const shop = await start({ HEARTBEAT_URL: 'http://127.0.0.1:9/ping' });
  await shop.keep.pauseAccount({ account: 'G-TEST000001', reason: 'x', since: shop.clock.at, settings: 'stamp' });
  await shop.pass(2);
  expect(shop.told()).toEqual(['🔴 shop/ga4 is paused']);
  expect(shop.alerting.pulse()?.problem).toBe('no answer: refused');
});
