// Speaks to the API as another program would: makes tokens on the page of admins, and asks with them.
import { join } from 'node:path';
import { openSqlite } from '../../src/keep/sqlite/sqlite.ts';
import type { Browser } from './browser.ts';
import type { Rig } from './service.ts';

export type TokenFields = { scopes?: readonly string[]; stores?: readonly string[]; days?: string; name?: string };
export type Reply = { status: number; headers: Headers; json: unknown; text: string };

/** Makes a token on the page, and answers it as it is shown there, once. */
export async function makeToken(admin: Browser, fields: TokenFields = {}): Promise<string> {
  const { scopes = ['read'], stores = [], days = '', name = 'a test' } = fields;
  const form = new URLSearchParams({ csrf: await admin.csrf(), name, days });
  for (const scope of scopes) form.append('scope', scope);
  for (const store of stores) form.append('store', store);
  const { text } = await admin.postText('/tokens', form.toString());
  const token = /value="(tagbridge_[0-9a-f]{12}_[\w-]{43})"/.exec(text)?.[1];
  if (token === undefined) throw new Error('no token was shown');
  return token;
}
export const idOf = (token: string): string => token.split('_')[1] ?? '';

/** Makes a token for a store that is there no more. */
export async function makeStrangersToken({ folder }: Pick<Rig, 'folder'>, admin: Browser): Promise<string> {
  const { db, close } = await openSqlite({ path: join(folder, 'data/tagbridge.db') });
  const own = await makeToken(admin, { scopes: ['read', 'act', 'personal_data', 'audit'], stores: ['shop'] });
  await db.transaction([{ sql: 'update tokens set stores = $2 where id = $1', rows: [[idOf(own), 'bakery']] }]);
  await close();
  return own;
}

/** Asks under /api; a body is sent as JSON. */
export function createClient({ service }: Rig, token: string | undefined) {
  const ask = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Reply> => {
    const reply = await fetch(`${service.adminUrl}/api${path}`, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await reply.text();
    const isJson = /json/.test(reply.headers.get('content-type') ?? '');
    return { status: reply.status, headers: reply.headers, text, json: isJson ? JSON.parse(text) : undefined };
  };
  return {
    ask,
    get: (path: string, headers: Record<string, string> = {}) => ask('GET', path, undefined, headers),
    post: (path: string, body: unknown, headers: Record<string, string> = {}) => ask('POST', path, body, headers),
  };
}
export type Client = ReturnType<typeof createClient>;
