// A store file to a store that is ready to use: its sources and destinations compiled, and what is most likely not meant.
import { nearestOrAll } from '../../lib/nearest.ts';
import { isTable } from '../../lib/table.ts';
import type { RuleContext } from '../rule.ts';
import { keysOf } from '../schema/keys.ts';
import type { StoreFile } from '../schema/schema.ts';
import {
  warnOfAddresses,
  warnOfConditions,
  warnOfMistakenSecrets,
  warnOfOddSecrets,
  warnOfPlaces,
  warnOfShortSecrets,
} from './doubts.ts';
import { warnOfIdle } from './doubts-idle.ts';
import { fillEnv, warnOfCut, warnOfNames } from './env.ts';
import { type MappingFile, type Problem, whereIn } from './files.ts';
import type { LoadParts, Store } from './load.ts';
import { readAsFarAsRight, zodProblems } from './problems.ts';
import type { Apps } from './read-also.ts';
import { compileRoute } from './route.ts';
import { warnOfWritten } from './secret-text.ts';
import { compileSource, type Source } from './source.ts';

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
export const warningsOf = (
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

/** A store with all that its file says compiled; undefined where a mistake was found. */
export function loadStore(
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
