// Hooks on their way from one thread to another: all their bodies in one buffer, which moves instead of being cloned.
import type { Hook } from '../types.ts';

/** The hooks, and where in `bytes` the body of each ends; they lie there one after the other. */
export type HandedHooks = { hooks: Omit<Hook, 'body'>[]; ends: number[]; bytes: ArrayBuffer };

/** A copy of the hooks to be posted with `bytes` in the list of what moves. */
export function packHooks(given: readonly Hook[]): HandedHooks {
  const bytes = new Uint8Array(given.reduce((total, { body }) => total + body.length, 0));
  const ends: number[] = [];
  let at = 0;
  const hooks = given.map(({ body, ...hook }) => {
    bytes.set(body, at);
    at += body.length;
    ends.push(at);
    return hook;
  });
  return { hooks, ends, bytes: bytes.buffer };
}

export function unpackHooks({ hooks, ends, bytes }: HandedHooks): Hook[] {
  return hooks.map((hook, index) => {
    const from = ends[index - 1] ?? 0;
    return { ...hook, body: new Uint8Array(bytes, from, (ends[index] ?? from) - from) };
  });
}
