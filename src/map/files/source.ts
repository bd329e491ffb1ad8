// One source of one store: the platform file with the store's overrides, validated and compiled.
import { isTable, tableOf, valueIn } from '../../lib/table.ts';
import type { Credentials } from '../../verify/verify.ts';
import { compileListings, type Listing } from '../asking/listing-compile.ts';
import { compileLookups, refuseUnmade } from '../asking/lookup-compile.ts';
import { compileWebhooks, type Webhooks } from '../asking/webhooks-compile.ts';
import type { Expression } from '../expression/expression.ts';
import { refusing, unknownTo } from '../expression/reads.ts';
import type { MappedSource } from '../map.ts';
import { compileReception, type Handshake } from '../reception.ts';
import { compileRequests } from '../request.ts';
import { compileAt, compileLets, compileRule, type RuleContext, refuseNameless, topicPattern } from '../rule.ts';
import { keysOf } from '../schema/keys.ts';
import { type PlatformFile, Rule, type Schemas, type StoreFile } from '../schema/schema.ts';
import { type MappingFile, type Path, whereIn } from './files.ts';
import { createLocator, overlay } from './merge.ts';
import { pathOf, readAsFarAsRight, zodProblems } from './problems.ts';
import { type Apps, compileApps, withApps } from './read-also.ts';
import { readSettings } from './settings.ts';
import type { Guide } from './setup.ts';

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
    /** What is no secret of this sender, and what it is instead. */
    mistakenSecrets: readonly { pattern: RegExp; what: string }[];
    /** Names of fields whose values are never kept. */
    strip: readonly string[];
    /** Where the sender writes topic and delivery id, if in headers. */
    topicHeader: string | undefined;
    deliveryHeader: string | undefined;
    /** What its API lists, to be compared with what its webhooks told. */
    listings: readonly Listing[];
    /** How it is asked for its webhooks. */
    webhooks: Webhooks | undefined;
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
  'reconcile',
  'webhooks',
  'attributes',
  'requests',
  'let',
  'no_event',
  'fields',
  'max_age',
  'events',
] as const;

/** Whether this key of a source is a setting, or may be meant as one. */
export const isSetting = (key: string): boolean =>
  key !== 'platform' && key !== 'secrets' && !PARTS.some((part) => part === key);

/** What a source says beside the parts of its platform. */
const ownOf = (entry: SourceEntry): Record<string, unknown> =>
  Object.fromEntries(Object.entries(entry).filter(([key]) => isSetting(key)));

/** What a source lays over its platform; names in `strip` are added to the platform's. */
export const overridesOf = (entry: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    PARTS.filter((part) => part !== 'strip' && entry[part] !== undefined).map((part) => [part, entry[part]]),
  );

/** For what a platform file must say and does not, so that the mistakes of the rest are told too. */
const STAND_INS = { platform: 'check', hook: {}, events: {} };

const keysOfPlatform = ({ Platform }: Schemas): string[] => [...keysOf(Platform), ...keysOf(Rule)];

/** The platform file with the store's overrides; every mistake in it is told. */
function readPlatform(
  file: Readonly<Record<string, unknown>>,
  entry: SourceEntry,
  { schemas, problems }: SourceParts,
  locate: ReturnType<typeof createLocator>,
): PlatformFile | undefined {
  const { data, issues } = readAsFarAsRight(schemas.Platform, overlay(file, overridesOf(entry)), STAND_INS);
  // What is wrong with a shared field is told where it is written, not again for every rule.
  const told = issues.filter((issue) => !locate.isShared(pathOf(issue)));
  problems.push(...zodProblems(told, locate, keysOfPlatform(schemas)));
  return data;
}

/** What a platform says of topics and records beside its rules. `names` are those that its `let:` binds too. */
function compileRecords(platform: PlatformFile, names: readonly string[], context: RuleContext) {
  const { split, defaults, attributes, requests, no_event } = platform;
  const farewells = compileTopics(platform.farewells);
  return {
    split: compileAt(split, ['split'], BOUND, context),
    defaults: Object.entries(defaults ?? {}).flatMap(([field, text]) => {
      const run = compileAt(text, ['defaults', field], BOUND, context);
      return run === undefined ? [] : [{ name: field, run }];
    }),
    attributes: compileAt(attributes, ['attributes'], BOUND, context),
    requests: compileRequests(requests, BOUND, context),
    noEvent: compileAt(no_event, ['no_event'], names, context),
    topics: [...farewells, ...compileTopics(platform.topics)],
    farewells,
  };
}

