// One source of one store: the platform file with the store's overrides, validated and compiled.
import type { Credentials } from '../verify/verify.ts';
import { type CompiledCondition, compileCondition } from './condition.ts';
import type { Expression } from './expression.ts';
import { type MappingFile, type Path, whereIn } from './files.ts';
import { compileLookups } from './lookup-compile.ts';
import type { MappedSource } from './map.ts';
import { createLocator, isTable, overlay } from './merge.ts';
import { pathOf, readAsFarAsRight, zodProblems } from './problems.ts';
import { type Apps, compileApps, withApps } from './read-also.ts';
import { compileRequests } from './request.ts';
import { compileAt, compileLets, compileRule, type RuleContext, refuseNameless, topicPattern } from './rule.ts';
import type { PlatformFile, Schemas, StoreFile } from './schema.ts';
import { readSettings } from './settings.ts';
import type { Guide } from './setup.ts';

/** An answer and the tests a request must pass to get it. */
export type Handshake = {
  when: CompiledCondition;
  status: number;
  type: string | undefined;
  body: string | undefined;
  expression: Expression | undefined;
};
export type Source = MappedSource &
  Credentials & {
    title: string;
    /** How people connect it. */
    setup: readonly Guide[];
    /** Given before anything is verified, to senders that only ask whether somebody listens. */
    handshakes: Handshake[];
    /** Given to hooks that are kept, or were before. */
    answers: Handshake[];
    /** What must hold of the body, by the position of the `verify` entry that let the request in. */
    checks: (Expression | undefined)[];
    /** Its hooks are entered here; none are taken from outside. */
    entered: boolean;
    /** Names of fields whose values are never kept. */
    strip: readonly string[];
    /** Where the sender writes topic and delivery id, if in headers. */
    topicHeader: string | undefined;
    deliveryHeader: string | undefined;
  };

/** Names that expressions may use with a `$`. */
export const BOUND = [
  'headers',
  'topic',
  'store',
  'received_at',
  'record',
  'hook',
  'money',
  'country',
  'settings',
  'lookup',
  'attributes',
] as const;

type SourceEntry = StoreFile['sources'][string];
export type SourceParts = {
  schemas: Schemas;
  compile: RuleContext['compile'];
  problems: RuleContext['problems'];
  /** Apps that a store may read also. */
  apps?: Apps;
};

const list = <T>(value: T | readonly T[] | undefined): T[] => (value === undefined ? [] : ([value].flat() as T[]));

/** The platform's keys a source may override; the rest of a source are `platform`, `secrets` and the platform's settings. */
const PARTS = [
  'accepts',
  'verify',
  'handshakes',
  'answer',
  'strip',
  'hook',
  'split',
  'defaults',
  'lookups',
  'attributes',
  'requests',
  'let',
  'no_event',
  'fields',
  'max_age',
  'events',
] as const;

/** What a source says beside the parts of its platform. */
const ownOf = (entry: SourceEntry): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(entry).filter(
      ([key]) => key !== 'platform' && key !== 'secrets' && !PARTS.some((part) => part === key),
    ),
  );

/** What a source lays over its platform; names in `strip` are added to the platform's. */
export const overridesOf = (entry: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    PARTS.filter((part) => part !== 'strip' && entry[part] !== undefined).map((part) => [part, entry[part]]),
  );

function compileHandshakes(handshakes: PlatformFile['handshakes'], context: RuleContext): Handshake[] {
  return Object.entries(handshakes ?? {}).map(([name, { when, answer }]) => {
    const at: Path = ['handshakes', name];
    return {
      when: compileCondition(when, (text, path) => compileAt(text, [...at, 'when', ...path], HANDSHAKE_BOUND, context)),
      status: answer.status,
      type: answer.type,
      body: answer.body,
      expression:
        answer.expression === undefined
          ? undefined
          : compileAt(answer.expression, [...at, 'answer', 'expression'], HANDSHAKE_BOUND, context),
    };
  });
}
const HANDSHAKE_BOUND = ['headers', 'method', 'query', 'content_type'];

function compileAnswers(answer: PlatformFile['answer'], context: RuleContext): Handshake[] {
  return list(answer).map(({ when, type, body }, index) => {
    const at: Path = Array.isArray(answer) ? ['answer', index] : ['answer'];
    const compile = (text: string, path: Path) => compileAt(text, [...at, 'when', ...path], HANDSHAKE_BOUND, context);
    return { when: compileCondition(when ?? {}, compile), status: 200, type, body, expression: undefined };
  });
}

function compileChecks(verify: PlatformFile['verify'], context: RuleContext): (Expression | undefined)[] {
  return list(verify).map(({ check }, index) => {
    const at: Path = Array.isArray(verify) ? ['verify', index, 'check'] : ['verify', 'check'];
    return check === undefined ? undefined : compileAt(check, at, CHECK_BOUND, context);
  });
}
const CHECK_BOUND = ['headers', 'method', 'query', 'hook', 'record', 'settings', 'store'];

