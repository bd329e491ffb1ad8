// Look-ups of thin hooks, without I/O: what a record needs to be asked, and what the answers give.
import { hash } from 'node:crypto';
import { valuesOf } from '../condition-test.ts';
import type { Expression } from '../expression/expression.ts';
import { type Env, evaluate, evaluateIn, type Results } from '../run.ts';
import type { Auth } from '../schema/lookup.ts';
import { type Access, type BodyTemplate, type Lookup, settingsOf } from './lookup-compile.ts';
import { type BuiltUrl, buildUrl } from './url-template.ts';

/** One question of one record. Equal questions have equal keys. Credentials are added when it is sent. */
export type Asked = {
  lookup: Lookup;
  key: string;
  method: 'GET' | 'POST';
  url: string;
  /** How to prove that we may ask; undefined where nobody has to. */
  auth: Auth | undefined;
  /** Where to get a token first. */
  tokenUrl: string | undefined;
  body: string | undefined;
  /** The keys of the events that the answer is for; none where that is not said. */
  events: readonly string[];
};
/** What came of a question: data, or in words for people why there is none. */
export type Found = { answer: unknown } | { lacks: string; isTooLarge?: true };
/** All that the answer is for is there. */
export type Needless = { needless: true };
/** What is known by now; undefined for a question that is still to be asked. */
export type Known = (asked: Asked) => Found | Needless | undefined;

export type LookedUp = {
  /** `lookup` and the names of `as:`, for expressions. */
  bound: Env;
  /** Questions to ask before the record is mapped. */
  pending: Asked[];
  /** What is missing for good, and why. */
  notes: string[];
};

const KEY_LENGTH = 22;

type Read = (run: Expression) => unknown;

function fillBody(template: BodyTemplate, read: Read): unknown {
  if ('constant' in template) return template.constant;
  if ('run' in template) return read(template.run);
  if ('texts' in template)
    return template.texts.map((part) => (typeof part === 'string' ? part : (read(part) ?? ''))).join('');
  if ('list' in template) return template.list.map((inner) => fillBody(inner, read));
  return Object.fromEntries(template.table.map(([key, inner]) => [key, fillBody(inner, read)]));
}

type Settings = Readonly<Record<string, unknown>>;

/** The first way to ask whose settings the source has, or the setting that the first way needs. */
function accessOf({ access }: Lookup, settings: Settings): Partial<Access> | { missing: string } {
  const lacks = (name: string) => settings[name] === undefined || settings[name] === '';
  const [first] = access;
  if (first === undefined) return {};
  const missing = settingsOf(first.auth).find(lacks);
  return access.find(({ auth }) => !settingsOf(auth).some(lacks)) ?? { missing: missing ?? '' };
}

/** The question of one look-up; undefined when this record has nothing to ask it about. */
function askOf(
  lookup: Lookup,
  { auth, tokenUrl: tokens }: Partial<Access>,
  record: unknown,
  env: Env,
  results: Results,
): Asked | { lacks: string } | undefined {
  const run: Read = (expression) => evaluate(expression, record, env, results);
  const holds = lookup.when?.(record, env, evaluateIn(results));
  if (holds?.holds === false) return undefined;
  const urls: (BuiltUrl | undefined)[] = [lookup.url, tokens].map((url) => url && buildUrl(url, run));
  for (const built of urls) {
    if (built !== undefined && 'refused' in built) return { lacks: built.refused };
    if (built !== undefined && 'unsaid' in built) return undefined;
  }
  const [url, tokenUrl] = urls.map((built) => (built !== undefined && 'url' in built ? built.url : undefined));
  if (url === undefined) return undefined;
  const body = lookup.body === undefined ? undefined : JSON.stringify(fillBody(lookup.body, run));
  const key = hash('sha256', `${lookup.method} ${url}\n${body ?? ''}`, 'base64url').slice(0, KEY_LENGTH);
  const events = lookup.completes.flatMap(({ name, ids }) => valuesOf(run(ids)).map((id) => `${name}:${String(id)}`));
  return { lookup, key, method: lookup.method, url, auth, tokenUrl, body, events };
}

/**
 * A question that is asked by itself, such as that of a list, which is about no record; undefined where the source has not
 * the settings for it. Throws what expressions throw.
 */
export function askAlone(
  lookup: Lookup,
  settings: Settings,
  env: Env,
  results: Results,
  record?: unknown,
): Asked | { lacks: string } | undefined {
  const access = accessOf(lookup, settings);
  return 'missing' in access ? undefined : askOf(lookup, access, record, env, results);
}

/** An answer that is known; a source without the setting that holds the token can get none. */
function findAnswer(asked: Asked, known: Known, missing: string | undefined): ReturnType<Known> {
  const found = known(asked);
  if (found !== undefined && 'answer' in found) return found;
  return missing === undefined ? found : { lacks: `the source has no ${missing}` };
}

/**
 * Goes through the look-ups of a source in their order; one that reads the result of another waits for it. Throws what
 * expressions throw.
 */
export function lookUp(
  { lookups, settings }: { lookups: readonly Lookup[]; settings: Settings },
  record: unknown,
  env: Env,
  known: Known,
  results: Results,
): LookedUp {
  const taken: Env = {};
  const out: LookedUp = { bound: { lookup: taken }, pending: [], notes: [] };
  const waiting = new Set<string>();
  const topic = typeof env.topic === 'string' ? env.topic : undefined;
  for (const lookup of lookups) {
    if (topic !== undefined && lookup.topics?.test(topic) === false) continue;
    if (lookup.reads.some((name) => waiting.has(name))) {
      waiting.add(lookup.name);
      continue;
    }
    const own = { ...env, ...out.bound };
    const access = accessOf(lookup, settings);
    const missing = 'missing' in access ? access.missing : undefined;
    const asked = askOf(lookup, 'missing' in access ? {} : access, record, own, results);
    if (asked === undefined) continue;
    const found = 'lacks' in asked ? asked : findAnswer(asked, known, missing);
    if (found === undefined) {
      if ('key' in asked) out.pending.push(asked);
      waiting.add(lookup.name);
    } else if ('lacks' in found) out.notes.push(`without ${lookup.about}: ${found.lacks}`);
    else if ('answer' in found) {
      const value = lookup.take === undefined ? found.answer : evaluate(lookup.take, found.answer, own, results);
      taken[lookup.name] = value;
      if (lookup.as !== undefined) out.bound[lookup.as] = value;
    }
  }
  return out;
}
