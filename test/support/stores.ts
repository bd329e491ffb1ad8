// Builds stores in memory from the repository's platform files, for tests that map bodies.
import { resolve } from 'node:path';
import { isTable, type Table } from '../../src/lib/table.ts';
import { formatProblem, readMappings } from '../../src/map/files/files.ts';
import { loadMappings, type Store } from '../../src/map/files/load.ts';
import { mappingParts } from '../../src/mapping-parts.ts';

export const MAPPINGS = resolve(import.meta.dirname, '../../mappings');

/** Lays tables over each other; anything else is replaced. */
export function merge(base: unknown, over: unknown): unknown {
  if (!isTable(base) || !isTable(over)) return over;
  const keys = new Set([...Object.keys(base), ...Object.keys(over)]);
  return Object.fromEntries([...keys].map((key) => [key, key in over ? merge(base[key], over[key]) : base[key]]));
}

export const TEST_ENV = { SHOP_SECRET: 'secret-of-the-shop', GA4_SECRET: 'secret-of-ga4', META_TOKEN: 'token-of-meta' };
const DESTINATIONS = {
  ga4: { measurement_id: 'G-TEST000001', api_secret: '${GA4_SECRET}' },
  meta: { pixel_id: '1234567890123456', access_token: '${META_TOKEN}' },
  sgtm: { url: 'https://sst.lamps.example/data' },
};

/** For all stores of a test file, so that every expression is compiled once. */
const PARTS = mappingParts(TEST_ENV);

async function load(platform: string, text: string): Promise<Store> {
  const platforms = (await readMappings(MAPPINGS)).platforms.filter(({ file }) => file === `${platform}.yaml`);
  const { stores, problems } = loadMappings({ platforms, stores: [{ file: 'stores/shop.yaml', text }] }, PARTS);
  const store = stores.get('shop');
  if (store === undefined) throw new Error(problems.map(formatProblem).join('\n'));
  return store;
}

const built = new Map<string, Promise<Store>>();

/**
 * A store named `shop` with one source, named after its platform, and all destinations; `over` is laid over it. Whoever asks
 * for the same gets the same one, as all hooks of a service do.
 */
export function buildStore(platform: string, over: Table = {}, sourceOver: Table = {}): Promise<Store> {
  const base = {
    store: 'shop',
    country: 'US',
    sources: { [platform]: { platform, secrets: ['${SHOP_SECRET}'], ...sourceOver } },
    destinations: DESTINATIONS,
  };
  const text = JSON.stringify(merge(base, over));
  const key = `${platform} ${text}`;
  const store = built.get(key) ?? load(platform, text);
  built.set(key, store);
  return store;
}
