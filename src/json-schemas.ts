// The JSON Schemas by which editors complete and check mapping files, those of the pages among them.
import { z } from 'zod';
import { AlertSettings } from './alert/settings.ts';
import { destinations } from './destinations/index.ts';
import { EVENT_FIELDS, type Field, ITEM_FIELDS } from './event.ts';
import { plainWords } from './lib/plain-words.ts';
import { isTable, type Table as Schema } from './lib/table.ts';
import { parseMapping, type SourceText } from './map/files/files.ts';
import { ReadAlso } from './map/files/read-also.ts';
import { createSchemas } from './map/schema/schema.ts';
import { VerifySettings } from './verify/verify.ts';

/** What `tagbridge check` says of a text in a wrong form, such as one that nobody can see. */
function wordsFor(schema: z.core.$ZodType): string | undefined {
  const { error } = z.core.safeParse(schema, '\0', { error: plainWords });
  const words = error?.issues.find(({ code }) => code === 'invalid_format')?.message;
  return words?.startsWith('Invalid') ? undefined : words;
}

/** Editors show the names of shared parts where something else stands in their place. */
const withReadableNames = (text: string): string => text.replace(/__schema(\d+)/g, 'table-$1');

/** Parameters of the store’s own, the only fields that are not known by name. */
const FREE = '^custom\\.[A-Za-z][A-Za-z0-9_]*$';

/** Beside what zod makes of it, that fields have known names, and the words for a wrong form, which editors of YAML show in place of the pattern. */
function toSchema(schema: z.ZodType, reused: 'ref' | 'inline' = 'ref'): Schema {
  return z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    reused,
    override: ({ zodSchema, jsonSchema }) => {
      const words = jsonSchema.pattern === undefined ? undefined : wordsFor(zodSchema);
      if (words !== undefined) jsonSchema.patternErrorMessage = words;
      const { properties = {}, additionalProperties: others } = jsonSchema;
      if (others === undefined || !('event_time' in properties || 'item_id' in properties)) return;
      Object.assign(jsonSchema, { patternProperties: { [FREE]: others }, additionalProperties: false });
    },
  });
}

/** The schema at a path, through references. */
function at(root: Schema, ...path: string[]): Schema {
  let found: unknown = root;
  for (const name of path) {
    found = isTable(found) ? found[name] : undefined;
    if (isTable(found) && typeof found.$ref === 'string') found = at(root, ...found.$ref.split('/').slice(1));
  }
  if (!isTable(found)) throw new Error(`the schema has no ${path.join('.')}`);
  return found;
}

const stringsIn = (given: unknown): string[] => z.array(z.string()).catch([]).parse(given);

/** What stands in a file before `${NAME}` is replaced. */
const PLACEHOLDER: Schema = { type: 'string', pattern: '^\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}$' };
const orPlaceholder = (properties: Schema): Schema =>
  Object.fromEntries(
    Object.entries(properties).map(([name, given]) => [
      name,
      isTable(given) && given.pattern !== undefined ? { anyOf: [given, PLACEHOLDER] } : given,
    ]),
  );

/** `destinations:` with the settings of each kind, by its name or by `type:`. */
function completeDestinations(store: Schema): void {
  const table = at(store, 'properties', 'destinations');
  const common = at(store, 'properties', 'destinations', 'additionalProperties');
  const shared = at(common, 'properties');
  const kinds = destinations.map(({ name, title, settings }) => {
    const own = toSchema(settings, 'inline');
    return { name, title, properties: orPlaceholder(at(own, 'properties')), required: stringsIn(own.required) };
  });
  const kind = (named: (typeof kinds)[number], required: string[], more: Schema = {}): Schema => ({
    ...common,
    title: named.title,
    properties: { ...shared, ...named.properties, ...more },
    required: [...required, ...named.required],
    additionalProperties: false,
  });
  table.properties = Object.fromEntries(kinds.map((one) => [one.name, kind(one, [])]));
  table.additionalProperties = { anyOf: kinds.map((one) => kind(one, ['type'], { type: { const: one.name } })) };
}

