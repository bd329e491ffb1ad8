// Compiles `webhooks:` of a source: how its sender is asked for them, and how each says where it sends what.
import type { CompiledCondition } from './condition.ts';
import type { Expression } from './expression.ts';
import type { Path } from './files.ts';
import { type Listing, settingsIn } from './listing-compile.ts';
import { compileQuestion, type Declared, type Lookup } from './lookup-compile.ts';
import { compileAt, compileWhen, type RuleContext } from './rule.ts';
import type { WebhooksFile } from './webhooks-schema.ts';

export type Webhooks = {
  listing: Listing;
  address: Expression;
  topics: Expression;
  active: CompiledCondition | undefined;
  state: Expression | undefined;
  /** What the key must be allowed to do, and where people look, in words. */
  needs: string;
  todo: string;
  /** The way to switch one on again. */
  mend: { question: Lookup; when: CompiledCondition | undefined; needs: string } | undefined;
  /** The store wants that. */
  mends: boolean;
};

const AT: Path = ['webhooks'];
const ASKED = ['settings', 'store', 'page'];
const ANSWERED = ['settings', 'headers', 'page', 'url'];
const RECORDED = ['settings', 'store'];
/** What limits and logs call the questions. */
const [LIST, MEND] = ['webhooks', 'webhooks mend'] as const;

/** `isWanted`: the store says mend. */
export function compileWebhooks(
  file: WebhooksFile | undefined,
  settings: Declared,
  context: RuleContext,
  isWanted: boolean,
): Webhooks | undefined {
  const tellsNobodyCan = () =>
    context.problems.push({
      ...context.locate(AT, true),
      code: 'INVALID',
      message: 'nobody can switch webhooks of this platform on again from here',
      hint:
        file === undefined
          ? 'take webhooks: mend away; this platform cannot be asked for its webhooks'
          : 'take webhooks: mend away; those that are off are told all the same',
    });
  if (file === undefined) {
    if (isWanted) tellsNobodyCan();
    return undefined;
  }
  const { each, next, id, address, topics, active, state, needs, todo, mend, mends = false, ...question } = file;
  const compile = (text: string | undefined, key: string, bound: readonly string[]) =>
    compileAt(text, [...AT, key], bound, context);
  const about = 'webhooks';
  const asked = compileQuestion(LIST, { ...question, about }, { at: AT, bound: ASKED, settings }, context);
  const runs = {
    each: compile(each, 'each', ANSWERED),
    next: compile(next, 'next', ANSWERED),
    id: compile(id, 'id', RECORDED),
    address: compile(address, 'address', RECORDED),
    topics: compile(topics, 'topics', RECORDED),
    state: compile(state, 'state', RECORDED),
  };
  const { url, body, when, needs: right = '' } = mend ?? {};
  const mending =
    url === undefined
      ? undefined
      : {
          needs: right,
          when: when && compileWhen(when, [...AT, 'mend', 'when'], RECORDED, context),
          question: compileQuestion(
            MEND,
            { about, url, body, method: 'POST', auth: question.auth, hosts: question.hosts, rate: question.rate },
            { at: [...AT, 'mend'], bound: RECORDED, settings },
            context,
          ),
        };
  if (mends && mending === undefined) tellsNobodyCan();
  const condition = active && compileWhen(active, [...AT, 'active'], RECORDED, context);
  // What could not be compiled is a mistake already.
  if (!runs.each || !runs.id || !runs.address || !runs.topics) return undefined;
  const listing: Listing = {
    name: LIST,
    about,
    unless: undefined,
    question: asked,
    isCut: false,
    needs: settingsIn(question.url),
    each: [{ topic: '*', run: runs.each }],
    next: runs.next,
    id: runs.id,
    changed: undefined,
  };
  const { address: run, topics: runTopics, state: runState } = runs;
  return {
    ...{ listing, address: run, topics: runTopics, state: runState },
    ...{ active: condition, needs, todo, mend: mending, mends },
  };
}
