// Offers routes of the API to assistants as tools: the same schemas and the same handlers, in the form that MCP has for them.
import { z } from 'zod';
import type { Token } from '../../keep/questions/tokens.ts';
import type { Gate } from '../api/gate.ts';
import { FAILED } from '../api/http.ts';
import { type ApiRoute, NO_BODY, type Outcome, type Problem } from '../api/route.ts';

type Arguments = Readonly<Record<string, unknown>>;
export type ToolResult = {
  content: { type: 'text'; text: string }[];
  structuredContent?: Record<string, unknown>;
  isError?: boolean;
};
export type Tools = ReturnType<typeof createTools>;
export type ToolsParts = { routes: readonly ApiRoute[]; gate: Gate; onError: (error: unknown) => void };

const Table = z.looseObject({
  properties: z.record(z.string(), z.record(z.string(), z.json())).default({}),
  required: z.array(z.string()).default([]),
});
/** Without patterns: assistants read every word, and those of times are longer than all the others; `run` checks them anyway. */
const schemaOf = (part: z.ZodType) =>
  Table.parse(z.toJSONSchema(part, { io: 'input', override: ({ jsonSchema }) => void delete jsonSchema.pattern }));

/** One table of all that the route takes, wherever it stands in a request. */
function inputSchema({ params, query, body }: ApiRoute) {
  const parts = [params, query, ...(body === NO_BODY ? [] : [body])].map(schemaOf);
  return {
    type: 'object' as const,
    properties: Object.fromEntries(parts.flatMap(({ properties }) => Object.entries(properties))),
    required: parts.flatMap(({ required }) => required),
    additionalProperties: false,
  };
}

function describe(route: ApiRoute) {
  const reads = route.method === 'get';
  return {
    name: route.id,
    description: `${route.summary}. ${route.tool}`,
    inputSchema: inputSchema(route),
    // What is sent to a receiver cannot be taken back, so people are to be asked before.
    annotations: { readOnlyHint: reads, destructiveHint: !reads, idempotentHint: reads, openWorldHint: !reads },
  };
}

/** An id of digits often comes as a number. One that is too long for a number stays one, and is refused: it has lost digits. */
function asTexts(given: Arguments, properties: Record<string, Record<string, unknown>>): Arguments {
  const isSafe = (value: unknown) => Number.isSafeInteger(value) || typeof value === 'boolean';
  const entries = Object.entries(given).map(([name, value]) => {
    const wanted = Object.hasOwn(properties, name) ? properties[name]?.type : undefined;
    return [name, wanted === 'string' && isSafe(value) ? String(value) : value];
  });
  return Object.fromEntries(entries);
}

/** Puts each argument where the route looks for it. Those it does not know stand where they are refused. */
function placed({ params, query, body }: ApiRoute, given: Arguments) {
  const only = (fits: (name: string) => boolean) => Object.fromEntries(Object.entries(given).filter(([n]) => fits(n)));
  const isParam = (name: string) => Object.hasOwn(params.shape, name);
  const inQuery = (name: string) => !isParam(name) && (body === NO_BODY || Object.hasOwn(query.shape, name));
  return {
    params: only(isParam),
    query: only(inQuery),
    body: body === NO_BODY ? undefined : only((name) => !isParam(name) && !inQuery(name)),
  };
}

const said = (text: string): ToolResult => ({ content: [{ type: 'text', text }] });

const refusal = ({ detail, errors = [], retryAfter }: Problem): ToolResult => {
  // Arguments stand in no part of a request, and an unknown one has no name of its own.
  const fields = errors.map(({ field, detail: words }) =>
    `${field}: ${words}`.replace(/^(path|query|body)(\.|: )/, ''),
  );
  const again = retryAfter === undefined ? [] : [`Try again in ${retryAfter} seconds.`];
  return { ...said([detail, ...fields, ...again].join('\n')), isError: true };
};

function resultOf(outcome: Outcome<unknown>): ToolResult {
  if (outcome.kind === 'problem') return refusal(outcome);
  const json: unknown = outcome.kind === 'json' ? outcome.json : undefined;
  return { ...said(JSON.stringify(json)), structuredContent: z.record(z.string(), z.unknown()).parse(json) };
}

export function createTools({ routes, gate, onError }: ToolsParts) {
  const offered = routes.filter(({ tool }) => tool !== undefined).map((route) => ({ route, tool: describe(route) }));
  return {
    /** Those that the token's scopes allow. */
    list: ({ scopes }: Token) => offered.flatMap(({ route, tool }) => (scopes.includes(route.scope) ? [tool] : [])),
    /** Undefined where there is no such tool. What goes wrong is told as a result, which assistants read. */
    call: async (token: Token, name: string, given: Arguments): Promise<ToolResult | undefined> => {
      const found = offered.find((one) => one.tool.name === name);
      if (found === undefined) return undefined;
      const { route, tool } = found;
      try {
        const asked = placed(route, asTexts(given, tool.inputSchema.properties));
        const known = route.params.safeParse(asked.params);
        const detail = known.success ? Object.values(known.data).join(' ') : '';
        const refused = await gate.refuse(token, route, detail);
        return resultOf(refused ?? (await route.run({ token, ...asked, key: undefined })));
      } catch (error) {
        onError(error);
        return refusal(FAILED);
      }
    },
  };
}
