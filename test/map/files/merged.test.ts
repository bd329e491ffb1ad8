// What holds for a source: platform, store and apps laid over each other, each part with its file and line.
import { expect, test } from 'vitest';
import { parseMapping } from '../../../src/map/files/files.ts';
import { mergedView } from '../../../src/map/files/merged.ts';

const parse = (file: string, text: string) => {
  const { parsed } = parseMapping({ file, text });
  if (parsed === undefined) throw new Error(`${file} is no YAML`);
  return parsed;
};
const PLATFORM = `platform: lamp
title: Lamps
verify: { scheme: hmac, header: x-sign }
strip: [password]
hook: { topic: $headers.topic }
fields:
  order_id: $string(id)
events:
  purchase:
    when: { status: paid, test: { not: true } }
    key: id
    fields:
      value: [total, amount]
      client_id: ga
  refund:
    key: refund_id
`;
const STORE = `store: shop
read_also: [other]
sources:
  lamps:
    platform: lamp
    secrets: [x]
    strip: [pin]
    events:
      purchase:
        when: { status: [paid, open] }
        fields:
          value: sum
          client_id: off
        set: { channel: phone }
      refund: off
`;
const APP = `read_also: other
title: Other
fields:
  value: other_value
  gclid: [a, b]
  channel: c
`;

const merged = mergedView(
  {
    platform: parse('lamp.yaml', PLATFORM),
    store: parse('stores/shop.yaml', STORE),
    apps: [parse('read_also/other.yaml', APP)],
  },
  'lamps',
);
const at = (path: string) =>
  merged.parts
    .find((part) => part.path.join('.') === path)
    ?.values.map(({ text, file, line, own }) => `${text} ${file}:${line}${own ? ' own' : ''}`);

test('each part is told with the file and line it is written on', () => {
  expect(at('verify.scheme')).toEqual(['hmac lamp.yaml:3']);
  expect(at('events.purchase.when.status')).toEqual(['paid stores/shop.yaml:10 own', 'open stores/shop.yaml:10 own']);
  expect(at('events.purchase.when.test.not')).toEqual(['true lamp.yaml:10']);
  expect(at('events.purchase.set.channel')).toEqual(['phone stores/shop.yaml:14 own']);
});

test('a field that rules share is told with each rule, at the line where it is shared', () => {
  expect(at('events.purchase.fields.order_id')).toEqual(['$string(id) lamp.yaml:7']);
  expect(merged.parts.some(({ path }) => path[0] === 'fields')).toBe(false);
});

test('expressions of apps come behind those of the platform and the store, and give what a constant does not', () => {
  expect(at('events.purchase.fields.value')).toEqual([
    'sum stores/shop.yaml:12 own',
    'other_value read_also/other.yaml:4',
  ]);
  expect(at('events.purchase.fields.gclid')).toEqual(['a read_also/other.yaml:5', 'b read_also/other.yaml:5']);
  expect(at('events.purchase.fields.channel')).toBeUndefined();
});

test('what the store takes away is told apart', () => {
  expect(merged.removed.map(({ path, values }) => [path.join('.'), values[0]?.line])).toEqual([
    ['events.purchase.fields.client_id', 13],
    ['events.refund', 15],
  ]);
  expect(at('events.refund.key')).toBeUndefined();
  expect(at('events.purchase.fields.client_id')).toBeUndefined();
});

test('names that are stripped add up, and no secret is among the parts', () => {
  expect(at('strip')).toEqual(['password lamp.yaml:4', 'pin stores/shop.yaml:7 own']);
  expect(merged.parts.some(({ path }) => path.includes('secrets'))).toBe(false);
});
