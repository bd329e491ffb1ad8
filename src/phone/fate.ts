// What became of an entry, in plain words: waiting, taken back, joined or not, sent where, or why not.
import type { Event } from '../event.ts';
import type { Keep } from '../keep/keep.ts';
import type { Entered } from '../keep/questions/entries.ts';
import type { TracedEvent } from '../keep/questions/trace.ts';
import type { Store } from '../map/files/load.ts';
import { keyWords, titleOf, visitWords } from './words.ts';

export type Fate = {
  tone: 'good' | 'wait' | 'bad' | 'calm';
  text: string;
  /** One line for the visit, and one for each destination. */
  lines: string[];
};
export type FateParts = { keep: Pick<Keep, 'findTrace' | 'openEvents'> };

const plain = (tone: Fate['tone'], text: string): Fate => ({ tone, text, lines: [] });

/** Of hooks that made no event, or not yet. */
const BEFORE: Record<string, (entered: Entered) => Fate> = {
  kept: () => plain('wait', 'Kept, and not sent yet'),
  waiting: () => plain('wait', 'Kept, and waits to be sent'),
  stuck: () => plain('bad', 'Stuck; tell an admin, nothing is lost'),
  erased: () => plain('calm', 'Erased, as the customer asked'),
  ignored: ({ undone, reason }) =>
    undone
      ? plain('calm', 'Taken back, nothing was sent')
      : plain('calm', `Not counted: ${reason ?? 'no reason is known'}`),
  mapped: () => plain('calm', 'Counted already: this number came before, so nothing was sent again'),
};

const ENDS: Record<string, string> = {
  delivered: 'accepted by',
  skipped: 'not sent to',
  rejected: 'refused by',
  expired: 'too late for',
  dead: 'given up for',
};

function lineOf(event: TracedEvent, destination: string, title: string): { end: string; line: string } {
  if (event.deliveries.some((one) => one.destination === destination))
    return { end: 'open', line: `On its way to ${title}` };
  const last = event.attempts.findLast((one) => one.destination === destination);
  const end = last?.kind ?? 'open';
  const words = ENDS[end] ?? 'tried at';
  // What a receiver answered may quote the customer; why we did not send is our own words.
  const why = end === 'skipped' && last?.reason !== undefined ? `: ${last.reason}` : '';
  return { end, line: `${words.charAt(0).toUpperCase()}${words.slice(1)} ${title}${why}` };
}

function joinLine(event: Event | undefined, store: Store | undefined): string {
  if (event?.visit !== undefined) return `Joined by ${keyWords(event.visit.by)}: ${visitWords(event.visit)}`;
  return store?.settings.visits === undefined
    ? 'Not joined: the store keeps no visits'
    : 'Not joined: no visit of this customer is known';
}

function sentFate(traced: TracedEvent, event: Event | undefined, store: Store | undefined): Fate {
  const names = new Set([...traced.deliveries, ...traced.attempts].map(({ destination }) => destination));
  const ends = [...names].map((name) => lineOf(traced, name, titleOf(name, store)));
  const lines = [joinLine(event, store), ...ends.map(({ line }) => line)];
  const has = (...kinds: string[]) => ends.some(({ end }) => kinds.includes(end));
  if (has('rejected', 'dead', 'expired'))
    return { tone: 'bad', text: 'Not everything arrived; an admin sees why', lines };
  if (has('open', 'retry')) return { tone: 'wait', text: 'Being sent', lines };
  return has('delivered')
    ? { tone: 'good', text: 'Sent', lines }
    : { tone: 'calm', text: 'Counted here, sent nowhere', lines };
}

/** Of entries, in their order. */
export const createFates =
  ({ keep }: FateParts) =>
  async (entries: readonly Entered[], storeOf: (name: string) => Store | undefined): Promise<Fate[]> => {
    const traces = await Promise.all(
      entries.map(({ hook_id, state }) => (state === 'mapped' ? keep.findTrace({ hook_id }) : undefined)),
    );
    const ids = traces.flatMap((trace) => trace?.events.map(({ id }) => id) ?? []);
    const opened = await keep.openEvents(ids);
    return entries.map((entered, index) => {
      const [traced] = traces[index]?.events ?? [];
      if (traced !== undefined) return sentFate(traced, opened.get(traced.id), storeOf(entered.store));
      return BEFORE[entered.state]?.(entered) ?? plain('calm', entered.state);
    });
  };