const PlatformHead = z.looseObject({
  platform: z.string(),
  title: z.string().optional(),
  settings: z.record(z.string(), z.looseObject({ help: z.string(), required: z.boolean().optional() })).default({}),
  events: z.record(z.string(), z.unknown()).default({}),
  entered: z.literal(true).optional(),
});

const VALUE: Schema = { type: ['string', 'number', 'boolean', 'array'] };
/** Fields as a store lays them over those of a platform: by the same names, without what must be there. */
const overlay = (known: Readonly<Record<string, Field>>, more: Schema = {}): Schema => ({
  type: 'object',
  properties: {
    ...Object.fromEntries(Object.entries(known).map(([name, { help }]) => [name, { ...VALUE, description: help }])),
    ...more,
  },
  patternProperties: { [FREE]: VALUE },
  additionalProperties: false,
});
const EVENT_OVERLAY = overlay(EVENT_FIELDS, {
  items: {
    description: 'What was bought: each says where the articles stand, fields what is read from one',
    anyOf: [
      { enum: ['off', false] },
      { type: 'object', properties: { each: VALUE, fields: overlay(ITEM_FIELDS) }, additionalProperties: false },
    ],
  },
});

/** What stands in the place of a part that several places share, which lies under this name. */
const refTo = (name: string): Schema => ({ $ref: `#/$defs/${name}` });

/** A source of one platform: its rules and settings are known, everything else is as in any source. */
const sourceOf = (
  { platform, title, settings, entered, events }: z.infer<typeof PlatformHead>,
  parts: readonly string[],
  rules: Schema,
): Schema => ({
  title: title ?? platform,
  type: 'object',
  properties: {
    ...Object.fromEntries(parts.map((name) => [name, refTo(`source-${name}`)])),
    platform: { const: platform, description: 'The kind of sender' },
    events: {
      ...rules,
      properties: Object.fromEntries(Object.keys(events).map((name) => [name, refTo('rule')])),
      additionalProperties: refTo('rule'),
    },
    ...Object.fromEntries(Object.entries(settings).map(([name, { help }]) => [name, { description: help }])),
  },
  required: [
    'platform',
    ...(entered === true ? [] : ['secrets']),
    ...Object.keys(settings).filter((name) => settings[name]?.required === true),
  ],
  additionalProperties: false,
});

/** `sources:` with the names of the platforms there are, and the settings and rules each of them has. */
function completeSources(store: Schema, files: readonly SourceText[]): void {
  const path = ['properties', 'sources', 'additionalProperties', 'properties'];
  const { additionalProperties: rule, ...rules } = at(store, ...path, 'events');
  for (const branch of isTable(rule) && Array.isArray(rule.anyOf) ? rule.anyOf : [])
    if (isTable(branch) && isTable(branch.properties)) branch.properties.fields = refTo('fields');
  const { description } = at(store, ...path, 'fields');
  const parts = { ...at(store, ...path), fields: { description, ...refTo('fields') } };
  const named = Object.entries(parts).map(([name, part]) => [`source-${name}`, part]);
  Object.assign(at(store, '$defs'), Object.fromEntries(named), { rule, fields: EVENT_OVERLAY });
  const platforms = files.flatMap((file) => PlatformHead.safeParse(parseMapping(file).parsed?.value).data ?? []);
  const anyPlatform = { properties: { platform: { enum: platforms.map(({ platform }) => platform) } } };
  const known = platforms.map((head) => sourceOf(head, Object.keys(parts), rules));
  at(store, 'properties', 'sources').additionalProperties = { allOf: [anyPlatform, { anyOf: known }] };
}

/** The schemas by file name, as text, for the platform files there are. */
export function jsonSchemas(platforms: readonly SourceText[]): Record<string, string> {
  const { Platform, Store } = createSchemas(VerifySettings, AlertSettings);
  const store = toSchema(Store);
  completeDestinations(store);
  completeSources(store, platforms);
  const text = (schema: Schema) => `${withReadableNames(JSON.stringify(schema, null, 2))}\n`;
  return {
    'platform.json': text(toSchema(Platform)),
    'store.json': text(store),
    'read_also.json': text(toSchema(ReadAlso)),
  };
}
