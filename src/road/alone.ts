// Work that one thread of one replica does at a time: it holds a lease under the name of the work, and others pass it by.
import type { Keep } from '../keep/keep.ts';
import type { Clock } from '../types.ts';

export type AloneParts = { keep: Pick<Keep, 'takeWatch' | 'leaveWatch'>; now: Clock; newId: () => string };
/** Takes the lease for longer; false where another one has it by now. */
export type Hold = () => Promise<boolean>;

/** Another thread takes over when the one that works has not held on for `lease` milliseconds. */
export function createAlone({ keep, now, newId }: AloneParts, lease: number) {
  const holder = newId();
  return async (name: string, work: (hold: Hold) => Promise<void>): Promise<void> => {
    const hold: Hold = async () => {
      const at = now();
      return (await keep.takeWatch({ name, holder, now: at, lease_until: at + lease, gap: lease })) !== undefined;
    };
    if (!(await hold())) return;
    try {
      await work(hold);
    } finally {
      await keep.leaveWatch(holder, name);
    }
  };
}
