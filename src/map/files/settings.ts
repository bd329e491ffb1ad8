// What a source says for the settings its platform file declares: checked by type, completed by what the platform knows.
import { z } from 'zod';
import { EVENT_NAME, isLead, isStandard, misspelt } from '../../event-name.ts';
import { plainWords } from '../../lib/plain-words.ts';
import { tableOf } from '../../lib/table.ts';
import { FOLDERS } from '../asking/url-template.ts';
import type { Locate, Path, Problem } from './files.ts';
import { zodProblems } from './problems.ts';

/** Any legal name but one that is a standard one misspelt. */
export const EventName = z.string().superRefine((name, context) => {
  if (!EVENT_NAME.test(name)) {
    context.addIssue({ code: 'custom', message: 'is no event name: letters, digits and _, at most 40' });
    return;
  }
  // An event that is one letter off a standard name would never show up in Google's lead reports.
  const hint = misspelt(name);
  if (hint !== undefined)
    context.addIssue({ code: 'custom', message: `is no standard event: ${name}`, params: { hint } });
});
const Stages = z.record(
  z.string(),
  z.union([z.literal(['off', false]), EventName], 'write the name of an event, or off'),
);
export const HOST = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/;
const Host = z.string().regex(HOST, 'write the domain alone, in small letters, such as acme.example');
const Site = z
  .string()
  .refine(
    (text) => HOST.test(text.replace(FOLDERS, '')),
    'write the domain, and the folder if it lies in one, such as acme.example/shop',
  );
const TYPES = { host: Host, site: Site, text: z.union([z.string().min(1), z.number(), z.boolean()]), stages: Stages };

export const Setting = z
  .strictObject({
    help: z.string(),
    required: z.boolean().optional(),
    type: z
      .enum(['text', 'host', 'site', 'stages'])
      .default('text')
      .describe(
        'host: a domain; site: a domain, or a folder of one; stages: a table of the stages of a CRM and the events they become, or off',
      ),
    numbered: z
      .literal(true)
      .optional()
      .describe('Stages that the sender knows by their numbers alone, but for those of the default'),
    default: z
      .union([z.string(), z.number(), z.boolean(), Stages])
      .optional()
      .describe('What holds where a store says nothing; the stages of a store are added'),
  })
  .refine(
    ({ type, default: fallback }) => fallback === undefined || (typeof fallback === 'object') === (type === 'stages'),
    {
      path: ['default'],
      message: 'is a table where the type is stages, and only there',
    },
  )
  .describe('A setting of a source, $settings.<name> in expressions');
export type Setting = z.infer<typeof Setting>;

/** Events in the place of stages, as `qualify_lead: Demo`. No CRM calls a stage so, but one may be called refund. */
function turnedAround(stages: unknown): { key: string; hint: string }[] {
  return Object.entries(tableOf(stages)).flatMap(([key, given]) => {
    if (!isLead(key) || isStandard(given) || given === 'off' || given === false) return [];
    const turned = [given].flat().map((stage) => `${JSON.stringify(stage)}: ${key}`);
    return [{ key, hint: `turn it around: { ${turned.join(', ')} }` }];
  });
}

type Reading = { locate: Locate; problems: Problem[]; known: readonly string[] };

/** Tables of stages are laid over each other, and say `off` where nothing shall be sent; anything else is replaced. */
function completed(given: unknown, { type, default: fallback }: Setting): unknown {
  if (type !== 'stages') return given ?? fallback;
  const stages = { ...Stages.parse(fallback ?? {}), ...Stages.parse(given ?? {}) };
  return Object.fromEntries(Object.entries(stages).map(([stage, event]) => [stage, event === false ? 'off' : event]));
}

/** `given` is all that a source says beside the parts of its platform. Mistakes go to `problems`. */
export function readSettings(
  given: Record<string, unknown>,
  declared: Readonly<Record<string, Setting>>,
  { locate, problems, known }: Reading,
): Record<string, unknown> {
  const keys = Object.keys(given).filter((key) => !(key in declared));
  if (keys.length > 0) {
    const issue = { code: 'unrecognized_keys' as const, keys, path: [], message: '', input: given };
    problems.push(...zodProblems([issue], locate, [...known, ...Object.keys(declared)]));
  }
  const settings: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(declared)) {
    const value = given[key];
    const at: Path = [key];
    const turned = setting.type === 'stages' ? turnedAround(value) : [];
    for (const { key: event, hint } of turned) {
      const message = `${key}: ${event} is an event; the stage stands in front, the event behind`;
      problems.push({ ...locate([key, event], true), code: 'INVALID', message, hint });
    }
    if (turned.length > 0) continue;
    const checked = TYPES[setting.type].optional().safeParse(value, { reportInput: true, error: plainWords });
    if (setting.required === true && value === undefined) {
      problems.push({ ...locate([], true), code: 'MISSING', message: `${key} is missing`, hint: setting.help });
    } else if (!checked.success) problems.push(...zodProblems(checked.error.issues, locate, [], at));
    else settings[key] = completed(value, setting);
  }
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
