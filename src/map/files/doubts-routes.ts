// What a store file says of its destinations to no effect, or to more than was meant: events that never come to them, and two
// of them for one account.
import { isDeepStrictEqual } from 'node:util';
import { ACTION_SOURCES, type Event } from '../../event.ts';
import { EVENT_NAMES } from '../../event-name.ts';
import { nearestOrAll } from '../../lib/nearest.ts';
import { tableOf, valueIn } from '../../lib/table.ts';
import type { Path } from './files.ts';
import type { Store } from './load.ts';
import { isOff } from './merge.ts';
import type { Route } from './route.ts';

export type Doubt = { at: Path; key?: boolean; code: string; message: string; hint?: string | undefined };

const isName = (stage: unknown): stage is string => typeof stage === 'string' && !isOff(stage);

const AT = '2026-01-01T12:00:00.000Z';
/** An event of which everything is known: what a destination refuses of it wherever it happened, it refuses of every event of that name. */
const KNOWN: Omit<Event, 'name'> = {
  event_id: '1',
  event_time: AT,
  order_id: '1',
  transaction_id: '1',
  lead_id: '1',
  currency: 'EUR',
  value: 1,
  client_id: '1.1',
  gclid: 'known',
  user_data: { email_address: 'someone@example.com' },
  external_id: '1',
  ip_override: '203.0.113.7',
  user_agent: 'Mozilla/5.0',
};

/** Where a destination names the events it is to get: under `send`, and in a table of its own. */
function namedBy({ name, send = [], destination, settings }: Route): { at: Path; key: boolean; event: string }[] {
  const at: Path = ['destinations', name];
  const { byEvent } = destination;
  return [
    ...send.map((event, index) => ({ at: [...at, 'send', index], key: false, event })),
    ...(byEvent === undefined ? [] : Object.keys(tableOf(valueIn(settings, [byEvent])))).map((event) => ({
      at: [...at, String(byEvent), event],
      key: true,
      event,
    })),
  ];
}

const PLACES: readonly Pick<Event, 'action_source'>[] = [
  {},
  ...ACTION_SOURCES.map((action_source) => ({ action_source })),
];

/** Why an event of this name, of which all is known, does not go there, by where it happened; undefined where it does. */
function refusals({ name, send, destination, settings }: Route, event: string): (string | undefined)[] {
  if (send?.includes(event) === false) return PLACES.map(() => `${name} is set to send only ${send.join(', ')}`);
  const now = Date.parse(AT);
  return PLACES.map((place) => destination.wants({ ...KNOWN, ...place, name: event }, settings, now)?.reason);
}

/** The reason why not, unless there is none somewhere. */
function whyNowhere(route: Route, event: string): string | undefined {
  const reasons = refusals(route, event);
  return reasons.includes(undefined) ? undefined : reasons[0];
}

/**
 * Events that a destination names, and never gets: no source makes them, or it does not want them. `isOpen` where a store
 * names events by an expression of its own: they may have any name then.
 */
export function neverSent({ sources, routes }: Store, isOpen: boolean): Doubt[] {
  const made = [...sources.values()].flatMap((source) =>
    source.rules.flatMap(({ emit, emits }) =>
      emits === undefined ? [emit] : [...EVENT_NAMES, ...Object.values(tableOf(source.settings.stages)).filter(isName)],
    ),
  );
  return routes.flatMap((route): Doubt[] => {
    const { name, send } = route;
    if (send?.length === 0) {
      const hint = 'name events, or take it out';
      return [{ at: ['destinations', name, 'send'], code: 'NEVER_MADE', message: `${name} is sent nothing`, hint }];
    }
    return namedBy(route).flatMap(({ at, key, event }): Doubt[] => {
      if (!isOpen && !made.includes(event)) {
        const message = `no source makes ${event}, so nothing of it is sent`;
        return [{ at, key, code: 'NEVER_MADE', message, hint: nearestOrAll(event, new Set(made)) }];
      }
      const why = whyNowhere(route, event);
      return why === undefined ? [] : [{ at, key, code: 'NEVER_SENT', message: `no ${event} goes to ${name}: ${why}` }];
    });
  });
}

/** What tells where its events are counted: never a secret, because each account has several of those. */
const countedBy = ({ settings, destination }: Route) =>
  Object.entries(tableOf(settings)).filter(
    ([key]) => destination.countedBy?.includes(key) ?? !destination.secrets.includes(key),
  );

/** Is there an event that both take, and that counts as the same there? */
function share(one: Route, other: Route): boolean {
  const { byEvent } = one.destination;
  const countsAs = ({ settings }: Route, event: string) =>
    byEvent === undefined ? undefined : valueIn(settings, [byEvent, event]);
  const names = new Set([...EVENT_NAMES, ...[one, other].flatMap((route) => namedBy(route).map(({ event }) => event))]);
  return [...names].some((event) => {
    const others = refusals(other, event);
    const isTaken = refusals(one, event).some((why, index) => why === undefined && others[index] === undefined);
    return isTaken && countsAs(one, event) === countsAs(other, event);
  });
}

/** Two destinations that are one: what both take arrives twice. Those with conditions of their own may share it out. */
export function twice({ routes, settings }: Store): Doubt[] {
  const areApart = (one: Route, other: Route) => {
    const [first, second] = [one, other].map(({ name }) => settings.destinations[name]?.when);
    return first !== undefined && second !== undefined && !isDeepStrictEqual(first, second);
  };
  return routes.flatMap((route, index): Doubt[] => {
    const other = routes
      .slice(0, index)
      .find(
        (one) =>
          one.destination === route.destination &&
          isDeepStrictEqual(countedBy(one), countedBy(route)) &&
          !areApart(one, route) &&
          share(one, route),
      );
    if (other === undefined) return [];
    const message = `${other.name} and ${route.name} send to the same account, so what both take arrives twice`;
    const hint = 'correct one of them, or take it out';
    return [{ at: ['destinations', route.name], key: true, code: 'TWICE', message, hint }];
  });
}
