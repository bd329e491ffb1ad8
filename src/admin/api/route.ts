// What an API route is: one schema of what comes in and one of what goes out, which also make its description for others.
import { z } from 'zod';
import type { Scope, Token } from '../../keep/questions/tokens.ts';

/** Why there is no answer, in plain words; `errors` name the fields. */
export type Problem = {
  kind: 'problem';
  status: ProblemStatus;
  detail: string;
  errors?: FieldError[];
  retryAfter?: number;
};
export type FieldError = { field: string; detail: string };
export type Outcome<A> =
  | { kind: 'json'; json: A }
  | { kind: 'csv'; name: string; text: AsyncIterable<string> }
  | Problem;

/** What may go wrong, as HTTP names it. */
export const PROBLEMS = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
} as const;
export type ProblemStatus = keyof typeof PROBLEMS;

export const json = <A>(value: A): Outcome<A> => ({ kind: 'json', json: value });
export const problem = (status: ProblemStatus, detail: string, more: Partial<Problem> = {}): Problem => ({
  kind: 'problem',
  status,
  detail,
  ...more,
});

export const refusedFor = (errors: FieldError[]): Problem =>
  problem(400, 'The request is not as it should be; see errors.', { errors });

/** What a request carries, not looked at yet. */
export type Raw = { token: Token; params: unknown; query: unknown; body: unknown; key: string | undefined };
export type ApiRoute = {
  method: 'get' | 'post';
  /** With parameters in braces, such as `/hooks/{id}`. */
  path: string;
  id: string;
  summary: string;
  /** Where it is a tool for assistants: when to use it, and what is easily taken wrong in its answer. */
  tool?: string;
  scope: Scope;
  params: z.ZodObject;
  query: z.ZodObject;
  /** `NO_BODY` where none is read. */
  body: z.ZodType;
  /** `CSV` where it is no JSON. */
  answer: z.ZodType;
  /** Beyond those that every route may answer. */
  problems: readonly ProblemStatus[];
  /** May be sent again under the same `Idempotency-Key` without being done twice. */
  keyed: boolean;
  run: (raw: Raw) => Promise<Outcome<unknown>>;
};

export const NO_BODY = z.undefined();
export const CSV = z.string();
/** What most routes have none of. */
export const PLAIN = {
  params: z.strictObject({}),
  query: z.strictObject({}),
  body: NO_BODY,
  problems: [],
  keyed: false,
} as const;

type Spec<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType, A extends z.ZodType> = Omit<
  ApiRoute,
  'run'
> & {
  params: P;
  query: Q;
  body: B;
  answer: A;
  run: (asked: {
    token: Token;
    params: z.output<P>;
    query: z.output<Q>;
    body: z.output<B>;
    /** The Idempotency-Key it came with. */
    key: string | undefined;
  }) => Promise<Outcome<z.input<A>>>;
};

const errorsIn = (part: string, error: z.ZodError | undefined): FieldError[] =>
  (error?.issues ?? []).map(({ path, message }) => ({ field: [part, ...path].join('.'), detail: message }));

/** A route whose `run` gets what its schemas made of the request, and is not run where they refuse it. */
export function route<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType, A extends z.ZodType>(
  spec: Spec<P, Q, B, A>,
): ApiRoute {
  return {
    ...spec,
    run: async ({ token, key, ...raw }) => {
      const params = spec.params.safeParse(raw.params);
      const query = spec.query.safeParse(raw.query);
      const body = spec.body.safeParse(raw.body);
      if (params.success && query.success && body.success)
        return spec.run({ token, params: params.data, query: query.data, body: body.data, key });
      const errors = [
        ...errorsIn('path', params.error),
        ...errorsIn('query', query.error),
        ...errorsIn('body', body.error),
      ];
      return refusedFor(errors);
    },
  };
}
