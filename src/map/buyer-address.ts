// Which network addresses may be a buyer's.
import { BlockList, isIP } from 'node:net';

/** Addresses that only mean something inside a network or machine, and what shops write over erased ones. */
const NOBODYS = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  NOBODYS.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  NOBODYS.addSubnet(network, prefix, 'ipv6');

/** Is it an address at all? */
export const isAddress = (text: string): boolean => isIP(text) !== 0;

/** Is it one that somebody who buys over the internet can have? Ranges that are only reserved count: nothing is sent there. */
export const isBuyerAddress = (text: string): boolean =>
  isAddress(text) && !NOBODYS.check(text, isIP(text) === 4 ? 'ipv4' : 'ipv6');

/** Without the port, brackets and IPv4-in-IPv6 spelling that proxies add. */
export function bareAddress(text: string): string {
  const host = /^\[(.+)\](?::\d+)?$/.exec(text)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1] ?? text;
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(host)?.[1] ?? host;
}
