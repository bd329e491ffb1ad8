// Examples beside a mapping: a body and what must become of it, with the differences in words.
import { z } from 'zod';
import type { Event } from '../event.ts';
import { isTable } from '../lib/table.ts';
import type { Known } from './asking/lookup.ts';
import { prepareBody } from './body.ts';
import { type MappingFile, type Path, type Problem, whereIn } from './files/files.ts';
import type { Source } from './files/source.ts';
import { type MapResult, mapHook } from './map.ts';
import { Example } from './schema/example.ts';
import { showValue } from './show.ts';

/** An example and where it is written. `path` leads to it in its file. */
export type WrittenExample = { example: Example; file: MappingFile; path: Path; source: Source };
/** `path` leads from the example to what was expected. */
export type Difference = { path: Path; message: string };
export type Body = { bytes: Uint8Array; contentType: string };

/** The examples of a file that is right; `sources` are those they may be about. */
export function examplesOf(
  file: MappingFile,
  sources: ReadonlyMap<string, Source>,
  problems: Problem[],
): WrittenExample[] {
  const given = isTable(file.value) ? file.value.examples : undefined;
  const examples = z.array(Example).safeParse(given).data ?? [];
  const [only] = sources.size === 1 ? sources.values() : [];
  return examples.flatMap((example, index) => {
    const path: Path = ['examples', index];
    const source = example.source === undefined ? only : sources.get(example.source);
    if (source !== undefined) return [{ example, file, path, source }];
    const message = example.source === undefined ? 'source is missing' : `there is no source ${example.source}`;
    const hint = `known: ${[...sources.keys()].join(', ')}`;
    problems.push({ ...whereIn(file)([...path, 'source']), code: 'EXAMPLE', message, hint });
    return [];
  });
}

const hasTopic = ({ topic }: Example, { topicHeader }: Source) => topic === undefined || topicHeader !== undefined;

function headersOf({ topic, headers }: Example, { topicHeader }: Source, contentType: string): Record<string, string> {
  const named = topic === undefined || topicHeader === undefined ? {} : { [topicHeader]: topic };
  return { 'content-type': contentType, ...named, ...headers };
}

/** Answers by the names of look-ups, as if the sender's API had given them: without nulls and empty texts. */
export function answeredBy(answers: Readonly<Record<string, unknown>>): Known {
  return ({ lookup: { name } }) => {
    const answer = Object.hasOwn(answers, name) ? prepareBody(structuredClone(answers[name])) : undefined;
    return answer !== undefined && 'value' in answer ? { answer: answer.value } : { lacks: 'no answer is given here' };
  };
}

/** A value of an event by its dotted path. */
function valueAt(event: unknown, path: string): unknown {
  if (!isTable(event)) return undefined;
  if (Object.hasOwn(event, path)) return event[path];
  const [head = '', ...rest] = path.split('.');
  return rest.length === 0 ? undefined : valueAt(event[head], rest.join('.'));
}

/** Times are the same instant however they are written; any other value is the same text or number. */
function isSame(path: string, expected: unknown, given: unknown): boolean {
  if (path === 'event_time') return Date.parse(String(expected)) === Date.parse(String(given));
  return String(expected) === String(given);
}

/** `prefix` is where the value stands in the event, `path` where it is expected. */
function compare(expected: unknown, given: unknown, prefix: string, path: Path): Difference[] {
  if (Array.isArray(expected)) {
    const list = Array.isArray(given) ? given : [];
    if (list.length !== expected.length)
      return [{ path, message: `${prefix} has ${list.length} entries, expected ${expected.length}` }];
    return expected.flatMap((one, index) => compare(one, list[index], `${prefix}[${index}]`, [...path, index]));
  }
  if (isTable(expected))
    return Object.entries(expected).flatMap(([key, inner]) =>
      compare(inner, valueAt(given, key), prefix === '' ? key : `${prefix}.${key}`, [...path, key]),
    );
  if (expected === null ? given === undefined : given !== undefined && isSame(prefix, expected, given)) return [];
  const show = (value: unknown) => showValue(prefix, value, { showData: false });
  return [{ path, message: `${prefix} is ${show(given)}, expected ${show(expected ?? undefined)}` }];
}

const namesOf = (events: readonly Event[]) =>
  events.length === 0 ? 'none' : events.map(({ name }) => name).join(', ');

function compareAll({ expect }: Example, { verdict, reason, events }: MapResult): Difference[] {
  const because = reason === undefined ? '' : ` (${reason})`;
  const differences: Difference[] = [];
  if (expect.verdict !== undefined && expect.verdict !== verdict)
    differences.push({ path: ['verdict'], message: `the hook is ${verdict}${because}, expected ${expect.verdict}` });
  if (expect.reason !== undefined && reason?.includes(expect.reason) !== true)
    differences.push({ path: ['reason'], message: `the reason is "${reason ?? ''}", expected "${expect.reason}"` });
  if (expect.events === undefined) return differences;
  const made = events.map(({ event }) => event);
  if (made.length !== expect.events.length) {
    const message = `it makes ${made.length} events: ${namesOf(made)}${because}; expected ${expect.events.length}`;
    return [...differences, { path: ['events'], message }];
  }
  const inEvents = expect.events.flatMap((one, index) => compare(one, made[index], '', ['events', index]));
  return [...differences, ...inEvents];
}

/** Maps the example's body and tells where what becomes of it is not what is expected. `now` is its arrival unless it has one. */
export async function runExample(example: Example, source: Source, body: Body, now: number): Promise<Difference[]> {
  if (!hasTopic(example, source))
    return [{ path: ['topic'], message: 'the platform names no header for the topic; it must be in the body' }];
  const { at } = example;
  const ageless = { ...source, policies: { ...source.policies, max_age: Number.POSITIVE_INFINITY } };
  const incoming = {
    headers: headersOf(example, source, body.contentType),
    body: body.bytes,
    received_at: at === undefined ? now : Date.parse(at),
  };
  const mapped = await mapHook(at === undefined ? ageless : source, incoming, answeredBy(example.answers ?? {}));
  return compareAll(example, mapped).map(({ path, message }) => ({ path: ['expect', ...path], message }));
}
