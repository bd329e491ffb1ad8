// An order to run expressions on, and what comes of them: an answer, a mistake, or a failure.
import { parseBody } from '../../../src/map/body.ts';
import { compileExpression, ExpressionError } from '../../../src/map/expression/expression.ts';
import { functions } from '../../../src/map/functions/functions.ts';

const BINDINGS = ['headers', 'topic', 'record', 'received_at'];
export const compile = (text: string) => compileExpression(text, { functions, bindings: BINDINGS });

export const body = (value: unknown) => {
  const parsed = parseBody(Buffer.from(JSON.stringify(value)), 'application/json');
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed.value;
};
export const ORDER = body({
  id: 5001,
  email: null,
  note: '',
  customer: { email: 'jane@example.com', phone: null },
  line_items: [
    { sku: 'A', price: '10.00', quantity: 2, tip: null },
    { sku: '', price: '5.00', quantity: 1, tip: 1 },
    { sku: 'C', price: '1.50', quantity: 4 },
  ],
  refunds: [],
  only: [{ sku: 'A' }],
});
export const run = (text: string, input: unknown = ORDER, env: Record<string, unknown> = {}) =>
  compile(text).evaluate(input, env);

export const mistake = (text: string): Partial<ExpressionError> => {
  try {
    compile(text);
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
  return {};
};

export async function failure(text: string, input: unknown = ORDER): Promise<Partial<ExpressionError>> {
  try {
    await run(text, input);
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
  return {};
}
