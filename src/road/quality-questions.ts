// What destinations are asked of the events that they got, and of what lets us in there: whom, and under which name the answer is kept.
import { stampOf } from '../deliver/pause.ts';
import { redact } from '../deliver/redact.ts';
import type { Send } from '../deliver/sender.ts';
import type { Said } from '../keep/questions/qualities.ts';
import type { Store } from '../map/files/load.ts';
import type { Route } from '../map/files/route.ts';
import type { EventQuality, GetRequest, Reply } from '../types.ts';

const LARGEST = 1_000_000;

/** The accounts that are asked, with the routes whose stores want it: the first of them asks. */
export const askedAccounts = (stores: readonly Store[]): Map<string, Route[]> =>
  Map.groupBy(
    stores
      .flatMap((store) => store.routes)
      .filter(({ destination, settings }) => destination.quality?.isAsked(settings) === true),
    ({ account }) => account,
  );

/** Those of an account that are asked when what lets them in ends, by the name of it: other settings may have another one. */
export const askedEnds = (account: string, routes: readonly Route[]): Map<string, Route[]> =>
  Map.groupBy(
    routes.filter(({ destination }) => destination.quality?.end !== undefined),
    (route) => `${account} by ${stampOf(route)}`,
  );

export type Question = {
  /** Under which the answer is kept. */
  name: string;
  route: Route;
  ask: () => Promise<Omit<Said, 'at'> | { problem: string }>;
};

/** Names and complaints may be anything; what counts and numbers stay. Of what does not count the score is enough. */
const shown = ({ event, counts, score, ...more }: EventQuality): EventQuality => {
  const told = { event: redact(event), counts, score };
  if (!counts) return { ...told, keys: [], lacks: [], doubles: [], issues: [] };
  const issues = more.issues.map(({ name, todo, share }) => ({
    name: redact(name),
    todo: todo && redact(todo),
    share,
  }));
  return { ...told, ...more, issues };
};

type Asking<T> = { build: (settings: unknown) => GetRequest; read: (reply: Reply) => T | { problem: string } };

/** All that is asked of an account: each question has an answer or a problem of its own. */
export function createQuestions({ send, signal }: { send: Send; signal: AbortSignal }) {
  const answerOf = async <T extends object>(route: Route, { build, read }: Asking<T>) => {
    const sent = await send(route, build(route.settings), { signal, limit: LARGEST });
    return 'unsent' in sent ? { problem: redact(sent.unsent.reason) } : read(sent);
  };

  return (account: string, routes: readonly Route[]): Question[] => {
    const [first] = routes;
    const quality = first?.destination.quality;
    if (first === undefined || quality === undefined) return [];
    const ofEvents = async () => {
      const answer = await answerOf(first, quality);
      return 'problem' in answer ? answer : { events: answer.events.map(shown) };
    };
    const ends = [...askedEnds(account, routes)].flatMap(([name, [route]]): Question[] => {
      const end = route?.destination.quality?.end;
      if (route === undefined || end === undefined) return [];
      const ask = async () => {
        const answer = await answerOf(route, end);
        return 'problem' in answer ? answer : { events: [], ends: answer.ends };
      };
      return [{ name, route, ask }];
    });
    return [{ name: account, route: first, ask: ofEvents }, ...ends];
  };
}
