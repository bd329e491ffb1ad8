// What is installed with the bridge: nothing that runs code while it is installed, and everything pinned.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({
      dev: z.boolean().default(false),
      hasInstallScript: z.boolean().default(false),
      integrity: z.string().optional(),
      /** Left out where it is the registry that npm is set to. */
      resolved: z.string().default('https://registry.npmjs.org/'),
    }),
  ),
});
const lock = Lock.parse(JSON.parse(readFileSync(join(import.meta.dirname, '../package-lock.json'), 'utf8')));
const installed = Object.entries(lock.packages).filter(([path]) => path !== '');

test('S112 no package of production runs a script when it is installed', () => {
  const scripts = installed.filter(([, { dev, hasInstallScript }]) => !dev && hasInstallScript);
  expect(scripts.map(([path]) => path)).toEqual([]);
});

test('S111 every package is pinned by the hash of its bytes and comes from the public registry', () => {
  const loose = installed.filter(
    ([, { integrity = '', resolved }]) =>
      !integrity.startsWith('sha512-') || !resolved.startsWith('https://registry.npmjs.org/'),
  );
  expect(loose.map(([path]) => path)).toEqual([]);
});
