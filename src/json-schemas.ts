// The JSON Schemas by which editors complete and check mapping files, those of the pages among them.
import { z } from 'zod';
import { AlertSettings } from './alert/settings.ts';
import { destinations } from './destinations/index.ts';
import { isTable, type Table as Schema } from './lib/table.ts';
import { parseMapping, type SourceText } from './map/files.ts';
import { ReadAlso } from './map/read-also.ts';
import { createSchemas } from './map/schema.ts';
import { VerifySettings } from './verify/verify.ts';

const toSchema = (schema: z.ZodType): Schema =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'ref' });

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
    const own = z.toJSONSchema(settings, { io: 'input', unrepresentable: 'any' });
    return { name, title, properties: orPlaceholder(own.properties ?? {}), required: own.required ?? [] };
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
  title: z.string(),
  settings: z.record(z.string(), z.looseObject({ help: z.string(), required: z.boolean().optional() })).default({}),
});

/** `sources:` with the names of the platforms there are, and the settings each of them has. */
function completeSources(store: Schema, files: readonly SourceText[]): void {
  const table = at(store, 'properties', 'sources');
  const source = at(store, 'properties', 'sources', 'additionalProperties');
  const platforms = files.flatMap((file) => PlatformHead.safeParse(parseMapping(file).parsed?.value).data ?? []);
  const named = platforms.map(({ platform, title, settings }) => ({
    title,
    properties: {
      platform: { const: platform },
      ...Object.fromEntries(Object.entries(settings).map(([name, { help }]) => [name, { description: help }])),
    },
    required: ['platform', ...Object.keys(settings).filter((name) => settings[name]?.required === true)],
  }));
  table.additionalProperties = { allOf: [source, { anyOf: named }] };
}

/** The schemas by file name, as text, for the platform files there are. */
export function jsonSchemas(platforms: readonly SourceText[]): Record<string, string> {
  const { Platform, Store } = createSchemas(VerifySettings, AlertSettings);
  const store = toSchema(Store);
  completeDestinations(store);
  completeSources(store, platforms);
  const text = (schema: Schema) => `${JSON.stringify(schema, null, 2)}\n`;
  return {
    'platform.json': text(toSchema(Platform)),
    'store.json': text(store),
    'read_also.json': text(toSchema(ReadAlso)),
  };
}
