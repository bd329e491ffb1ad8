// The load generator, a process of its own: keep-alive connections that each send one signed hook, or one visit, after the other.
import { connect, type Socket } from 'node:net';
import { createOrderRequests, makeRequest } from './order-requests.ts';
import { quantile } from './stats.ts';
import { createVisitPosts, VISIT_HEADERS, VISITS_PATH } from './visit-posts.ts';

export type LoadAsk =
  /** Sends orders, or visits, for `ms`, then answers. At most `ahead` more than were said to be `confirmed` are sent. */
  | { run: { port: number; ms: number; connections: number; ahead?: number; visits?: boolean } }
  /** How many orders of this run have come out at the other end. */
  | { confirmed: number };
export type LoadResult = {
  acknowledged: number;
  /** Answers by status. */
  statuses: Record<number, number>;
  /** From the first request to the last answer. */
  seconds: number;
  p50: number;
  p99: number;
  max: number;
};

const orders = createOrderRequests(Date.now());
let confirmed = 0;
let wake: () => void = () => {};

const nextVisit = createVisitPosts(Date.now());
/** So many orders are signed beforehand: more than anything here takes in the time, and at most. */
const PREPARED_PER_MS = 20;
const PREPARED = 100_000;

/** Makes what writes the next request of one connection, which has no more than one on its way. */
function requestsOf(host: string, visits: boolean): () => Buffer {
  if (visits) return () => makeRequest(host, VISITS_PATH, VISIT_HEADERS, nextVisit());
  const { longest, write } = orders.forHost(host);
  const own = Buffer.allocUnsafe(longest);
  return () => write(own);
}

/** Calls `onAnswer` with the status of every whole answer that comes over the socket. */
function readAnswers(socket: Socket, onAnswer: (status: number) => void): void {
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    for (;;) {
      const end = text.indexOf('\r\n\r\n');
      if (end === -1) return;
      const length = Number(/content-length: (\d+)/i.exec(text.slice(0, end))?.[1] ?? 0);
      const size = end + 4 + length;
      if (text.length < size) return;
      const status = Number(text.slice(9, 12));
      text = text.slice(size);
      onAnswer(status);
    }
  });
}

type Run = Extract<LoadAsk, { run: unknown }>['run'];

async function run({
  port,
  ms,
  connections,
  ahead = Number.POSITIVE_INFINITY,
  visits = false,
}: Run): Promise<LoadResult> {
  const waits: number[] = [];
  const statuses: Record<number, number> = {};
  const idle: (() => void)[] = [];
  if (!visits) orders.prepare(Math.min(ms * PREPARED_PER_MS, PREPARED));
  confirmed = 0;
  let sent = 0;
  const began = performance.now();
  const end = began + ms;
  wake = () => {
    for (const send of idle.splice(0)) send();
  };

  const drive = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      const next = requestsOf(`127.0.0.1:${port}`, visits);
      let sentAt = 0;
      const send = () => {
        if (performance.now() >= end) {
          socket.end();
          resolve();
        } else if (sent - confirmed >= ahead) idle.push(send);
        else {
          sent += 1;
          const request = next();
          sentAt = performance.now();
          socket.write(request);
        }
      };
      readAnswers(socket, (status) => {
        waits.push(performance.now() - sentAt);
        statuses[status] = (statuses[status] ?? 0) + 1;
        send();
      });
      socket.once('connect', send).once('error', reject);
    });
  const driven = Promise.all(Array.from({ length: connections }, drive));
  const timer = setTimeout(() => wake(), ms);
  await driven;
  clearTimeout(timer);
  waits.sort((a, b) => a - b);
  return {
    acknowledged: statuses[visits ? 204 : 200] ?? 0,
    statuses,
    seconds: (performance.now() - began) / 1_000,
    p50: quantile(waits, 0.5),
    p99: quantile(waits, 0.99),
    max: waits.at(-1) ?? 0,
  };
}

process.on('message', (message: LoadAsk) => {
  if ('run' in message) void run(message.run).then((result) => process.send?.(result));
  else {
    confirmed = message.confirmed;
    wake();
  }
});
process.send?.('ready');
