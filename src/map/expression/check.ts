// What can be found wrong with an expression before it ever runs: unknown names, forbidden ones, regular expressions.
import { nearest } from '../../lib/nearest.ts';
import { counted } from '../../lib/words.ts';
import { isNode, type Node, walk } from './ast.ts';
import { JSONATA_ARGUMENTS, JSONATA_FUNCTIONS } from './builtins.ts';
import { ExpressionError } from './error.ts';
import { checkMistaken, FOREIGN_FUNCTIONS } from './mistaken.ts';
import { checkRead, type Read, readsIn } from './reads.ts';

/** `args` as in `url, name, default?`. */
export type Signatures = Readonly<Record<string, { args: string }>>;
export type Checked = {
  /** Which of our functions it calls. */
  functions: Set<string>;
  /** Its regular expressions and where they end. */
  patterns: Map<RegExp, number | undefined>;
  /** Where it says `$$`. */
  roots: Node[];
  /** What it reads of bound variables. */
  reads: Read[];
  /** Does it make lists? */
  makesLists: boolean;
  /** Does it make objects? */
  makesObjects: boolean;
};

/** Throws the first mistake; else tells what the expression uses. */
export function checkExpression(ast: Node, signatures: Signatures, bindings: readonly string[]): Checked {
  const locals = new Set<string>();
  for (const node of walk(ast)) for (const name of namesBoundBy(node)) locals.add(name);
  const functions = [...JSONATA_FUNCTIONS, ...Object.keys(signatures)];
  const variables = [...bindings, ...locals];
  const known = new Set(['', '$', ...functions, ...variables]);
  const checked: Checked = {
    functions: new Set(),
    patterns: new Map(),
    roots: [],
    reads: [],
    makesLists: false,
    makesObjects: false,
  };
  const piped = new Set<unknown>();
  for (const node of walk(ast)) {
    if (node.type === 'apply') piped.add(node.rhs);
    checkForbidden(node);
    checkMistaken(node);
    if (node.procedure !== undefined) checkForbidden(node.procedure);
    checkShadowed(node, bindings);
    checkCall(node, signatures, { functions, variables, known }, piped.has(node));
    if (node.type === 'variable') checkVariable(node, known, variables);
    collect(node, signatures, checked);
    for (const read of readsIn(node, startOf).filter(({ of }) => !locals.has(of))) {
      const times = bindings.filter((name) => name === read.of).length;
      checkRead(read, { times, isFunction: functions.includes(read.of) });
      // Bound twice, it is what a mapping says under `let:`.
      if (times === 1) checked.reads.push(read);
    }
  }
  return checked;
}

/** Variables that this node gives a value: by `:=`, as parameters, by `@` and by `#`. */
function namesBoundBy(node: Node): string[] {
  const stages = (node.stages ?? []).flatMap((stage) =>
    'value' in stage && stage.type === 'index' ? [String(stage.value)] : [],
  );
  const focus = [node.focus, node.index].filter((name) => name !== undefined);
  const bound = node.type === 'bind' ? [node.lhs] : node.type === 'lambda' ? (node.arguments ?? []) : [];
  return [...bound.filter(isNode).map(({ value }) => String(value)), ...focus, ...stages];
}

/** Marks around the value in the text: `$name`, `name`, `"text"`. */
const MARKS: Readonly<Record<string, number>> = { variable: 1, string: 2 };

/** jsonata tells where a name ends; people want to know where it begins. */
function startOf({ type, value, position }: Node): number | undefined {
  return position === undefined ? undefined : Math.max(1, position - String(value).length - (MARKS[type] ?? 0) + 1);
}

const REPEATABLE = 'a mapping must give the same on every replay; $received_at is when the hook arrived';
const FORBIDDEN: Readonly<Record<string, string>> = {
  eval: 'data must not run as code',
  now: REPEATABLE,
  millis: REPEATABLE,
  random: REPEATABLE,
  shuffle: REPEATABLE,
};

function checkForbidden(node: Node): void {
  const name = String(node.value);
  if (node.type === 'variable' && Object.hasOwn(FORBIDDEN, name)) {
    throw new ExpressionError('FORBIDDEN', `$${name} is not available`, startOf(node), FORBIDDEN[name]);
  }
  if ((node.type === 'name' || node.type === 'string') && name === '__proto__') {
    throw new ExpressionError('FORBIDDEN', '__proto__ is no field', startOf(node));
  }
  if (node.type === 'regex' && !(node.value instanceof RegExp)) {
    throw new ExpressionError(
      'REGEX_UNSUPPORTED',
      'a regular expression cannot stand left of ?? or ?:',
      undefined,
      'give its result a name first: ($found := …; $found ?? …)',
    );
  }
}

