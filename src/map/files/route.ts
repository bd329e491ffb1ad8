// A store's destinations: settings checked by the destination itself, and the store's own conditions compiled.
import { z } from 'zod';
import type { Event } from '../../event.ts';
import { nearest } from '../../lib/nearest.ts';
import { plainWords } from '../../lib/plain-words.ts';
import type { Destination } from '../../types.ts';
import { type CompiledCondition, compileCondition } from '../condition.ts';
import { compileAt, type RuleContext } from '../rule.ts';
import { evaluateIn, untilSettled } from '../run.ts';
import type { StoreFile } from '../schema/schema.ts';
import type { Path } from './files.ts';
import { zodProblems } from './problems.ts';

type Entry = StoreFile['destinations'][string];
/** One destination of one store, ready to build and judge requests. */
export type Route = {
  store: string;
  name: string;
  account: string;
  destination: Destination;
  settings: unknown;
  send: readonly string[] | undefined;
  when: CompiledCondition | undefined;
  max_age: number | undefined;
  /** Requests per second. */
  rate: number | undefined;
  /** Waits between tries, in milliseconds, in place of the destination's own. */
  schedule: readonly number[] | undefined;
  breaker: Entry['breaker'];
  retry_ambiguous: boolean;
};
/** A destination's `when` looks at our event, whatever the sender sends. */
const LOOK = 'its trace shows which fields the event has';
const COMMON = ['type', 'send', 'when', 'max_age', 'rate', 'retry', 'breaker', 'retry_ambiguous'];
const keysOf = (destination: Destination) => [
  ...Object.keys(z.toJSONSchema(destination.settings, { io: 'input', unrepresentable: 'any' }).properties ?? {}),
  ...COMMON,
];

/** Compiles `destinations.<name>` of a store file; mistakes go to the context. */
export function compileRoute(
  store: string,
  name: string,
  entry: Entry,
  known: readonly Destination[],
  context: RuleContext,
): Route | undefined {
  const { type, send, when, max_age, rate, retry, breaker, retry_ambiguous, ...own } = entry;
  const at: Path = ['destinations', name];
  const condition =
    when &&
    compileCondition(when, (text, path, key) => compileAt(text, [...at, 'when', ...path], [], context, key), LOOK);
  const kind = type ?? name;
  const destination = known.find((one) => one.name === kind);
  if (destination === undefined) {
    const kinds = known.map((one) => one.name);
    const message = `there is no destination ${kind}`;
    const hint = nearest(kind, kinds) ?? `known: ${kinds.join(', ')}; name the kind with type:`;
    context.problems.push({ ...context.locate(at, true), code: 'UNKNOWN_DESTINATION', message, hint });
    return undefined;
  }
  const parsed = destination.settings.safeParse(own, { reportInput: true, error: plainWords });
  if (!parsed.success) {
    context.problems.push(...zodProblems(parsed.error.issues, context.locate, keysOf(destination), at));
    return undefined;
  }
  return {
    store,
    name,
    account: destination.account(parsed.data),
    destination,
    settings: parsed.data,
    send,
    when: condition,
    max_age,
    rate: rate ?? destination.rate,
    schedule: retry,
    breaker,
    retry_ambiguous: retry_ambiguous ?? false,
  };
}

/** Why the store's own words keep this event from a destination; undefined when they do not. */
export function storeRefuses(route: Route, event: Event): string | undefined | Promise<string | undefined> {
  if (route.send !== undefined && !route.send.includes(event.name))
    return `${route.name} is set to send only ${route.send.join(', ')}`;
  const { when } = route;
  if (when === undefined) return undefined;
  return untilSettled((results) => {
    const verdict = when(event, {}, evaluateIn(results));
    return verdict.holds ? undefined : `the store's condition does not hold: ${verdict.reason}`;
  });
}
