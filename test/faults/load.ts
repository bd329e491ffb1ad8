// Run as a process: sends signed hooks as a platform would, and keeps its own flushed ledger of what was sent and acknowledged.
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { serveHelper } from './helper.ts';
import { type HookId, type Kind, makeHook } from './hooks.ts';
import { openJournal } from './journal.ts';
import { createPatience, realTime } from './time.ts';

export type LoadAsk =
  /** New hooks at `rate` per second over at most `connections`; every `refundEvery`th order is refunded. */
  | { kind: 'start'; url: string; rate: number; connections: number; refundEvery?: number }
  /** No new hooks; resolves when all are acknowledged, or after `ms`. */
  | { kind: 'finish'; ms: number }
  /**
   * `count` hooks, `atOnce` at a time: new orders laid over with `over`, or those of `orders` again. With `same` all are one
   * hook under one delivery id; `again` makes other delivery ids.
   */
  | {
      kind: 'burst';
      url: string;
      count: number;
      atOnce?: number;
      same?: boolean;
      of?: Kind;
      over?: object;
      orders?: readonly number[];
      again?: string;
      /** Do not try again after a refusal. */
      once?: boolean;
    }
  | { kind: 'state' };
export type LoadAnswer = {
  sent: number;
  acknowledged: number;
  /** Answers by status; 0 stands for a broken or refused connection. */
  statuses: Record<number, number>;
  /** Milliseconds from request to acknowledgement since the last question, sorted. */
  waits: number[];
  /** Ids of orders whose hooks were sent by the last burst. */
  orders: number[];
};

const [path = '', first = '0'] = process.argv.slice(2);
const RETRY_MS = 100;
const agent = new Agent({ connections: 256, pipelining: 1 });
const ledger = await openJournal(path);
const statuses: Record<number, number> = {};
let waits: number[] = [];
let next = Number(first);
let sent = 0;
let acknowledged = 0;
let underWay = 0;
let running = 0;
let orders: number[] = [];

async function post(url: string, hook: ReturnType<typeof makeHook>): Promise<number> {
  try {
    const reply = await request(url + hook.path, {
      dispatcher: agent,
      method: 'POST',
      headers: hook.headers,
      body: hook.body,
      headersTimeout: 15_000,
    });
    await reply.body.dump();
    return reply.statusCode;
  } catch {
    return 0;
  }
}

/** Sends until it is acknowledged, as a platform that tries again would. */
async function deliver(url: string, id: HookId, hook: ReturnType<typeof makeHook>, retry = true): Promise<number> {
  underWay += 1;
  sent += 1;
  try {
    for (;;) {
      await ledger.write(`S ${id} ${realTime()}`);
      const began = performance.now();
      const status = await post(url, hook);
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (status !== 0) await ledger.write(`A ${id} ${realTime()} ${status}`);
      if (status >= 200 && status < 300) {
        waits.push(performance.now() - began);
        acknowledged += 1;
        return status;
      }
      if (!retry) return status;
      await sleep(RETRY_MS);
    }
  } finally {
    underWay -= 1;
  }
}

type Start = Extract<LoadAsk, { kind: 'start' }>;
type Burst = Extract<LoadAsk, { kind: 'burst' }>;

async function start({ url, rate, connections, refundEvery = 0 }: Start): Promise<void> {
  running += 1;
  const mine = running;
  const began = performance.now();
  for (let made = 0; running === mine; ) {
    const due = Math.floor(((performance.now() - began) / 1000) * rate);
    for (; made < due && underWay < connections; made += 1) void one(url, refundEvery);
    // What could not be sent in time is not made up for: senders do not come faster because we were down.
    made = Math.max(made, due);
    await sleep(5);
  }
}

async function one(url: string, refundEvery: number): Promise<void> {
  const order = next++;
  await deliver(url, `order:${order}`, makeHook('order', order));
  const isRefunded = refundEvery > 0 && order % refundEvery === 0;
  if (isRefunded) await deliver(url, `refund:${order}`, makeHook('refund', order));
}

async function burst({
  url,
  count,
  atOnce = count,
  same = false,
  of: kind = 'order',
  over,
  orders: given,
  again,
  once = false,
}: Burst) {
  orders = given === undefined ? Array.from({ length: same ? 1 : count }, () => next++) : [...given];
  const [first = 0] = orders;
  const jobs = same ? Array.from({ length: count }, () => first) : [...orders];
  const only = same ? makeHook(kind, first, over, again) : undefined;
  const work = async () => {
    for (let order = jobs.shift(); order !== undefined; order = jobs.shift())
      await deliver(url, `${kind}:${order}`, only ?? makeHook(kind, order, over, again), !once);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, work));
}

async function finish(ms: number): Promise<void> {
  running += 1;
  for (const isOver = createPatience(ms); underWay > 0 && !isOver(); ) await sleep(10);
}

serveHelper<LoadAsk, LoadAnswer>(async (ask) => {
  if (ask.kind === 'start') void start(ask);
  if (ask.kind === 'finish') await finish(ask.ms);
  if (ask.kind === 'burst') await burst(ask);
  const answer = { sent, acknowledged, statuses, waits: waits.sort((a, b) => a - b), orders };
  waits = [];
  return answer;
});
