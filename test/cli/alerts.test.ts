// `tagbridge alerts`, and `alerts:` in store files: what is right, what is not, and a test message to each contact.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { formatProblem } from '../../src/map/files/files.ts';
import { loadMappings } from '../../src/map/files/load.ts';
import { mappingParts } from '../../src/mapping-parts.ts';
import { startWatched, type Watched } from '../support/alerting.ts';
import { runHere } from '../support/cli.ts';
import { fences, README } from '../support/docs.ts';
import { SECRETS } from '../support/service.ts';

describe('tagbridge alerts', () => {
  let shop: Watched;
  let env: Record<string, string>;
  beforeAll(async () => {
    shop = await startWatched({}, { alerts: { discord: { url: 'http://127.0.0.1:9/' } } });
    const { MAPPINGS_DIR, DATA_DIR } = shop.config;
    env = { ...SECRETS, MAPPINGS_DIR, DATA_DIR, ALERT_SLACK_URL: shop.chat.url, ALLOW_PRIVATE_DESTINATIONS: 'true' };
  });
  afterAll(() => shop.close());

  test('lists whom to tell and what is wrong, beside the service', async () => {
    await shop.keep.pauseAccount({ account: 'G-TEST000001', reason: 'x', since: shop.clock.at, settings: 'stamp' });
    await shop.alerting.round();
    const { code, out } = await runHere(['alerts'], env);
    expect(code).toBe(0);
    expect(out).toContain('all/slack  is told everything\nshop/discord  is told what concerns shop');
    expect(out).toContain('shop/ga4 is paused');
    expect(out).toContain('nobody is told when the bridge itself is down: set HEARTBEAT_URL');
  });

  test('lists who hears that the bridge runs, without the secret in its address', async () => {
    const { out } = await runHere(['alerts'], { ...env, HEARTBEAT_URL: 'https://ping.example/secret-of-the-check' });
    expect(out).toContain('ping.example  is called every minute to say that the bridge runs');
    expect(out).not.toContain('secret-of-the-check');
  });

  test('tests all contacts, or one, and fails when one does not take the message', async () => {
    const before = shop.chat.received.length;
    const all = await runHere(['alerts', 'test'], env);
    expect(all).toMatchObject({
      code: 1,
      out: expect.stringContaining('shop/discord did not take the message: no answer: refused'),
    });
    expect(await runHere(['alerts', 'test', 'all/slack'], env)).toMatchObject({
      code: 0,
      out: 'all/slack took the message\n',
    });
    expect(shop.chat.received.length - before).toBe(2);
    expect((await runHere(['alerts', 'test', 'all/slak'], env)).err).toContain('all/slack');
    expect((await runHere(['alerts', 'tset'], env)).code).toBe(78);
  });
});

describe('alerts: in a store file', () => {
  const load = (alerts: object | string, env: Record<string, string> = {}) => {
    const text = typeof alerts === 'string' ? alerts : `alerts: ${JSON.stringify(alerts)}\n`;
    const store = { file: 'stores/shop.yaml', text: `store: shop\nsources: {}\ndestinations: {}\n${text}` };
    return loadMappings({ platforms: [], stores: [store] }, mappingParts(env)).problems.map(formatProblem);
  };

  test('may be as the README shows it', () => {
    const shown = fences(readFileSync(README, 'utf8'), 'yaml').find((text) => text.startsWith('alerts:')) ?? '';
    const env = { ACME_SLACK_URL: 'https://hooks.slack.example/T0', ACME_ALERT_SECRET: `whsec_${'a'.repeat(44)}` };
    expect(load(shown, env)).toEqual([]);
    expect(load(shown).join()).toContain('${ACME_SLACK_URL} is not set');
  });

  test.each([
    [{ slak: { url: 'https://x.example' } }, 'slak'],
    [{ slack: {} }, 'url'],
    [{ email: { to: ['nobody'] } }, 'email'],
    [{ webhook: { url: 'https://x.example', secrets: ['short'] } }, 'too short'],
    [{ ignore: ['everything'] }, 'everything'],
    [{ slack: { url: '${SMTP_URL}' } }, 'SMTP_URL'],
  ])('%j is a mistake that is named', (alerts, named) => {
    expect(load(alerts, { SMTP_URL: 'smtp://user:password@mail.example' }).join()).toContain(named);
  });
});

describe('settings of alerts', () => {
  const read = (env: Record<string, string>) => () => readConfig(env, join(import.meta.dirname, 'none'));
  test.each([
    [{ ALERT_EMAIL: 'ann@example.com' }, 'SMTP_URL'],
    [{ SMTP_URL: 'smtps://mail.example' }, 'SMTP_FROM'],
    [{ ALERT_EMAIL: 'ann@example.com; bob' }, 'no list of e-mail addresses'],
    [{ ALERT_WEBHOOK_URL: 'https://x.example' }, 'ALERT_WEBHOOK_SECRET'],
    [{ ALERT_SLACK_URL: 'hooks.slack.com' }, 'ALERT_SLACK_URL'],
    [{ HEARTBEAT_URL: 'ping.example/1' }, 'HEARTBEAT_URL'],
    [{ HEARTBEAT_URL: 'ftp://ping.example/1' }, 'HEARTBEAT_URL'],
    [{ HEARTBEAT_URL: 'https://ann:word@ping.example/1' }, 'HEARTBEAT_URL: has a user name'],
    [{ SMTP_URL: 'https://mail.example', SMTP_FROM: 'a@example.com' }, 'SMTP_URL'],
  ])('%j are refused at start', (env, named) => {
    expect(read(env)).toThrow(named);
  });
  test('that fit are taken', () => {
    const mail = { SMTP_URL: 'smtps://u:p@mail.example:465', SMTP_FROM: 'a@example.com' };
    expect(read({ ...mail, ALERT_EMAIL: 'ann@example.com, bob@example.com' })).not.toThrow();
  });
});
