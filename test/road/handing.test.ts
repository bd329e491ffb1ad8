// Hooks handed to another thread come out as they went in.
import { expect, test } from 'vitest';
import { packHooks, unpackHooks } from '../../src/road/handing.ts';
import type { Hook } from '../../src/types.ts';

const hook = (id: string, body: Uint8Array): Hook => ({
  id,
  store: 'shop',
  source: 'shopify',
  received_at: 1_767_323_045_000,
  headers: { 'x-shopify-topic': 'orders/paid' },
  body,
});

test('hooks come out as they went in, empty bodies and parts of larger buffers included', () => {
  const larger = Buffer.from('not mine, {"id":1}, nor this');
  const hooks = [hook('a', larger.subarray(10, 18)), hook('b', new Uint8Array()), hook('c', Buffer.from('{"id":2}'))];
  const packed = packHooks(hooks);
  const moved = structuredClone(packed, { transfer: [packed.bytes] });
  expect(moved.bytes.byteLength).toBe(16);
  expect(unpackHooks(moved)).toEqual(hooks.map((one) => ({ ...one, body: new Uint8Array(one.body) })));
  expect(Buffer.from(larger).toString()).toContain('{"id":1}');
});

test('no hooks come out as none', () => {
  expect(unpackHooks(packHooks([]))).toEqual([]);
});
