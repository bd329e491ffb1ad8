// Functions over network addresses as proxies and shops write them down.
import { bareAddress, isBuyerAddress } from '../buyer-address.ts';
import type { FunctionTable } from './functions.ts';

function publicIp(given: unknown): string | undefined {
  const texts = [given].flat().filter((one) => typeof one === 'string');
  return texts
    .flatMap((text) => text.split(','))
    .map((text) => bareAddress(text.trim()))
    .find(isBuyerAddress);
}

export const ADDRESS_FUNCTIONS: FunctionTable = {
  public_ip: {
    args: 'addresses',
    help: 'The first public address of a text such as X-Forwarded-For, or of several texts. Those of machines behind a proxy are left out.',
    examples: [
      { expr: "$public_ip('10.0.0.4, 203.0.113.7, 198.51.100.2')", result: '203.0.113.7' },
      { expr: "$public_ip('[2001:db8::7]:4711')", result: '2001:db8::7' },
      { expr: "$public_ip('::ffff:203.0.113.7')", result: '203.0.113.7' },
      { expr: "$public_ip('127.0.0.1')", why: 'the shop’s own proxy' },
    ],
    fn: publicIp,
  },
};
