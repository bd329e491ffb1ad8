// What the strict validators of requests have in common: reading unknown JSON, and the marks of things never to be sent.
import type { HttpRequest } from '../../src/types.ts';

export type Json = Record<string, unknown>;

export const HASH = /^[a-f0-9]{64}$/;
export const EMAIL = /[^\s@"]@[^\s@"]+\.[^\s@"]/;
export const HASH_OF_NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

export const isTable = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const tableOf = (value: unknown): Json => (isTable(value) ? value : {});
export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** Every value of the JSON with its path. */
export function* walk(value: unknown, path = ''): Generator<[path: string, value: unknown]> {
  yield [path, value];
  if (Array.isArray(value)) for (const [index, inner] of value.entries()) yield* walk(inner, `${path}[${index}]`);
  else if (isTable(value)) for (const [key, inner] of Object.entries(value)) yield* walk(inner, `${path}.${key}`);
}

/** Collects violations and throws them all at once. */
export function createComplaints() {
  const found: string[] = [];
  return {
    check: (holds: boolean, violation: string) => {
      if (!holds) found.push(violation);
    },
    only: (table: Json, allowed: readonly string[], where: string) => {
      for (const key of Object.keys(table))
        if (!allowed.includes(key)) found.push(`${where} has the unknown key ${key}`);
    },
    done: () => {
      if (found.length > 0) throw new Error(found.join('\n'));
    },
  };
}

/** A JSON POST without null, without the hash of nothing. */
export function readJsonPost(request: HttpRequest, check: (holds: boolean, violation: string) => void): Json {
  check(request.method === 'POST', 'the method is POST');
  check(request.headers['content-type'] === 'application/json', 'the content type is application/json');
  check(!request.body.includes(HASH_OF_NOTHING), 'the hash of nothing is sent');
  const body: unknown = JSON.parse(request.body);
  check(isTable(body), 'the body is an object');
  for (const [path, value] of walk(body)) {
    check(value !== null, `${path} is null`);
    check(!isTable(value) || path === '' || Object.keys(value).length > 0, `${path} is an empty object`);
  }
  return tableOf(body);
}
