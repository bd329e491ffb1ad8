// What a store file says of its sources to no effect, or to more than was meant: parts switched off that are not there, and
// rules that nothing comes to.
import { nearest, nearestOrAll } from '../../lib/nearest.ts';
import { isTable, valueIn } from '../../lib/table.ts';
import { type Listing, lacksOf } from '../asking/listing-compile.ts';
import { settingsOf } from '../asking/lookup-compile.ts';
import { topicPattern } from '../rule.ts';
import { type Doubt, neverSent, twice } from './doubts-routes.ts';
import { type MappingFile, type Path, type Problem, whereIn } from './files.ts';
import type { Store } from './load.ts';
import { isOff, removable, takesAway } from './merge.ts';
import { overridesOf, type Source } from './source.ts';

/** A source as the store file writes it, and the file of its platform. */
type Written = { name: string; entry: Readonly<Record<string, unknown>>; platform: MappingFile };

const keysAt = (value: unknown, path: Path): string[] => {
  const table = valueIn(value, path);
  return isTable(table) ? Object.keys(table) : [];
};
const textsIn = (value: unknown): string[] => [value ?? []].flat().filter((one) => typeof one === 'string');

/** Places of a source's overrides that say off. */
function offIn(value: unknown, path: Path = []): Path[] {
  if (removable(path) && isOff(value)) return [path];
  return isTable(value) ? Object.entries(value).flatMap(([key, inner]) => offIn(inner, [...path, key])) : [];
}

/** Whoever writes `refunds: off` means `refund`, and refunds go on. */
function nothingOff({ name, entry, platform }: Written): Doubt[] {
  return offIn(overridesOf(entry)).flatMap((path): Doubt[] => {
    const isField = path[0] === 'events' && path[2] === 'fields';
    const homes = [path, ...(isField ? [['fields', ...path.slice(3)]] : [])];
    if (homes.some((home) => valueIn(platform.value, home) !== undefined)) return [];
    if (!takesAway(path, valueIn(entry, path), false)) return [];
    const known = homes.flatMap((home) => keysAt(platform.value, home.slice(0, -1)));
    const message = `${String(path.at(-1))} is off, and the platform has none to switch off`;
    const hint = nearest(String(path.at(-1)), known);
    return [{ at: ['sources', name, ...path], key: true, code: 'NOTHING_OFF', message, hint }];
  });
}

/** Only where every rule of the platform names its topics are those known that may come. */
function strangeTopics({ name, entry, platform }: Written): Doubt[] {
  const taken = keysAt(platform.value, ['events']).map((rule) =>
    textsIn(valueIn(platform.value, ['events', rule, 'topics'])),
  );
  if (taken.length === 0 || taken.some((topics) => topics.length === 0)) return [];
  const others = ['topics', 'farewells', 'requests'].flatMap((part) => keysAt(platform.value, [part]));
  const known = [...taken.flat(), ...others];
  const fits = (pattern: string, topic: string) => topicPattern([pattern]).test(topic);
  return keysAt(entry, ['events']).flatMap((rule) => {
    const at: Path = ['events', rule, 'topics'];
    return textsIn(valueIn(entry, at)).flatMap((topic, index): Doubt[] => {
      if (known.some((one) => fits(one, topic) || fits(topic, one))) return [];
      const message = `the platform knows no topic ${topic}, so this rule may wait for it in vain`;
      const hint = nearestOrAll(topic, new Set(taken.flat()));
      return [{ at: ['sources', name, ...at, index], code: 'STRANGE_TOPIC', message, hint }];
    });
  });
}

/** Texts that a condition asks a field for, of one table and the alternatives in it. */
function wantedIn(when: unknown, key: string): string[] {
  if (!isTable(when)) return [];
  const test = when[key];
  const inner = [when.any ?? []].flat().flatMap((table) => wantedIn(table, key));
  return [...textsIn(isTable(test) ? test.not : test), ...inner];
}
/** The fields that a condition asks, those of its alternatives too. */
const askedIn = (when: unknown): string[] =>
  isTable(when) ? [...Object.keys(when), ...[when.any ?? []].flat().flatMap(askedIn)] : [];
