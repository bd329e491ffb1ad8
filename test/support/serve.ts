// The service as a process of its own: what it prints, threads included, and how it ends.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { CHILD_ENV } from './children.ts';
import { eventually } from './service.ts';

const CLI = resolve(import.meta.dirname, '../../src/cli.ts');

export type Served = {
  child: ChildProcess;
  url: string;
  adminUrl: string;
  /** Everything printed so far. */
  printed: () => string;
  stop: () => Promise<number | null>;
};

/**
 * Runs `tagbridge serve` until it says that it is ready, by way of the command `through` if there is one. Rejects with what
 * it printed when it ends before.
 */
export async function serve(env: Record<string, string>, through: readonly string[] = []): Promise<Served> {
  const [command = process.execPath, ...args] = [...through, process.execPath, CLI, 'serve'];
  const child = spawn(command, args, {
    env: { ...CHILD_ENV, HOST: '127.0.0.1', PORT: '0', ADMIN_PORT: '0', ...env },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
  // Not at its exit: what it printed last may be heard after that.
  const closed = once(child, 'close');
  const ready = () => /"port":(\d+),"admin_port":(\d+).*"service\.ready"/.exec(text);
  await eventually(() => ready() !== null || child.exitCode !== null, 'the service is ready');
  const [, port, adminPort] = ready() ?? [];
  if (port === undefined) throw new Error(`the service ended with ${child.exitCode}: ${text}`);
  return {
    child,
    url: `http://127.0.0.1:${port}`,
    adminUrl: `http://127.0.0.1:${adminPort}`,
    printed: () => text,
    stop: async () => {
      child.kill('SIGTERM');
      await closed;
      return child.exitCode;
    },
  };
}
