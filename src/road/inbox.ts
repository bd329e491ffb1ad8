// What the main thread tells a work thread: hooks to work on, new mapping files, accounts to resume, when to begin and to stop.
import { setTimeout as sleep } from 'node:timers/promises';
import type { MessagePort } from 'node:worker_threads';
import type { Texts } from '../map/files/files.ts';
import type { Hook } from '../types.ts';
import { type HandedHooks, unpackHooks } from './handing.ts';

export type ToWorker =
  /** Nothing is worked on before: the mapping files may have changed while the thread was starting. */
  | { kind: 'begin' }
  | { kind: 'hooks'; handed: HandedHooks }
  | { kind: 'mappings'; texts: Texts }
  | { kind: 'resume'; account: string }
  | { kind: 'stop'; deadline: number };

export type InboxParts = {
  port: Pick<MessagePort, 'on'>;
  setMappings: (texts: Texts) => void;
  resume: (account: string) => void;
  /** No new work is begun from now on. */
  halt: () => void;
};
export type Inbox = ReturnType<typeof openInbox>;

/** Hooks wait here until they are taken; the rest is done at once. */
export function openInbox({ port, setMappings, resume, halt }: InboxParts) {
  const given: Hook[] = [];
  let wake: () => void = () => {};
  const begun = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<number>();
  port.on('message', (message: ToWorker) => {
    if (message.kind === 'begin') begun.resolve();
    else if (message.kind === 'hooks') given.push(...unpackHooks(message.handed));
    else if (message.kind === 'mappings') setMappings(message.texts);
    else if (message.kind === 'resume') resume(message.account);
    else {
      halt();
      begun.resolve();
      stopped.resolve(message.deadline);
    }
    wake();
  });

  return {
    /** Resolves when work may begin, or need not begin any more. */
    begun: begun.promise,
    /** Resolves with how many milliseconds requests under way may still take. */
    stopped: stopped.promise,
    waiting: (): number => given.length,
    /** The hooks that wait longest, `most` of them. */
    take: (most = Number.POSITIVE_INFINITY): Hook[] => given.splice(0, most),
    /** Waits until something is told, at most so long. */
    rest: async (ms: number): Promise<void> => {
      const nap = new AbortController();
      wake = () => nap.abort();
      await sleep(ms, undefined, { signal: nap.signal }).catch(() => undefined);
    },
  };
}
