// Run as a process: a balancer before one bridge. It asks /readyz, holds requests while the bridge is not ready, and never sends one twice.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request as send } from 'undici';
import { serveHelper } from './helper.ts';

export type BalancerAsk = 'state';
/** `held` counts requests that waited for the bridge to be ready. */
export type BalancerAnswer = { url: string; held: number };

const LOOK_MS = 100;
const [bridge = ''] = process.argv.slice(2);
const agent = new Agent({ connections: 128, pipelining: 1, keepAliveTimeout: 30_000 });
let ready = false;
let held = 0;
let waiting: (() => void)[] = [];

async function watch(): Promise<void> {
  for (;;) {
    ready = await fetch(`${bridge}/readyz`, { signal: AbortSignal.timeout(1_000) }).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) {
      for (const go of waiting) go();
      waiting = [];
    }
    await sleep(LOOK_MS);
  }
}

async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await buffer(request);
  if (!ready) {
    held += 1;
    await new Promise<void>((resolve) => waiting.push(resolve));
  }
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
  void watch();
  serveHelper<BalancerAsk, BalancerAnswer>(() => ({ url: `http://127.0.0.1:${port}`, held }));
});
