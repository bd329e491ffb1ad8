// What a store file may say and most likely does not mean: secrets that can be guessed, and addresses that nothing is sent to.
import { type MappingFile, type Problem, whereIn } from './files.ts';
import { isTable } from './merge.ts';
import type { Route } from './route.ts';
import type { StoreFile } from './schema.ts';

const SAFE_BYTES = 16;

/** Whoever guesses the secret of a source can send orders; senders and people make up short ones. */
export function warnOfShortSecrets({ sources }: StoreFile, file: MappingFile): Problem[] {
  return Object.entries(sources).flatMap(([name, { secrets = [] }]) =>
    secrets.flatMap((secret, index): Problem[] => {
      if (Buffer.byteLength(secret) >= SAFE_BYTES) return [];
      const message = `a secret of ${name} has fewer than ${SAFE_BYTES} characters and can be guessed`;
      const hint = 'make up one of 40 letters and digits where the sender lets you';
      return [{ ...whereIn(file)(['sources', name, 'secrets', index], true), code: 'SHORT_SECRET', message, hint }];
    }),
  );
}

/** `problemOf` says what is wrong with an address that something is sent to. */
export function warnOfAddresses(
  routes: readonly Route[],
  file: MappingFile,
  problemOf: (url: string) => string | undefined,
): Problem[] {
  return routes.flatMap(({ name, settings }) =>
    Object.entries(isTable(settings) ? settings : {}).flatMap(([key, value]): Problem[] => {
      const isAddress = typeof value === 'string' && /^https?:/.test(value);
      const problem = isAddress ? problemOf(value) : undefined;
      if (problem === undefined) return [];
      const place = whereIn(file)(['destinations', name, key]);
      const hint = 'nothing is sent there until it is corrected';
      return [{ ...place, code: 'ADDRESS', message: `destinations.${name}.${key} ${problem}`, hint }];
    }),
  );
}
