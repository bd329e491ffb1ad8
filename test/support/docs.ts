// The parts of the README that are made from the code, so that they cannot say anything else.

import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { z } from 'zod';
import { AlertSettings } from '../../src/alert/settings.ts';
import { help } from '../../src/cli/run.ts';
import { Settings } from '../../src/config.ts';
import { destinations } from '../../src/destinations/index.ts';
import { EVENT_FIELDS, type Field, ITEM_FIELDS } from '../../src/event.ts';
import { UNIT_MS } from '../../src/lib/duration.ts';
import { describeFunctions, type Example } from '../../src/map/functions/functions.ts';
import { createSchemas } from '../../src/map/schema/schema.ts';
import { VerifySettings } from '../../src/verify/verify.ts';
import { runHere } from './cli.ts';
import { guidesOf, stepsOf } from './connect.ts';

export const README = resolve(import.meta.dirname, '../../README.md');

const Property = z.looseObject({
  default: z.unknown().optional(),
  description: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
});
type Property = z.infer<typeof Property>;

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ');
const code = (text: string) => `\`${text.replaceAll('|', '\\|')}\``;
const table = (head: string[], rows: string[][]) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

const shown = (value: unknown) => stringify(value, { collectionStyle: 'flow' }).trim();
const byDefault = (given: unknown) => (given === undefined || shown(given) === '{}' ? '' : code(shown(given)));

function propertiesOf(schema: z.ZodType): [string, Property, boolean][] {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const required = json.required ?? [];
  return Object.entries(z.record(z.string(), Property).parse(json.properties)).map(([name, property]) => [
    name,
    property,
    required.includes(name),
  ]);
}

const settings = () => {
  const defaults: Record<string, unknown> = Settings.parse({});
  const rows = propertiesOf(Settings).map(
    ([name, { description = '' }]) => [name, defaults[name], description] as const,
  );
  return table(
    ['setting', 'default', 'what'],
    rows.map(([name, given, words]) => [code(name), byDefault(given), cell(words)]),
  );
};

/** Every setting with its help and default, as `.env.example` has them: to be uncommented. */
export const exampleSettings = (): string => {
  const defaults: Record<string, unknown> = Settings.parse({});
  return propertiesOf(Settings)
    .map(([name, { description = '' }]) => `# ${description}\n#${name}=${defaults[name] ?? ''}\n`)
    .join('\n');
};

const store = () => {
  const { Store } = createSchemas(VerifySettings, AlertSettings);
  const filled = Store.parse({ store: 'any', sources: {}, destinations: {} });
  const defaults: Record<string, unknown> = { ...filled, max_age: `${filled.max_age / UNIT_MS.d}d` };
  return table(
    ['key', 'default', 'what'],
    propertiesOf(Store).map(([name, { description = '' }, required]) => [
      code(name),
      required ? 'required' : byDefault(defaults[name]),
      cell(description),
    ]),
  );
};

/** Milliseconds as store files say them. */
const inWords = (ms: number) => {
  const unit = (['d', 'h', 'm', 's'] as const).find((one) => ms % UNIT_MS[one] === 0) ?? 's';
  return `${ms / UNIT_MS[unit]}${unit}`;
};

const visits = () => {
  const { Store } = createSchemas(VerifySettings, AlertSettings);
  const schema = Store.shape.visits.unwrap();
  const defaults: Record<string, unknown> = schema.parse({ origins: ['sandbox'] });
  return table(
    ['key', 'default', 'what'],
    propertiesOf(schema).map(([name, { description = '' }, required]) => {
      const given = defaults[name];
      const fallback = byDefault(typeof given === 'number' ? inWords(given) : given);
      return [code(name), required ? 'required' : fallback, cell(description)];
    }),
  );
};

const destinationSettings = () =>
  table(
    ['destination', 'setting', 'default', 'what'],
    destinations.flatMap(({ name, settings: own }) =>
      propertiesOf(own).map(([setting, property, required]) => [
        code(name),
        code(setting),
        required ? 'required' : byDefault(property.default),
        cell(
          [property.description, property.enum?.map((one) => code(shown(one))).join(' or ')].filter(Boolean).join(': '),
        ),
      ]),
    ),
  );

const fields = (all: Record<string, Field>) =>
  table(
    ['field', 'type', 'what'],
    Object.entries(all).map(([name, { kind, help: words, choices, input }]) => [
      code(name),
      `${choices === undefined ? kind : choices.map(code).join(' ')}${input === true ? ' *input*' : ''}`,
      cell(words),
    ]),
  );

const result = ({ expr, result: given }: Example) =>
  `${code(expr)} → ${given === undefined ? 'nothing' : code(JSON.stringify(given))}`;
const functions = () =>
  table(
    ['function', 'gives', 'example'],
    describeFunctions().map(({ usage, help: words, examples: [first] }) => [
      code(usage),
      cell(words),
      first === undefined ? '' : result(first),
    ]),
  );

const fence = (language: string, text: string) => `\`\`\`${language}\n${text.trim()}\n\`\`\``;

/** The body, the command and what it prints, for the mapping on top of the README; `folder` holds it, and the body. */
export async function tried(folder: string, body: string): Promise<string> {
  const options = ['--store', 'acme', '--source', 'lamps', '--at', '2026-11-18T09:05:00Z'];
  const env = {
    MAPPINGS_DIR: join(folder, 'mappings'),
    LAMPS_SECRET: 'secret-of-the-lamp-shop',
    ACME_GA4_SECRET: 'secret-of-ga4',
  };
  const { out, err } = await runHere(['try', join(folder, 'order.json'), ...options], env);
  const command = `npm run -s tagbridge -- try order.json ${options.join(' ')}`;
  return [fence('json', body), fence('sh', command), fence('text', out + err)].join('\n\n');
}

/** The first guide of a platform, as a list. */
const connect = (platform: string) => () => {
  const [first] = guidesOf(platform);
  return first === undefined ? '' : stepsOf(first);
};

/** What stands between `<!-- generated:NAME -->` and `<!-- /generated -->`, by name. */
export const blocks: Readonly<Record<string, () => string>> = {
  connect_shopify: connect('shopify'),
  connect_woocommerce: connect('woocommerce'),
  destinations: destinationSettings,
  settings,
  store,
  visits,
  fields: () => fields(EVENT_FIELDS),
  items: () => fields(ITEM_FIELDS),
  functions,
  commands: () => fence('text', help()),
};

const block = (name: string) => new RegExp(`(<!-- generated:${name} -->\n)([\\s\\S]*?)(<!-- /generated -->)`);

/** The README with what was made now in the place of what it says. */
export function fill(readme: string, made: Readonly<Record<string, string>>): string {
  return Object.entries(made).reduce((text, [name, content]) => {
    if (!block(name).test(text)) throw new Error(`the README has no part ${name}`);
    return text.replace(block(name), (_, open: string, _old, close: string) => `${open}${content}\n${close}`);
  }, readme);
}

/** The code of all fences in this language, in their order. */
export const fences = (readme: string, language: string): string[] =>
  [...readme.matchAll(/^( *)```(\w+)\n([\s\S]*?)^ *```$/gm)]
    .filter(([, , given]) => given === language)
    .map(([, indent = '', , text = '']) => text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''));
