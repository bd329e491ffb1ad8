// What is wrong with an expression, found when it is compiled or when it runs.

export class ExpressionError extends Error {
  readonly code: string;
  /** The character of the expression it is about, counted from 1; undefined when it is about all of it. */
  readonly position: number | undefined;
  readonly hint: string | undefined;

  constructor(code: string, message: string, position?: number, hint?: string) {
    super(message);
    this.name = 'ExpressionError';
    this.code = code;
    this.position = position;
    this.hint = hint;
  }
}

const describe = (value: unknown): string => {
  if (typeof value === 'string') return `a text of ${value.length} characters`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
};

const field = (thrown: unknown, name: string): unknown =>
  typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, name) : undefined;

/** What is thrown while an expression is parsed and compiled: plain objects by jsonata, or errors of JavaScript. */
export function syntaxError(thrown: unknown, text: string, hint: string | undefined): ExpressionError {
  if (thrown instanceof ExpressionError) return thrown;
  if (thrown instanceof RangeError)
    return new ExpressionError('TOO_DEEP', 'it is nested too deep', undefined, 'name parts of it under let:');
  const position = field(thrown, 'position');
  return new ExpressionError(
    String(field(thrown, 'code') ?? 'SYNTAX'),
    String(field(thrown, 'message')),
    Math.max(1, typeof position === 'number' ? position : text.length),
    hint,
  );
}

/**
 * What jsonata throws while it evaluates. Its messages quote the values at hand, which may be a person's e-mail: those
 * are replaced by what kind of value it was.
 */
export function evaluationError(thrown: unknown): ExpressionError {
  if (thrown instanceof ExpressionError) return thrown;
  const position = field(thrown, 'position');
  let message = String(field(thrown, 'message'));
  for (const value of [field(thrown, 'value'), field(thrown, 'value2')]) {
    const quoted = JSON.stringify(value);
    if (quoted !== undefined) message = message.replaceAll(quoted, describe(value));
  }
  const code = String(field(thrown, 'code') ?? 'EVALUATION');
  return new ExpressionError(code, message, typeof position === 'number' ? position : undefined);
}
