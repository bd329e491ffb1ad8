// Compiles `lookups:` of a source: templates, conditions and credentials, with every mistake at its place in the file.
import { nearest, nearestOrAll } from '../../lib/nearest.ts';
import { type CompiledCondition, compileCondition } from '../condition.ts';
import type { Expression } from '../expression/expression.ts';
import { notYetFor, refusing } from '../expression/reads.ts';
import type { Path } from '../files/files.ts';
import { compileAt, type RuleContext, topicPattern } from '../rule.ts';
import type { Auth, LookupFile } from '../schema/lookup.ts';
import { compileUrl, cutTemplate, templateMistake, type UrlTemplate } from './url-template.ts';

/** JSON whose texts may be templates; a text that is one expression becomes that expression's value. */
export type BodyTemplate =
  | { constant: unknown }
  | { run: Expression }
  | { texts: (string | Expression)[] }
  | { list: BodyTemplate[] }
  | { table: [string, BodyTemplate][] };

export type Lookup = {
  name: string;
  /** The name of its result besides `$lookup.<name>`. */
  as: string | undefined;
  about: string;
  topics: RegExp | undefined;
  when: CompiledCondition | undefined;
  /** The ids of the events that it completes, by their names. */
  completes: readonly { name: string; ids: Expression }[];
  /** Earlier look-ups whose results it reads. */
  reads: readonly string[];
  url: UrlTemplate;
  method: 'GET' | 'POST';
  headers: Readonly<Record<string, string>>;
  body: BodyTemplate | undefined;
  /** Ways to prove that we may ask, best first; none where nobody has to. */
  access: readonly Access[];
  take: Expression | undefined;
  /** Milliseconds. */
  cache: number;
  /** Requests per second. */
  rate: number;
};

/** `tokenUrl` is where tokens are given out, if they are. */
export type Access = { auth: Auth; tokenUrl: UrlTemplate | undefined };

const DEFAULT_RATE = 10;

/** Settings that the credentials are read from. */
export function settingsOf(auth: Auth): string[] {
  if ('bearer' in auth) return [auth.bearer];
  if ('basic' in auth) return [...auth.basic];
  if ('header' in auth) return [auth.value];
  if ('query' in auth) return [auth.value ?? auth.query];
  const { client_id, client_secret, refresh_token } = auth.oauth;
  return [client_id, client_secret, ...(refresh_token === undefined ? [] : [refresh_token])];
}

function compileBody(given: unknown, compile: (text: string) => Expression | undefined): BodyTemplate {
  if (Array.isArray(given)) return { list: given.map((inner) => compileBody(inner, compile)) };
  if (typeof given === 'object' && given !== null)
    return { table: Object.entries(given).map(([key, inner]) => [key, compileBody(inner, compile)]) };
  if (typeof given !== 'string') return { constant: given };
  const cuts = cutTemplate(given).flatMap((cut) => ('text' in cut ? cut.text : (compile(cut.expression) ?? [])));
  const [only] = cuts;
  return cuts.length === 1 && only !== undefined && typeof only !== 'string' ? { run: only } : { texts: cuts };
}

/** The settings that a platform declares, by name. */
export type Declared = Readonly<Record<string, { type: string }>>;
/** A look-up under work: its place in the file, and every expression seen in it so far. */
type Drafting = {
  at: Path;
  names: readonly string[];
  settings: Declared;
  texts: string[];
  context: RuleContext;
};

function compileIn(
  { at, names, texts, context }: Drafting,
  text: string,
  path: Path,
  key = false,
): Expression | undefined {
  texts.push(text);
  return compileAt(text, [...at, ...path], names, context, key);
}

/** A mistake that zod cannot see. */
function report({ at, context }: Drafting, path: Path, message: string, hint?: string): void {
  const place = context.locate([...at, ...path]);
  context.problems.push({ ...place, code: 'INVALID', message, hint });
}

function checkSetting(draft: Drafting, name: string, path: Path): void {
  const settings = Object.keys(draft.settings);
  if (settings.includes(name)) return;
  const hint = nearest(name, settings) ?? 'declare it under settings: of the platform';
  report(draft, path, `there is no setting ${name}`, hint);
}

function compileUrlAt(draft: Drafting, text: string, hosts: readonly string[], path: Path): UrlTemplate {
  const hostSettings = Object.keys(draft.settings).filter((name) =>
    ['host', 'site'].includes(draft.settings[name]?.type ?? ''),
  );
  const mistake = templateMistake(text, hosts, hostSettings);
  if (mistake !== undefined) report(draft, path, `the URL ${mistake}`);
  return compileUrl(text, hosts, (expression) => compileIn(draft, expression, path));
}

