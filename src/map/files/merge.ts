// Lays a store's overrides of one source over its platform file, and remembers which file each part came from.
import { isTable, type Table, tableOf } from '../../lib/table.ts';
import { type Locate, type MappingFile, type Path, whereIn } from './files.ts';

export const isOff = (value: unknown) => value === 'off' || value === false;
const isOn = (value: unknown) => value === 'on' || value === true;

/** Tables where `key: off` takes the platform's key away; elsewhere `off` and false are ordinary values. */
export const removable = (path: Path) =>
  (path.length === 1 && path[0] === 'webhooks') ||
  (path.length === 2 && ['events', 'fields', 'lookups', 'reconcile', 'requests'].includes(String(path[0]))) ||
  (path.length === 4 && path[0] === 'events' && ['when', 'fields', 'set', 'let'].includes(String(path[2])));

/** Does an override take a part away? A test or a constant of false is one where there is nothing to switch off. */
export const takesAway = (path: Path, value: unknown, isThere: boolean): boolean =>
  removable(path) && isOff(value) && (isThere || value !== false || path.length !== 4);

/** Merges tables key by key; everything else, `any:` and `expression:` included, is replaced whole. */
export function mergeOver(base: unknown, over: unknown, path: Path = []): unknown {
  if (!isTable(base) || !isTable(over) || isWhole(path)) return over;
  const merged: Table = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const inner = [...path, key];
    if (takesAway(inner, value, key in base)) delete merged[key];
    else merged[key] = key in base ? mergeOver(base[key], value, inner) : value;
  }
  return merged;
}

/**
 * The platform with the fields that all rules share written into each of them, those of rules that only the store has
 * too: a rule's own fields go first, and the store can take a shared one from a single rule.
 */
function withShared(platform: Table, source: Table): Table {
  const { events: given } = platform;
  if (!isTable(given) || (platform.fields === undefined && source.fields === undefined)) return platform;
  const shared = tableOf(mergeOver(tableOf(platform.fields), source.fields ?? {}, ['fields']));
  const added = Object.entries(tableOf(source.events)).filter(([name, rule]) => isTable(rule) && !(name in given));
  const rules = [...Object.entries(given), ...added.map(([name]): [string, unknown] => [name, {}])];
  const events = rules.map(([name, rule]) => [
    name,
    isTable(rule) ? { ...rule, fields: { ...shared, ...tableOf(rule.fields) } } : rule,
  ]);
  return { ...platform, events: Object.fromEntries(events) };
}

/** Whoever has conditions of his own for a rule that is off by itself means another rule than the platform's. */
function withoutOffered(platform: Table, source: Table): Table {
  if (!isTable(platform.events)) return platform;
  const rules = Object.entries(platform.events).map(([name, rule]) => {
    const own = tableOf(source.events)[name];
    if (!isTable(rule) || rule.enabled !== false || !isTable(own) || own.when === undefined) return [name, rule];
    const { when: _, ...rest } = rule;
    return [name, rest];
  });
  return { ...platform, events: Object.fromEntries(rules) };
}

/** A rule or a list that a store names is on, by `on` or by anything that it says of it. */
function withNamedOn(source: Table, platform: Table): Table {
  const parts = ['events', 'reconcile'].flatMap((part): [string, Table][] => {
    const { [part]: named } = source;
    if (!isTable(named)) return [];
    const known = tableOf(platform[part]);
    const on = Object.entries(named).map(([name, one]) => {
      if (isOn(one) && name in known) return [name, { enabled: true }];
      return [name, isTable(one) ? { enabled: true, ...one } : one];
    });
    return [[part, Object.fromEntries(on)]];
  });
  return { ...source, ...Object.fromEntries(parts) };
}

/** `webhooks: mend` says of the platform's that they are switched on again; where it has none, compiling them tells so. */
function withMending(source: Table, platform: Table): Table {
  if (source.webhooks !== 'mend') return source;
  return { ...source, webhooks: isTable(platform.webhooks) ? { mends: true } : undefined };
}

/** A value or several, of which one must be there. */
const namesValues = (test: unknown) => !isTable(test) && test !== undefined;

/**
 * The platform's alternatives with the values that the store names instead of theirs: `status: [processing, on-hold]`
 * means what it says, also where the platform asks for the status in one of several ways.
 */
function withNamedValues(target: Table, { when: own }: Table): Table {
  const { when } = target;
  if (!isTable(when) || !isTable(own) || !Array.isArray(when.any) || 'any' in own) return target;
  const any = when.any.map((table: unknown) => {
    if (!isTable(table)) return table;
    const named = Object.entries(own).filter(
      ([key, test]) => namesValues(test) && !isOff(test) && key in table && namesValues(table[key]),
    );
    return { ...table, ...Object.fromEntries(named) };
  });
  return { ...target, when: { ...when, any } };
}

/** A source's parts laid over its platform's. A constant that the store sets replaces what the platform maps. */
export function overlay(platform: Table, given: Table): unknown {
  const source = withMending(withNamedOn(given, platform), platform);
  const merged = mergeOver(withShared(withoutOffered(platform, source), source), source);
  if (!isTable(merged) || !isTable(merged.events) || !isTable(source.events)) return merged;
  for (const [name, rule] of Object.entries(source.events)) {
    const target = merged.events[name];
    if (!isTable(rule) || !isTable(target)) continue;
    // Whoever gives both is told so.
    if ('key' in rule && !('keys' in rule)) delete target.keys;
    if ('keys' in rule && !('key' in rule)) delete target.key;
    const { set, fields: own } = rule;
    if (isTable(set) && isTable(target.fields)) {
      const kept = Object.entries(target.fields).filter(([path]) => path in tableOf(own) || !(path in set));
      target.fields = Object.fromEntries(kept);
    }
    merged.events[name] = withNamedValues(target, rule);
  }
  return merged;
}

/** One thing each: of the platform's test `[a, b]` nothing is left in the store's `{ not: x }`, nor of its `verify` or `auth`. */
const isWhole = (path: Path) =>
  (['events', 'requests'].includes(String(path[0])) && path[2] === 'when' && path.length === 4) ||
  (path[0] === 'verify' && path.length === 1) ||
  (path[0] === 'webhooks' && ['auth', 'active', 'mend'].includes(String(path[1])) && path.length === 2) ||
  ((path[0] === 'lookups' || path[0] === 'reconcile') && path[2] === 'auth' && path.length === 3);

/** The place of a path of the merged source: in the store file if it says something there, else in the platform file. */
export function createLocator(platform: MappingFile, store: MappingFile, sourceName: string) {
  const inStore = (path: Path) => ['sources', sourceName, ...path];
  const isWritten = (path: Path) => store.has(inStore(path)) || platform.has(path);
  /** What a rule has by sharing is written under the shared fields. */
  const home = (path: Path): Path => {
    const [part, , table, ...rest] = path;
    const shared = ['fields', ...rest];
    const maybe = part === 'events' && table === 'fields' && rest.length > 0;
    return maybe && !isWritten(path) && isWritten(shared) ? shared : path;
  };
  const locate: Locate = (path, key) => {
    const at = home(path);
    return store.has(inStore(at)) ? whereIn(store)(inStore(at), key) : whereIn(platform)(at, key);
  };
  return Object.assign(locate, { isShared: (path: Path) => home(path) !== path });
}
/** A place as one text, for traces. */
export const place = ({ file, line, column }: ReturnType<Locate>) => `${file}:${line}:${column}`;
