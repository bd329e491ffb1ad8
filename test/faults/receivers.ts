// Run as a process: stand-ins for the vendors that record every event they count, flushed before they answer, and fail as told.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { behaviours } from '../../src/destinations/standins/index.ts';
import { listOf } from '../../src/destinations/standins/standin.ts';
import { tableOf } from '../../src/lib/table.ts';
import { serveHelper } from './helper.ts';
import { openJournal } from './journal.ts';
import { realTime } from './time.ts';

/** The suite’s stores send to these. */
export type Name = 'ga4' | 'meta' | 'sgtm';
/**
 * `stall`: never answers. `trickle`: one byte every five seconds. `reset`: breaks the connection. `drop`: counts, then breaks
 * it. `swallow`: counts and never answers. `garbage`: no HTTP. `refuse`: nobody listens.
 */
export type Fault =
  | { status: number; headers?: Record<string, string>; body?: string; counted?: boolean }
  | 'stall'
  | 'trickle'
  | 'reset'
  | 'drop'
  | 'swallow'
  | 'garbage'
  | 'html'
  | 'refuse';
/** `share` of the requests fail, the others are answered after `delayMs`. `poison` is an order Meta refuses. */
export type Conduct = { fault?: Fault; share?: number; delayMs?: number; poison?: string };
export type ReceiversAsk =
  | { kind: 'conduct'; name: Name; conduct: Conduct }
  | { kind: 'certificate'; name: Name; key: string; cert: string }
  | { kind: 'state' };
export type ReceiverState = {
  port: number;
  /** Times of requests since the last question. */
  requests: number[];
  /** Most requests that were under way at once since the last question. */
  atOnce: number;
  /** Requests refused for their poison since the last question. */
  refused: number;
  /** Different events counted so far, and all that were counted. */
  distinct: number;
  counted: number;
  /** Connections that ended before a request came, as those of a failed TLS handshake do. */
  broken: number;
};
export type ReceiversAnswer = Record<Name, ReceiverState>;

const [path = '', ...secure] = process.argv.slice(2);
const journal = await openJournal(path);

/** `<name> <id> <order>` of each event the vendor counts, by the field in which the vendor keeps the order id. */
const EVENTS: Record<Name, (body: unknown) => { name: unknown; id: unknown; order: unknown }[]> = {
  ga4: (body) =>
    listOf(tableOf(body).events).map((event) => {
      const { name, params } = tableOf(event);
      return { name, id: tableOf(params).transaction_id, order: tableOf(params).transaction_id };
    }),
  meta: (body) =>
    listOf(tableOf(body).data).map((event) => {
      const { event_name: name, event_id: id, custom_data } = tableOf(event);
      return { name, id, order: tableOf(custom_data).order_id };
    }),
  sgtm: (body) => {
    const { event_name: name, event_id: id, transaction_id: order } = tableOf(body);
    return [{ name, id, order }];
  },
};
const LOGIN_PAGE = '<html><h1>Please log in to the hotel network</h1></html>';
const POISONED = {
  status: 400,
  type: 'application/json',
  body: JSON.stringify({ error: { message: 'Invalid parameter', code: 100, error_subcode: 2804003 } }),
};

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function createReceiver(name: Name) {
  let conduct: Conduct = {};
  let port = 0;
  let requests: number[] = [];
  let refused = 0;
  let underWay = 0;
  let atOnce = 0;
  let counted = 0;
  let broken = 0;
  const seen = new Set<string>();

  const count = async (body: unknown): Promise<void> => {
    const at = realTime();
    const lines = EVENTS[name](body).map((event) => {
      seen.add(`${event.name} ${event.order}`);
      counted += 1;
      return `${name} ${event.name} ${event.id} ${event.order} ${at}`;
    });
    if (lines.length > 0) await journal.write(lines.join('\n'));
  };

  const fail = async (fault: Fault, body: unknown, response: ServerResponse): Promise<void> => {
    if (typeof fault === 'object') {
      if (fault.counted === true) await count(body);
      response.writeHead(fault.status, fault.headers).end(fault.body);
    } else if (fault === 'html') response.writeHead(200, { 'content-type': 'text/html' }).end(LOGIN_PAGE);
    else if (fault === 'garbage') response.socket?.end('\u0000\u0001 this is no HTTP\r\n\r\n');
    else if (fault === 'trickle') {
      const timer = setInterval(() => response.write(' '), 5_000);
      response.once('close', () => clearInterval(timer));
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    } else if (fault !== 'stall') {
      if (fault === 'drop' || fault === 'swallow') await count(body);
      if (fault !== 'swallow') response.socket?.resetAndDestroy();
    }
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    requests.push(realTime());
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const sent = await text(request);
    const body = parse(sent);
    const { fault, share = 1, delayMs = 0, poison } = conduct;
    if (delayMs > 0) await sleep(delayMs);
    if (fault !== undefined && Math.random() < share) return fail(fault, body, response);
    if (poison !== undefined && JSON.stringify(body).includes(poison)) {
      refused += 1;
      return void response.writeHead(POISONED.status, { 'content-type': POISONED.type }).end(POISONED.body);
    }
    const { method = '', headers } = request;
    const asked = { method, path: pathname, query: searchParams, headers, text: sent, body };
    const usual = behaviours[name]({ ...asked, now: Date.now() });
    if (usual.taken.length > 0) await count(body);
    response.writeHead(usual.status, usual.type === undefined ? {} : { 'content-type': usual.type }).end(usual.body);
  };

  const make = () => {
    const handle = (request: IncomingMessage, response: ServerResponse) => {
      underWay += 1;
      atOnce = Math.max(atOnce, underWay);
      response.once('close', () => {
        underWay -= 1;
      });
      answer(request, response).catch(() => response.destroy());
    };
    const server = secure.includes(name) ? createTlsServer(handle) : createServer(handle);
    server.on('tlsClientError', () => {
      broken += 1;
    });
    server.keepAliveTimeout = 60_000;
    return server;
  };
  let server = make();

  const listen = async (): Promise<void> => {
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const address = server.address();
    if (typeof address === 'object' && address !== null) port = address.port;
  };
  const behave = async (next: Conduct): Promise<void> => {
    const wasUp = conduct.fault !== 'refuse';
    conduct = next;
    if (wasUp && next.fault === 'refuse') {
      server.close();
      server.closeAllConnections();
    }
    if (wasUp || next.fault === 'refuse') return;
    server = make();
    await listen();
  };
  const certify = (key: string, cert: string): void => {
    if ('setSecureContext' in server) server.setSecureContext({ key, cert });
  };
  const state = (): ReceiverState => {
    const now = { port, requests, refused, atOnce, distinct: seen.size, counted, broken };
    requests = [];
    refused = 0;
    atOnce = underWay;
    return now;
  };
  return { listen, behave, certify, state };
}

const receivers = { ga4: createReceiver('ga4'), meta: createReceiver('meta'), sgtm: createReceiver('sgtm') };
await Promise.all(Object.values(receivers).map(({ listen }) => listen()));

serveHelper<ReceiversAsk, ReceiversAnswer>(async (ask) => {
  if (ask.kind === 'conduct') await receivers[ask.name].behave(ask.conduct);
  if (ask.kind === 'certificate') receivers[ask.name].certify(ask.key, ask.cert);
  return { ga4: receivers.ga4.state(), meta: receivers.meta.state(), sgtm: receivers.sgtm.state() };
});
