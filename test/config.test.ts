// Settings: defaults, where they come from, and mistakes told all at once.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adminUrl, readConfig, Settings } from '../src/config.ts';
import { OperatorError } from '../src/lib/errors.ts';
import { folderWith } from './support/cli.ts';

let folder: string;
let dotenv: string;
beforeAll(async () => {
  folder = await folderWith({
    '.env': 'PORT=9000\nLOG_LEVEL=warn\nSHOP_SECRET="from the file # with a hash"\nEMPTY=\n',
  });
  dotenv = join(folder, '.env');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const NOWHERE = '/nowhere/.env';
const mistake = (environment: Record<string, string>): OperatorError => {
  try {
    readConfig(environment, NOWHERE);
  } catch (error) {
    if (error instanceof OperatorError) return error;
  }
  throw new Error('no mistake was found');
};

describe('settings', () => {
  test('need no environment at all', () => {
    const { env, cut, ...settings } = readConfig({}, NOWHERE);
    expect([env, cut]).toEqual([{}, new Map()]);
    expect(settings).toMatchObject({
      PORT: 8080,
      ADMIN_PORT: 8081,
      HOST: '0.0.0.0',
      MAPPINGS_DIR: './mappings',
      DATA_DIR: './data',
    });
    expect(settings).toMatchObject({ LOG_LEVEL: 'info', ALLOW_PRIVATE_DESTINATIONS: false, MAX_BODY_BYTES: 2_000_000 });
  });

  test('come from .env, under the environment', () => {
    expect(readConfig({}, dotenv)).toMatchObject({ PORT: 9000, LOG_LEVEL: 'warn' });
    expect(readConfig({ PORT: '9001' }, dotenv)).toMatchObject({ PORT: 9001, LOG_LEVEL: 'warn' });
  });

  test('pass on everything store files may name', () => {
    const { env } = readConfig({ GA4_SECRET: 'from outside' }, dotenv);
    expect(env).toMatchObject({ SHOP_SECRET: 'from the file # with a hash', GA4_SECRET: 'from outside', EMPTY: '' });
  });

  test('that are empty are not set', () => {
    expect(readConfig({ PORT: '', PUBLIC_URL: '', ENCRYPTION_KEY: '' }, NOWHERE)).toMatchObject({ PORT: 8080 });
    expect(readConfig({ PORT: '' }, dotenv)).toMatchObject({ PORT: 8080 });
  });

  test.each([
    ['true', true],
    ['1', true],
    ['false', false],
    ['0', false],
  ])('of yes and no are written %s', (text, value) => {
    expect(readConfig({ ALLOW_PRIVATE_DESTINATIONS: text }, NOWHERE).ALLOW_PRIVATE_DESTINATIONS).toBe(value);
  });

  test.each([
    ['PORT', '70000'],
    ['PORT', 'eighty'],
    ['PORT', '80.5'],
    ['PUBLIC_URL', 'hooks.shop.example'],
    ['LOG_LEVEL', 'loud'],
    ['ALLOW_PRIVATE_DESTINATIONS', 'perhaps'],
    ['MAX_BODY_BYTES', '12'],
    ['WORKERS', '0'],
  ])('refuse %s=%s and name it', (name, value) => {
    const { code, message } = mistake({ [name]: value });
    expect(code).toBe('CONFIG');
    expect(message).toMatch(new RegExp(`^wrong settings: ${name}: `));
  });

  test('of an identity provider go together, and its address is safe', () => {
    const { message } = mistake({ OIDC_ISSUER: 'https://login.shop.example', OIDC_CLIENT_ID: 'pages' });
    expect(message).toBe('wrong settings: OIDC_CLIENT_SECRET missing');
    const rest = { OIDC_CLIENT_ID: 'pages', OIDC_CLIENT_SECRET: 's' };
    expect(mistake({ OIDC_ISSUER: 'http://login.shop.example', ...rest }).message).toContain(
      'must start with https://',
    );
    expect(readConfig({ OIDC_ISSUER: 'http://127.0.0.1:9', ...rest }, NOWHERE).OIDC_CLIENT_ID).toBe('pages');
  });

  test.each([
    ['OIDC_DOMAINS', 'shop.example', 'OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET missing'],
    ['OIDC_ROLE_CLAIM', 'roles', 'OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET missing'],
    ['ALERT_WEBHOOK_SECRET', 'whsec_c2VjcmV0LW9mLXRoZS1hbGVydHMtaGVyZQ==', 'ALERT_WEBHOOK_URL missing'],
  ])('%s does nothing by itself, which is said', (name, value, missing) => {
    expect(mistake({ [name]: value }).message).toBe(`wrong settings: ${missing}`);
  });

  test.each([
    ['PORT', 'x', 'must be a number'],
    ['PORT', '80.5', 'must be a whole number'],
    ['MAX_BODY_BYTES', '2MB', 'must be a number'],
    ['MAX_BODY_BYTES', '2', 'must be at least 1000'],
    ['WORKERS', '17', 'must be at most 16'],
    ['PUBLIC_URL', 'hooks.acme.example', 'must be a web address such as https://acme.example'],
  ])('say in plain words that %s cannot be %j', (name, value, wanted) => {
    expect(mistake({ [name]: value }).message).toBe(`wrong settings: ${name}: ${wanted}`);
  });

  test.each([
    ['https://bridge.example', {}, 'https://bridge.example'],
    ['https://bridge.example/', {}, 'https://bridge.example'],
    ['https://bridge.example', { ADMIN_PORT: '8080' }, 'https://bridge.example/admin'],
    ['https://bridge.example/admin/', { ADMIN_PORT: '8080' }, 'https://bridge.example/admin'],
  ])('say where the pages are: %s with %j', (ADMIN_URL, more, url) => {
    expect(adminUrl(readConfig({ ADMIN_URL, ...more }, NOWHERE))).toBe(url);
  });

  test.each([
    ['https://x.example/tagbridge', {}, '/tagbridge', 'at the root of their host name'],
    ['https://x.example/admin', {}, '/admin', 'at the root of their host name'],
    ['https://x.example/tagbridge/', { ADMIN_PORT: '8080' }, '/tagbridge', 'under /admin'],
    ['https://x.example/tagbridge/admin', { ADMIN_PORT: '8080' }, '/tagbridge/admin', 'under /admin'],
  ])('of pages under a path where they are not are refused: %s with %j', (ADMIN_URL, more, path, place) => {
    expect(mistake({ ADMIN_URL, ...more })).toMatchObject({
      code: 'CONFIG',
      message: `wrong settings: ADMIN_URL: has the path ${path}, but the pages lie ${place}`,
      hint: expect.stringContaining('ADMIN_URL=https://x.example'),
    });
  });

  test('tell all mistakes at once', () => {
    const { message } = mistake({ PORT: 'x', ADMIN_PORT: 'y', LOG_LEVEL: 'z' });
    expect(message.match(/[A-Z_]+: /g)).toEqual(['PORT: ', 'ADMIN_PORT: ', 'LOG_LEVEL: ']);
  });

  test('never show the value of a key', () => {
    const { message } = mistake({ ENCRYPTION_KEY: 'a-key-that-is-secret', PORT: 'x' });
    expect(message).not.toContain('a-key-that-is-secret');
  });

  test('each have a help text for the table in the README', () => {
    for (const [name, schema] of Object.entries(Settings.shape))
      expect([name, schema.description]).toEqual([name, expect.stringMatching(/^[A-Z]/)]);
  });
});

test.each([
  ['LOG_LEVEL', 'loud', 'LOG_LEVEL: must be trace or debug or info or warn or error or fatal or silent'],
  ['ALLOW_PRIVATE_DESTINATIONS', 'yes', 'ALLOW_PRIVATE_DESTINATIONS: must be 0 or 1 or true or false'],
  ['SMTP_URL', 'http://mail.example', 'SMTP_URL: must be an address such as smtps://user:password@'],
  ['SMTP_FROM', 'bridge', 'SMTP_FROM: must be an e-mail address'],
])('%s with %s is told what it must be', (name, value, words) => {
  expect(mistake({ [name]: value }).message).toContain(words);
});
