// Mapping files written in a test: loads them as a folder of files would be, and maps bodies through them.

import { formatProblem } from '../../src/map/files/files.ts';
import { type Loaded, loadMappings } from '../../src/map/files/load.ts';
import { mappingParts } from '../../src/mapping-parts.ts';
import { type Tried, tryBody } from '../../src/pages/trial.ts';

export const ENV = { SHOP_SECRET: 'secret-of-the-shop', GA4_SECRET: 'secret-of-ga4' };

/** A platform as small as one can be that sends orders. */
export const SHOP = `platform: shop
title: A shop
verify: { scheme: hmac, header: x-signature }
hook: { topic: $headers."x-topic" }
events:
  purchase:
    topics: [order.paid]
    when: { status: paid }
    key: $string(id)
    fields:
      order_id: $string(id)
      event_time: paid_at
      currency: currency
      total: total
`;
export const ACME = `store: acme
sources:
  shop: { platform: shop, secrets: [ \${SHOP_SECRET} ] }
destinations:
  ga4: { measurement_id: G-TEST000001, api_secret: \${GA4_SECRET} }
`;
export const ORDER = { id: 7, status: 'paid', paid_at: '2026-11-18T09:00:00Z', currency: 'EUR', total: '12.50' };
export const AT = '2026-11-18T09:05:00Z';

export type Files = Record<string, string>;
/** The files as text, split the way a mappings folder is: stores are in `stores/`. */
export function textsOf(files: Files) {
  const all = Object.entries(files).map(([file, text]) => ({ file, text }));
  const isStore = ({ file }: { file: string }) => file.startsWith('stores/');
  return { platforms: all.filter((file) => !isStore(file)), stores: all.filter(isStore) };
}

export const load = (files: Files, env: Record<string, string> = ENV): Loaded =>
  loadMappings(textsOf(files), mappingParts(env));

/** Every mistake as `tagbridge check` prints it. */
export const mistakes = (files: Files, env?: Record<string, string>): string[] =>
  load(files, env).problems.map(formatProblem);

type Hook = { store?: string; source?: string; headers?: Record<string, string>; at?: string };

/** What becomes of a body in these files; throws with their mistakes where they have any. */
export async function tryIn(files: Files, body: unknown, hook: Hook = {}): Promise<Tried> {
  const { stores, problems } = load(files);
  const store = stores.get(hook.store ?? 'acme');
  const source = store?.sources.get(hook.source ?? 'shop');
  if (store === undefined || source === undefined) throw new Error(problems.map(formatProblem).join('\n'));
  const headers = { 'content-type': 'application/json', 'x-topic': 'order.paid', ...hook.headers };
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return tryBody(store, source, { headers, body: bytes, received_at: Date.parse(hook.at ?? AT) });
}
