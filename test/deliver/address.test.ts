// Which addresses and URLs a destination may have.
import { describe, expect, it } from 'vitest';
import { checkDestinationUrl, isPublicAddress } from '../../src/deliver/address.ts';

const strict = { allowPrivate: false };
const lenient = { allowPrivate: true };
const PRIVATE = /private or local address/;

describe('checkDestinationUrl', () => {
  it.each(['127.0.0.1', '2130706433', '0x7f000001', '0177.0.0.1', '127.1', '１２７.０.０.１', '0'])(
    'S60 refuses loopback written as %s',
    (host) => {
      expect(checkDestinationUrl(`https://${host}/mp/collect`, strict)).toMatch(PRIVATE);
    },
  );

  it.each(['[::1]', '[::ffff:127.0.0.1]', '[::ffff:a9fe:a9fe]', '[::]'])('S61 refuses %s', (host) => {
    expect(checkDestinationUrl(`https://${host}/`, strict)).toMatch(PRIVATE);
  });

  it.each(['[64:ff9b::a9fe:a9fe]', '[2002:a9fe:a9fe::]', '[::169.254.169.254]', '[2001:0:53aa:64c:0:fbff:5601:5601]'])(
    'S62 refuses an IPv4 address carried in %s',
    (host) => {
      expect(checkDestinationUrl(`https://${host}/`, strict)).toMatch(PRIVATE);
    },
  );

  it.each(['file:///etc/passwd', 'gopher://shop.example/', 'ftp://shop.example/', 'data:text/plain,x'])(
    'S67 refuses the scheme of %s',
    (url) => {
      expect(checkDestinationUrl(url, strict)).toMatch(/must start with https/);
      expect(checkDestinationUrl(url, lenient)).toMatch(/must start with https/);
    },
  );

  it.each(['https://user@shop.example/', 'https://user:word@shop.example/', 'https://:word@shop.example/'])(
    'S67 refuses credentials in %s',
    (url) => {
      expect(checkDestinationUrl(url, lenient)).toMatch(/user name or password/);
    },
  );

  it.each([22, 25, 6379, 5432, 2375])('S67 refuses port %d', (port) => {
    expect(checkDestinationUrl(`https://shop.example:${port}/`, lenient)).toMatch(/not a web server/);
  });

  it.each(['localhost', 'LOCALHOST', 'sgtm.localhost'])('S68 refuses %s', (host) => {
    expect(checkDestinationUrl(`https://${host}/`, strict)).toMatch(PRIVATE);
  });

  it.each(['localhost.', 'shop.example.', '127.0.0.1.'])('S68 refuses %s, whose dot would hide it', (host) => {
    expect(checkDestinationUrl(`https://${host}/`, strict)).toBeTypeOf('string');
  });

  it('S68 judges a look-alike by the name it really is', () => {
    // The circled letters and the full-width dot normalise to localhost. and 127.0.0.1.
    expect(checkDestinationUrl('https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/', strict)).toMatch(PRIVATE);
    expect(checkDestinationUrl('https://127。0。0。1/', strict)).toMatch(PRIVATE);
  });

  it('refuses http:// and private addresses unless the operator allows them', () => {
    expect(checkDestinationUrl('http://shop.example/data', strict)).toMatch(/ALLOW_PRIVATE_DESTINATIONS/);
    expect(checkDestinationUrl('http://127.0.0.1:9001', lenient)).toBeUndefined();
    expect(checkDestinationUrl('https://10.0.0.8/data', lenient)).toBeUndefined();
  });

  it.each([
    'https://www.google-analytics.com/mp/collect',
    'https://sst.acme.example:8443/data',
    'https://8.8.8.8/',
    'https://[2606:4700::1111]/',
  ])('accepts %s', (url) => {
    expect(checkDestinationUrl(url, strict)).toBeUndefined();
  });

  it('says so when it is not a URL', () => {
    expect(checkDestinationUrl('sst.acme.example', strict)).toBe('is not a URL');
  });
});

describe('isPublicAddress', () => {
  it.each([
    ...['fe80::1', 'fe80::1%eth0', 'fc00::1', 'fd12:3456::1', 'ff02::1', '2001:db8::1', '100::1', '3fff::1'],
    ...['100.64.0.1', '100.100.100.200', '192.0.0.8', '198.18.0.1', '198.19.255.255', '240.0.0.1', '255.255.255.255'],
    ...['0.0.0.0', '0.1.2.3', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', '169.254.169.254'],
    ...['224.0.0.1', '168.63.129.16', '203.0.113.7', 'shop.example', ''],
  ])('S63 %s is not', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each([
    ...['8.8.8.8', '100.63.255.255', '100.128.0.0', '172.15.255.255', '172.32.0.0', '192.0.1.1', '198.20.0.0'],
    ...['223.255.255.255', '2606:4700::1111', '2a00:1450:4001::200e', '2001:4860:4860::8888'],
  ])('%s is', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
});
