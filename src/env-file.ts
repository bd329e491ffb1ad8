// The file .env: what it says, and which of its values end earlier than they were meant to.
import { readFileSync } from 'node:fs';
import { parse } from 'dotenv';
import { OperatorError } from './lib/errors.ts';

export type EnvFile = {
  values: Record<string, string>;
  /** By name the line of a value without quotes that is taken for a comment from its # on. */
  cut: ReadonlyMap<string, number>;
};

/** A name, and no quotes; what stands behind a space and # is most likely meant as a comment. */
const CUT = /^\s*(?:export\s+)?([\w.-]+)\s*=[ \t]*(?:[^\s#'"`][^#\r\n]*)?(?<=\S)#/gm;

function findCut(text: string): Map<string, number> {
  const found = [...text.matchAll(CUT)];
  return new Map(
    found.map(({ 0: line, 1: name = '', index }) => [name, text.slice(0, index + line.length).split('\n').length]),
  );
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    // It need not be there, nor be readable: whoever started the service may have read it already.
    return Buffer.alloc(0);
  }
}

/** Throws an `OperatorError` for a file of which nothing could be read, as Windows PowerShell writes it. */
export function readEnvFile(path: string): EnvFile {
  const bytes = readBytes(path);
  if (bytes.includes(0)) throw new OperatorError('CONFIG', '.env is no UTF-8', 'save the file as UTF-8');
  const text = bytes.toString('utf8');
  return { values: parse(text), cut: findCut(text) };
}
