// The HTTP client over TLS: whose certificate it trusts, and what it says of the others.
import { createServer as createTlsServer } from 'node:https';
import { createServer } from 'node:net';
import { getCACertificates, type SecureVersion, setDefaultCACertificates } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { judgeFailure } from '../../src/destinations/judge.ts';
import { selfSigned } from '../support/certificates.ts';
import { loopback, post, signal, statusOf, useHttp } from '../support/deliver-http.ts';
import { listenAnywhere } from '../support/port.ts';

const { cleanups, client } = useHttp();

describe('send over TLS', () => {
  const FUTURE = new Date(Date.now() + 86_400_000);
  const PAST = new Date(Date.now() - 86_400_000);
  const secure = async (
    host: string,
    until: Date,
    { trusted, maxVersion }: { trusted: boolean; maxVersion?: SecureVersion },
  ) => {
    const pair = selfSigned(host, until);
    if (trusted) {
      const before = getCACertificates('default');
      setDefaultCACertificates([pair.cert]);
      cleanups.push(() => setDefaultCACertificates(before));
    }
    let requests = 0;
    const weak = maxVersion && { maxVersion, minVersion: 'TLSv1' as const, ciphers: 'DEFAULT@SECLEVEL=0' };
    const server = createTlsServer({ ...pair, ...weak }, (_, response) => {
      requests += 1;
      response.writeHead(204).end();
    });
    server.on('tlsClientError', () => undefined);
    const port = await listenAnywhere(server);
    cleanups.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return { port, requests: () => requests };
  };

  it('sends to a host whose certificate is trusted and its own', async () => {
    const { port, requests } = await secure('shop.example', FUTURE, { trusted: true });
    const reply = await client({ resolve: loopback }).send(post(`https://shop.example:${port}/`), { signal });
    expect(statusOf(reply)).toBe(204);
    expect(requests()).toBe(1);
  });

  it.each([
    ['expired', 'shop.example', PAST, { trusted: true }, /^the certificate .* has expired/],
    ['self-signed', 'shop.example', FUTURE, { trusted: false }, /^the certificate .* nobody this machine trusts/],
    ['of another host', 'other.example', FUTURE, { trusted: true }, /^the certificate .* another name/],
    [
      'spoken over TLS 1.1',
      'shop.example',
      FUTURE,
      { trusted: true, maxVersion: 'TLSv1.1' as const },
      /^the secure connection failed$/,
    ],
  ])('S71 sends nothing when the certificate is %s, and says so', async (_, host, until, options, words) => {
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    cleanups.push(() => delete process.env.NODE_TLS_REJECT_UNAUTHORIZED);
    const { port, requests } = await secure(host, until, options);
    const reply = await client({ resolve: loopback }).send(post(`https://shop.example:${port}/`), { signal });
    expect(reply).toMatchObject({ failure: 'tls', sent: false });
    expect('failure' in reply && judgeFailure(reply)).toEqual({
      kind: 'retry',
      reason: expect.stringMatching(words),
    });
    expect(requests()).toBe(0);
  });

  it('says tls and not sent, when the other side speaks something else', async () => {
    const server = createServer((socket) => socket.on('error', () => undefined).end('SSH-2.0-x\r\n'));
    const port = await listenAnywhere(server);
    cleanups.push(() => server.close());
    const reply = await client({ resolve: loopback }).send(post(`https://shop.example:${port}/`), { signal });
    expect(reply).toMatchObject({ failure: 'tls', sent: false });
  });
});