function checkKeys(draft: Drafting, { auth, body, method, as }: LookupFile): void {
  for (const setting of [auth ?? []].flat().flatMap(settingsOf)) checkSetting(draft, setting, ['auth']);
  if (body !== undefined && method !== 'POST') report(draft, ['body'], 'a GET has no body', 'write method: POST');
  if (as !== undefined && draft.names.includes(as)) report(draft, ['as'], `$${as} is taken`, 'choose another name');
}

function compileLookup(name: string, lookup: LookupFile, draft: Drafting, earlier: readonly Lookup[]): Lookup {
  const { auth, hosts = [], as, about, cache = 0, rate = DEFAULT_RATE } = lookup;
  const parts = {
    topics: lookup.topics && topicPattern(lookup.topics),
    when:
      lookup.when && compileCondition(lookup.when, (text, path, key) => compileIn(draft, text, ['when', ...path], key)),
    completes: Object.entries(lookup.for ?? {}).flatMap(([name, text]) => {
      const ids = compileIn(draft, text, ['for', name]);
      return ids === undefined ? [] : [{ name, ids }];
    }),
    url: compileUrlAt(draft, lookup.url, hosts, ['url']),
    access: [auth ?? []].flat().map((one, index): Access => {
      const path: Path = Array.isArray(auth) ? ['auth', index] : ['auth'];
      const tokenUrl =
        'oauth' in one ? compileUrlAt(draft, one.oauth.url, hosts, [...path, 'oauth', 'url']) : undefined;
      return { auth: one, tokenUrl };
    }),
    body: lookup.body && compileBody(lookup.body, (text) => compileIn(draft, text, ['body'])),
  };
  const mentions = (word: string) => draft.texts.some((text) => new RegExp(`\\$(lookup\\.)?${word}\\b`).test(text));
  const reads = earlier.filter((one) => mentions(one.name) || (one.as !== undefined && mentions(one.as)));
  const take = lookup.take === undefined ? undefined : compileIn(draft, lookup.take, ['take']);
  const { method = 'GET', headers = {} } = lookup;
  return { ...parts, name, as, about, reads: reads.map((one) => one.name), method, headers, take, cache, rate };
}

/** Nobody would be asked for events that no rule makes. */
export function refuseUnmade(
  given: Record<string, LookupFile> | undefined,
  made: readonly string[],
  { locate, problems }: Pick<RuleContext, 'locate' | 'problems'>,
): void {
  // Named by an expression, events may be any.
  if (made.some((name) => name.startsWith('$'))) return;
  for (const [name, lookup] of Object.entries(given ?? {})) {
    for (const event of Object.keys(lookup.for ?? {})) {
      if (made.includes(event)) continue;
      const message = `${name} is for ${event}, which no rule makes`;
      const hint = nearestOrAll(event, new Set(made));
      problems.push({ ...locate(['lookups', name, 'for', event], true), code: 'UNKNOWN_EVENT', message, hint });
    }
  }
}

/** Compiles a question that is asked by itself, at `at`; `bound` are the names its url may use. */
export function compileQuestion(
  name: string,
  question: LookupFile,
  { at, bound, settings }: { at: Path; bound: readonly string[]; settings: Declared },
  context: RuleContext,
): Lookup {
  const draft: Drafting = { at, names: bound, settings, texts: [], context };
  checkKeys(draft, question);
  return compileLookup(name, question, draft, []);
}

/**
 * Compiles the look-ups in their order; each may read the results of those before it. `bound` are the names expressions
 * may use, `settings` those the platform declares.
 */
export function compileLookups(
  given: Record<string, LookupFile> | undefined,
  bound: readonly string[],
  settings: Declared,
  context: RuleContext,
): Lookup[] {
  const compiled: Lookup[] = [];
  const names = [...bound];
  const entries = Object.entries(given ?? {});
  for (const [index, [name, lookup]] of entries.entries()) {
    const later = entries.slice(index + 1).map(([other]) => other);
    const own = { ...context, compile: refusing(context.compile, notYetFor(name, later)) };
    const draft: Drafting = { at: ['lookups', name], names, settings, texts: [], context: own };
    checkKeys(draft, lookup);
    compiled.push(compileLookup(name, lookup, draft, compiled));
    if (lookup.as !== undefined) names.push(lookup.as);
  }
  return compiled;
}
