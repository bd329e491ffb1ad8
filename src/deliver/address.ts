// Which addresses and URLs a destination may have: nothing that leads into the operator's own network.
import { BlockList, isIP } from 'node:net';

const REFUSED_V4 = [
  '0.0.0.0/8', // this network
  '10.0.0.0/8',
  '100.64.0.0/10', // carrier NAT, and the metadata service of Alibaba Cloud
  '127.0.0.0/8',
  '168.63.129.16/32', // Azure's host agent
  '169.254.0.0/16', // link-local, where most clouds keep their metadata service
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24', // documentation
  '192.88.99.0/24', // 6to4 relays
  '192.168.0.0/16',
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and broadcast
];

/** Global unicast is 2000::/3; all else (::1, ::ffff:0:0/96, ::a.b.c.d, 64:ff9b::/96, fc00::/7, fe80::/10, ff00::/8) is refused. */
const GLOBAL_V6 = ['2000::/3'];
const REFUSED_V6 = [
  '2001::/23', // Teredo, ORCHID and other protocol assignments
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4, which carries an IPv4 address
  '3fff::/20', // documentation
];

const listOf = (family: 'ipv4' | 'ipv6', networks: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    list.addSubnet(address, Number(prefix), family);
  }
  return list;
};

const refusedV4 = listOf('ipv4', REFUSED_V4);
const globalV6 = listOf('ipv6', GLOBAL_V6);
const refusedV6 = listOf('ipv6', REFUSED_V6);

/** Is this IP address, as text, one of the public internet? Follows IANA's special-purpose address registries. */
export const isPublicAddress = (address: string): boolean => {
  const family = isIP(address);
  if (family === 4) return !refusedV4.check(address, 'ipv4');
  if (family !== 6 || address.includes('%')) return false;
  return globalV6.check(address, 'ipv6') && !refusedV6.check(address, 'ipv6');
};

/** Ports where something other than a web server listens that a posted body could talk to. */
const REFUSED_PORTS = new Set(
  [
    [21, 22, 23, 25, 53, 110, 111, 135, 139, 143, 389, 445, 465, 514, 587, 636, 993, 995], // files, shells, mail, names
    [1433, 1521, 2049, 2375, 2376, 2379, 2380, 3306, 3389, 5432, 5672, 5900, 5984, 6379, 6443], // databases, containers
    [9092, 9200, 9300, 10250, 11211, 27017], // queues, search, caches
  ].flat(),
);

const bare = (hostname: string): string => (hostname.startsWith('[') ? hostname.slice(1, -1) : hostname);

/**
 * What is wrong with the URL of a destination, in words for its owner, or undefined. Names are not resolved here: what
 * they resolve to is checked at each connection. Odd spellings of addresses (decimal, hex, octal, full-width) are
 * normalised by the URL parser before they are judged.
 */
export const checkDestinationUrl = (url: string, { allowPrivate }: { allowPrivate: boolean }): string | undefined => {
  if (!URL.canParse(url)) return 'is not a URL';
  const { protocol, username, password, hostname, port } = new URL(url);
  const host = bare(hostname);
  if (protocol !== 'https:' && protocol !== 'http:') return `must start with https://, not ${protocol}`;
  if (username !== '' || password !== '') return 'must not contain a user name or password; use a header';
  if (REFUSED_PORTS.has(Number(port))) return `must not use port ${port}, which is not a web server’s`;
  if (host.endsWith('.')) return 'must not end its host name with a dot';
  if (allowPrivate) return undefined;
  if (protocol === 'http:') return 'must start with https:// (http:// needs ALLOW_PRIVATE_DESTINATIONS=true)';
  const local = isIP(host) === 0 ? host === 'localhost' || host.endsWith('.localhost') : !isPublicAddress(host);
  return local ? 'must not lead to a private or local address (unless ALLOW_PRIVATE_DESTINATIONS=true)' : undefined;
};