const compileTopics = (topics: Readonly<Record<string, string>> = {}) =>
  Object.entries(topics).map(([topic, reason]) => ({ pattern: topicPattern([topic]), reason }));

type Files = { store: MappingFile; platform: MappingFile };

/** What a part of a source has names for, as the files say it: those of what is wrong or switched off too. */
const entriesOf = ({ store, platform }: Files, source: string, part: string): [string, unknown][] => [
  ...Object.entries(tableOf(valueIn(platform.value, [part]))),
  ...Object.entries(tableOf(valueIn(store.value, ['sources', source, part]))),
];
const namesOf = (...of: Parameters<typeof entriesOf>) => entriesOf(...of).map(([name]) => name);
/** The events that rules make; an expression where it names them. */
const madeBy = (files: Files, source: string) =>
  entriesOf(files, source, 'events').map(([name, rule]) => String(valueIn(rule, ['emit']) ?? name));

/** Compiles `sources.<name>` of a store over its platform file; undefined when a mistake was found. */
export function compileSource(store: StoreFile, name: string, files: Files, parts: SourceParts): Source | undefined {
  const before = parts.problems.length;
  const locate = createLocator(files.platform, files.store, name);
  const compile = refusing(parts.compile, unknownTo(namesOf(files, name, 'lookups'), namesOf(files, name, 'settings')));
  const context: RuleContext = { compile, locate, problems: parts.problems };
  const entry = store.sources[name];
  if (entry === undefined || !isTable(files.platform.value)) return undefined;
  const platform = readPlatform(files.platform.value, entry, parts, locate);
  if (platform === undefined) return undefined;
  const { entered = false, max_age = store.max_age } = platform;
  const secretsAt: Path = ['sources', name, 'secrets'];
  if (entry.secrets === undefined && !entered && !files.store.has(secretsAt))
    parts.problems.push({ ...whereIn(files.store)(secretsAt), code: 'MISSING', message: 'secrets is missing' });
  const known = ['secrets', ...keysOfPlatform(parts.schemas), ...keysOf(parts.schemas.Store)];
  const settings = readSettings(ownOf(entry), platform.settings ?? {}, { locate, problems: parts.problems, known });
  const answered = Object.values(platform.lookups ?? {}).flatMap((lookup) => lookup.as ?? []);
  const { lets, bound: names } = compileLets(platform.let, [], [...BOUND, ...answered], context);
  const seen = [...BOUND, ...lets.map(({ name: letName }) => letName)];
  const lookups = compileLookups(platform.lookups, seen, platform.settings ?? {}, context);
  refuseUnmade(platform.lookups, madeBy(files, name), context);
  const reception = compileReception(platform, BOUND, context);
  const inStore = { ...context, compile: parts.compile, locate: whereIn(files.store) };
  const apps = compileApps(store.read_also ?? [], parts.apps ?? new Map(), BOUND, inStore);
  // One that is off is compiled all the same, so that its mistakes show before somebody needs it.
  const rules = Object.entries(platform.events).map(([rule, given]) => compileRule(rule, given, names, context));
  const on = rules.filter((rule) => platform.events[rule.name]?.enabled !== false);
  const source: Source = {
    store: store.store,
    name,
    title: platform.title ?? platform.platform,
    setup: platform.setup ?? [],
    platform: platform.platform,
    country: store.country,
    money: store.money,
    policies: { ...store, max_age },
    accepts: platform.accepts ?? ['application/json'],
    verify: [platform.verify ?? []].flat(),
    secrets: entry.secrets ?? [],
    entered,
    mistakenSecrets: Object.entries(platform.mistaken_secrets ?? {}).map(([like, what]) => ({
      pattern: topicPattern([like]),
      what,
    })),
    strip: [...(platform.strip ?? []), ...(entry.strip ?? [])],
    ...reception,
    ...compileRecords(platform, names, context),
    lookups: lookups.filter(
      ({ completes }) =>
        completes.length === 0 ||
        on.some(({ emit, emits }) => emits !== undefined || completes.some(({ name }) => name === emit)),
    ),
    listings: compileListings(platform.reconcile, platform.settings ?? {}, context),
    webhooks: compileWebhooks(platform.webhooks, platform.settings ?? {}, context, entry.webhooks === 'mend'),
    lets,
    rules: on.map((rule) => {
      const fields = rule.fields.filter(({ field }) => field.joins !== true || store.visits !== undefined);
      return withApps({ ...rule, fields }, apps);
    }),
    settings,
  };
  // A key that could not be read is a mistake already.
  if (parts.problems.length === before) refuseNameless(rules, context);
  return parts.problems.length === before ? source : undefined;
}
