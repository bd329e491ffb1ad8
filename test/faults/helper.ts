// Processes of the fault suite that answer questions; each outlives the bridge, and all end with the suite.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export type Helper<Ask, Answer> = { ask: (ask: Ask) => Promise<Answer>; stop: () => Promise<void>; pid: number };
type Numbered<T> = { id: number; value: T };

const running = new Set<ChildProcess>();

/** Starts a file of this folder and resolves when it said it is ready. Whoever starts it names its question and answer. */
export async function startHelper<Ask, Answer>(
  file: string,
  args: readonly string[] = [],
  { env = {}, execArgv = [] }: { env?: Record<string, string>; execArgv?: readonly string[] } = {},
): Promise<Helper<Ask, Answer>> {
  const child = fork(join(import.meta.dirname, file), args, {
    serialization: 'advanced',
    env: { ...process.env, ...env },
    execArgv: [...execArgv],
  });
  running.add(child);
  const waiting = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>();
  child.once('exit', (status) => {
    running.delete(child);
    for (const { reject } of waiting.values()) reject(new Error(`${file} ended with status ${status}`));
  });
  await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([status]) => Promise.reject(new Error(`${file} ended with status ${status}`))),
  ]);
  let last = 0;
  child.on('message', ({ id, value }: Numbered<Answer>) => {
    waiting.get(id)?.resolve(value);
    waiting.delete(id);
  });
  const ask = (value: Ask): Promise<Answer> =>
    new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, { resolve, reject });
      if (child.connected) child.send({ id: last, value } satisfies Numbered<Ask>);
      else reject(new Error(`${file} has ended`));
    });
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  return { ask, stop, pid: child.pid ?? 0 };
}

/** The other side: says that it is ready, then answers one question after the other. */
export function serveHelper<Ask, Answer>(answer: (ask: Ask) => Answer | Promise<Answer>): void {
  process.on('message', async ({ id, value }: Numbered<Ask>) => {
    process.send?.({ id, value: await answer(value) } satisfies Numbered<Answer>);
  });
  process.send?.('ready');
}

process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