/** A value that has the name of a function takes its place. */
function checkShadowed({ type, procedure }: Node, bindings: readonly string[]): void {
  if (type !== 'function' || procedure?.type !== 'variable') return;
  const name = String(procedure.value);
  if (!bindings.includes(name) || !JSONATA_FUNCTIONS.includes(name)) return;
  const hint = name === 'lookup' ? '$attr(table, name) reads a field by its name' : undefined;
  throw new ExpressionError('FORBIDDEN', `$${name} is a value here and no function`, startOf(procedure), hint);
}

const withSign = (names: readonly string[]): string[] => names.map((name) => `$${name}`);

function checkVariable(node: Node, known: ReadonlySet<string>, variables: readonly string[]): void {
  const name = String(node.value);
  if (known.has(name)) return;
  const hint = nearest(`$${name}`, withSign(variables)) ?? namesOf(variables);
  throw new ExpressionError('UNKNOWN_VARIABLE', `there is no variable $${name}`, startOf(node), hint);
}

const namesOf = (variables: readonly string[]) =>
  variables.length === 0
    ? undefined
    : `a field of the body has no $ in front; known: ${withSign(variables).join(', ')}`;

type Names = { functions: readonly string[]; variables: readonly string[]; known: ReadonlySet<string> };

/** What a function of JSONata takes, unless a variable has its name. */
const builtIn = (name: string, variables: readonly string[]) =>
  Object.hasOwn(JSONATA_ARGUMENTS, name) && !variables.includes(name) ? JSONATA_ARGUMENTS[name] : undefined;

function checkCall(node: Node, signatures: Signatures, { functions, variables, known }: Names, isPiped: boolean): void {
  const { procedure } = node;
  if (procedure === undefined) return;
  if (procedure.type === 'variable') {
    const name = String(procedure.value);
    if (!known.has(name)) throw unknownFunction(name, procedure, functions);
    const args = Object.hasOwn(signatures, name) ? signatures[name]?.args : builtIn(name, variables);
    if (args !== undefined && node.type === 'function') checkArity(name, args, node, isPiped);
    return;
  }
  const [first, second] = procedure.steps ?? [];
  if (procedure.type === 'path' && first?.type === 'name' && second === undefined) {
    throw unknownFunction(String(first.value), first, functions);
  }
}

function unknownFunction(name: string, node: Node, functions: readonly string[]): ExpressionError {
  const foreign = Object.hasOwn(FOREIGN_FUNCTIONS, name) ? FOREIGN_FUNCTIONS[name] : undefined;
  const message = `there is no function ${node.type === 'variable' ? '$' : ''}${name}`;
  const hint = foreign ?? nearest(`$${name}`, withSign(functions));
  return new ExpressionError('UNKNOWN_FUNCTION', message, startOf(node), hint);
}

/** Behind `~>` the value in front is the first argument. */
function checkArity(name: string, args: string, node: Node, isPiped: boolean): void {
  const parameters = args.split(', ');
  const required = parameters.filter((parameter) => !parameter.endsWith('?')).length;
  const given = (node.arguments?.length ?? 0) + (isPiped ? 1 : 0);
  if (given >= required && given <= parameters.length) return;
  const most = counted(parameters.length, 'argument', 'arguments');
  throw new ExpressionError(
    'ARGUMENTS',
    `$${name} takes ${required === parameters.length ? most : `${required} to ${most}`}, not ${given}`,
    node.position,
    `$${name}(${args})`,
  );
}

function collect(node: Node, signatures: Signatures, checked: Checked): void {
  if (node.type === 'variable') {
    const name = String(node.value);
    if (name === '$') checked.roots.push(node);
    if (Object.hasOwn(signatures, name)) checked.functions.add(name);
  }
  if (node.value instanceof RegExp) checked.patterns.set(node.value, node.position);
  if (node.type === 'unary' && node.value === '[') checked.makesLists = true;
  if (node.group !== undefined || (node.type === 'unary' && node.value === '{')) checked.makesObjects = true;
}
