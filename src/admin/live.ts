// Pushes a part of a page to whoever has it open, by server-sent events: to few enough, and only as long as they are logged in.
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export type LiveParts = {
  /** Ends all of them. */
  signal: AbortSignal;
  onError: (error: unknown) => void;
  /** Milliseconds between two looks. */
  every?: number;
};
export type Follower = {
  /** The session: one may have a few open at a time. */
  session: string;
  /** The part as it is now. What it reads is to be shared by all who follow, see `createFresh`. */
  markup: () => Promise<string>;
  /** Is this still a session that may see it? */
  may: () => Promise<boolean>;
};
export type Live = ReturnType<typeof createLive>;

const MOST = 100;
const MOST_EACH = 8;
/** Sessions are looked at every so many looks. */
const CHECK = 5;
const HEADERS = { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' };

type Open = Follower & { response: ServerResponse; last: string | undefined };

const message = (event: string, text: string): string =>
  `event: ${event}\n${text
    .split('\n')
    .map((line) => `data: ${line}\n`)
    .join('')}\n`;

export function createLive({ signal, onError, every = 3_000 }: LiveParts) {
  const open = new Set<Open>();
  let isRunning = false;
  signal.addEventListener('abort', () => {
    for (const { response } of open) response.end();
  });

  /** Sends what is new, or a word that nothing is, by which both sides know that the other is there. */
  const tell = async (one: Open): Promise<void> => {
    const markup = await one.markup();
    if (one.response.writableEnded || one.response.writableNeedDrain) return;
    one.response.write(markup === one.last ? message('same', '') : message('part', markup));
    one.last = markup;
  };

  const look = async (one: Open, check: boolean): Promise<void> => {
    try {
      if (check && one.response.writableNeedDrain) one.response.destroy();
      else if (check && !(await one.may())) one.response.end();
      else await tell(one);
    } catch (error) {
      onError(error);
      one.response.end();
    }
  };

  const run = async (): Promise<void> => {
    for (let looks = 1; open.size > 0 && !signal.aborted; looks++) {
      await sleep(every, undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted) await Promise.all([...open].map((one) => look(one, looks % CHECK === 0)));
    }
    isRunning = false;
  };

  return {
    /** Answers false, and leaves the response alone, where too many follow already. */
    follow: async (response: ServerResponse, follower: Follower): Promise<boolean> => {
      const own = [...open].filter(({ session }) => session === follower.session).length;
      if (open.size >= MOST || own >= MOST_EACH || signal.aborted) return false;
      const one = { ...follower, response, last: undefined };
      open.add(one);
      response.once('close', () => open.delete(one));
      response.writeHead(200, HEADERS).write('retry: 5000\n\n');
      await look(one, false);
      if (!isRunning) {
        isRunning = true;
        run().catch(onError);
      }
      return true;
    },
  };
}
