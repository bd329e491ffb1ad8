// The JSON Schemas in the repository: current, fitting the files that are there, strict where editors should warn.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { jsonSchemas } from '../../src/json-schemas.ts';
import { readMappings } from '../../src/map/files.ts';
import { MAPPINGS } from '../support/stores.ts';

const { platforms, stores } = await readMappings(MAPPINGS);
const schemas = jsonSchemas(platforms);
const read = (file: string) => readFileSync(join(MAPPINGS, file), 'utf8');
const schema = (name: string) => z.fromJSONSchema(JSON.parse(schemas[name] ?? '{}'));
/** The paths at which a text does not fit. */
const wrong = (name: string, text: string) =>
  schema(name)
    .safeParse(parse(text))
    .error?.issues.map(({ path, code }) => `${path.join('.')} ${code}`) ?? [];

describe('the JSON Schemas', () => {
  test.each(Object.keys(schemas))('mappings/schema/%s is what `npm run -s tagbridge schema` writes', (name) => {
    expect(read(`schema/${name}`)).toBe(schemas[name]);
  });

  test.each(platforms)('fit $file', ({ text }) => {
    expect(wrong('platform.json', text)).toEqual([]);
  });

  test.each([...stores, { file: 'demo/demo.yaml', text: read('demo/demo.yaml') }])('fit $file', ({ text }) => {
    expect(wrong('store.json', text)).toEqual([]);
  });

  test.each([
    ...platforms.map(({ file, text }) => [file, text, './schema/platform.json']),
    ...stores.map(({ file, text }) => [file, text, '../schema/store.json']),
  ])('%s names its schema in its first line', (_, text, path) => {
    expect(text?.split('\n')[0]).toBe(`# yaml-language-server: $schema=${path}`);
  });
});

describe('the schema of store files', () => {
  const store = (destinations: string) => `store: acme
sources: { shop: { platform: shopify, secrets: ["\${SECRET}"] } }
destinations: ${destinations}
`;

  test.each([
    ['settings with placeholders', '{ ga4: { measurement_id: "${ID}", api_secret: "${SECRET}" } }'],
    ['a second account by type', '{ ga4-eu: { type: ga4, measurement_id: G-1, api_secret: x, region: eu } }'],
    [
      'what every destination takes',
      '{ sgtm: { url: https://a.example/data, send: [purchase], max_age: 2d, rate: 5/s } }',
    ],
  ])('takes %s', (_, destinations) => {
    expect(wrong('store.json', store(destinations))).toEqual([]);
  });

  test.each([
    ['an unknown setting', '{ ga4: { measurement_id: G-1, api_secret: x, oops: 1 } }'],
    ['a missing setting', '{ meta: { pixel_id: "1" } }'],
    ['a wrong form', '{ ga4: { measurement_id: UA-1, api_secret: x } }'],
    ['a name of no kind', '{ tiktok: { pixel: x } }'],
    ['an unknown kind', '{ mine: { type: tiktok } }'],
  ])('warns of %s', (_, destinations) => {
    expect(wrong('store.json', store(destinations))).not.toEqual([]);
  });
});
