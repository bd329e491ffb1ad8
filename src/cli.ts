#!/usr/bin/env node
// The command line: what was typed, to a command and its exit code.
import { statSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';
import { EXIT_CONFIG } from './lib/errors.ts';
import { oldNode } from './lib/node-version.ts';
import { plainText } from './lib/plain.ts';

const err = (text: string) => process.stderr.write(`${plainText(text)}\n`);

// Whoever reads may have seen enough, as `| head` has: what was begun is done all the same.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error) => {
    if (!('code' in error) || error.code !== 'EPIPE') throw error;
  });

const refused = oldNode(process.versions.node);
if (refused !== undefined) {
  err(refused);
  process.exitCode = EXIT_CONFIG;
} else {
  // What Node.js makes of these files the next start need not make again, nor the threads, which hear of it by the environment.
  // It lies where nobody can write who could not change the program, beside packages of this user's own: what root left among
  // those of another, that user's next `npm ci` could not delete. An empty name says that there is to be none: Node.js would
  // take it for a folder in /tmp, where others may leave code.
  const packages = join(import.meta.dirname, '../node_modules');
  const isOwn = statSync(packages, { throwIfNoEntry: false })?.uid === (process.getuid?.() ?? 0);
  if (process.env.NODE_COMPILE_CACHE === undefined && isOwn) {
    process.env.NODE_COMPILE_CACHE = join(packages, '.compile-cache');
    module.enableCompileCache();
  }
  // Not before: an older Node.js does not know what it imports.
  const { runCommand } = await import('./cli/run.ts');
  process.exitCode = await runCommand(process.argv.slice(2), {
    out: (text) => process.stdout.write(`${plainText(text)}\n`),
    err,
    env: process.env,
  });
}
