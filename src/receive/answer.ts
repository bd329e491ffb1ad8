// What a sender is told: little, always the same, and never why a signature failed.

/** An HTTP answer; `close` ends the connection. */
export type Answer = {
  status: number;
  body: string;
  type?: string;
  retryAfter?: number;
  allow?: string;
  close?: boolean;
};

const json = (status: number, value: Record<string, unknown>, extra: Partial<Answer> = {}): Answer => ({
  status,
  body: JSON.stringify(value),
  ...extra,
});

export const ANSWERS = {
  kept: json(200, { status: 'ok' }),
  duplicate: json(200, { status: 'duplicate' }),
  badRequest: json(400, { error: 'bad request' }, { close: true }),
  unauthorized: json(401, { error: 'unauthorized' }),
  notFound: json(404, { error: 'not found' }),
  methodNotAllowed: json(405, { error: 'method not allowed' }, { allow: 'POST' }),
  tooLarge: json(413, { error: 'body too large' }, { close: true }),
  unsupportedType: json(415, { error: 'unsupported content type' }),
  unsupportedEncoding: json(415, { error: 'unsupported content encoding' }),
  unavailable: json(503, { error: 'try again later' }, { retryAfter: 5 }),
} as const satisfies Record<string, Answer>;