const alike = (text: string) => text.toLowerCase().replaceAll(/[\s_-]+/g, '-');

/** People copy what their shop shows, such as Processing, where it sends processing. */
function valuesInOtherLetters({ name, entry, platform }: Written): Doubt[] {
  return keysAt(entry, ['events']).flatMap((rule) => {
    const at: Path = ['events', rule, 'when'];
    const sent = valueIn(platform.value, at);
    return [...new Set(askedIn(valueIn(entry, at)))].flatMap((key) => {
      const known = wantedIn(sent, key);
      return wantedIn(valueIn(entry, at), key).flatMap((wanted): Doubt[] => {
        const meant = known.find((one) => one !== wanted && alike(one) === alike(wanted));
        if (meant === undefined || known.includes(wanted)) return [];
        const message = `${key} is compared letter by letter, and the platform sends ${meant}, not ${wanted}`;
        return [{ at: ['sources', name, ...at, key], code: 'LETTERS', message, hint: `did you mean ${meant}?` }];
      });
    });
  });
}

/** What a rule says where it is meant as one of the store's own. */
const OWN = ['key', 'keys', 'emit', 'each', 'fields'];

/** A rule that only asks or sets something is most likely one of the platform's, under a name that is not its own. */
function rulesByAnotherName({ name, entry, platform }: Written): Doubt[] {
  const known = keysAt(platform.value, ['events']);
  return keysAt(entry, ['events']).flatMap((rule): Doubt[] => {
    const said = keysAt(entry, ['events', rule]);
    if (known.includes(rule) || said.length === 0 || said.some((key) => OWN.includes(key))) return [];
    const message = `the platform has no rule ${rule}, so this one makes events ${rule} beside those of all others`;
    return [
      { at: ['sources', name, 'events', rule], key: true, code: 'NEW_RULE', message, hint: nearestOrAll(rule, known) },
    ];
  });
}

/** People write stages as their CRM shows them, also where it tells of them by number. */
function stagesByName({ name, entry, platform }: Written): Doubt[] {
  return keysAt(platform.value, ['settings']).flatMap((setting) => {
    const declared: Path = ['settings', setting];
    if (valueIn(platform.value, [...declared, 'numbered']) !== true) return [];
    const known = keysAt(platform.value, [...declared, 'default']);
    return keysAt(entry, [setting]).flatMap((stage): Doubt[] => {
      if (/^\d+$/.test(stage) || known.includes(stage)) return [];
      const message = `no hook names a stage ${stage}: the platform tells of stages by their numbers`;
      const hint = String(valueIn(platform.value, [...declared, 'help']));
      return [{ at: ['sources', name, setting, stage], key: true, code: 'STAGE_NAME', message, hint }];
    });
  });
}

/** A source that nothing can come of. */
const withoutRules = ({ sources }: Store): Doubt[] =>
  [...sources.values()].flatMap(({ name, rules }): Doubt[] => {
    if (rules.length > 0) return [];
    const message = `nothing that comes to ${name} makes an event: it has no rules`;
    return [{ at: ['sources', name], key: true, code: 'NO_RULES', message, hint: 'say under events: what counts' }];
  });

/** A source that lets nobody in. */
const withoutProof = ({ sources }: Store): Doubt[] =>
  [...sources.values()].flatMap(({ name, verify, entered }): Doubt[] => {
    if (verify.length > 0 || entered) return [];
    const message = `every hook of ${name} is refused: neither its platform nor the store says how it proves itself`;
    const hint = 'say it under verify:, such as { scheme: query } for ?key=<secret> in its address';
    return [{ at: ['sources', name], key: true, code: 'NO_PROOF', message, hint }];
  });

/** Whoever says how to ask a shop for its orders, or names their list, wants them to be asked for. */
const isMeant = ({ name, question }: Listing, { settings }: Source, { entry }: Written): boolean =>
  valueIn(entry, ['reconcile', name]) !== undefined ||
  question.access.some(({ auth }) => settingsOf(auth).some((key) => key in settings));

