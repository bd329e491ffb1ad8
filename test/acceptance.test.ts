// The acceptance facts that lie beside the repository, where they do: real bodies in, the events they must make out.
import { existsSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tryBody } from '../src/pages/trial.ts';
import { buildStore } from './support/stores.ts';

const SHARED = new URL('../../shared/', import.meta.url);
const RUNNER = new URL('acceptance/run.mjs', SHARED);
const present = existsSync(RUNNER);
const TYPES: Record<string, string> = {
  '.json': 'application/json',
  '.xml': 'text/xml; charset=utf-8',
  '.txt': 'application/x-www-form-urlencoded',
};
const SETTINGS: Record<string, Record<string, string>> = {
  pipedrive: { user: 'accept' },
  paypal: { webhook_id: 'WH-ACCEPT' },
  salesforce: { organization_id: '00D000000000001' },
};

type Fact = {
  file: string;
  case?: string;
  source: string;
  headers: Record<string, string>;
  at: string;
  skip?: boolean;
  store?: Record<string, unknown> & { source?: Record<string, unknown> };
  edit?: [string, string][];
  expect: unknown;
};

describe.skipIf(!present)('acceptance facts (skipped where ../shared is absent)', async () => {
  if (!present) return;
  const { compare, label } = await import(RUNNER.href);
  const facts: Fact[] = JSON.parse(readFileSync(new URL('acceptance/facts.json', SHARED), 'utf8')).cases;
  const known = (source: string) => existsSync(new URL(`../mappings/${source}.yaml`, import.meta.url));
  for (const fact of facts.filter(({ skip, source }) => skip !== true && known(source))) {
    test(label(fact), async () => {
      const { source: sourceOver, ...storeOver } = fact.store ?? {};
      const over = sourceOver === undefined ? storeOver : { ...storeOver, sources: { [fact.source]: sourceOver } };
      const store = await buildStore(fact.source, over, SETTINGS[fact.source]);
      const source = store.sources.get(fact.source);
      if (source === undefined) throw new Error('no source');
      let body = readFileSync(new URL(`payloads/${fact.file}`, SHARED), 'utf8');
      for (const [find, put] of fact.edit ?? []) body = body.replaceAll(find, () => put);
      const headers = { 'content-type': TYPES[extname(fact.file)] ?? 'application/json', ...fact.headers };
      const tried = await tryBody(store, source, {
        headers,
        body: Buffer.from(body),
        received_at: Date.parse(fact.at),
      });
      expect(compare(fact.expect, JSON.parse(JSON.stringify(tried)))).toEqual([]);
    });
  }
});
