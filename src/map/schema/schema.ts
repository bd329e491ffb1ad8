// The shape of platform and store files as zod schemas: validation, JSON Schemas for editors and types from one place.
import { z } from 'zod';
import type { AlertSettings } from '../../alert/settings.ts';
import { CHANNELS, CONSENT_KEYS, EVENT_FIELDS, type Field, ITEM_FIELDS } from '../../event.ts';
import { UNIT_MS } from '../../lib/duration.ts';
import type { VerifySettings } from '../../verify/verify.ts';
import { fieldHint } from '../files/field-hint.ts';
import { Setting } from '../files/settings.ts';
import { Guide } from '../files/setup.ts';
import { createDestinationSchema } from './destination.ts';
import { Example } from './example.ts';
import { Listing, Lookup } from './lookup.ts';
import { createRequestSchema } from './request.ts';
import { Age } from './time.ts';
import { Visits } from './visits.ts';
import { Webhooks } from './webhooks.ts';
import { Expression, When } from './when.ts';

export const Name = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'use lower-case letters, digits, - and _');
/** One expression, a plain value, or several expressions of which the first that gives a value counts. */
const FieldValue = z
  .union(
    [Expression, z.number(), z.boolean(), z.array(Expression).min(1)],
    'write an expression or a list of them; parts of a field have a dot in its name, such as user_data.email_address',
  )
  .describe('A JSONata expression, or a list of them: the first that gives a value');
const Off = z.literal(['off', false]).describe('Switches this part off');
const On = z.literal(['on', true]).describe('Switches this part on, where it is off by itself');
const change = (...also: z.ZodType[]) => z.union([Off, ...also, z.looseObject({})]);

const laidOver = (name: z.ZodString, what: string, part = change()) =>
  z.record(name, part).optional().describe(`Laid over the ${what} of the platform; off takes one away`);

/** As requests name it, without what may stand behind it. */
const ContentType = z
  .string()
  .regex(
    /^[a-z]+\/[a-z0-9.+-]+$/,
    'write a content type in small letters and without charset, such as application/json',
  );

/** A table keyed by field names: completes in editors, refuses unknown names with the nearest known one. */
function fieldTable(known: Record<string, Field>, extra: Record<string, z.ZodType> = {}) {
  const shape = Object.fromEntries(
    Object.entries(known).map(([name, { help }]) => [name, FieldValue.optional().describe(help)]),
  );
  return z
    .object({ ...shape, ...extra })
    .catchall(FieldValue)
    .superRefine((table, ctx) => {
      const names = [...Object.keys(shape), ...Object.keys(extra)];
      for (const key of Object.keys(table)) {
        if (names.includes(key) || /^custom\.[A-Za-z][A-Za-z0-9_]*$/.test(key)) continue;
        ctx.addIssue({
          code: 'custom',
          path: [key],
          message: `unknown field ${key}`,
          params: { hint: fieldHint(key, names) },
        });
      }
    });
}

export const Items = z.strictObject({ each: Expression, fields: fieldTable(ITEM_FIELDS) });
/** Fields an app may tell of an order. */
export const AppFields = fieldTable(EVENT_FIELDS);
const Fields = fieldTable(EVENT_FIELDS, { items: Items.optional() });
const Lets = z
  .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), Expression)
  .describe('Named values for the expressions of this rule, used as $name');

export const Rule = z.strictObject({
  topics: z.array(z.string().min(1)).min(1).optional().describe('Only hooks of these topics; * stands for anything'),
  when: When.optional(),
  key: Expression.optional().describe('The business id that makes the event unique, such as the order id'),
  keys: z
    .array(Expression)
    .min(1)
    .optional()
    .describe('Instead of key: several ids that all name this event, such as those of an order and of its payment'),
  wait: Expression.optional().describe(
    'How long a hook that tells the same event better may still come before this one makes it, such as "2m"; nothing for at once',
  ),
  emit: z
    .string()
    .regex(/^(\$.+|[A-Za-z][A-Za-z0-9_]{0,39})$/s, 'write an event name, or an expression that begins with $')
    .optional()
    .describe('The event this rule makes, or an expression with $ in front that names it; its own name unless given'),
  enabled: z
    .boolean()
    .optional()
    .describe(
      'false: the rule works only in stores that name it, as by purchase: on; a when of theirs replaces its own',
    ),
  each: Expression.optional().describe('Makes one event per element'),
  let: Lets.optional(),
  set: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()], 'write a text, a number, true or false'))
    .optional()
    .describe('Fields that always have the same value'),
  fields: Fields.optional().describe('What each field of the event is read from'),
});
export type Rule = z.infer<typeof Rule>;

