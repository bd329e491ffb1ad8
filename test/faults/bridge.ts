// The bridge under test as `npm start` runs it, in a process of its own that can be killed at any moment.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { createPatience } from './time.ts';

const CLI = join(import.meta.dirname, '../../src/cli.ts');
const PRELOADS = join(import.meta.dirname, 'preload');
const POLL_MS = 5;
/** Node's options in `npm start`. */
const AS_STARTED = ['--max-semi-space-size=8'];

export type BridgeOptions = {
  env: Record<string, string>;
  /** Files of `preload/`, without ending. */
  preload?: readonly string[];
  nodeOptions?: readonly string[];
  log: string;
  /** The program, where it is another version. */
  cli?: string;
  /** How long to wait for it to be ready. */
  patienceMs?: number;
};
export type Bridge = {
  url: string;
  pid: number;
  /** From the start of the process until `/readyz` says 200. */
  readyMs: number;
  /** Resolves with the status, or the name of the signal, when it has ended. */
  ended: Promise<number | string>;
  signal: (signal: NodeJS.Signals) => void;
  /** Ends it and resolves when it is gone, with its status. */
  end: (signal: NodeJS.Signals) => Promise<number | string>;
  /** Memory in use now and at most, in MB. */
  memory: () => { now: number; most: number };
};

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

const megabytes = (status: string, field: string): number =>
  Math.round(Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024);

/** Node's options that load files of `preload/`, in every thread. */
export const importing = (preload: readonly string[]): string[] =>
  preload.flatMap((name) => ['--import', pathToFileURL(join(PRELOADS, `${name}.ts`)).href]);

/** Starts the process only; `ended` tells how it went. */
export function spawnBridge({ env, preload = [], nodeOptions = [], log, cli = CLI }: BridgeOptions) {
  const out = openSync(log, 'a');
  const child = spawn(process.execPath, [...AS_STARTED, ...nodeOptions, ...importing(preload), cli, 'serve'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', out, out],
  });
  running.add(child);
  const ended = once(child, 'exit').then(([status, signal]): number | string => {
    running.delete(child);
    return signal ?? status;
  });
  return { child, ended };
}

/** Starts the bridge and resolves when it is ready. Rejects when it ends before. */
export async function startBridge(options: BridgeOptions): Promise<Bridge> {
  const url = `http://127.0.0.1:${options.env.PORT}`;
  const began = performance.now();
  const { child, ended } = spawnBridge(options);
  let gone: number | string | undefined;
  void ended.then((status) => {
    gone = status;
  });
  for (const isOver = createPatience(options.patienceMs ?? 120_000); ; ) {
    const ready = await fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) break;
    if (gone !== undefined || isOver())
      throw new Error(`the bridge did not get ready (${gone ?? 'too slow'}), see ${options.log}`);
    await sleep(POLL_MS);
  }
  const readyMs = performance.now() - began;
  const pid = child.pid ?? 0;
  return {
    url,
    pid,
    readyMs,
    ended,
    signal: (signal) => void child.kill(signal),
    end: (signal) => {
      child.kill(signal);
      return ended;
    },
    memory: () => {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      return { now: megabytes(status, 'VmRSS'), most: megabytes(status, 'VmHWM') };
    },
  };
}
