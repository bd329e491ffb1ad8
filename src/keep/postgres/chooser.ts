// Which of several servers is the primary: the one that takes writes and has the newest timeline.
import { setTimeout as sleep } from 'node:timers/promises';
import { isBusy, KeepError } from '../error.ts';
import type { Connection } from './connection.ts';

/** Once a primary has answered the others have so long to say that they are newer. */
const GRACE_MS = 300;

/**
 * Makes the function that opens a connection to the primary. A primary that comes back after another one took its place has a
 * past in common with it and no future: it is known by its older timeline, also by a program that was not there then.
 */
export function createChooser(hosts: readonly (() => Promise<Connection>)[]): () => Promise<Connection> {
  let newest = 0;

  /** All that take writes, from the newest timeline on; those that answer too late are let go. */
  const openAll = async (): Promise<{ open: Connection[]; reason: unknown }> => {
    const open: Connection[] = [];
    let reason: unknown;
    let late = false;
    const attempts = hosts.map(async (host) => {
      try {
        const connection = await host();
        if (late) connection.destroy();
        else open.push(connection);
      } catch (error) {
        // That one has no place says more than that another one is a standby.
        if (!isBusy(reason)) reason = error;
        throw error;
      }
    });
    const all = Promise.allSettled(attempts);
    const hasFirst = await Promise.any(attempts).then(
      () => true,
      () => false,
    );
    if (hasFirst) await Promise.race([all, sleep(GRACE_MS)]);
    late = true;
    return { open: open.sort((a, b) => b.timeline - a.timeline), reason };
  };

  return async () => {
    const { open, reason } = await openAll();
    const [best, ...others] = open;
    for (const other of others) other.destroy();
    if (best === undefined) throw reason;
    if (best.timeline < newest) {
      best.destroy();
      throw new KeepError('away', 'the server was replaced by another one');
    }
    newest = best.timeline;
    return best;
  };
}
