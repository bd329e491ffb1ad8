// `tagbridge send`: the request it makes is one that the source lets in.

import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { senderRequest } from '../../src/cli/send.ts';
import { loadMappings } from '../../src/map/files/load.ts';
import type { Source } from '../../src/map/files/source.ts';
import { mappingParts } from '../../src/mapping-parts.ts';
import { ask, NOW } from '../support/verify.ts';

const PUBLIC_URL = 'https://hooks.lamps.example';
const PATH = '/hooks/shop/lamps';
const BODY = Buffer.from('{"id":"7"}');

function sourceWith(verify: object, hook: object = {}): Source {
  const events = { purchase: { key: 'id', fields: { order_id: 'id' } } };
  const platform = { platform: 'lamps', title: 'Lamps', verify, hook, events };
  const store = {
    store: 'shop',
    sources: { lamps: { platform: 'lamps', secrets: ['a-secret&more'] } },
    destinations: {},
  };
  const texts = {
    platforms: [{ file: 'lamps.yaml', text: stringify(platform) }],
    stores: [{ file: 'stores/shop.yaml', text: stringify(store) }],
  };
  const source = loadMappings(texts, mappingParts({})).stores.get('shop')?.sources.get('lamps');
  if (source === undefined) throw new Error('the store cannot be loaded');
  return source;
}
const make = (source: Source, publicUrl: string | undefined) =>
  senderRequest(
    source,
    { path: PATH, headers: { 'x-lamp-shop': '1' }, body: BODY, topic: 'sold' },
    { now: NOW, publicUrl },
  );

test.each([
  [{ scheme: 'hmac', header: 'x-sig' }],
  [
    {
      scheme: 'hmac',
      header: 'x-sig',
      signed: '{method}{url}{headers.x-lamp-id}{body}',
      timestamp: { header: 'x-time' },
    },
  ],
  [{ scheme: 'bearer' }],
  [{ scheme: 'query' }],
  [[{ scheme: 'rsa', header: 'x-rsa' }, { scheme: 'basic' }]],
])('a request signed by %j is let in', async (verify) => {
  const source = sourceWith(verify, { topic: '$headers."x-lamp-topic"', delivery_id: '$headers."x-lamp-id"' });
  const { path, headers } = make(source, PUBLIC_URL);
  expect(headers).toMatchObject({ 'content-type': 'application/json', 'x-lamp-topic': 'sold', 'x-lamp-shop': '1' });
  expect(headers['x-lamp-id']).toMatch(/^[0-9a-f-]{36}$/);
  expect(await ask(source, { url: path, headers, body: BODY }, { publicUrl: PUBLIC_URL })).toBe('in');
});

test('a request that only the platform can sign, or whose signed URL is not known, is not made', () => {
  expect(() => make(sourceWith({ scheme: 'rsa', header: 'x-rsa' }), PUBLIC_URL)).toThrow(
    'only Lamps can sign for this source',
  );
  const overUrl = sourceWith({ scheme: 'hmac', header: 'x-sig', signed: '{url}{body}' });
  expect(() => make(overUrl, undefined)).toThrow('only Lamps');
});
