#!/usr/bin/env node
// The command line: what was typed, to a command and its exit code.
import { runCommand } from './cli/run.ts';
import { plainText } from './lib/plain.ts';

process.exitCode = await runCommand(process.argv.slice(2), {
  out: (text) => process.stdout.write(`${plainText(text)}\n`),
  err: (text) => process.stderr.write(`${plainText(text)}\n`),
  env: process.env,
});
