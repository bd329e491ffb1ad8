// The environment of drafts: what is set can be named, and nothing of it can be read but what requests show anyway.
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { draftEnv } from '../../src/pages/draft-env.ts';
import { createTrialJobs } from '../../src/pages/trial-jobs.ts';

const ENV = { ID: 'G-REAL', KEY: 'secret-key', HOOK: 'secret-hook', BOTH: 'secret-both', EMPTY: '', HOME: '/root' };
const used = [
  {
    file: 'stores/a.yaml',
    text: 'sources: { a: { secrets: ["${HOOK}"] } }\ndestinations:\n  ga4: { measurement_id: "${ID}", api_secret: "${KEY}" }\n  sgtm: { url: "https://x/${BOTH}", headers: { k: "${BOTH}" } }\n',
  },
];
const named = (text: string) => draftEnv({ platforms: [], stores: [{ file: 'stores/a.yaml', text }] }, used, ENV);

test('names that destinations in use show keep their values, all others are stars', () => {
  expect(named('${ID} ${KEY} ${HOOK} ${BOTH} ${HOME}')).toEqual({
    ID: 'G-REAL',
    KEY: '***',
    HOOK: '***',
    BOTH: '***',
    HOME: '***',
  });
});

test('a setting of a source that must be a domain, and names one, is no mistake in a draft', async () => {
  const platform = await readFile(new URL('../../mappings/woocommerce.yaml', import.meta.url), 'utf8');
  const source = '{ platform: woocommerce, secrets: ["${HOOK}"], shop_domain: "${SHOP}" }';
  const stores = [{ file: 'stores/a.yaml', text: `store: a\nsources: { woo: ${source} }\ndestinations: {}\n` }];
  const texts = { platforms: [{ file: 'woocommerce.yaml', text: platform }], stores };
  const env = draftEnv(texts, stores, { ...ENV, SHOP: 'shop.internal.acme.example' });
  expect(JSON.stringify(env)).not.toContain('acme');
  expect(await createTrialJobs(undefined)({ kind: 'check', texts, env })).toEqual({ kind: 'check', problems: [] });
});

test('names that are not set, or not named, are not there', () => {
  expect(named('${EMPTY} ${NONE}')).toEqual({});
});