const Handshake = z.strictObject({
  when: When.describe('Tests over method, content_type, query and body of the request'),
  answer: z.strictObject({
    status: z.number().int(),
    type: z.string().optional(),
    body: z.string().optional(),
    expression: Expression.optional(),
  }),
});
const Answer = z.strictObject({
  when: When.optional().describe('Tests over method, content_type and query of the request'),
  type: z.string(),
  body: z.string(),
});
const HookPart = z
  .strictObject({
    topic: FieldValue.optional().describe('What the hook is about, such as orders/paid'),
    delivery_id: FieldValue.optional().describe('The same when the hook is sent again'),
    test: FieldValue.optional().describe('True for a test order'),
  })
  .describe('Where a hook says what it is about');
const events = z.record(Name, Rule).describe('The rules: which hooks make which events, and from what');
const Request = createRequestSchema(FieldValue);
const Destination = createDestinationSchema(Name);
const LookupName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'use letters, digits and _');

/** Builds the schemas; those of signature settings and of alerts are owned by the stages verify and alert. */
export function createSchemas(verify: z.ZodType<VerifySettings>, alerts: z.ZodType<AlertSettings>) {
  const parts = {
    accepts: z.array(ContentType).min(1).optional().describe('Content types; application/json unless given'),
    verify: z
      .union([verify, z.array(verify).min(1)], 'write a table with a scheme, or a list of them')
      .optional()
      .describe('How a sender proves who it is; of a list the first that a request has something for'),
    handshakes: z.record(Name, Handshake).optional().describe('Requests that are answered and are no hooks'),
    answer: z
      .union([Answer, z.array(Answer).min(1)])
      .optional()
      .describe('What a kept hook is answered with; of a list the first whose tests hold'),
    strip: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('Fields, at any depth, whose values are never kept; a store can only add to them'),
    hook: HookPart.optional(),
    split: Expression.optional().describe('The records of a hook that carries several'),
    defaults: z
      .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), Expression)
      .optional()
      .describe(
        'Fields that are filled where a record comes without them, for senders that name one thing differently',
      ),
    lookups: z.record(LookupName, Lookup).optional().describe('What to ask the API of the sender about a record'),
    reconcile: z
      .record(LookupName, Listing)
      .optional()
      .describe('What the API of the sender lists, to fetch what no webhook told of'),
    webhooks: Webhooks.optional().describe('How to ask the sender which webhooks it has'),
    requests: z.record(z.string().min(1), Request).optional().describe('Topics that ask to erase or report'),
    attributes: Expression.optional().describe(
      'The names and values that other apps leave on a record, as $attributes',
    ),
    let: Lets.optional(),
    no_event: Expression.optional().describe(
      'Says in words why a record makes no event; without it the tests that did not hold are named',
    ),
    fields: Fields.optional().describe('Fields that all rules share; what a rule says itself goes first'),
    max_age: Age.optional().describe('In place of the store’s own max_age, for what is told long after it happened'),
  };
  const Platform = z.strictObject({
    platform: Name.describe('The name by which stores know this kind of sender'),
    title: z.string().describe('Name for people').optional(),
    ...parts,
    hook: HookPart,
    settings: z.record(Name, Setting).optional(),
    mistaken_secrets: z
      .record(z.string().min(1), z.string().min(1))
      .optional()
      .describe('What is often given in the place of the secret, such as "sk_*", and in words what it is'),
    entered: z
      .literal(true)
      .optional()
      .describe(
        'Its hooks are entered here, on the pages, by the API or from a file: each store has it as a source of this name, without a secret, and nothing from outside is taken',
      ),
    ids_repeat: z
      .literal(true)
      .optional()
      .describe('Every shop or account of it counts its orders or leads from the same number, so that ids repeat'),
    setup: z.array(Guide).min(1).optional().describe('How people connect it, one guide for each way'),
    topics: z.record(z.string(), z.string()).optional().describe('Topics that make no event, and why'),
    farewells: z
      .record(z.string(), z.string())
      .optional()
      .describe('Topics that say that no more hooks will come, and why; alerts tell it until one comes'),
    events,
    examples: z.array(Example).optional().describe('Bodies and what must become of them; tagbridge check runs them'),
  });
  const ruleOverride = z.union(
    [
      Off,
      On,
      Rule.extend({
        when: z.looseObject({}).describe('Tests laid over those of the rule; off takes one away'),
        set: z.looseObject({}).describe('Fields that always have the same value'),
        fields: z.looseObject({}).describe('Laid over the fields of the rule; off takes one away'),
        let: z.looseObject({}).describe('Named values for the expressions of this rule, used as $name'),
      }).partial(),
    ],
    'write off, on, or a table of what is to change',
  );
  const Source = z.looseObject({
    platform: Name.describe('The kind of sender'),
    secrets: z
      .array(z.string().min(1))
      .min(1, 'name at least one secret')
      .optional()
      .describe('What its sender signs with or sends along; needed unless its hooks are entered here'),
    ...parts,
    lookups: laidOver(LookupName, 'look-ups'),
    reconcile: laidOver(LookupName, 'lists', change(On)),
    webhooks: z
      .union([Off, z.literal('mend'), z.looseObject({})], 'write mend, off, or a table')
      .optional()
      .describe('mend: those that the sender switched off are switched on again; off: it is not asked'),
    requests: laidOver(z.string(), 'requests'),
    fields: z.looseObject({}).optional().describe('Laid over the fields that all rules share; off takes one away'),
    events: z.record(Name, ruleOverride).optional().describe('Laid over the rules of the platform; off takes one away'),
  });
  const include = (what: string) => z.literal(['include', 'exclude']).default('exclude').describe(what);
  const Store = z.strictObject({
    store: Name.describe('Name of the store, part of its hook address'),
    title: z.string().optional().describe('Name for people'),
    country: z
      .string()
      .regex(/^[A-Z]{2}$/, 'write two capital letters, such as NL')
      .optional()
      .describe('For phone numbers without a country code, where the order names no country'),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, 'write three capital letters, such as EUR')
      .optional()
      .describe('Only for senders that name none'),
    value: z
      .strictObject({ tax: include('Whether tax counts'), shipping: include('Whether shipping counts') })
      .default({ tax: 'exclude', shipping: 'exclude' })
      .describe('What counts into the value of an order, for every destination'),
    money: z.literal(['shop', 'presentment']).default('shop').describe('The shop’s settlement currency or the buyer’s'),
    channels: z.array(z.enum(CHANNELS)).min(1).default(['online', 'phone']).describe('Which orders count'),
    zero_value: z.literal(['ignore', 'send']).default('ignore').describe('Orders of value 0'),
    test_orders: z.literal(['ignore', 'send']).default('ignore').describe('Test orders'),
    max_age: Age.default(7 * UNIT_MS.d).describe('What happened longer ago when its hook arrives makes no event'),
    consent: z
      .strictObject({
        default: z.literal(['granted', 'denied']).optional().describe('Where the order says nothing'),
        require: z
          .record(Name, z.array(z.enum(CONSENT_KEYS)))
          .optional()
          .describe('What must be granted before a destination gets an event'),
      })
      .default({})
      .describe('What a buyer who was not asked agreed to, and what each destination needs'),
    visits: Visits.optional().describe('Joins orders and leads to the visits that the script on your pages tells of'),
    read_also: z
      .array(Name)
      .optional()
      .describe(
        'Apps whose ids on the order are read too, by their files in read_also/; what the platform finds goes first',
      ),
    sources: z.record(Name, Source).describe('Who sends; the name is part of the hook address'),
    destinations: z
      .record(Name, Destination)
      .describe('Who receives; ga4, meta, sgtm, google_ads and tiktok, or another name with type:'),
    alerts: alerts
      .default({ ignore: [] })
      .describe(
        'Whom to tell what goes wrong with this store: slack, discord, teams, email, webhook; ignore: what not to tell',
      ),
    examples: z.array(Example).optional().describe('Bodies and what must become of them; tagbridge check runs them'),
  });
  return { Platform, Store };
}
export type Schemas = ReturnType<typeof createSchemas>;
export type PlatformFile = z.infer<Schemas['Platform']>;
export type StoreFile = z.infer<Schemas['Store']>;
