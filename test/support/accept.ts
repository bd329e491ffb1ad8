// A receiver of one source of a real platform file, from the request to what was kept and answered; nothing is sent on.
import type { NewHook } from '../../src/keep/questions/hooks.ts';
import type { Source } from '../../src/map/files/source.ts';
import { type MapResult, mapHook } from '../../src/map/map.ts';
import { createAccept } from '../../src/pipeline.ts';
import { buildStore, TEST_ENV } from './stores.ts';

export const SECRET = TEST_ENV.SHOP_SECRET;
export const PUBLIC_URL = 'https://hooks.tables.example';

type Parts = { source?: Record<string, unknown>; store?: Record<string, unknown>; now?: number };
export type Sent = { url?: string; headers?: Record<string, string>; body: string };

export async function receive(platform: string, { source: settings = {}, store: over = {}, now = 0 }: Parts = {}) {
  const store = await buildStore(platform, over, settings);
  const source: Source | undefined = store.sources.get(platform);
  if (source === undefined) throw new Error(`there is no source ${platform}`);
  const kept: NewHook[] = [];
  const logged: string[] = [];
  const log = (fields: object, message: string) => void logged.push(JSON.stringify({ message, ...fields }));
  const accept = createAccept({
    stores: new Map([['shop', store]]),
    keep: async (hook) => {
      kept.push(hook);
      return 'kept';
    },
    worker: { lease: () => undefined, give: () => undefined, giveBack: () => undefined },
    publicUrl: PUBLIC_URL,
    fetchKey: async () => ({ problem: 'nothing can be fetched here', temporary: true }),
    now: () => now,
    newId: () => `hook-${kept.length}`,
    log: { info: log, warn: log, error: log },
  });
  const path = `/hooks/shop/${platform}`;
  const send = ({ url = path, headers = {}, body }: Sent) =>
    accept({
      store: 'shop',
      source: platform,
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json', ...headers },
      body: Buffer.from(body),
    });
  /** What the last hook that was kept maps to. */
  const map = async (): Promise<MapResult> => {
    const hook = kept.at(-1)?.hook;
    if (hook === undefined) throw new Error('nothing was kept');
    return mapHook(source, hook);
  };
  const bodies = () => kept.map(({ hook }) => Buffer.from(hook.body).toString());
  return { send, map, bodies, logged, path, keyed: `${path}?key=${SECRET}` };
}
