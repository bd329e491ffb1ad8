// The road's second half over a real store, without its thread: hooks are mapped and recorded, and nothing is sent.
import { newId } from '../../src/lib/id.ts';
import { createDigest } from '../../src/pipeline.ts';
import type { DigestParts } from '../../src/road/record.ts';

type Needed = 'stores' | 'keep' | 'now' | 'log';

/** Deliveries are left on the disk, nobody is asked for anything, and what the database fails on is told to the caller. */
export const digestTo = (parts: Pick<DigestParts, Needed> & Partial<DigestParts>): ReturnType<typeof createDigest> =>
  createDigest({
    deliverer: { room: () => 0, offer: () => 0 },
    complete: () => Promise.reject(new Error('nothing is looked up here')),
    comply: () => Promise.reject(new Error('nothing is asked for here')),
    background: () => {},
    giveBack: { minding: (_hooks, _lease_id, work) => work() },
    newId,
    ...parts,
  });
