// The pages under docs/connect: how to connect each platform, made from the guides in its file.
import { readFileSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { Setting } from '../../src/map/files/settings.ts';
import { fillGuides, Guide } from '../../src/map/files/setup.ts';
import { MAPPINGS } from './stores.ts';

export const PAGES = resolve(import.meta.dirname, '../../docs/connect');

const Platform = z.looseObject({
  platform: z.string(),
  title: z.string(),
  settings: z.record(z.string(), Setting).default({}),
  setup: z.array(Guide).min(1),
  entered: z.boolean().default(false),
});
type Platform = z.infer<typeof Platform>;

/** What stands in the store file of the README, for settings without which a source is not right. */
const REQUIRED: Record<string, string> = {
  user: 'tagbridge',
  webhook_id: '0AB12345CD678901E',
  organization_id: '00D000000000001',
  store_hash: 'abc123def4',
  api_token: '"${ACME_SOURCE_TOKEN}"',
};
const SOURCES: Record<string, string> = { woocommerce: 'woo' };

export const readPlatform = (name: string): Platform =>
  Platform.parse(parse(readFileSync(join(MAPPINGS, `${name}.yaml`), 'utf8')));

const sourceOf = (platform: string) => SOURCES[platform] ?? platform;

/** The guides of a platform for the shop of the README. */
export function guidesOf(name: string): Guide[] {
  const { setup } = readPlatform(name);
  const source = sourceOf(name);
  return fillGuides(setup, { url: `https://hooks.acme.example/hooks/acme/${source}`, store: 'acme', source });
}

/** The steps of one guide as a Markdown list. */
export const stepsOf = ({ needs, steps }: Guide): string =>
  [...(needs === undefined ? [] : [`You need: ${needs}.`, '']), ...steps.map((step, at) => `${at + 1}. ${step}`)].join(
    '\n',
  );

const LANGUAGES: Record<string, string> = { '.mjs': 'js', '.liquid': 'liquid' };
function fileOf(name: string): string {
  const text = readFileSync(join(MAPPINGS, 'templates', name), 'utf8').trim();
  const language = LANGUAGES[extname(name)] ?? extname(name).slice(1);
  return `\`mappings/templates/${name}\`\n\n\`\`\`\`${language}\n${text}\n\`\`\`\``;
}

function sourceYaml({ platform, settings, entered }: Platform): string {
  const source = sourceOf(platform);
  if (entered) return `sources:\n  ${source}:\n    platform: ${platform}\n`;
  const required = Object.keys(settings).filter((name) => settings[name]?.required === true);
  const lines = required
    .map((name) => `    ${name}: ${REQUIRED[name]?.replace('SOURCE', source.toUpperCase())}\n`)
    .join('');
  return `sources:\n  ${source}:\n    platform: ${platform}\n    secrets: ["\${ACME_${source.toUpperCase()}_SECRET}"]\n${lines}`;
}

const settingsOf = ({ settings }: Platform): string[] =>
  Object.keys(settings).length === 0
    ? []
    : [
        'What else its source may say there:',
        ['| setting | what |', '| --- | --- |']
          .concat(
            Object.entries(settings).map(
              ([name, { help, required }]) =>
                `| \`${name}\`${required === true ? ' (required)' : ''} | ${help.replaceAll('|', '\\|')} |`,
            ),
          )
          .join('\n'),
      ];

/** The whole page of a platform. */
export function connectPage(name: string): string {
  const platform = readPlatform(name);
  return `${[
    `# Connect ${platform.title}`,
    `<!-- Made from mappings/${name}.yaml by UPDATE_DOCS=1 npx vitest run test/docs.test.ts -->`,
    `The bridge is \`https://hooks.acme.example\` here, the store \`acme\`; yours are other ones. The page *Sources* of your bridge shows the same steps with your own addresses. ${platform.entered ? 'Every store has it; a store file (`mappings/stores/acme.yaml`) needs this only to change something of it' : 'In the store file (`mappings/stores/acme.yaml`)'}:`,
    `\`\`\`yaml\n${sourceYaml(platform)}\`\`\``,
    ...settingsOf(platform),
    ...guidesOf(name).flatMap((guide) => [`## ${guide.title}`, stepsOf(guide), ...(guide.files ?? []).map(fileOf)]),
  ].join('\n\n')}\n`;
}
