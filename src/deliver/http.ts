// The one file of deliver that touches the network: posts a request and tells what came back, or why nothing did.
import { lookup, Resolver } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { Agent, type Dispatcher, errors } from 'undici';
import { codeOf } from '../lib/errors.ts';
import { flatHeaders } from '../lib/headers.ts';
import type { GetRequest, HttpRequest, Reply } from '../types.ts';
import { checkDestinationUrl } from './address.ts';
import { createResolve, type NameServers, type Resolve, ResolveError } from './resolve.ts';

/**
 * `timeout` is the whole request's, in milliseconds: name, connection, TLS, answer and body. `limit` is the most bytes of a
 * body that are taken.
 */
export type SendOptions = { signal: AbortSignal; timeout?: number; limit?: number };
export type Http = {
  /** Rejects only where the request itself is impossible, such as a line break in a header. */
  send: (request: HttpRequest | GetRequest, options: SendOptions) => Promise<Reply>;
  close: () => Promise<void>;
};

export const REQUEST_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 5_000;
const CONNECTIONS = 256;
const BODY_LIMIT = 64 * 1024;
const HEADER_LIMIT = 16 * 1024;
/** How often running requests are looked over for their deadline; cheaper than a timer and a listener each. */
const SWEEP_MS = 50;

type Failure = Extract<Reply, { failure: string }>['failure'];
type Call = {
  handler: Dispatcher.DispatchHandler;
  deadline: number;
  signal: AbortSignal;
  giveUp: (why: string) => void;
};

const REFUSED = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EACCES']);
const TIMEOUTS = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']);

const failureOf = (error: Error, secure: boolean, sent: boolean): Failure => {
  if (error instanceof ResolveError) return error.failure;
  const code = codeOf(error);
  if (REFUSED.has(code)) return 'refused';
  if (TIMEOUTS.has(code)) return 'timeout';
  return secure && !sent ? 'tls' : 'reset';
};

/** No more than a code or a host: messages of libraries may quote what was sent. */
const detailOf = (error: Error): string => (error instanceof ResolveError ? error.message : codeOf(error));

const impossible = (error: Error): boolean =>
  error instanceof errors.InvalidArgumentError || error instanceof errors.NotSupportedError;

/** Follows one request; undici calls the handler, and the promise settles exactly once. */
const createCall = (
  secure: boolean,
  { signal, timeout = REQUEST_TIMEOUT_MS, limit = BODY_LIMIT }: SendOptions,
  settle: (call: Call, end: Reply | Error) => void,
): Call => {
  let controller: Dispatcher.DispatchController | undefined;
  let open = true;
  let status = 0;
  let headers: Record<string, string> = {};
  let size = 0;
  const chunks: Buffer[] = [];

  const end = (result: Reply | Error) => {
    if (!open) return;
    open = false;
    settle(call, result);
  };
  const answered = (cut?: 'limit' | 'broken') => {
    const body = Buffer.concat(chunks).toString('utf8');
    end({ status, headers, body, ...(cut !== undefined && { cut }) });
  };
  const failed = (failure: Failure, detail: string) => {
    // Once a status came, it is the answer, however its body ends; who needs the body sees that it is not whole.
    if (status > 0) answered('broken');
    else end({ failure, detail, sent: controller !== undefined });
  };
  const abort = () => controller?.abort(new errors.RequestAbortedError());

  const call: Call = {
    signal,
    deadline: performance.now() + timeout,
    giveUp: (why) => {
      failed('timeout', why);
      abort();
    },
    handler: {
      onRequestStart: (started) => {
        if (!open) throw new errors.RequestAbortedError();
        controller = started;
      },
      onResponseStart: (_, code, received) => {
        if (code < 200) return;
        status = code;
        headers = flatHeaders(received);
      },
      onResponseData: (_, chunk) => {
        chunks.push(size + chunk.length > limit ? chunk.subarray(0, limit - size) : chunk);
        size += chunk.length;
        if (size <= limit) return;
        answered('limit');
        abort();
      },
      onResponseEnd: () => answered(),
      onResponseError: (_, error) => {
        if (impossible(error)) end(error);
        else failed(failureOf(error, secure, controller !== undefined), detailOf(error));
      },
    },
  };
  return call;
};

const nameServers = (): NameServers => {
  const resolver = new Resolver({ timeout: 1_500, tries: 2 });
  return {
    v4: (host) => resolver.resolve4(host),
    v6: (host) => resolver.resolve6(host),
    system: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
  };
};

const lookupWith =
  (resolve: Resolve): LookupFunction =>
  (host, options, callback) => {
    resolve(host).then(
      (addresses) => {
        const [first] = addresses;
        if (options.all) callback(null, addresses);
        else callback(null, first?.address ?? '', first?.family);
      },
      (error: Error) => callback(error, ''),
    );
  };

/**
 * The HTTP client of all destinations: keep-alive connections per origin, one request at a time on each, no redirects, no
 * proxy from the environment, certificates always verified. Names are resolved by `resolve` alone, so the address that
 * was checked is the address connected to.
 */
export const createHttp = ({
  allowPrivate,
  connections = CONNECTIONS,
  resolve = createResolve(nameServers(), { allowPrivate }),
}: {
  allowPrivate: boolean;
  connections?: number;
  resolve?: Resolve;
}): Http => {
  const agent = new Agent({
    connections,
    pipelining: 1,
    allowH2: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: HEADER_LIMIT,
    keepAliveMaxTimeout: 60_000,
    connect: { lookup: lookupWith(resolve), rejectUnauthorized: true, minVersion: 'TLSv1.2' },
  });
  const running = new Set<Call>();
  const sweep = setInterval(() => {
    const now = performance.now();
    for (const call of running) {
      if (call.signal.aborted) call.giveUp('stopped while waiting for an answer');
      else if (now >= call.deadline) call.giveUp('no answer in time');
    }
  }, SWEEP_MS).unref();

  const problems = new Map<string, string | undefined>();
  const problemOf = (origin: string): string | undefined => {
    if (!problems.has(origin)) problems.set(origin, checkDestinationUrl(origin, { allowPrivate }));
    return problems.get(origin);
  };

  const send = (request: HttpRequest | GetRequest, options: SendOptions): Promise<Reply> => {
    const body = 'body' in request ? request.body : null;
    const { origin, pathname, search, protocol } = new URL(request.url);
    const problem = problemOf(origin);
    if (problem !== undefined) {
      return Promise.resolve({ failure: 'forbidden_address', detail: `the URL ${problem}`, sent: false });
    }
    return new Promise((fulfil, reject) => {
      const call = createCall(protocol === 'https:', options, (settled, end) => {
        running.delete(settled);
        if (end instanceof Error) reject(end);
        else fulfil(end);
      });
      running.add(call);
      agent.dispatch(
        { origin, path: pathname + search, method: request.method, headers: request.headers, body },
        call.handler,
      );
    });
  };

  const close = async () => {
    clearInterval(sweep);
    await agent.destroy();
  };
  return { send, close };
};
