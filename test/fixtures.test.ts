// What came in → event → exact requests: every folder of test/fixtures is one case, through the real road offline.
// What look-ups answer stands by their names in answers.json; without that file nobody is asked.
// UPDATE_FIXTURES=1 writes what is made now as expected where it says something else; read the difference before you commit it.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { type NamedAnswers, tryBody } from '../src/pages/trial.ts';
import { buildStore } from './support/stores.ts';

const ROOT = join(import.meta.dirname, 'fixtures');
const Case = z.strictObject({
  /** What this case shows. */
  about: z.string(),
  at: z.iso.datetime(),
  headers: z.record(z.string(), z.string()).default({}),
  store: z.record(z.string(), z.unknown()).default({}),
  source: z.record(z.string(), z.unknown()).default({}),
});
const folders = (path: string) =>
  readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
/** The order of fields is no difference. */
function rewrite(file: string, tried: unknown): void {
  const text = `${JSON.stringify(tried, null, 2)}\n`;
  if (existsSync(file) && isDeepStrictEqual(JSON.parse(readFileSync(file, 'utf8')), JSON.parse(text))) return;
  writeFileSync(file, text);
}
function answersIn(folder: string): NamedAnswers | undefined {
  const file = join(folder, 'answers.json');
  return existsSync(file) ? z.record(z.string(), z.json()).parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
}
const TYPES: Record<string, string> = {
  json: 'application/json',
  xml: 'text/xml; charset=utf-8',
  txt: 'application/x-www-form-urlencoded',
};

for (const platform of existsSync(ROOT) ? folders(ROOT) : []) {
  describe(platform, () => {
    for (const name of folders(join(ROOT, platform))) {
      const folder = join(ROOT, platform, name);
      const given = Case.parse(parse(readFileSync(join(folder, 'case.yaml'), 'utf8')));
      test(`${name}: ${given.about}`, async () => {
        const file = readdirSync(folder).find((one) => one.startsWith('body.')) ?? 'body.json';
        const type = TYPES[file.split('.')[1] ?? 'json'] ?? 'application/json';
        const store = await buildStore(platform, given.store, given.source);
        const source = store.sources.get(platform);
        if (source === undefined) throw new Error(`there is no source ${platform}`);
        const incoming = {
          headers: { 'content-type': type, ...given.headers },
          body: readFileSync(join(folder, file)),
          received_at: Date.parse(given.at),
        };
        const tried = await tryBody(store, source, incoming, answersIn(folder));
        const expected = join(folder, 'expected.json');
        if (process.env.UPDATE_FIXTURES === '1') rewrite(expected, tried);
        expect(tried).toEqual(JSON.parse(readFileSync(expected, 'utf8')));
      });
    }
  });
}
