// Platform files that a service leaves unread.
import { describe, expect, test } from 'vitest';
import { readMappings } from '../../../src/map/files/files.ts';
import { usedTexts } from '../../../src/map/files/used.ts';
import { MAPPINGS } from '../../support/stores.ts';

const { platforms } = await readMappings(MAPPINGS);
const used = (...stores: string[]) =>
  usedTexts({ platforms, stores: stores.map((text, index) => ({ file: `stores/${index}.yaml`, text })) })
    .platforms.map(({ file }) => file)
    .sort();
/** Every store has these, without naming them. */
const ENTERED = ['phone.yaml'];
const all = platforms.map(({ file }) => file).sort();

describe('of all platform files', () => {
  test.each([
    'store: a\nsources:\n  one: { platform: shopify, secrets: [x] }\n  two:\n    platform: "hubspot"\n',
    '{"store":"a","sources":{"one":{"platform":"shopify"},"two":{"platform" : "hubspot"}}}',
    "sources: {one: {secrets: [],platform: shopify}, two: {platform: 'hubspot' }} # platform: hubspot",
  ])('those that stores name are read (%#)', (text) => {
    expect(used(text)).toEqual(['hubspot.yaml', ...ENTERED, 'shopify.yaml']);
  });
  test('those of all stores together are read', () => {
    expect(used('sources: {a: {platform: shopify}}', 'sources: {a: {platform: stripe}}')).toEqual([
      ...ENTERED,
      'shopify.yaml',
      'stripe.yaml',
    ]);
  });
  test.each([
    'sources: {a: {platform: *same}}',
    'sources: {a: {platform: &same shopify}}',
    'sources: {a: {platform: shopyfi}}',
  ])('none is left out where a name cannot be told: %s', (text) => expect(used(text)).toEqual(all));
  test('none but those of every store is needed without stores', () => expect(used()).toEqual(ENTERED));
});
