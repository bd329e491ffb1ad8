// Finds the command, runs it, and turns an operator's mistake into one clear line and exit code 78.
import { parseArgs } from 'node:util';
import { inWords } from '../keep/error.ts';
import { describeError, EXIT_CONFIG, OperatorError, PassingError } from '../lib/errors.ts';
import { nearest } from '../lib/nearest.ts';
import { alerts } from './alerts.ts';
import { audit } from './audit.ts';
import { backup } from './backup.ts';
import { check } from './check.ts';
import type { Command, Terminal } from './command.ts';
import { demo } from './demo.ts';
import { diff } from './diff.ts';
import { erase } from './erase.ts';
import { explainFile } from './explain.ts';
import { exportPerson } from './export.ts';
import { listFunctions } from './functions.ts';
import { importFile } from './import.ts';
import { migrate } from './migrate.ts';
import { reconcileSource } from './reconcile.ts';
import { recountDay } from './recount.ts';
import { replay } from './replay.ts';
import { report } from './report.ts';
import { resume } from './resume.ts';
import { writeSchemas } from './schema.ts';
import { send } from './send.ts';
import { serve } from './serve.ts';
import { stats } from './stats.ts';
import { token } from './token.ts';
import { tryFiles } from './try.ts';
import { user } from './user.ts';
import { listWebhooks } from './webhooks.ts';

export const COMMANDS: Readonly<Record<string, Command>> = {
  serve,
  check,
  try: tryFiles,
  explain: explainFile,
  diff,
  send,
  demo,
  schema: writeSchemas,
  functions: listFunctions,
  reconcile: reconcileSource,
  recount: recountDay,
  webhooks: listWebhooks,
  replay,
  resume,
  alerts,
  stats,
  import: importFile,
  report,
  erase,
  export: exportPerson,
  audit,
  user,
  backup,
  migrate,
  token,
};

/** Thrown by Node's `parseArgs`. */
const isBadArgument = (error: unknown): error is TypeError =>
  error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');

const HELP_FLAGS = ['--help', '-h'];
const usageOf = (name: string, { usage }: Command): string => `${name} ${usage}`.trim();

/** What `tagbridge help` prints. */
export function help(): string {
  const rows = Object.entries(COMMANDS).map(([name, command]) => `  ${usageOf(name, command)}\n      ${command.help}`);
  return ['tagbridge <command>', '', ...rows].join('\n');
}

function commandOf(name: string): Command {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command !== undefined) return command;
  const hint = nearest(name, Object.keys(COMMANDS)) ?? 'tagbridge help lists them';
  throw new OperatorError('UNKNOWN_COMMAND', `there is no command ${name}`, hint);
}

const helpOn = (name: string): string => {
  const command = commandOf(name);
  return `tagbridge ${usageOf(name, command)}\n    ${command.help}`;
};

async function runNamed([name = 'help', ...args]: readonly string[], terminal: Terminal): Promise<number> {
  if (name === 'help' || HELP_FLAGS.includes(name)) {
    const [about] = args;
    terminal.out(about === undefined ? help() : helpOn(about));
    return 0;
  }
  const command = commandOf(name);
  if (args.some((arg) => HELP_FLAGS.includes(arg))) {
    terminal.out(helpOn(name));
    return 0;
  }
  try {
    if (command.usage === '') parseArgs({ args, options: {} });
    return await command.run(args, terminal);
  } catch (error) {
    if (!isBadArgument(error)) throw error;
    terminal.err(`${error.message}\nusage: tagbridge ${usageOf(name, command)}`);
    return 2;
  }
}

/** Runs `<command> <arguments…>`; resolves with the exit code, whatever happens. */
export async function runCommand(words: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await runNamed(words, terminal);
  } catch (thrown) {
    const error = inWords(thrown);
    terminal.err(describeError(error));
    return error instanceof OperatorError && !(error instanceof PassingError) ? EXIT_CONFIG : 1;
  }
}
