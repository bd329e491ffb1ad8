// The description of the API for other programs (OpenAPI 3.1), made of the schemas that requests are parsed with.
import { z } from 'zod';
import { type ApiRoute, CSV, NO_BODY, PROBLEMS, type ProblemStatus } from './route.ts';
import { SCHEMAS } from './schemas.ts';

type Json = Record<string, unknown>;

const without = ({ $schema, $id, ...schema }: Json): Json => schema;
const inline = (schema: z.core.$ZodType): Json => without(z.toJSONSchema(schema, { io: 'input' }));

/** Schemas by name, which refer to each other. */
function components(): Record<string, Json> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(SCHEMAS)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { uri: (id) => `#/components/schemas/${id}`, io: 'output' });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, without({ ...schema })]));
}

const refTo = (schema: z.ZodType): Json => {
  const name = Object.entries(SCHEMAS).find(([, one]) => one === schema)?.[0];
  if (name === undefined) throw new Error('an answer of the API has no name in SCHEMAS');
  return { $ref: `#/components/schemas/${name}` };
};

function parameters(schema: z.ZodObject, place: 'path' | 'query'): Json[] {
  return Object.entries(schema.shape).map(([name, one]) => {
    const { description, ...rest } = inline(one);
    const required = place === 'path' || !z.safeParse(one, undefined).success;
    return { name, in: place, required, schema: rest, ...(description !== undefined && { description }) };
  });
}

const KEY_HEADER = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'A text of your own, with or without quotes around it: the same request under the same key is done once and answered the same for a day',
  schema: { type: 'string', minLength: 1, maxLength: 202, pattern: '^"?[\\x21\\x23-\\x7e]{1,200}"?$' },
};

/** What each route may answer besides: what was asked wrongly, by whom, how often, or while something was down. */
const ALWAYS: readonly ProblemStatus[] = [400, 401, 403, 429, 503];
const WITH_BODY: readonly ProblemStatus[] = [413, 415];
const WITH_KEY: readonly ProblemStatus[] = [409, 422];

function problemsOf({ problems, body, keyed }: ApiRoute): ProblemStatus[] {
  const all = [...ALWAYS, ...problems, ...(body === NO_BODY ? [] : WITH_BODY), ...(keyed ? WITH_KEY : [])];
  return [...new Set(all)].sort((a, b) => a - b);
}

const problemAnswer = (status: ProblemStatus): [string, Json] => [
  String(status),
  {
    description: PROBLEMS[status],
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/ProblemDetails' } } },
  },
];

function operation(route: ApiRoute): Json {
  const { id, summary, scope, params, query, body, answer, keyed } = route;
  const content =
    answer === CSV ? { 'text/csv': { schema: { type: 'string' } } } : { 'application/json': { schema: refTo(answer) } };
  return {
    operationId: id,
    summary,
    description: `Needs a token with the scope \`${scope}\`.`,
    parameters: [...parameters(params, 'path'), ...parameters(query, 'query'), ...(keyed ? [KEY_HEADER] : [])],
    ...(body !== NO_BODY && {
      requestBody: { required: true, content: { 'application/json': { schema: inline(body) } } },
    }),
    responses: { 200: { description: 'Done', content }, ...Object.fromEntries(problemsOf(route).map(problemAnswer)) },
  };
}

/** `base` is the path under which the admin port's things lie. */
export function openApi(routes: readonly ApiRoute[], base: string): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) paths[route.path] = { ...paths[route.path], [route.method]: operation(route) };
  return {
    openapi: '3.1.0',
    info: {
      title: 'tagbridge',
      version: '1',
      description:
        'What the pages show and do, for other programs. Personal data is masked unless it is asked for; every change and every look at it is in the audit.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: `${base}/api` }],
    security: [{ token: [] }],
    paths,
    components: {
      schemas: components(),
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'Made on the page API tokens' } },
    },
  };
}
