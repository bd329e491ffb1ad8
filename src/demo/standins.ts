// Local servers that answer like the vendors', remember what they got and fail on request: for demo, tests and benchmarks.
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { behaviours } from '../destinations/standins/index.ts';
import type { Behaviour, StandinAnswer } from '../destinations/standins/standin.ts';
import type { Clock } from '../types.ts';

export type Received = {
  destination: string;
  /** Milliseconds since 1970, by the stand-ins' clock. */
  at: number;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  text: string;
  /** Parsed JSON, undefined when it was none. */
  body: unknown;
  /** What it was answered with, undefined when it was not answered. */
  status: number | undefined;
};

/** A way to fail: a status, silence, a broken connection, or an error page of some machine in between. */
export type Fault = { status: number; headers?: Record<string, string>; body?: string } | 'stall' | 'reset' | 'html';
/** `times`: for so many requests (default: until `recover`). `counted`: the event counts all the same. */
export type FaultOptions = { times?: number; counted?: boolean };

export type Standin = {
  /** `http://127.0.0.1:<port>`, for `endpoint` or `url`. */
  origin: string;
  requests: () => number;
  /** How often each event was counted, by `<event name>:<id>`. */
  counted: ReadonlyMap<string, number>;
  fail: (fault: Fault, options?: FaultOptions) => void;
  recover: () => void;
};

type Name = keyof typeof behaviours;
export type Standins = Record<Name, Standin> & {
  /** Every request in the order of arrival; empty in fast mode. */
  received: Received[];
  close: () => Promise<void>;
};

/** `fast`: counts, but keeps no request, for benchmarks. */
export type StandinOptions = { clock?: Clock; fast?: boolean };
type Answer = Omit<StandinAnswer, 'taken'> & { headers?: Record<string, string> };

const ERROR_PAGE: Answer = { status: 502, type: 'text/html', body: '<html><h1>502 Bad Gateway</h1></html>' };

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** Faster than the reader of `node:stream/consumers`, because benchmarks share a machine with the stand-ins. */
function readText(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      text += chunk;
    });
    request.once('end', () => resolve(text)).once('error', reject);
  });
}

/** A switch that makes the next requests fail, as often as it was told. */
function createFaults() {
  let active: { fault: Fault; left: number; counted: boolean } | undefined;
  return {
    fail: (fault: Fault, { times = Number.POSITIVE_INFINITY, counted = false }: FaultOptions = {}) => {
      active = { fault, left: times, counted };
    },
    recover: () => {
      active = undefined;
    },
    next: () => {
      const now = active;
      if (now !== undefined) now.left -= 1;
      if (now?.left === 0) active = undefined;
      return now;
    },
  };
}

function answerOf(fault: Fault | undefined, usual: StandinAnswer): Answer | 'stall' | 'reset' {
  if (fault === undefined) return usual;
  return fault === 'html' ? ERROR_PAGE : fault;
}

function respond(response: ServerResponse, answer: Answer | 'stall' | 'reset'): void {
  if (answer === 'stall') return;
  if (answer === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  const type = answer.type === undefined ? {} : { 'content-type': answer.type };
  response.writeHead(answer.status, { ...type, ...answer.headers }).end(answer.body);
}

/** Listens on a free port of 127.0.0.1. */
function listen(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(`http://127.0.0.1:${address.port}`);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function start(behave: Behaviour, clock: Clock, keep: (received: Omit<Received, 'destination'>) => void) {
  const counted = new Map<string, number>();
  const faults = createFaults();
  let requests = 0;

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname: path, searchParams: query } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const sent = await readText(request);
    const body = parse(sent);
    const at = clock();
    requests += 1;
    const failing = faults.next();
    const { method = '', headers } = request;
    const usual = behave({ method, path, query, headers, text: sent, body, now: at });
    const answer = answerOf(failing?.fault, usual);
    if (failing === undefined || failing.counted) {
      for (const id of usual.taken) counted.set(id, (counted.get(id) ?? 0) + 1);
    }
    keep({
      at,
      path,
      query,
      headers,
      text: sent,
      body,
      status: typeof answer === 'string' ? undefined : answer.status,
    });
    respond(response, answer);
  };
  const server = createServer((request, response) => {
    // A sender that goes away in the middle of its request is no concern of a stand-in.
    handle(request, response).catch(() => response.destroy());
  });
  const origin = await listen(server);
  const standin: Standin = { origin, requests: () => requests, counted, fail: faults.fail, recover: faults.recover };
  return { standin, close: () => close(server) };
}

/** Starts a stand-in for every destination. */
export async function createStandins({ clock = Date.now, fast = false }: StandinOptions = {}): Promise<Standins> {
  const received: Received[] = [];
  const names = Object.keys(behaviours) as Name[];
  const started = await Promise.all(
    names.map((destination) =>
      start(behaviours[destination], clock, (request) => {
        if (!fast) received.push({ destination, ...request });
      }),
    ),
  );
  const standins = Object.fromEntries(started.map(({ standin }, index) => [names[index], standin])) as Record<
    Name,
    Standin
  >;
  const closeAll = async () => {
    await Promise.all(started.map((one) => one.close()));
  };
  return { ...standins, received, close: closeAll };
}
