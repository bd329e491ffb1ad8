#!/usr/bin/env node
// The command line: finds the command, runs it, and turns an operator's mistake into one clear line and exit code 78.
import { check } from './cli/check.ts';
import type { Command } from './cli/command.ts';
import { demo } from './cli/demo.ts';
import { listFunctions } from './cli/functions.ts';
import { replay } from './cli/replay.ts';
import { resume } from './cli/resume.ts';
import { writeSchemas } from './cli/schema.ts';
import { send } from './cli/send.ts';
import { serve } from './cli/serve.ts';
import { stats } from './cli/stats.ts';
import { tryFiles } from './cli/try.ts';
import { describeError, EXIT_CONFIG, OperatorError } from './lib/errors.ts';
import { nearest } from './lib/nearest.ts';

const COMMANDS: Record<string, Command> = {
  serve,
  check,
  try: tryFiles,
  send,
  demo,
  schema: writeSchemas,
  functions: listFunctions,
  replay,
  resume,
  stats,
};

const out = (text: string) => process.stdout.write(`${text}\n`);
const err = (text: string) => process.stderr.write(`${text}\n`);

function help(): string {
  const rows = Object.entries(COMMANDS).map(([name, { usage, help }]) => `  ${`${name} ${usage}`.padEnd(72)} ${help}`);
  return ['tagbridge <command>', '', ...rows].join('\n');
}

async function run([name = 'help', ...args]: string[]): Promise<number> {
  const command = COMMANDS[name];
  if (name === 'help' || name === '--help' || name === '-h') {
    out(help());
    return 0;
  }
  if (command === undefined)
    throw new OperatorError(
      'UNKNOWN_COMMAND',
      `there is no command ${name}`,
      nearest(name, Object.keys(COMMANDS)) ?? 'tagbridge help lists them',
    );
  return command.run(args, { out, err, env: process.env });
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  const badArgument = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  err(badArgument ? error.message : describeError(error));
  process.exitCode = error instanceof OperatorError ? EXIT_CONFIG : badArgument ? 2 : 1;
}
