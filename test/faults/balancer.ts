// Run as a process: a balancer before bridges, in turn. It asks /readyz, holds requests while none is ready, and never sends one twice.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request as send } from 'undici';
import { serveHelper } from './helper.ts';

export type BalancerAsk = 'state';
/** `held` counts requests that waited for a bridge to be ready. */
export type BalancerAnswer = { url: string; held: number };

const LOOK_MS = 100;
const bridges = process.argv.slice(2);
const agent = new Agent({ connections: 128, pipelining: 1, keepAliveTimeout: 30_000 });
const ready = new Set<string>();
let turn = 0;
let held = 0;
let waiting: (() => void)[] = [];

async function watch(bridge: string): Promise<void> {
  for (;;) {
    const isReady = await fetch(`${bridge}/readyz`, { signal: AbortSignal.timeout(1_000) }).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) ready.add(bridge);
    else ready.delete(bridge);
    if (ready.size > 0) {
      for (const go of waiting) go();
      waiting = [];
    }
    await sleep(LOOK_MS);
  }
}

async function choose(): Promise<string> {
  if (ready.size === 0) {
    held += 1;
    await new Promise<void>((resolve) => waiting.push(resolve));
  }
  turn += 1;
  return [...ready][turn % ready.size] ?? '';
}

async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await buffer(request);
  const bridge = await choose();
  const { host: _host, connection: _connection, 'transfer-encoding': _coding, ...headers } = request.headers;
  const reply = await send(bridge + request.url, { dispatcher: agent, method: 'POST', headers, body });
  response.writeHead(reply.statusCode).end(await reply.body.text());
}

const server = createServer((request, response) => {
  forward(request, response).catch(() => response.writeHead(502).end());
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  for (const bridge of bridges) void watch(bridge);
  serveHelper<BalancerAsk, BalancerAnswer>(() => ({ url: `http://127.0.0.1:${port}`, held }));
});
