// The HTTP client against real sockets: what counts as sent, what is cut, what is refused.
import { createServer as createTlsServer } from 'node:https';
import { createServer } from 'node:net';
import { getCACertificates, type SecureVersion, setDefaultCACertificates } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHttp, type Http } from '../../src/deliver/http.ts';
import { createResolve } from '../../src/deliver/resolve.ts';
import { judgeFailure } from '../../src/destinations/judge.ts';
import type { HttpRequest, Reply } from '../../src/types.ts';
import { selfSigned } from '../support/certificates.ts';
import { always, startReceiver } from '../support/deliver-receiver.ts';
import { listenAnywhere } from '../support/port.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});
const receiver = async (...answer: Parameters<typeof startReceiver>) => {
  const started = await startReceiver(...answer);
  cleanups.push(started.close);
  return started;
};
const client = (options: Partial<Parameters<typeof createHttp>[0]> = {}): Http => {
  const http = createHttp({ allowPrivate: true, ...options });
  cleanups.push(http.close);
  return http;
};
const post = (url: string, changes: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'POST',
  url,
  headers: { 'content-type': 'application/json' },
  body: '{"a":"é"}',
  ...changes,
});
const { signal } = new AbortController();
const loopback = async () => [{ address: '127.0.0.1', family: 4 }];
const statusOf = (reply: Reply) => ('status' in reply ? reply.status : reply);

describe('send', () => {
  it('posts body, path, query and headers, and answers status, headers and text', async () => {
    const { url, received } = await receiver(always(200, { 'x-trace': 't1', 'set-cookie': 'a=1' }, 'ünder'));
    const reply = await client().send(post(`${url}/mp/collect?id=1`, { headers: { 'x-secret': 's' } }), { signal });
    expect(reply).toMatchObject({ status: 200, headers: { 'x-trace': 't1', 'set-cookie': 'a=1' }, body: 'ünder' });
    expect(received).toMatchObject([{ url: '/mp/collect?id=1', headers: { 'x-secret': 's' }, body: '{"a":"é"}' }]);
  });

  it('keeps the connection for the next request', async () => {
    const { url, connections, received } = await receiver(always(204));
    const http = client();
    for (let n = 0; n < 5; n++) await http.send(post(url), { signal });
    expect(received).toHaveLength(5);
    expect(connections()).toBeLessThanOrEqual(2);
  });

  it('finds localhost without a name server', async () => {
    const { port } = await receiver(always(204));
    expect(statusOf(await client().send(post(`http://localhost:${port}/`), { signal }))).toBe(204);
  });

  it('connects to what its resolver says and nowhere else (S65)', async () => {
    const { port, received } = await receiver(always(204));
    const asked: string[] = [];
    const resolve = (host: string) => {
      asked.push(host);
      return loopback();
    };
    const reply = await client({ resolve }).send(post(`http://nowhere.example:${port}/`), { signal });
    expect(statusOf(reply)).toBe(204);
    expect(received[0]?.headers.host).toBe(`nowhere.example:${port}`);
    expect(asked).toEqual(['nowhere.example']);
  });

  it.each(['https://127.0.0.1/', 'https://[::ffff:a9fe:a9fe]/', 'http://shop.example/', 'https://localhost:8443/'])(
    'sends nothing to %s unless private destinations are allowed',
    async (url) => {
      const reply = await client({ allowPrivate: false, resolve: loopback }).send(post(url), { signal });
      expect(reply).toMatchObject({ failure: 'forbidden_address', sent: false });
    },
  );

  it('S64 sends nothing where the name leads to a private address', async () => {
    const servers = { v4: async () => ['8.8.8.8', '127.0.0.1'], v6: async () => [], system: async () => [] };
    const http = client({ allowPrivate: false, resolve: createResolve(servers, { allowPrivate: false }) });
    const reply = await http.send(post('https://mixed.example/'), { signal });
    expect(reply).toMatchObject({ failure: 'forbidden_address', sent: false });
  });

  it.each([301, 302, 307, 308])('S66 does not follow a %d', async (status) => {
    const target = await receiver(always(200));
    const { url } = await receiver(always(status, { location: target.url }));
    expect(statusOf(await client().send(post(url), { signal }))).toBe(status);
    expect(target.received).toEqual([]);
  });

  it('S69 cuts an endless body at 64 KB and keeps the status', async () => {
    const { url } = await receiver((_, response) => {
      response.writeHead(200);
      const more = () => {
        while (response.write(Buffer.alloc(16_384, 'x')));
      };
      response.on('drain', more);
      more();
    });
    const reply = await client().send(post(url), { signal });
    expect(reply).toMatchObject({ status: 200, body: 'x'.repeat(65_536), cut: 'limit' });
  });

  it.each([
    [65_536, undefined, 65_536, undefined],
    [65_537, undefined, 65_536, 'limit'],
    [100_000, 100_000, 100_000, undefined],
    [100_001, 100_000, 100_000, 'limit'],
  ])(
    'of a body of %d bytes and a limit of %s takes %d, and says where it was cut',
    async (given, limit, taken, cut) => {
      const { url } = await receiver(always(200, {}, 'x'.repeat(given)));
      const reply = await client().send(post(url), { signal, ...(limit !== undefined && { limit }) });
      expect(reply).toMatchObject({ status: 200, body: 'x'.repeat(taken) });
      expect('cut' in reply ? reply.cut : undefined).toBe(cut);
    },
  );

  it('S69 refuses a megabyte of headers', async () => {
    const { url } = await receiver((_, response) => {
      response.socket?.end(`HTTP/1.1 200 OK\r\n${`x-filler: ${'x'.repeat(1_000)}\r\n`.repeat(1_000)}\r\n`);
    });
    expect(await client().send(post(url), { signal })).toMatchObject({ failure: 'reset', sent: true });
  });

  it('S70 does not inflate a compressed answer', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    const { url, received } = await receiver((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    });
    const reply = await client().send(post(url), { signal });
    expect(reply).toMatchObject({ status: 200, body: bomb.toString('utf8') });
    expect(reply).not.toHaveProperty('cut');
    expect(received[0]?.headers['accept-encoding']).toBeUndefined();
  });

  it('S72 tells a failure without the URL and its secrets', async () => {
    const { url, close } = await startReceiver(always(204));
    await close();
    const reply = await client().send(post(`${url}/mp/collect?api_secret=hush-hush`), { signal });
    expect(reply).toEqual({ failure: 'refused', detail: 'ECONNREFUSED', sent: false });
  });

  it.each(['a\r\nx-evil: 1', 'a\nb', '\u0000'])('S73 rejects the header value %j and sends nothing', async (value) => {
    const { url, received } = await receiver(always(204));
    await expect(client().send(post(url, { headers: { 'x-coupon': value } }), { signal })).rejects.toThrow(/header/);
    expect(received).toEqual([]);
  });

  it('S74 ignores a proxy named in the environment', async () => {
    const proxy = await receiver(always(502));
    const { url, received } = await receiver(always(204));
    const names = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'ALL_PROXY', 'NODE_USE_ENV_PROXY'];
    for (const name of names) process.env[name] = name === 'NODE_USE_ENV_PROXY' ? '1' : proxy.url;
    cleanups.push(() => {
      for (const name of names) delete process.env[name];
    });
    expect(statusOf(await client().send(post(url), { signal }))).toBe(204);
    expect(received).toHaveLength(1);
    expect(proxy.received).toEqual([]);
  });
});

