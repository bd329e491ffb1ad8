// All mapping files of a folder to stores that are ready to use, with every mistake of every file at once.

import { nearestOrAll } from '../../lib/nearest.ts';
import { isTable } from '../../lib/table.ts';
import type { Destination } from '../../types.ts';
import { examplesOf, type WrittenExample } from '../example.ts';
import type { RuleContext } from '../rule.ts';
import { keysOf } from '../schema/keys.ts';
import { Name, type Schemas, type StoreFile } from '../schema/schema.ts';
import {
  warnOfAddresses,
  warnOfConditions,
  warnOfFileNames,
  warnOfMistakenSecrets,
  warnOfOddSecrets,
  warnOfPlaces,
  warnOfShortSecrets,
  warnOfTemplates,
} from './doubts.ts';
import { warnOfIdle } from './doubts-idle.ts';
import { type Cut, type Env, fillEnv, warnOfCut, warnOfNames } from './env.ts';
import { type MappingFile, type Problem, parseMapping, type SourceText, type Texts, whereIn } from './files.ts';
import { readAsFarAsRight, zodProblems } from './problems.ts';
import { type Apps, indexApps } from './read-also.ts';
import { compileRoute, type Route } from './route.ts';
import { warnOfWritten } from './secret-text.ts';
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

/** With the platforms whose hooks are entered here, which no store file has to name. */
function withEntered(settings: StoreFile, platforms: Map<string, MappingFile>): StoreFile {
  const named = new Set(Object.values(settings.sources).map(({ platform }) => platform));
  const entered = [...platforms].filter(
    ([name, { value }]) =>
      isTable(value) && value.entered === true && !named.has(name) && settings.sources[name] === undefined,
  );
  const added = entered.map(([platform]) => [platform, { platform }]);
  return { ...settings, sources: { ...settings.sources, ...Object.fromEntries(added) } };
}

/** What a destination needs that is not there would be asked of none. */
function refuseConsentOfNobody(settings: StoreFile, file: MappingFile, problems: Problem[]): void {
  const known = Object.keys(settings.destinations);
  for (const name of Object.keys(settings.consent.require ?? {})) {
    if (known.includes(name)) continue;
    const hint = nearestOrAll(name, known);
    const place = whereIn(file)(['consent', 'require', name], true);
    const message = `consent is required for ${name}, and there is no such destination`;
    problems.push({ ...place, code: 'UNKNOWN_DESTINATION', message, hint });
  }
}

/** Events are told apart by store and id, so that of two shops with the same ids only one would count. */
function warnOfSameIds(settings: StoreFile, platforms: Map<string, MappingFile>, file: MappingFile): Problem[] {
  const first = new Map<string, string>();
  return Object.entries(settings.sources).flatMap(([name, { platform }]): Problem[] => {
    const value = platforms.get(platform)?.value;
    if (!isTable(value) || value.ids_repeat !== true) return [];
    const other = first.get(platform);
    first.set(platform, other ?? name);
    if (other === undefined) return [];
    const message = `${other} and ${name} are both ${platform}, whose ids repeat from shop to shop: of two orders or leads with one id only the first counts`;
    const hint = 'give each shop a store file of its own, unless both are one shop';
    return [{ ...whereIn(file)(['sources', name], true), code: 'SAME_IDS', message, hint }];
  });
}

/** What a store file says that can be used as it is, and is most likely not meant. */
const warningsOf = (
  store: Store,
  file: MappingFile,
  platforms: Map<string, MappingFile>,
  { env, cut, addressProblem, destinations }: LoadParts,
  offered: Map<string, string>,
): Problem[] => {
  const told = warnOfNames(file, env);
  const ofDestinations = new Set(destinations.flatMap(({ secrets }) => secrets));
  return [
    ...told,
    ...warnOfWritten(file, { store: store.name, ofDestinations, told, env, offered }),
    ...warnOfSameIds(store.settings, platforms, file),
    ...warnOfCut(file, cut),
    ...warnOfMistakenSecrets(store, file),
    ...warnOfShortSecrets(store.settings, file),
    ...warnOfOddSecrets(store, file),
    ...warnOfPlaces(store.settings, file),
    ...warnOfConditions(store.settings, file),
    ...warnOfIdle(store, file, platforms),
    ...warnOfAddresses(store.routes, file, addressProblem),
  ];
};

/** For what a store file must say and does not, so that the mistakes of the rest are told too. */
const STAND_INS = { store: 'check', sources: {}, destinations: {} };

function loadStore(
  file: MappingFile,
  platforms: Map<string, MappingFile>,
  apps: Apps,
  parts: LoadParts,
  problems: Problem[],
): Store | undefined {
  const before = problems.length;
  const locate = whereIn(file);
  const filled = fillEnv(file, parts.env, parts.cut);
  problems.push(...filled.problems);
  const { data: written, issues } = readAsFarAsRight(parts.schemas.Store, filled.value, STAND_INS);
  problems.push(...zodProblems(issues, locate, [...keysOf(parts.schemas.Store, true), 'platform', 'secrets']));
  if (written === undefined) return undefined;
  const settings = withEntered(written, platforms);
  const sources = new Map<string, Source>();
  for (const [name, { platform: wanted }] of Object.entries(settings.sources)) {
    const platform = platforms.get(wanted);
    if (platform === undefined) {
      const hint = nearestOrAll(wanted, platforms.keys());
      const message = `there is no platform ${wanted}`;
      problems.push({ ...locate(['sources', name, 'platform']), code: 'UNKNOWN_PLATFORM', message, hint });
      continue;
    }
    const source = compileSource(settings, name, { store: file, platform }, { ...parts, problems, apps });
    if (source !== undefined) sources.set(name, source);
  }
  refuseConsentOfNobody(settings, file, problems);
  const context: RuleContext = { compile: parts.compile, problems, locate };
  const routes = Object.entries(settings.destinations).flatMap(
    ([name, entry]) => compileRoute(settings.store, name, entry, parts.destinations, context) ?? [],
  );
  return problems.length === before ? { name: settings.store, file: file.file, settings, sources, routes } : undefined;
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

/** Loads everything; never throws for what is written in the files. */
export function loadMappings(texts: Texts, parts: LoadParts): Loaded {
  const problems: Problem[] = [];
  const warnings = warnOfFileNames(texts.misnamed ?? []);
  const parse = (sources: SourceText[]) =>
    sources.map((source) => {
      const { parsed, problems: found } = parseMapping(source);
      problems.push(...found);
      return parsed;
    });
  const platforms = indexPlatforms(
    parse(texts.platforms).filter((file) => file !== undefined),
    problems,
  );
  warnings.push(...warnOfTemplates(platforms.values(), texts.templates));
  const examples = [...platforms].flatMap(([name, file]) => checkPlatform(file, name, parts, problems));
  const appFiles = parse(texts.apps ?? []).filter((file) => file !== undefined);
  const apps = indexApps(appFiles, BOUND, parts.compile, problems);
  const stores = new Map<string, Store>();
  const broken = new Set<string>();
  const offered = new Map<string, string>();
  for (const [index, file] of parse(texts.stores).entries()) {
    const store = file && loadStore(file, platforms, apps, parts, problems);
    if (file === undefined || store === undefined) broken.add(texts.stores[index]?.file ?? '');
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
