// `tagbridge try`: what would become of a body, offline: its events and the exact requests, or why there are none.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { OperatorError } from '../lib/errors.ts';
import { readJson } from '../lib/json.ts';
import { type Tried, tryBody } from '../pages/trial.ts';
import type { Command } from './command.ts';
import { readInstant } from './instant.ts';
import { findSource } from './store.ts';

function describe({ hook, events, requests, skipped }: Tried): string {
  const lines = [
    `${hook.store}/${hook.source} (${hook.platform})${hook.topic === undefined ? '' : ` ${hook.topic}`}: ${hook.verdict}`,
  ];
  if (hook.reason !== undefined) lines.push(`  ${hook.reason}`);
  for (const event of events) lines.push(`event ${event.name}`, JSON.stringify(event, null, 2));
  for (const { destination, method, url, body } of requests)
    lines.push(`to ${destination}: ${method} ${url}`, JSON.stringify(body, null, 2));
  for (const { event, destination, reason } of skipped) lines.push(`not to ${destination}: ${event}: ${reason}`);
  return lines.join('\n');
}

/** Headers as in a JSON file, names in lower case. Throws an `OperatorError` for any other shape. */
export async function readHeaders(file: string | undefined): Promise<Record<string, string>> {
  if (file === undefined) return {};
  const headers = await readJsonFile(z.record(z.string(), z.string()), file);
  if (headers === undefined) throw new OperatorError('HEADERS', `${file} is no table of header names and texts`);
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** The JSON in a file, as far as the schema takes it; undefined for anything else. */
export const readJsonFile = async <T>(schema: z.ZodType<T>, file: string): Promise<T | undefined> =>
  readJson(schema, (await readBytes(file)).toString('utf8'));

/** Throws an `OperatorError` when the file cannot be read. */
export async function readBytes(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new OperatorError('FILE', `cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What `--at` says, in milliseconds since 1970; now where nothing was said. */
export const readAt = (given: string | undefined): number => readInstant('at', given) ?? Date.now();

export const tryFiles: Command = {
  usage: 'FILE… --store S --source N [--headers H.json] [--at ISO] [--json]',
  help: 'Shows what would become of a body, without sending',
  run: async (args, { out, env }) => {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        store: { type: 'string' },
        source: { type: 'string' },
        headers: { type: 'string' },
        at: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    if (positionals.length === 0) throw new OperatorError('ARGUMENT', 'name at least one file with a body');
    const at = readAt(values.at);
    const { store, source } = await findSource(env, values.store, values.source);
    const headers = await readHeaders(values.headers);
    for (const file of positionals) {
      const tried = await tryBody(store, source, { headers, body: await readBytes(file), received_at: at });
      if (!values.json) out(describe(tried));
      else out(positionals.length === 1 ? JSON.stringify(tried, null, 2) : JSON.stringify(tried));
    }
    return 0;
  },
};
