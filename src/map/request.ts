// Requests about a person or a shop, such as to erase a customer: declared by topic, told apart by their bodies.
import type { Person } from '../keep/person.ts';
import type { CompiledCondition } from './condition.ts';
import type { Expression } from './expression/expression.ts';
import type { Path } from './files/files.ts';
import { readPhone } from './phone.ts';
import { compileAt, compileWhen, type RuleContext, topicPattern } from './rule.ts';
import { type Env, evaluate, evaluateIn, type Results } from './run.ts';
import type { RequestFile } from './schema/request.ts';

const ABOUT = ['email', 'phone', 'customer', 'orders'] as const;
export type CompiledRequest = Record<(typeof ABOUT)[number], readonly Expression[]> & {
  topics: RegExp;
  do: RequestFile['do'];
  when: CompiledCondition;
};
/** What is asked for. */
export type Request = { do: 'erase' | 'report'; person: Person } | { do: 'erase_source' };

/** Compiles `requests:` of a source; mistakes go to the context. */
export function compileRequests(
  requests: Readonly<Record<string, RequestFile>> | undefined,
  names: readonly string[],
  context: RuleContext,
): CompiledRequest[] {
  return Object.entries(requests ?? {}).map(([topic, given]) => {
    const at: Path = ['requests', topic];
    const when = compileWhen(given.when, [...at, 'when'], names, context);
    const compile = (field: (typeof ABOUT)[number]) =>
      [given[field] ?? []].flat().flatMap((text) => compileAt(String(text), [...at, field], names, context) ?? []);
    const about = { email: compile('email'), phone: compile('phone'), customer: compile('customer') };
    return { topics: topicPattern([topic]), do: given.do, when, ...about, orders: compile('orders') };
  });
}

/** All that the first expression with a value gives, as texts. */
function textsOf(expressions: readonly Expression[], body: unknown, env: Env, results: Results): string[] {
  for (const run of expressions) {
    const values = [evaluate(run, body, env, results)].flat();
    const texts = values.filter((value) => ['string', 'number'].includes(typeof value)).map(String);
    if (texts.length > 0) return [...new Set(texts)];
  }
  return [];
}

/** Reads what a body asks for, or in words for people why it asks for nothing. */
export function readRequest(
  request: CompiledRequest,
  body: unknown,
  env: Env,
  results: Results,
): Request | { not: string } {
  const fits = request.when(body, env, evaluateIn(results));
  if (!fits.holds) return { not: `the body is not what the topic says: ${fits.reason}` };
  if (request.do === 'erase_source') return { do: request.do };
  const read = (expressions: readonly Expression[]) => textsOf(expressions, body, env, results);
  const country = typeof env.country === 'string' ? env.country : undefined;
  const person: Person = {
    emails: read(request.email).filter((text) => text.includes('@')),
    phones: read(request.phone).flatMap((text) => readPhone(text, [country]) ?? []),
    customers: read(request.customer),
    orders: read(request.orders),
  };
  const isNobody = Object.values(person).every((list) => list.length === 0);
  return isNobody ? { not: 'it names nobody' } : { do: request.do, person };
}

/** What a request is called where it is not carried out, as by `tagbridge try`. */
export const ASKS: Readonly<Record<Request['do'], string>> = {
  erase: 'asks that a person is erased',
  report: 'asks what is held of a person',
  erase_source: 'asks that everything of this source is erased',
};
