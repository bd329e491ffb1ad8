// A few connections shared by many who ask. A server that does not answer is given up in time, and asked again by one probe.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Row, Step } from '../../types.ts';
import { isAway, isBusy, KeepError } from '../error.ts';
import { CONNECT_MS, type Connection } from './connection.ts';

export type PoolParts = {
  connect: () => Promise<Connection>;
  size: number;
  /** How long a transaction may take before whoever asked for it is told that its end is unknown, in milliseconds. */
  deadline: number;
  /** How long to wait for a connection, in milliseconds; with 0 a server that is away is reported at once. */
  patience: number;
  /** Once it is given a server that is away, or says nothing, is waited for no longer than a moment. */
  haste?: AbortSignal | undefined;
};
/** `patience` as above, for these steps; with `again` they are run again where sessions ended meanwhile. */
export type RunOptions = { patience?: number; again?: boolean };
export type Pool = {
  run: (steps: readonly Step[], options?: RunOptions) => Promise<Row[][][]>;
  close: () => Promise<void>;
};

/** How often a server that is away is tried again. */
const AGAIN_MS = 100;
/** How often a server that has no place for another session is asked for one, as long as one of ours is there. */
const FULL_MS = 1_000;
/** Who stops has ten seconds, and writes what came of the requests under way after three of them. */
const HASTE_MS = 5_000;
/** A probe that heard nothing for so long begins anew; its commit may be waiting for a standby all that time. */
const PROBE_MS = 60_000;
/** Waits for the standby as any commit does, and leaves no row. */
const PROBE: Step = { sql: "select pg_logical_emit_message(true, 'tagbridge', '') as at", rows: [[]] };

const closed = (): KeepError => new KeepError('closed', 'the database is closed');
const silent = (): KeepError => new KeepError('away', 'the database did not answer in time');

