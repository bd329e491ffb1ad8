// The JSON Schemas in the repository: current, fitting the files that are there, strict where editors should warn.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { jsonSchemas } from '../../src/json-schemas.ts';
import { readMappings } from '../../src/map/files/files.ts';
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

describe('of a source the schema of store files', () => {
  const store = (source: string) => `store: acme
sources: { shop: ${source} }
destinations: {}
`;
  // zod takes the keys of one branch that stand beside another; editors do not.
  const fits = new Ajv2020({ strict: false, logger: false }).compile(JSON.parse(schemas['store.json'] ?? '{}'));
  const own = (event: string) => store(`{ platform: shopify, secrets: [a], events: { purchase: ${event} } }`);

  test.each([
    ['the settings of its platform', store('{ platform: pipedrive, secrets: [a], user: ann, stages: { "1": off } }')],
    ['a platform whose hooks are entered here', store('{ platform: phone }')],
    ['what is laid over a rule', own('{ when: { test: off }, fields: { coupon: off, custom.gift: [a, b] } }')],
    ['what is laid over the articles', own('{ fields: { items: { fields: { item_id: sku, price: off } } } }')],
    ['rules of its own', store('{ platform: generic, secrets: [a], events: { sale: { emit: purchase, key: id } } }')],
    ['names in capitals', own('{ let: { Net: total } }')],
  ])('takes %s', (_, text) => {
    fits(parse(text));
    expect(fits.errors).toBeNull();
  });

  test.each([
    ['a setting nobody knows', store('{ platform: shopify, secret: a, secrets: [a] }')],
    ['a setting of another platform', store('{ platform: shopify, secrets: [a], webhook_id: b }')],
    ['a missing secret', store('{ platform: shopify }')],
    ['a missing setting', store('{ platform: pipedrive, secrets: [a] }')],
    ['a platform nobody knows', store('{ platform: shopfy, secrets: [a] }')],
    ['a field nobody knows', own('{ fields: { transactionid: name } }')],
    ['a field nobody knows, shared by all rules', store('{ platform: shopify, secrets: [a], fields: { mail: a } }')],
    ['a field of articles nobody knows', own('{ fields: { items: { fields: { id: sku } } } }')],
  ])('warns of %s', (_, text) => {
    expect(fits(parse(text))).toBe(false);
  });
});

describe('of a platform the schema', () => {
  const fits = new Ajv2020({ strict: false, logger: false }).compile(JSON.parse(schemas['platform.json'] ?? '{}'));
  const shop = (fields: string) => `platform: shop
title: A shop
hook: {}
events: { purchase: { fields: ${fields} } }
`;

  test('takes fields by their names, and free ones', () => {
    fits(parse(shop('{ order_id: id, custom.gift: gift, items: { each: lines, fields: { item_id: sku } } }')));
    expect(fits.errors).toBeNull();
  });

  test.each(['{ orderid: id }', '{ items: { each: lines, fields: { id: sku } } }'])('warns of %s', (fields) => {
    expect(fits(parse(shop(fields)))).toBe(false);
  });
});

describe('the schemas', () => {
  const all = Object.values(schemas).join('');

  test('say what a text must look like, as check does', () => {
    expect(all).toContain('"patternErrorMessage": "write two capital letters, such as NL"');
    expect(all).toContain('"patternErrorMessage": "must look like G-ABC123;');
    expect(all).not.toMatch(/"patternErrorMessage": "(Invalid|Expected)/);
  });

  test('name no part by a number of zod’s', () => {
    expect(all).not.toContain('__schema');
  });

  test('say what each key of a store file is, down to its rules and fields', () => {
    const defs = z
      .object({ $defs: z.record(z.string(), z.unknown()) })
      .parse(JSON.parse(schemas['store.json'] ?? '')).$defs;
    const described = z.record(z.string(), z.object({ description: z.string().min(1) }));
    const { properties } = z.object({ properties: described }).parse(defs.fields);
    expect(properties.transaction_id?.description).toContain('browser tag');
  });
});