/** Compiles `sources.<name>` of a store over its platform file; undefined when a mistake was found. */
export function compileSource(
  store: StoreFile,
  name: string,
  files: { store: MappingFile; platform: MappingFile },
  parts: SourceParts,
): Source | undefined {
  const before = parts.problems.length;
  const locate = createLocator(files.platform, files.store, name);
  const context: RuleContext = { compile: parts.compile, locate, problems: parts.problems };
  const entry = store.sources[name];
  if (entry === undefined || !isTable(files.platform.value)) return undefined;
  const overrides = overridesOf(entry);
  const { data: platform, issues } = readAsFarAsRight(parts.schemas.Platform, overlay(files.platform.value, overrides));
  // What is wrong with a shared field is told where it is written, not again for every rule.
  const told = issues.filter((issue) => !locate.isShared(pathOf(issue)));
  parts.problems.push(...zodProblems(told, locate, PLATFORM_KEYS));
  if (platform === undefined) return undefined;
  const { entered = false, max_age = store.max_age } = platform;
  const secretsAt: Path = ['sources', name, 'secrets'];
  if (entry.secrets === undefined && !entered && !files.store.has(secretsAt))
    parts.problems.push({ ...whereIn(files.store)(secretsAt), code: 'MISSING', message: 'secrets is missing' });
  const known = ['platform', 'secrets', ...PARTS];
  const settings = readSettings(ownOf(entry), platform.settings ?? {}, { locate, problems: parts.problems, known });
  const at = (text: unknown, path: Path, names: readonly string[] = BOUND) =>
    compileAt(String(text), path, names, context);
  const each = (value: unknown, path: Path) => list(value).flatMap((text) => at(text, path) ?? []);
  const answered = Object.values(platform.lookups ?? {}).flatMap((lookup) => lookup.as ?? []);
  const { lets, bound: names } = compileLets(platform.let, [], [...BOUND, ...answered], context);
  const seen = [...BOUND, ...lets.map(({ name: letName }) => letName)];
  const lookups = compileLookups(platform.lookups, seen, Object.keys(platform.settings ?? {}), context);
  const inStore = { ...context, locate: whereIn(files.store) };
  const apps = compileApps(store.read_also ?? [], parts.apps ?? new Map(), BOUND, inStore);
  // One that is off is compiled all the same, so that its mistakes show before somebody needs it.
  const rules = Object.entries(platform.events).map(([rule, given]) => compileRule(rule, given, names, context));
  const source: Source = {
    store: store.store,
    name,
    title: platform.title,
    setup: platform.setup ?? [],
    platform: platform.platform,
    country: store.country,
    money: store.money,
    policies: { ...store, max_age },
    accepts: platform.accepts ?? ['application/json'],
    verify: list(platform.verify),
    secrets: entry.secrets ?? [],
    entered,
    handshakes: compileHandshakes(platform.handshakes, context),
    answers: compileAnswers(platform.answer, context),
    checks: compileChecks(platform.verify, context),
    strip: [...(platform.strip ?? []), ...(entry.strip ?? [])],
    topicHeader: headerOf(platform.hook.topic),
    deliveryHeader: headerOf(platform.hook.delivery_id),
    topic: each(platform.hook.topic, ['hook', 'topic']),
    deliveryId: each(platform.hook.delivery_id, ['hook', 'delivery_id']),
    identityInBody: [...list(platform.hook.topic), ...list(platform.hook.delivery_id)].some(
      (text) => !ONLY_HEADER.test(String(text)),
    ),
    test: each(platform.hook.test, ['hook', 'test']),
    split: platform.split === undefined ? undefined : at(platform.split, ['split']),
    defaults: Object.entries(platform.defaults ?? {}).flatMap(([field, text]) => {
      const run = at(text, ['defaults', field]);
      return run === undefined ? [] : [{ name: field, run }];
    }),
    lookups,
    attributes: platform.attributes === undefined ? undefined : at(platform.attributes, ['attributes']),
    requests: compileRequests(platform.requests, BOUND, context),
    lets,
    noEvent: platform.no_event === undefined ? undefined : at(platform.no_event, ['no_event'], names),
    topics: Object.entries(platform.topics ?? {}).flatMap(([topic, reason]) => {
      const pattern = topicPattern([topic]);
      return pattern === undefined ? [] : [{ pattern, reason }];
    }),
    rules: rules.flatMap((rule) => {
      const fields = rule.fields.filter(({ field }) => field.joins !== true || store.visits !== undefined);
      return platform.events[rule.name]?.enabled === false ? [] : [withApps({ ...rule, fields }, apps)];
    }),
    settings,
  };
  // A key that could not be read is a mistake already.
  if (parts.problems.length === before) refuseNameless(rules, context);
  return parts.problems.length === before ? source : undefined;
}
const ONLY_HEADER = /^\$headers\.(?:"([^"]+)"|([a-z]+))$/;
function headerOf(expressions: unknown): string | undefined {
  const [first] = list(expressions);
  const match = ONLY_HEADER.exec(String(first));
  return match?.[1] ?? match?.[2];
}
const PLATFORM_KEYS = [
  'platform',
  'title',
  'settings',
  'setup',
  'topics',
  'entered',
  'ids_repeat',
  ...PARTS,
  'when',
  'key',
  'emit',
  'each',
  'set',
  'fields',
  'examples',
];
