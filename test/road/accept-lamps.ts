// A receiver of one source of a made-up platform, which remembers what it kept and logged.
import { stringify } from 'yaml';
import type { NewHook } from '../../src/keep/questions/hooks.ts';
import { formatProblem } from '../../src/map/files/files.ts';
import { loadMappings, type Store } from '../../src/map/files/load.ts';
import { mappingParts } from '../../src/mapping-parts.ts';
import { createAccept } from '../../src/pipeline.ts';
import type { FetchKey } from '../../src/verify/scheme.ts';

export const NOW = Date.UTC(2026, 0, 31, 12);
export const SECRET = 'secret-of-the-lamp-shop';
const EVENTS = {
  purchase: { key: 'id', fields: { order_id: 'id', event_time: 'at', currency: 'currency', total: 'total' } },
};
const base = { platform: 'lamps', title: 'Lamps', verify: { scheme: 'query' }, hook: {}, events: EVENTS };

export function load(platform: object, source: object = {}): { store?: Store; problems: string[] } {
  const store = {
    store: 'shop',
    sources: { lamps: { platform: 'lamps', secrets: [SECRET], ...source } },
    destinations: {},
  };
  const texts = {
    platforms: [{ file: 'lamps.yaml', text: stringify({ ...base, ...platform }) }],
    stores: [{ file: 'stores/shop.yaml', text: stringify(store) }],
  };
  const { stores, problems } = loadMappings(texts, mappingParts({}));
  const loaded = stores.get('shop');
  return { ...(loaded !== undefined && { store: loaded }), problems: problems.map(formatProblem) };
}

type Sent = { method?: string; url?: string; headers?: Record<string, string>; body?: string | Uint8Array };

/** A receiver of one source that remembers what it kept and logged. */
export function receiver(
  platform: object,
  {
    source = {},
    keep,
    fetchKey,
  }: { source?: object; keep?: (hook: NewHook) => Promise<'kept' | 'duplicate'>; fetchKey?: FetchKey } = {},
) {
  const { store, problems } = load(platform, source);
  if (store === undefined) throw new Error(problems.join('\n'));
  const kept: NewHook[] = [];
  const seen = new Set<string>();
  const logged: string[] = [];
  const note = (fields: object, message: string) => void logged.push(JSON.stringify({ message, ...fields }));
  const remember = async (hook: NewHook) => {
    const key = Buffer.from(hook.keys.body).toString('hex');
    if (seen.has(key)) return 'duplicate';
    seen.add(key);
    kept.push(hook);
    return 'kept';
  };
  const accept = createAccept({
    stores: new Map([['shop', store]]),
    keep: keep ?? remember,
    worker: { lease: () => undefined, give: () => undefined, giveBack: () => undefined },
    publicUrl: undefined,
    fetchKey: fetchKey ?? (async () => ({ problem: 'nothing can be fetched here', temporary: true })),
    now: () => NOW,
    newId: () => 'hook-1',
    log: { info: note, warn: note, error: note },
  });
  const send = ({ method = 'POST', url = '/hooks/shop/lamps', headers = {}, body = '' }: Sent) =>
    accept({
      store: 'shop',
      source: 'lamps',
      method,
      url,
      headers: { 'content-type': 'application/json', ...headers },
      body: Buffer.from(body),
    });
  const bodies = () => kept.map(({ hook }) => Buffer.from(hook.body).toString());
  return { send, kept, bodies, logged, store };
}
export const KEYED = `/hooks/shop/lamps?key=${SECRET}`;
