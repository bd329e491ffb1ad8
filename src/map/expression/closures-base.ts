// What the parts of the compiler share: the form of a compiled node, and how to leave an expression to the interpreter.
import type { Node } from './ast.ts';

export type Env = Record<string, unknown>;
/** Evaluates one node. Throws `DEOPT` when it meets a value whose treatment is left to the interpreter. */
export type Closure = (input: unknown, env: Env) => unknown;
export type Functions = Readonly<Record<string, { fn: (...args: unknown[]) => unknown }>>;
/** Compiles a node further down. */
export type Compile = (node: Node) => Closure;

export class Unsupported extends Error {}

/** Leaves the whole expression to the interpreter. */
export function unsupported(what: string): never {
  throw new Unsupported(what);
}

/** A child that the grammar guarantees. */
export function part(node: Node | Node[] | [Node, Node][] | undefined): Node {
  return node === undefined || Array.isArray(node) ? unsupported('an unknown form') : node;
}
