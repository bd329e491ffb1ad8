// Runs the command line, here or as a process of its own, in a folder with mapping files made for the test.
import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { runCommand } from '../../src/cli/run.ts';
import { CHILD_ENV } from './children.ts';

const CLI = resolve(import.meta.dirname, '../../src/cli.ts');

export type Ran = { code: number; out: string; err: string };

/** The environment is only what is given here; `cwd` is where `.env` is looked for. */
export function tagbridge(args: readonly string[], cwd: string, env: Record<string, string> = {}): Promise<Ran> {
  return new Promise((done) => {
    const options = { cwd, env: { ...CHILD_ENV, ...env } };
    execFile(process.execPath, [CLI, ...args], options, (error, out, err) => {
      const code = typeof error?.code === 'number' ? error.code : error === null ? 0 : -1;
      done({ code, out, err });
    });
  });
}

/** As `tagbridge … | head -0` does: nobody reads what is printed. */
export function tagbridgeUnread(args: readonly string[], cwd: string): Promise<Omit<Ran, 'out'>> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [CLI, ...args], { cwd, env: CHILD_ENV });
    child.stdout.destroy();
    let err = '';
    child.stderr.on('data', (text) => {
      err += String(text);
    });
    child.on('close', (code) => done({ code: code ?? -1, err }));
  });
}

/** A new folder with these files. */
export async function folderWith(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tagbridge-cli-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

/** In this process, which is much faster. */
export async function runHere(words: readonly string[], env: Record<string, string>): Promise<Ran> {
  const printed = { out: '', err: '' };
  const write = (to: 'out' | 'err') => (text: string) => {
    printed[to] += `${text}\n`;
  };
  const code = await runCommand(words, { out: write('out'), err: write('err'), env });
  return { code, ...printed };
}