export function createPool({ connect, size, deadline, patience, haste }: PoolParts): Pool {
  const idle: Connection[] = [];
  const lent = new Set<Connection>();
  /** Connections whose askers were told that they got no answer. */
  const lost = new Set<Connection>();
  const waiting: (() => void)[] = [];
  const ending = new AbortController();
  const { signal } = ending;
  let opening = 0;
  let probing: Promise<void> | undefined;
  /** Nobody waits any more; once there was no connection then, nobody tries for one either. */
  let late = false;
  let gone = false;
  let fullUntil = 0;

  const wakeNext = (): void => waiting.shift()?.();
  const wakeAll = (): void => {
    for (const go of waiting.splice(0)) go();
  };
  const giveBack = (connection: Connection): void => {
    lent.delete(connection);
    if (signal.aborted || !connection.isAlive()) connection.destroy();
    else idle.push(connection);
    wakeNext();
  };
  const takeIdle = (): Connection | undefined => {
    for (let one = idle.pop(); one !== undefined; one = idle.pop()) if (one.isAlive()) return one;
    return undefined;
  };
  const open = async (): Promise<Connection> => {
    opening += 1;
    try {
      return await connect();
    } finally {
      opening -= 1;
    }
  };
  /** Resolves when there may be a connection; at `until` at the latest. */
  const turn = (until: number): Promise<void> =>
    new Promise((resolve) => {
      const go = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(
        () => {
          waiting.splice(waiting.indexOf(go), 1);
          resolve();
        },
        Math.max(0, until - performance.now()),
      );
      waiting.push(go);
    });

  const hurry = (): void => {
    const giveUp = (): void => {
      late = true;
      for (const connection of lent) connection.destroy();
      wakeAll();
    };
    setTimeout(giveUp, HASTE_MS).unref();
  };
  if (haste?.aborted) hurry();
  else haste?.addEventListener('abort', hurry, { once: true });

  const isOver = (until: number): boolean => late || performance.now() >= until;
  /** One of ours is there, will be back, or may be there soon: who waits for it needs no other. */
  const isFull = (): boolean => lent.size + idle.length + opening > 0 && performance.now() < fullUntil;

  const lend = async (wait: number): Promise<Connection> => {
    const until = performance.now() + wait;
    /** Even without patience: connections that others are opening are there by then, or none will be. */
    const openUntil = performance.now() + (wait > 0 ? wait : CONNECT_MS);
    let sawOpening = false;
    /** Those who wait for one of ours to come back wait as long as that may take. */
    const turnUntil = performance.now() + Math.max(wait, deadline);
    for (;;) {
      if (signal.aborted) throw closed();
      if (gone) throw silent();
      if (probing !== undefined) {
        if (isOver(until)) throw silent();
        await turn(until);
        continue;
      }
      const known = takeIdle();
      if (known !== undefined) return lendOut(known);
      if (lent.size + opening < size && !isFull()) {
        // Others tried meanwhile, in vain.
        if (sawOpening && isOver(until)) throw silent();
        const opened = await openSoon(until);
        if (opened !== undefined) return opened;
      } else {
        const latest = lent.size === 0 ? openUntil : turnUntil;
        if (isOver(latest)) throw silent();
        sawOpening ||= lent.size === 0;
        await turn(latest);
      }
    }
  };
  const lendOut = (connection: Connection): Connection => {
    lent.add(connection);
    return connection;
  };
  /** A new connection, lent out; undefined after a moment when there was none. Rejects when another try would be too late. */
  const openSoon = async (until: number): Promise<Connection | undefined> => {
    try {
      return lendOut(await open());
    } catch (error) {
      gone = late;
      if (isBusy(error)) fullUntil = performance.now() + FULL_MS;
      wakeNext();
      if (isFull() && !late) return undefined;
      if (isOver(until - AGAIN_MS)) throw error;
      await sleep(AGAIN_MS);
      return undefined;
    }
  };

  /** Until one connection commits again nobody else is kept waiting for the server. */
  const probe = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        const connection = await open();
        lost.add(connection);
        await orSilent(connection.run([PROBE]), PROBE_MS);
        lost.delete(connection);
        idle.push(connection);
        break;
      } catch {
        await sleep(AGAIN_MS, undefined, { signal }).catch(() => undefined);
      }
    }
    for (const connection of lost) connection.destroy();
    lost.clear();
    probing = undefined;
    wakeAll();
  };

  const runOn = async (connection: Connection, steps: readonly Step[]): Promise<Row[][][]> => {
    const running = connection.run(steps);
    try {
      const results = await orSilent(running, late ? CONNECT_MS : deadline);
      giveBack(connection);
      return results;
    } catch (error) {
      if (!(error instanceof Unanswered)) {
        giveBack(connection);
        throw error;
      }
      running.catch(() => undefined);
      lent.delete(connection);
      lost.add(connection);
      probing ??= probe();
      wakeAll();
      throw silent();
    }
  };
  const run: Pool['run'] = async (steps, { patience: wait = patience, again = false } = {}) => {
    const began = performance.now();
    for (let tries = 1; ; tries++) {
      // Where there is no connection, waiting twice for one helps nobody.
      const connection = await lend(wait);
      try {
        return await runOn(connection, steps);
      } catch (error) {
        // A session that has ended says nothing about a new one, but all that were idle may have.
        const isLate = tries > 1 && performance.now() - began > deadline;
        if (!again || !isAway(error) || isLate || tries > size) throw error;
      }
    }
  };
  const close = async (): Promise<void> => {
    ending.abort();
    for (const connection of [...idle, ...lost]) connection.destroy();
    wakeAll();
    await probing;
  };
  return { run, close };
}

class Unanswered extends Error {}

/** An answer that is there already counts: after this process stood still, timers are heard before sockets. */
function orSilent<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<never>((_, reject) => {
    timer = setTimeout(() => setImmediate(() => setImmediate(() => reject(new Unanswered()))), ms);
  });
  return Promise.race([work, patience]).finally(() => clearTimeout(timer));
}
