// All mapping files of a folder to stores that are ready to use, with every mistake of every file at once.
import { isDeepStrictEqual } from 'node:util';
import { isTable } from '../../lib/table.ts';
import type { Destination } from '../../types.ts';
import { examplesOf, type WrittenExample } from '../example.ts';
import type { RuleContext } from '../rule.ts';
import { Name, type Schemas, type StoreFile } from '../schema/schema.ts';
import { warnOfFileNames, warnOfTemplates } from './doubts.ts';
import type { Cut, Env } from './env.ts';
import { type MappingFile, type Problem, parseMapping, type SourceText, type Texts, whereIn } from './files.ts';
import { loadStore, warningsOf } from './load-store.ts';
import { indexApps } from './read-also.ts';
import type { Route } from './route.ts';
import { BOUND, compileSource, type Source } from './source.ts';

/** A shop with its sources and destinations. */
export type Store = {
  name: string;
  file: string;
  settings: StoreFile;
  sources: Map<string, Source>;
  routes: Route[];
};
export type LoadParts = {
  schemas: Schemas;
  destinations: readonly Destination[];
  compile: RuleContext['compile'];
  env: Env;
  /** Names whose values .env cuts off at a #, with their lines. */
  cut: Cut;
  /** What is wrong with an address that something is sent to, in words for its owner. */
  addressProblem: (url: string) => string | undefined;
};
export type Loaded = {
  stores: Map<string, Store>;
  problems: Problem[];
  /** What can be used as it is, and is most likely not meant. */
  warnings: Problem[];
  /** Store files that are there but cannot be used; whoever has a good copy keeps it. */
  broken: Set<string>;
  /** Of all files that are right, for whoever wants to run them. */
  examples: WrittenExample[];
};

/** Names of the platform files that parse, by `platform:`; a second file of one name is a mistake. */
function indexPlatforms(files: MappingFile[], problems: Problem[]): Map<string, MappingFile> {
  const byName = new Map<string, MappingFile>();
  for (const file of files) {
    const name = isTable(file.value) ? file.value.platform : undefined;
    if (typeof name !== 'string') {
      const hint = 'begin the file with platform: <name>';
      problems.push({ ...whereIn(file)([]), code: 'MISSING', message: 'platform is missing', hint });
    } else if (byName.has(name)) {
      const message = `platform ${name} is also in ${byName.get(name)?.file}`;
      problems.push({ ...whereIn(file)(['platform']), code: 'TWICE', message });
    } else byName.set(name, file);
  }
  return byName;
}

/** Checks a platform file by itself, as a source without overrides would see it. */
function checkPlatform(file: MappingFile, name: string, parts: LoadParts, problems: Problem[]): WrittenExample[] {
  const declared = isTable(file.value) && isTable(file.value.settings) ? Object.entries(file.value.settings) : [];
  const required = declared.filter(([, setting]) => isTable(setting) && setting.required === true);
  const settings = Object.fromEntries(required.map(([key]) => [key, '-']));
  // A name that none can be is told by the schema of the file.
  const known = Name.safeParse(name).data ?? 'check';
  const stand = parts.schemas.Store.parse({
    store: 'check',
    sources: { [known]: { platform: known, secrets: ['-'], ...settings } },
    destinations: {},
  });
  const none: MappingFile = { file: file.file, value: {}, has: () => false, at: file.at };
  const source = compileSource(stand, known, { store: none, platform: file }, { ...parts, problems });
  return source === undefined ? [] : examplesOf(file, new Map([[name, source]]), problems);
}

/** The same mistake of a platform file shows once, however many stores use it. */
function unique(problems: Problem[]): Problem[] {
  const seen = new Map(
    problems.map((problem) => [
      `${problem.file}:${problem.line}:${problem.column}:${problem.code}:${problem.message}`,
      problem,
    ]),
  );
  return [...seen.values()].sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column);
}

function parse(source: SourceText, problems: Problem[]): MappingFile | undefined {
  const { parsed, problems: found } = parseMapping(source);
  problems.push(...found);
  return parsed;
}

/** What all stores rest on: the files of platforms and of other apps. */
function readShared(texts: Required<Pick<Texts, 'platforms' | 'apps'>>, parts: LoadParts) {
  const problems: Problem[] = [];
  const parseAll = (sources: readonly SourceText[]) => sources.flatMap((source) => parse(source, problems) ?? []);
  const platforms = indexPlatforms(parseAll(texts.platforms), problems);
  const examples = [...platforms].flatMap(([name, file]) => checkPlatform(file, name, parts, problems));
  const apps = indexApps(parseAll(texts.apps), BOUND, parts.compile, problems);
  return { texts, platforms, apps, examples, problems };
}
type Shared = ReturnType<typeof readShared>;

/** A store file, and what came of it. */
function readStore(source: SourceText, { platforms, apps }: Shared, parts: LoadParts) {
  const problems: Problem[] = [];
  const file = parse(source, problems);
  return { source, file, store: file && loadStore(file, platforms, apps, parts, problems), problems };
}
type ReadStore = ReturnType<typeof readStore>;

function gather(
  shared: Shared,
  files: readonly ReadStore[],
  { templates, misnamed = [] }: Texts,
  parts: LoadParts,
): Loaded {
  const { platforms } = shared;
  const problems = [...shared.problems, ...files.flatMap((one) => one.problems)];
  const warnings = [...warnOfFileNames(misnamed), ...warnOfTemplates(platforms.values(), templates)];
  const examples = [...shared.examples];
  const stores = new Map<string, Store>();
  const broken = new Set<string>();
  const offered = new Map<string, string>();
  for (const { source, file, store } of files) {
    if (file === undefined || store === undefined) broken.add(source.file);
    else if (stores.has(store.name)) {
      const message = `store ${store.name} is also in ${stores.get(store.name)?.file}`;
      problems.push({ ...whereIn(file)(['store']), code: 'TWICE', message });
      broken.add(store.file);
    } else {
      stores.set(store.name, store);
      warnings.push(...warningsOf(store, file, platforms, parts, offered));
      examples.push(...examplesOf(file, store.sources, problems));
    }
  }
  return { stores, problems: unique(problems), warnings, broken, examples };
}

/**
 * Makes a function that loads everything, and never throws for what is written in the files. Called again it compiles only
 * the stores whose files have changed, unless those have that all rest on: hooks wait meanwhile, of hundreds of stores too.
 */
export function createLoader(parts: LoadParts): (texts: Texts) => Loaded {
  let shared: Shared | undefined;
  let known = new Map<string, ReadStore>();
  return (texts) => {
    const { platforms, apps = [] } = texts;
    if (shared === undefined || !isDeepStrictEqual(shared.texts, { platforms, apps })) {
      shared = readShared({ platforms, apps }, parts);
      known = new Map();
    }
    const own = shared;
    const files = texts.stores.map((source) => {
      const before = known.get(source.file);
      return before !== undefined && isDeepStrictEqual(before.source, source) ? before : readStore(source, own, parts);
    });
    known = new Map(files.map((one) => [one.source.file, one]));
    return gather(own, files, texts, parts);
  };
}

/** Loads everything once. */
export const loadMappings = (texts: Texts, parts: LoadParts): Loaded => createLoader(parts)(texts);
