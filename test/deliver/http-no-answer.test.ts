// The HTTP client where no answer comes: what counts as sent, and when it gives up.
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createResolve } from '../../src/deliver/resolve.ts';
import { post, signal, statusOf, useHttp } from '../support/deliver-http.ts';

const { cleanups, receiver, client } = useHttp();

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
