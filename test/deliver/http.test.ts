// The HTTP client against real sockets: what is sent and where to, what is cut, what is refused.
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createResolve } from '../../src/deliver/resolve.ts';
import { loopback, post, signal, statusOf, useHttp } from '../support/deliver-http.ts';
import { always, startReceiver } from '../support/deliver-receiver.ts';

const { cleanups, receiver, client } = useHttp();

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
