// Starts the processes of a benchmark, talks with them and ends them.
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = join(import.meta.dirname, '../..');
const running = new Set<ChildProcess>();

type Stoppable = { stop: () => Promise<void> };
/** A process that answers each question with one message. */
export type Helper<Ask, Answer> = Stoppable & {
  ask: (question: Ask) => Promise<Answer>;
  tell: (question: Ask) => void;
};

function watched(child: ChildProcess): Stoppable {
  running.add(child);
  child.once('exit', () => running.delete(child));
  const stop = async () => {
    if (!running.has(child)) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  };
  return { stop };
}

/** The next message of a child; rejects when it ends instead. */
async function nextMessage(child: ChildProcess): Promise<unknown> {
  const waiting = new AbortController();
  const { signal } = waiting;
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]) => message),
      once(child, 'exit', { signal }).then(([code]) => {
        throw new Error(`a process of the benchmark ended with status ${code}`);
      }),
    ]);
  } finally {
    waiting.abort();
  }
}

/** A process that runs a file of this folder; `ready` is the first thing it says. */
export async function startHelper<Ask extends object | string, Answer, Ready>(
  file: string,
): Promise<Helper<Ask, Answer> & { ready: Ready }> {
  const child = fork(join(import.meta.dirname, file));
  const { stop } = watched(child);
  // What comes from a file of this folder has the form that the file declares.
  const ready = (await nextMessage(child)) as Ready;
  const tell = (question: Ask) => void child.send(question);
  const ask = async (question: Ask) => {
    const answer = nextMessage(child);
    tell(question);
    return (await answer) as Answer;
  };
  return { ready, ask, tell, stop };
}

/** The service without the options that `npm start` gives Node, which save memory; its log is in `<folder>/service.log`; resolves when it receives hooks. */
export async function startService(
  env: Record<string, string>,
  folder: string,
): Promise<Stoppable & { pid: number | undefined }> {
  const file = join(folder, 'service.log');
  const log = openSync(file, 'a');
  const args = [join(ROOT, 'src/cli.ts'), 'serve'];
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ['ignore', log, log] });
  const { stop } = watched(child);
  const asked = () => fetch(`http://127.0.0.1:${env.PORT}/readyz`).then(({ ok }) => ok);
  while (!(await asked().catch(() => false))) {
    if (child.exitCode !== null) throw new Error(`the service ended with status ${child.exitCode}; see ${file}`);
    await sleep(50);
  }
  return { stop, pid: child.pid };
}

/** Ends all processes that were started here. */
export async function stopAll(): Promise<void> {
  await Promise.all([...running].map((child) => watched(child).stop()));
}
