// The senders' port where many hold on to their connections: who comes next is heard all the same.
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { expect, test } from 'vitest';
import { createReceiver } from '../../src/receive/server.ts';
import { listenAnywhere } from '../support/port.ts';

const MOST = 10;

test('connections are kept as long as they are few; those who hold more leave room for others', async () => {
  const server = createReceiver({
    accept: async () => ({ status: 200, body: '{}' }),
    onRefused: (refusal) => expect(refusal).toBeUndefined(),
    knows: () => true,
    maxBodyBytes: 1_000,
    maxInFlightBytes: 1_000_000,
    maxConnections: MOST,
    proxies: 'loopback',
    ready: () => true,
    also: [],
    onError: (error) => expect(error).toBeUndefined(),
  });
  const port = await listenAnywhere(server);
  const agents = Array.from({ length: 3 * MOST }, () => new Agent({ keepAlive: true }));
  const kept: boolean[] = [];
  for (const agent of agents) {
    const [reply] = await once(get({ port, path: '/healthz', agent }), 'response');
    kept.push(reply.headers.connection === 'keep-alive');
    await once(reply.resume(), 'close');
  }
  expect(kept.slice(0, MOST / 2)).toEqual(Array(MOST / 2).fill(true));
  expect(kept.slice(MOST / 2)).not.toContain(true);
  for (const agent of agents) agent.destroy();
  server.close();
});
