// The lists of the README that name platforms by hand: each platform stands in those it belongs to, and in no other.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { guidesOf } from './support/connect.ts';
import { README } from './support/docs.ts';
import { MAPPINGS } from './support/stores.ts';

const readme = readFileSync(README, 'utf8');
const Platform = z.looseObject({
  platform: z.string(),
  title: z.string(),
  entered: z.boolean().default(false),
  ids_repeat: z.boolean().default(false),
  settings: z.record(z.string(), z.unknown()).default({}),
  lookups: z.record(z.string(), z.looseObject({ auth: z.unknown() })).default({}),
  reconcile: z.unknown().optional(),
  webhooks: z.unknown().optional(),
});
type Platform = z.infer<typeof Platform>;
const platforms = readdirSync(MAPPINGS)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => Platform.parse(parse(readFileSync(join(MAPPINGS, name), 'utf8'))))
  .filter(({ entered }) => !entered);

/** What stands below a heading, or the one line that holds a text. */
function part(mark: string): string {
  const found = mark.startsWith('## ')
    ? readme.split(`\n${mark}\n`)[1]?.split('\n## ')[0]
    : readme.split('\n').find((line) => line.includes(mark));
  if (found === undefined) throw new Error(`the README has no "${mark}" any more; name its new place in this test`);
  return found;
}

const has = (mark: string, text: string) => part(mark).includes(text);
const linked = (mark: string) => (it: Platform) => has(mark, `docs/connect/${it.platform}.md)`);
const named = (mark: string) => (it: Platform) => has(mark, it.title.split(/[ ,]/)[0] ?? '');
const hasOwnSteps = ({ platform }: Platform) => readme.includes(`<!-- generated:connect_${platform} -->`);

/** The settings that its look-ups prove themselves by. */
const askedWith = ({ lookups, settings }: Platform) =>
  Object.keys(settings).filter((name) =>
    Object.values(lookups).some(({ auth }) => new RegExp(`"${name}"[,\\]}]`).test(JSON.stringify(auth))),
  );
const clickLink = ({ platform }: Platform) => {
  const title = guidesOf(platform).find((guide) => guide.title.startsWith('Bring the click'))?.title;
  return title && `docs/connect/${platform}.md#${title.toLowerCase().replaceAll(' ', '-')})`;
};

const CONNECT = '## Connect CRMs, Magento and payment providers';
const rowOf = ({ platform }: Platform) =>
  part(CONNECT)
    .split('\n')
    .find((line) => line.includes(`docs/connect/${platform}.md)`)) ?? '';
const LOST = '## When webhooks get lost';
const CLICK = '## Bring the click onto the order';
const LISTS: [list: string, belongs: (it: Platform) => boolean, stands: (it: Platform) => boolean][] = [
  [`the table under "${CONNECT}"`, (it) => !hasOwnSteps(it), linked(CONNECT)],
  [
    `the settings of its look-ups, in its row under "${CONNECT}"`,
    (it) => !hasOwnSteps(it) && askedWith(it).length > 0,
    (it) => askedWith(it).some((name) => rowOf(it).includes(`\`${name}\``)),
  ],
  [`those that are compared (reconcile:), under "${LOST}"`, ({ reconcile }) => reconcile !== undefined, linked(LOST)],
  [
    `those whose webhooks are asked for (webhooks:), under "${LOST}"`,
    ({ webhooks }) => webhooks !== undefined,
    named('**Are its webhooks still on?**'),
  ],
  [
    `the table under "${CLICK}"`,
    (it) => clickLink(it) !== undefined,
    (it) => has(CLICK, clickLink(it) ?? `docs/connect/${it.platform}.md`),
  ],
  [
    'those with a file for every shop (ids_repeat:), under "## Set it up"',
    (it) => it.ids_repeat,
    named('a file of its own:'),
  ],
];

test.each(LISTS)('the README names the right platforms in %s', (list, belongs, stands) => {
  const wrong = platforms.flatMap((it) => {
    if (belongs(it) === stands(it)) return [];
    const said = belongs(it) ? 'belongs into' : 'does not belong into';
    return [`${it.title} (mappings/${it.platform}.yaml) ${said} ${list}`];
  });
  expect(wrong).toEqual([]);
});
