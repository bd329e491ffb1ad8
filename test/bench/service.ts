// Folders, store files and settings of the services that are measured.
import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../support/port.ts';
import { MAPPINGS } from '../support/stores.ts';
import { SECRET } from './orders.ts';
import { startService } from './processes.ts';

/** A shop without destinations: what it sends is kept, mapped and recorded, and goes nowhere. */
export const SHOP = {
  store: 'shop',
  country: 'NL',
  consent: { default: 'granted' },
  sources: { shopify: { platform: 'shopify', secrets: ['${SHOP_SECRET}'] } },
  destinations: {},
};

/** Store files with destinations at these origins. */
export const destinationsAt = (origins: Record<'ga4' | 'meta' | 'sgtm', string>) => ({
  ga4: { measurement_id: 'G-BENCH00001', api_secret: '${GA4_SECRET}', endpoint: origins.ga4 },
  meta: { pixel_id: '1234567890123456', access_token: '${META_TOKEN}', endpoint: origins.meta },
  sgtm: { url: `${origins.sgtm}/data` },
});

type StoreFile = { store: string } & Record<string, unknown>;
/** A running service. */
export type Service = {
  name: string;
  port: number;
  folder: string;
  pid: number | undefined;
  stop: () => Promise<void>;
};

/** Starts the service over `folder` with the repository's platform files and the given stores; `env` wins over our settings. */
export async function serve(
  folder: string,
  stores: readonly StoreFile[],
  env: Record<string, string> = {},
): Promise<Service> {
  const mappings = join(folder, 'mappings');
  await mkdir(join(mappings, 'stores'), { recursive: true });
  const platforms = (await readdir(MAPPINGS)).filter((name) => name.endsWith('.yaml'));
  await Promise.all(platforms.map((name) => cp(join(MAPPINGS, name), join(mappings, name))));
  await Promise.all(
    stores.map((store) => writeFile(join(mappings, 'stores', `${store.store}.yaml`), JSON.stringify(store))),
  );
  const port = await freePort();
  const { stop, pid } = await startService(
    {
      PORT: String(port),
      ADMIN_PORT: '0',
      HOST: '127.0.0.1',
      MAPPINGS_DIR: mappings,
      DATA_DIR: dataOf(folder),
      ALLOW_PRIVATE_DESTINATIONS: 'true',
      SHOP_SECRET: SECRET,
      GA4_SECRET: 'secret-of-ga4',
      META_TOKEN: 'token-of-meta',
      ...env,
    },
    folder,
  );
  return { name: folder, port, folder, pid, stop };
}

export const dataOf = (folder: string) => join(folder, 'data');
export const databaseOf = (folder: string) => join(dataOf(folder), 'tagbridge.db');
