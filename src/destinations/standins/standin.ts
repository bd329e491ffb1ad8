// What a stand-in for a vendor's server is: a request in, an answer out, and which events it would count.

export type StandinRequest = {
  method: string;
  path: string;
  query: URLSearchParams;
  /** Lower-case names. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  text: string;
  /** Parsed JSON, undefined when the body is none. */
  body: unknown;
  /** Milliseconds, by the stand-in's clock. */
  now: number;
};

/** `taken` names each event the vendor would count as `<event name>:<id>`; refused requests take none. */
export type StandinAnswer = { status: number; type?: string; body?: string; taken: string[] };

export type Behaviour = (request: StandinRequest) => StandinAnswer;

export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A JSON answer. */
export function json(status: number, value: unknown, taken: string[] = []): StandinAnswer {
  return { status, type: 'application/json; charset=UTF-8', body: JSON.stringify(value), taken };
}
