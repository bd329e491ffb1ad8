// Sessions and links as time goes by, on a real database with a clock that the test moves.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Accounts, createAccounts, makeLink } from '../../src/admin/login/accounts.ts';
import { createTokens, makeToken, type TokenWish } from '../../src/admin/tokens/tokens.ts';
import { KeepError } from '../../src/keep/error.ts';
import { createKeep, type Keep } from '../../src/keep/keep.ts';
import { openSqlite } from '../../src/keep/sqlite/sqlite.ts';
import { newId } from '../../src/lib/id.ts';
import { plainVault } from '../../src/lib/vault.ts';
import { ADMIN } from '../support/browser.ts';

const MINUTE = 60_000;
let at = Date.UTC(2026, 10, 20, 9);
let keep: Keep;
let accounts: Accounts;
let close: () => Promise<void>;
let session: string;

const becomeFirst = async (path: string) =>
  accounts.becomeFirst(path.split('/').at(-1) ?? '', ADMIN.email, ADMIN.password);
const isIn = async (token: string) => (await accounts.visitorOf(token, true)) !== undefined;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tagbridge-accounts-'));
  const sqlite = await openSqlite({ path: join(folder, 'tagbridge.db') });
  keep = createKeep({ db: sqlite.db, vault: plainVault });
  accounts = createAccounts({ keep, now: () => at, newId });
  close = () => sqlite.close().then(() => rm(folder, { recursive: true }));
});
afterAll(() => close());

describe('S88 the link of the first admin', () => {
  test('is over after 15 minutes', async () => {
    const { path } = await makeLink(keep, at);
    at += 15 * MINUTE;
    expect(await becomeFirst(path)).toBeUndefined();
  });
  test('works until then, and no other link does afterwards', async () => {
    const [one, other] = [await makeLink(keep, at), await makeLink(keep, at)];
    at += 15 * MINUTE - 1;
    session = (await becomeFirst(one.path))?.token ?? '';
    expect(await isIn(session)).toBe(true);
    expect(await becomeFirst(other.path)).toBeUndefined();
  });
});

describe('S91 a session', () => {
  test('ends after 30 minutes without use, and not while it is used', async () => {
    for (let index = 0; index < 3; index++) {
      at += 29 * MINUTE;
      expect(await isIn(session)).toBe(true);
    }
    at += 30 * MINUTE;
    expect(await isIn(session)).toBe(false);
  });
  test('is not kept alive by what pages ask for by themselves', async () => {
    const result = await accounts.logIn(ADMIN.email, ADMIN.password, '203.0.113.9');
    if (typeof result !== 'object') throw new Error('not logged in');
    at += 29 * MINUTE;
    expect(await accounts.visitorOf(result.token, false)).toBeDefined();
    at += 2 * MINUTE;
    expect(await accounts.visitorOf(result.token, false)).toBeUndefined();
  });
  test('lets in where its use cannot be noted, as while the database takes no writes', async () => {
    const touchSession = () => Promise.reject(new KeepError('full', 'there is no room'));
    const unnoted = createAccounts({ keep: { ...keep, touchSession }, now: () => at, newId });
    const result = await unnoted.logIn(ADMIN.email, ADMIN.password, '203.0.113.9');
    if (typeof result !== 'object') throw new Error('not logged in');
    at += 29 * MINUTE;
    expect(await unnoted.visitorOf(result.token, true)).toMatchObject({ user: { email: ADMIN.email } });
    at += MINUTE;
    expect(await unnoted.visitorOf(result.token, true)).toBeUndefined();
  });
  test('ends after 12 hours, however much it is used', async () => {
    const result = await accounts.logIn(ADMIN.email, ADMIN.password, '203.0.113.9');
    if (typeof result !== 'object') throw new Error('not logged in');
    for (let minutes = 20; minutes < 12 * 60; minutes += 20) {
      at += 20 * MINUTE;
      expect(await isIn(result.token)).toBe(true);
    }
    at += 20 * MINUTE;
    expect(await isIn(result.token)).toBe(false);
  });
});

test('a token of the API is taken where its use cannot be noted', async () => {
  const touchToken = () => Promise.reject(new KeepError('away', 'the server only reads'));
  const { bearerOf } = createTokens({ keep: { ...keep, touchToken }, now: () => at });
  const wish: TokenWish = { name: 'board', scopes: ['read'], stores: [], expires_at: undefined };
  const { secret } = await makeToken(keep, wish, { created_by: ADMIN.email, created_at: at });
  expect(await bearerOf(`Bearer ${secret}`, '203.0.113.9')).toMatchObject({ kind: 'known' });
});

test('S90 a throttled account is open again a minute later', async () => {
  for (let index = 0; index < 10; index++) await accounts.logIn(ADMIN.email, 'a guess', `203.0.113.${index}`);
  expect(await accounts.logIn(ADMIN.email, ADMIN.password, '203.0.113.99')).toBeGreaterThan(0);
  at += MINUTE;
  expect(await accounts.logIn(ADMIN.email, ADMIN.password, '203.0.113.99')).toMatchObject({
    user: { email: ADMIN.email },
  });
});