describe('send, when no answer comes', () => {
  // Time passes with the turns of the event loop: where this process has to stand still nobody is late.
  beforeEach(() => {
    const passing = setInterval(() => vi.advanceTimersByTime(5), 5);
    cleanups.push(() => clearInterval(passing), vi.useRealTimers);
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  });

  it('says timeout and that it was sent, when the receiver accepts and is silent', async () => {
    const { url, received } = await receiver(() => undefined);
    const reply = await client().send(post(url), { signal, timeout: 100 });
    expect(reply).toMatchObject({ failure: 'timeout', sent: true });
    expect(received).toHaveLength(1);
  });

  it('holds the total deadline against a receiver that sends header bytes forever (F12)', async () => {
    const { url } = await receiver((_, response) => {
      const timer = setInterval(() => response.socket?.write('x'), 20);
      response.socket?.on('close', () => clearInterval(timer));
      response.socket?.write('HTTP/1.1 200 OK\r\nx-slow: ');
    });
    const reply = await client().send(post(url), { signal, timeout: 150 });
    expect(reply).toMatchObject({ failure: 'timeout', sent: true });
  });

  it('takes the status for the answer when only the body is slow', async () => {
    const { url } = await receiver((_, response) => {
      response.writeHead(202).write('half');
    });
    expect(await client().send(post(url), { signal, timeout: 150 })).toMatchObject({
      status: 202,
      body: 'half',
      cut: 'broken',
    });
  });

  it('takes the status for the answer when the connection breaks in the body, and says that it did', async () => {
    const { url } = await receiver((_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('half', () => response.destroy());
    });
    expect(await client().send(post(url), { signal })).toMatchObject({ status: 200, body: 'half', cut: 'broken' });
  });

  it('says timeout and not sent, while it waits for a connection', async () => {
    const { url, received } = await receiver(() => undefined);
    const http = client({ connections: 1 });
    const [first, second] = await Promise.all([
      http.send(post(url), { signal, timeout: 300 }),
      http.send(post(url), { signal, timeout: 50 }),
    ]);
    expect(first).toMatchObject({ failure: 'timeout', sent: true });
    expect(second).toMatchObject({ failure: 'timeout', sent: false });
    expect(received).toHaveLength(1);
  });

  it('never sends later what was given up while it waited', async () => {
    const held = Promise.withResolvers<void>();
    const { url, received } = await receiver(async (_, response, count) => {
      if (count === 1) await held.promise;
      response.writeHead(204).end();
    });
    const http = client({ connections: 1 });
    const first = http.send(post(url, { body: 'one' }), { signal });
    const second = await http.send(post(url, { body: 'two' }), { signal, timeout: 50 });
    expect(second).toMatchObject({ failure: 'timeout', sent: false });
    held.resolve();
    expect(statusOf(await first)).toBe(204);
    expect(statusOf(await http.send(post(url, { body: 'three' }), { signal }))).toBe(204);
    expect(received.map(({ body }) => body)).toEqual(['one', 'three']);
  });

  it('says reset and that it was sent, when the connection breaks after the request', async () => {
    const { url } = await receiver((_, response) => response.socket?.destroy());
    expect(await client().send(post(url), { signal })).toMatchObject({ failure: 'reset', sent: true });
  });

  it('says dns and not sent, for a name that does not exist', async () => {
    const fail = () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }));
    const resolve = createResolve({ v4: fail, v6: fail, system: fail }, { allowPrivate: true });
    const reply = await client({ resolve }).send(post('http://gone.example/'), { signal });
    expect(reply).toEqual({ failure: 'dns', detail: 'ENOTFOUND gone.example', sent: false });
  });

  it('gives up when it is told to stop', async () => {
    const stopping = new AbortController();
    const { url } = await receiver(() => stopping.abort());
    expect(await client().send(post(url), { signal: stopping.signal })).toMatchObject({
      failure: 'timeout',
      sent: true,
    });
  });
});

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
