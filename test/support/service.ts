// Starts the real service on free ports, with stand-ins for its destinations and a folder of its own.
import { cp, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/config.ts';
import { createStandins, type Standins } from '../../src/demo/standins.ts';
import { createLog } from '../../src/lib/log.ts';
import { type Service, startService } from '../../src/main.ts';
import { MAPPINGS } from './stores.ts';

export const SECRETS = {
  SHOP_SECRET: 'secret-of-the-lamp-shop',
  WOO_SECRET: 'secret-of-the-bakery',
  GA4_SECRET: 'secret-of-ga4',
  META_TOKEN: 'token-of-meta',
};

/** The store file of the tests, whose destinations are the stand-ins. */
export const storeFile = ({ ga4, meta, sgtm }: Record<'ga4' | 'meta' | 'sgtm', { origin: string }>) => ({
  store: 'shop',
  country: 'NL',
  consent: { default: 'granted' },
  sources: {
    shopify: { platform: 'shopify', secrets: ['${SHOP_SECRET}'] },
    woo: { platform: 'woocommerce', secrets: ['${WOO_SECRET}'] },
  },
  destinations: {
    ga4: { measurement_id: 'G-TEST000001', api_secret: '${GA4_SECRET}', endpoint: ga4.origin },
    meta: { pixel_id: '1234567890123456', access_token: '${META_TOKEN}', endpoint: meta.origin },
    sgtm: { url: `${sgtm.origin}/data` },
  },
});

export type Rig = {
  service: Service;
  standins: Standins;
  folder: string;
  logged: string[];
  /** Starts one more service on the same settings; they must name a database that several may share. */
  addReplica: () => Promise<Service>;
  close: () => Promise<void>;
};

/** Platform files of the repository and `store` as the only store file. */
export async function writeMappings(folder: string, store: object): Promise<string> {
  const mappings = join(folder, 'mappings');
  await mkdir(join(mappings, 'stores'), { recursive: true });
  const platforms = (await readdir(MAPPINGS)).filter((name) => name.endsWith('.yaml'));
  await Promise.all(platforms.map((name) => cp(join(MAPPINGS, name), join(mappings, name))));
  await writeFile(join(mappings, 'stores/shop.yaml'), JSON.stringify(store));
  return mappings;
}

/** `more` is laid over the store file. */
export async function startRig(environment: Record<string, string> = {}, more: object = {}): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), 'tagbridge-test-'));
  const standins = await createStandins();
  const config = readConfig({
    ...SECRETS,
    PORT: '0',
    ADMIN_PORT: '0',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'info',
    ALLOW_PRIVATE_DESTINATIONS: 'true',
    MAPPINGS_DIR: await writeMappings(folder, { ...storeFile(standins), ...more }),
    DATA_DIR: join(folder, 'data'),
    ...environment,
  });
  const logged: string[] = [];
  const log = createLog(config.LOG_LEVEL, { write: (line: string) => void logged.push(line) });
  const onCrash = (error: unknown) => {
    throw error;
  };
  const services: Service[] = [];
  const addReplica = async () => {
    const service = await startService({ config, log, onCrash });
    services.push(service);
    return service;
  };
  const service = await addReplica();
  const close = async () => {
    await Promise.all(services.map((one) => one.stop()));
    await standins.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { service, standins, folder, logged, addReplica, close };
}

/** How long is waited between two questions at first and at most: who asks all the time keeps others from their work. */
const FIRST_WAIT_MS = 10;
const LAST_WAIT_MS = 160;

/** Resolves when `done` holds, asking again after a while; rejects after `ms`. */
export async function eventually(done: () => boolean | Promise<boolean>, what: string, ms = 60_000): Promise<void> {
  const end = Date.now() + ms;
  for (let wait = FIRST_WAIT_MS; !(await done()); wait = Math.min(wait * 2, LAST_WAIT_MS)) {
    if (Date.now() > end) throw new Error(`gave up waiting until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

/** Puts a file of the mappings in its place at once: on a busy disk whoever watches may find it empty while it is written. */
export async function placeMapping(folder: string, file: string, text: string): Promise<void> {
  const draft = join(folder, 'draft');
  await writeFile(draft, text);
  await rename(draft, join(folder, 'mappings', file));
}

/** Writes a file of the mappings and waits until the service has loaded it, which must have loaded those before. */
export async function writeMapping(
  { folder, logged }: Pick<Rig, 'folder' | 'logged'>,
  file: string,
  text: string,
): Promise<void> {
  const loads = () => logged.filter((line) => line.includes('mappings.loaded')).length;
  const before = loads();
  await placeMapping(folder, file, text);
  await eventually(() => loads() > before, `${file} is loaded`);
}

export const writeStore = (rig: Rig, store: object): Promise<void> =>
  writeMapping(rig, 'stores/shop.yaml', JSON.stringify(store));
