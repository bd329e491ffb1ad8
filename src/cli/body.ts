// What commands about a body are given: its file, its headers, the source it is from, and when it arrives.
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { codeOf, OperatorError, reasonOf } from '../lib/errors.ts';
import { readJson } from '../lib/json.ts';
import { readInstant } from './instant.ts';

/** For `parseArgs`. */
export const BODY_OPTIONS = {
  store: { type: 'string' },
  source: { type: 'string' },
  headers: { type: 'string' },
} as const;

/** The one file that is named. Throws an `OperatorError` for none and for several. */
export function oneFile([file, ...others]: readonly string[]): string {
  if (file === undefined || others.length > 0) throw new OperatorError('ARGUMENT', 'name one file with a body');
  return file;
}

/** Headers as in a JSON file, names in lower case. Throws an `OperatorError` for any other shape. */
export async function readHeaders(file: string | undefined): Promise<Record<string, string>> {
  if (file === undefined) return {};
  const headers = await readJsonFile(z.record(z.string(), z.string()), file);
  if (headers === undefined) throw new OperatorError('HEADERS', `${file} is no table of header names and texts`);
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** What look-ups answer, by their names, as in a JSON file. Throws an `OperatorError` for any other shape. */
export async function readAnswers(file: string | undefined): Promise<Record<string, unknown> | undefined> {
  if (file === undefined) return undefined;
  const answers = await readJsonFile(z.record(z.string(), z.unknown()), file);
  if (answers === undefined) throw new OperatorError('ANSWERS', `${file} is no table of look-ups and their answers`);
  return answers;
}

/** The JSON in a file, as far as the schema takes it; undefined for anything else. */
export const readJsonFile = async <T>(schema: z.ZodType<T>, file: string): Promise<T | undefined> =>
  readJson(schema, (await readBytes(file)).toString('utf8'));

/** Why a file cannot be read, by the code of what was thrown, and what to do about it. */
function unreadable(file: string, error: unknown): OperatorError {
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new OperatorError('FILE', `there is no file ${file}`, 'look at its name and folder');
  if (code === 'EISDIR') return new OperatorError('FILE', `${file} is a folder`, 'name a file in it');
  if (code === 'EACCES' || code === 'EPERM')
    return new OperatorError('FILE', `this user may not read ${file}`, `give it the right: chmod +r ${file}`);
  return new OperatorError('FILE', `cannot read ${file}: ${reasonOf(error)}`);
}

/** Throws an `OperatorError` when the file cannot be read. */
export async function readBytes(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** What `--at` says, in milliseconds since 1970; now where nothing was said. */
export const readAt = (given: string | undefined): number => readInstant('at', given) ?? Date.now();
