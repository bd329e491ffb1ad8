// Maps bodies that templates make, as a store of each platform would.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { tryBody } from '../../src/pages/trial.ts';
import { buildStore } from './stores.ts';

const FIXTURES = resolve(import.meta.dirname, '../fixtures');
export const AT = Date.parse('2026-11-18T09:05:00Z');
const SETTINGS: Record<string, Record<string, string>> = {
  pipedrive: { user: 'tagbridge' },
  paypal: { webhook_id: 'WH-1' },
  salesforce: { organization_id: '00D000000000001' },
};

/** The body of a fixture, to be changed. */
export const fixtureBody = (name: string) => JSON.parse(readFileSync(join(FIXTURES, name, 'body.json'), 'utf8'));

/** When the hook of a fixture arrives. */
export const fixtureAt = (name: string): number =>
  Date.parse(parse(readFileSync(join(FIXTURES, name, 'case.yaml'), 'utf8')).at);

export type Mapped = Awaited<ReturnType<typeof tryBody>>;

/** What becomes of a body. */
export async function tryAs(
  platform: string,
  body: object | string,
  { headers = {}, at = AT, source: over = {} }: { headers?: Record<string, string>; at?: number; source?: object } = {},
): Promise<Mapped> {
  const store = await buildStore(
    platform,
    { channels: ['online', 'phone', 'renewal'] },
    { ...SETTINGS[platform], ...over },
  );
  const source = store.sources.get(platform);
  if (source === undefined) throw new Error(`there is no source ${platform}`);
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return tryBody(store, source, {
    headers: { 'content-type': 'application/json', ...headers },
    body: bytes,
    received_at: at,
  });
}

/** The events of a body. */
export const mapBody = async (platform: string, body: object | string, headers: Record<string, string> = {}) =>
  (await tryAs(platform, body, { headers })).events;
