// What a source receives hooks with: what it answers, what must hold of a body, and how a hook says what it is.
import type { CompiledCondition } from './condition.ts';
import type { Expression } from './expression/expression.ts';
import type { Path } from './files/files.ts';
import { compileAt, compileWhen, type RuleContext } from './rule.ts';
import type { PlatformFile } from './schema/schema.ts';

/** An answer and the tests a request must pass to get it. */
export type Handshake = {
  when: CompiledCondition;
  status: number;
  type: string | undefined;
  body: string | undefined;
  expression: Expression | undefined;
};

function compileHandshakes(handshakes: PlatformFile['handshakes'], context: RuleContext): Handshake[] {
  return Object.entries(handshakes ?? {}).map(([name, { when, answer }]) => {
    const at: Path = ['handshakes', name];
    return {
      when: compileWhen(when, [...at, 'when'], HANDSHAKE_BOUND, context),
      status: answer.status,
      type: answer.type,
      body: answer.body,
      expression: compileAt(answer.expression, [...at, 'answer', 'expression'], HANDSHAKE_BOUND, context),
    };
  });
}
const HANDSHAKE_BOUND = ['headers', 'method', 'query', 'content_type'];

function compileAnswers(answer: PlatformFile['answer'], context: RuleContext): Handshake[] {
  return [answer ?? []].flat().map(({ when, type, body }, index) => {
    const at: Path = Array.isArray(answer) ? ['answer', index] : ['answer'];
    const tests = compileWhen(when ?? {}, [...at, 'when'], HANDSHAKE_BOUND, context);
    return { when: tests, status: 200, type, body, expression: undefined };
  });
}

function compileChecks(verify: PlatformFile['verify'], context: RuleContext): (Expression | undefined)[] {
  return [verify ?? []].flat().map(({ check }, index) => {
    const at: Path = Array.isArray(verify) ? ['verify', index, 'check'] : ['verify', 'check'];
    return compileAt(check, at, CHECK_BOUND, context);
  });
}
const CHECK_BOUND = ['headers', 'method', 'query', 'hook', 'record', 'settings', 'store'];

const textsOf = (given: unknown): string[] => [given ?? []].flat().map(String);

const ONLY_HEADER = /^\$headers\.(?:"([^"]+)"|([a-z]+))$/;
function headerOf([first]: readonly string[]): string | undefined {
  const match = first === undefined ? undefined : ONLY_HEADER.exec(first);
  return match?.[1] ?? match?.[2];
}

/** How a hook says what it is: its topic, its delivery id, and whether it is a test. */
function compileIdentity(
  { topic, delivery_id, test }: PlatformFile['hook'],
  names: readonly string[],
  context: RuleContext,
) {
  const [topics, deliveryIds] = [textsOf(topic), textsOf(delivery_id)];
  const each = (texts: readonly string[], key: string) =>
    texts.flatMap((text) => compileAt(text, ['hook', key], names, context) ?? []);
  return {
    topicHeader: headerOf(topics),
    deliveryHeader: headerOf(deliveryIds),
    topic: each(topics, 'topic'),
    deliveryId: each(deliveryIds, 'delivery_id'),
    identityInBody: [...topics, ...deliveryIds].some((text) => !ONLY_HEADER.test(text)),
    test: each(textsOf(test), 'test'),
  };
}

/** `names` are those that the expressions under `hook:` may use. */
export const compileReception = (
  { handshakes, answer, verify, hook }: PlatformFile,
  names: readonly string[],
  context: RuleContext,
) => ({
  handshakes: compileHandshakes(handshakes, context),
  answers: compileAnswers(answer, context),
  checks: compileChecks(verify, context),
  ...compileIdentity(hook, names, context),
});
