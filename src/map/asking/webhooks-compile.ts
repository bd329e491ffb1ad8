// Compiles `webhooks:` of a source: how its sender is asked for them, and how each says where it sends what.
import type { CompiledCondition } from '../condition.ts';
import type { Expression } from '../expression/expression.ts';
import type { Path } from '../files/files.ts';
import { compileAt, compileWhen, type RuleContext } from '../rule.ts';
import type { WebhooksFile } from '../schema/webhooks.ts';
import { type Listing, settingsIn } from './listing-compile.ts';
import { compileQuestion, type Declared, type Lookup } from './lookup-compile.ts';

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
const ABOUT = 'webhooks';

/** `isWanted`: the store says mend. */
export function compileWebhooks(
  file: WebhooksFile | undefined,
  settings: Declared,
  context: RuleContext,
  isWanted: boolean,
): Webhooks | undefined {
  if ((isWanted || file?.mends === true) && file?.mend === undefined) tellNobodyCan(file === undefined, context);
  if (file === undefined) return undefined;
  const { each, next, id, address, topics, active, state, needs, todo, mend: _, mends = false, ...question } = file;
  const compile = (text: string | undefined, key: string, bound: readonly string[]) =>
    compileAt(text, [...AT, key], bound, context);
  const asked = compileQuestion(LIST, { ...question, about: ABOUT }, { at: AT, bound: ASKED, settings }, context);
  const ofAnswer = { each: compile(each, 'each', ANSWERED), next: compile(next, 'next', ANSWERED) };
  const ofOne = {
    id: compile(id, 'id', RECORDED),
    address: compile(address, 'address', RECORDED),
    topics: compile(topics, 'topics', RECORDED),
    state: compile(state, 'state', RECORDED),
    active: active && compileWhen(active, [...AT, 'active'], RECORDED, context),
  };
  const mend = compileMend(file, settings, context);
  // What could not be compiled is a mistake already.
  if (!ofAnswer.each || !ofOne.id || !ofOne.address || !ofOne.topics) return undefined;
  const listing: Listing = {
    ...{ name: LIST, about: ABOUT, unless: undefined, question: asked, isCut: false, changed: undefined },
    needs: settingsIn(question.url),
    each: [{ topic: '*', run: ofAnswer.each }],
    next: ofAnswer.next,
    id: ofOne.id,
  };
  return { listing, ...ofOne, address: ofOne.address, topics: ofOne.topics, needs, todo, mend, mends };
}

function compileMend(
  { mend, auth, hosts, rate }: WebhooksFile,
  settings: Declared,
  context: RuleContext,
): Webhooks['mend'] {
  if (mend === undefined) return undefined;
  const { url, body, when, needs } = mend;
  const at = [...AT, 'mend'];
  const question = { about: ABOUT, url, body, method: 'POST' as const, auth, hosts, rate };
  return {
    needs,
    when: when && compileWhen(when, [...at, 'when'], RECORDED, context),
    question: compileQuestion(MEND, question, { at, bound: RECORDED, settings }, context),
  };
}

const tellNobodyCan = (isNotAsked: boolean, { problems, locate }: RuleContext) =>
  problems.push({
    ...locate(AT, true),
    code: 'INVALID',
    message: 'nobody can switch webhooks of this platform on again from here',
    hint: isNotAsked
      ? 'take webhooks: mend away; this platform cannot be asked for its webhooks'
      : 'take webhooks: mend away; those that are off are told all the same',
  });
