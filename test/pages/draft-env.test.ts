// The environment of drafts: what is set can be named, and nothing of it can be read but what requests show anyway.
import { expect, test } from 'vitest';
import { draftEnv } from '../../src/pages/draft-env.ts';

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

test('names that are not set, or not named, are not there', () => {
  expect(named('${EMPTY} ${NONE}')).toEqual({});
});
