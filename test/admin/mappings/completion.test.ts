// Completion by the JSON Schemas of the mapping files: keys and values at a place, in block and flow style.
import { describe, expect, test } from 'vitest';
import { complete } from '../../../src/admin/mappings/completion.ts';
import { EDITOR } from '../../../src/admin/mappings/editor.ts';
import { jsonSchemas } from '../../../src/json-schemas.ts';
import { readMappings } from '../../../src/map/files/files.ts';
import { MAPPINGS } from '../../support/stores.ts';

const schemas = jsonSchemas((await readMappings(MAPPINGS)).platforms);
const [store, platform] = ['store.json', 'platform.json'].map((name): unknown => JSON.parse(schemas[name] ?? ''));

/** The labels at the `|` in the text, and what they replace. */
function at(schema: unknown, marked: string): { labels: string[]; word: string } {
  const place = marked.indexOf('|');
  const text = marked.replace('|', '');
  const found = complete(schema, text, place);
  return {
    labels: (found?.options ?? []).map(({ label }) => label),
    word: text.slice(found?.from ?? place, place),
  };
}

describe('keys', () => {
  test.each([
    ['at the top of a file', 'store: a\ncur|', 'currency'],
    ['of a table', 'store: a\nvalue:\n  |', 'shipping'],
    ['of a source', 'sources:\n  shop:\n    platform: shopify\n    ev|', 'events'],
    ['of a destination by its name', 'destinations:\n  ga4:\n    mea|', 'measurement_id'],
    ['of another destination', 'destinations:\n  # a comment\n\n  meta:\n    |', 'pixel_id'],
    ['in braces', 'destinations:\n  ga4: { measurement_id: G-1, api|', 'api_secret'],
    ['in braces after text in quotes', 'destinations:\n  "ga4": { |', 'measurement_id'],
    ['after a deeper table', 'consent:\n  require:\n    meta: [ad_user_data]\n  def|', 'default'],
  ])('%s', (_, text, label) => {
    expect(at(store, text).labels).toContain(label);
  });

  test('of fields of an event', () => {
    const { labels, word } = at(platform, 'events:\n  purchase:\n    fields:\n      trans|');
    expect(labels).toContain('transaction_id');
    expect(word).toBe('trans');
  });

  test('are none where the schema knows nothing, in comments and in text', () => {
    for (const text of ['unknown:\n  deep:\n    |', '# sto|', 'title: "a b c|', ''])
      expect(at(store, `${text}${text.includes('|') ? '' : 'x: y: z|'}`).labels).toEqual([]);
  });
});

describe('values', () => {
  test.each([
    ['of a list of words', 'value:\n  tax: ex|', 'exclude', 'ex'],
    ['that name a platform', 'sources:\n  a:\n    platform: |', 'shopify', ''],
    ['in braces', 'value: { tax: |', 'include', ''],
  ])('%s', (_, text, label, word) => {
    const found = at(store, text);
    expect(found.labels).toContain(label);
    expect(found.word).toBe(word);
  });
});

test('whatever stands in a file and wherever the cursor is, it answers at once', () => {
  const texts = [
    '{',
    '}{',
    '- - - a',
    ': : :',
    '"',
    "'",
    '\t\t',
    'a:\n'.repeat(2_000),
    `${'  '.repeat(500)}- {a: {b: {`,
  ];
  for (const text of texts)
    for (const place of [0, 1, text.length]) expect(() => complete(store, text, place)).not.toThrow();
  for (const schema of [undefined, null, 1, {}, { $ref: '#' }, { anyOf: [{ $ref: '#' }] }])
    expect(complete(schema, 'a', 1)).toBeNull();
});

test('the script of the page carries it as plain JavaScript', () => {
  const body = EDITOR.slice(EDITOR.indexOf('function complete('), EDITOR.indexOf('const area ='));
  const own: unknown = new Function(`${body}; return complete;`)();
  expect(typeof own).toBe('function');
  const run = own instanceof Function ? own : undefined;
  expect(JSON.stringify(run?.(store, 'cur', 3))).toBe(JSON.stringify(complete(store, 'cur', 3)));
});
