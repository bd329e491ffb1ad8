// The road's first half behind its port: what senders and visitors send is accepted and kept, many in one commit.
import type { Server } from 'node:http';
import type { Config } from '../config.ts';
import { isPublicAddress } from '../deliver/address.ts';
import { createBatcher } from '../keep/batch.ts';
import type { Keep } from '../keep/keep.ts';
import type { NewHook } from '../keep/questions/hooks.ts';
import type { Room } from '../keep/room.ts';
import type { Crowd } from '../lib/crowd.ts';
import { describeError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { openFilesLimit } from '../lib/open-files.ts';
import type { Mappings } from '../map/files/mappings.ts';
import { createAccept } from '../pipeline.ts';
import { createFetchKey } from '../receive/fetch-key.ts';
import { createReceiver, type ReceiveParts } from '../receive/server.ts';
import { createVisitRoutes } from '../receive/visits.ts';
import type { Clock } from '../types.ts';
import type { AcceptParts } from './accept.ts';
import { createCapture } from './capture.ts';

export type SendersParts = {
  config: Config;
  keep: Keep;
  mappings: Mappings;
  workers: AcceptParts['worker'];
  room: Pick<Room, 'check'>;
  crowd: Pick<Crowd, 'see'>;
  /** Hears how many milliseconds a commit took. */
  observeCommit: (ms: number) => void;
  ready: () => boolean;
  /** What else is served on this port, and where. */
  also: ReceiveParts['also'];
  now: Clock;
  newId: () => string;
  log: Log;
};

const IN_FLIGHT_BYTES = 32_000_000;
const MAX_CONNECTIONS = 8_000;

/** Senders get no more than half of what may be open: the database, the deliveries and the pages need the rest. */
const connectionsLimit = async (): Promise<number> =>
  Math.min(MAX_CONNECTIONS, Math.floor(((await openFilesLimit()) ?? Number.POSITIVE_INFINITY) / 2));

/** Hooks and visits in, answers out. */
export async function createSendersServer(parts: SendersParts): Promise<Server> {
  const { config, keep, mappings, workers, room, crowd, observeCommit, ready, also, now, newId, log } = parts;
  const keepOne = createBatcher(async (hooks: NewHook[]) => {
    room.check();
    crowd.see();
    const began = performance.now();
    const kept = await keep.keepHooks(hooks);
    observeCommit(performance.now() - began);
    return kept;
  });
  const isAllowed = config.ALLOW_PRIVATE_DESTINATIONS ? () => true : isPublicAddress;
  const accept = createAccept({
    stores: mappings,
    keep: keepOne,
    worker: workers,
    publicUrl: config.PUBLIC_URL,
    fetchKey: createFetchKey({ isAllowed, now }),
    now,
    newId,
    log,
  });
  const visits = createVisitRoutes(createCapture({ stores: mappings, keep, now, log }));
  return createReceiver({
    accept,
    onRefused: (refusal) => log.info({ ...refusal, outcome: 'refused' }, 'hook.received'),
    knows: (store, source) => mappings.get(store)?.sources.get(source)?.entered === false,
    maxBodyBytes: config.MAX_BODY_BYTES,
    maxInFlightBytes: IN_FLIGHT_BYTES,
    maxConnections: await connectionsLimit(),
    proxies: config.PROXIES,
    ready,
    also: [{ path: '/t', handler: visits }, ...also],
    onError: (error) => log.error({ error: describeError(error) }, 'receive.failed'),
  });
}
