// Addresses of one sender are one network, however they are written.
import { expect, test } from 'vitest';
import { networkOf } from '../../src/lib/network.ts';

test('addresses of one IPv6 network are one, of IPv4 each its own', () => {
  expect(networkOf('2001:db8:1:2:3::4')).toBe(networkOf('2001:db8:1:2:ffff:0:0:1'));
  expect(networkOf('2001:db8::1')).not.toBe(networkOf('2001:db8:0:1::1'));
  expect(networkOf('::ffff:203.0.113.9')).toBe('203.0.113.9');
});
