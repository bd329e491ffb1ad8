// Lets a thread stand back behind the others of its process, where the system knows priorities of threads.
import { readlinkSync } from 'node:fs';
import { constants, setPriority } from 'node:os';

/** Linux shows every thread its own number here: `<process>/task/<thread>`. */
const SELF = '/proc/thread-self';

/**
 * From now on the calling thread runs when the others of the process leave it time, as long as there is more to do than
 * processors. Answers false where the system has no such thing; nothing but the order of work depends on it.
 */
export function standBack(): boolean {
  try {
    const thread = Number(/\d+$/.exec(readlinkSync(SELF))?.[0]);
    if (!Number.isSafeInteger(thread)) return false;
    setPriority(thread, constants.priority.PRIORITY_BELOW_NORMAL);
    return true;
  } catch {
    return false;
  }
}