const neverListed = (source: Source, written: Written): Doubt[] =>
  source.listings.flatMap((listing): Doubt[] => {
    const { name, settings } = source;
    const lacks = lacksOf(listing, settings);
    if (!isMeant(listing, source, written) || lacks.length === 0) return [];
    const message = `the ${listing.about} of ${name} are never compared with what it sent: there is no ${lacks.join(' and no ')}`;
    return [{ at: ['sources', name], key: true, code: 'NOT_LISTED', message, hint: `say ${lacks.join(' and ')}` }];
  });

/** Whoever says mend wants to hear of webhooks that are off, too. */
function neverAsked({ name, settings, webhooks }: Source, { entry }: Written): Doubt[] {
  if (webhooks === undefined || entry.webhooks === undefined) return [];
  const lacks = lacksOf(webhooks.listing, settings);
  if (lacks.length === 0) return [];
  const message = `${name} is never asked which of its webhooks are off: there is no ${lacks.join(' and no ')}`;
  const takes = webhooks.mends ? (webhooks.mend?.needs ?? webhooks.needs) : webhooks.needs;
  const hint = `say ${lacks.join(' and ')}; it takes ${takes}`;
  return [{ at: ['sources', name, 'webhooks'], key: true, code: 'NOT_ASKED', message, hint }];
}

/** Is a rule off for this source that would take the topic? */
const isSwitchedOff = ({ entry, platform }: Written, topic: string): boolean =>
  keysAt(entry, ['events']).some(
    (rule) =>
      isOff(valueIn(entry, ['events', rule])) &&
      topicPattern(textsIn(valueIn(platform.value, ['events', rule, 'topics']))).test(topic),
  );

/** Whoever narrows the topics of a rule means its webhooks; what is listed comes under a topic, too. */
const listedInVain = (source: Source, written: Written): Doubt[] =>
  source.listings.flatMap((listing): Doubt[] => {
    const { name, rules } = source;
    const topic = listing.each[0]?.topic;
    if (topic === undefined || topic === '*' || !isMeant(listing, source, written)) return [];
    if (rules.length === 0 || isSwitchedOff(written, topic)) return [];
    if (rules.some(({ topics }) => topics === undefined || topics.test(topic))) return [];
    const message = `nothing of the ${listing.about} that ${name} lists is fetched: no rule takes ${topic}, as which they are listed`;
    const hint = `add ${topic} to the topics of the rule`;
    return [{ at: ['sources', name], key: true, code: 'LIST_IDLE', message, hint }];
  });

/** Does the store name events by an expression of its own? They may have any name then. */
const namesAny = ({ entry }: Written): boolean =>
  keysAt(entry, ['events']).some((rule) => String(valueIn(entry, ['events', rule, 'emit'])).startsWith('$'));

/** What a store that can be used says in vain. `platforms` are the platform files by name. */
export function warnOfIdle(store: Store, file: MappingFile, platforms: ReadonlyMap<string, MappingFile>): Problem[] {
  const written = Object.entries(store.settings.sources).flatMap(([name, { platform }]): Written[] => {
    const entry = valueIn(file.value, ['sources', name]);
    const of = platforms.get(platform);
    return isTable(entry) && of !== undefined ? [{ name, entry, platform: of }] : [];
  });
  const found = [
    ...written.flatMap((one) => [
      ...nothingOff(one),
      ...strangeTopics(one),
      ...valuesInOtherLetters(one),
      ...stagesByName(one),
      ...rulesByAnotherName(one),
    ]),
    ...withoutProof(store),
    ...withoutRules(store),
    ...written.flatMap((one) => {
      const source = store.sources.get(one.name);
      return source === undefined
        ? []
        : [...neverListed(source, one), ...neverAsked(source, one), ...listedInVain(source, one)];
    }),
    ...neverSent(store, written.some(namesAny)),
    ...twice(store),
  ];
  return found.map(({ at, key = false, ...told }) => ({ ...whereIn(file)(at, key), ...told }));
}
