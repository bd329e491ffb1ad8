// Deliveries that a process held whenever it ended may be what ends it: each is sent alone, then set aside.
import type { Log } from '../lib/log.ts';
import type { Clock, Delivery } from '../types.ts';
import type { Finisher } from './finish.ts';
import type { DeliveryQuestions } from './questions.ts';

export type SuspectsParts = Pick<DeliveryQuestions, 'countDeath'> & {
  finisher: Pick<Finisher, 'end'>;
  release: (deliveries: Delivery[]) => void;
  now: Clock;
  log: Log;
};
export type Suspects = ReturnType<typeof createSuspects>;

/** So often one is sent alone by a process that ends of it; then not again. */
const TRIES = 3;
const REASON =
  'the bridge ended several times while it sent this, and the log of those times may say why; it may have arrived';

const isSuspect = ({ deaths_alone }: Delivery): boolean => deaths_alone !== undefined;
const isHopeless = ({ deaths_alone = 0 }: Delivery): boolean => deaths_alone >= TRIES;

/** Shared by all lanes: of all their suspects one at a time is sent. */
export function createSuspects({ countDeath, finisher, release, now, log }: SuspectsParts) {
  let turn: Promise<unknown> = Promise.resolve();

  const setAside = (delivery: Delivery): void => {
    const { event_id, store, destination } = delivery;
    log.error({ event_id, store, destination }, 'delivery.set_aside');
    finisher.end(delivery, { at: now(), ms: 0, kind: 'dead', reason: REASON, ambiguous: true });
  };

  /** `mayBegin` answers whether it can be sent when its turn has come; otherwise it is given back. */
  const sendAlone = (one: Delivery, mayBegin: () => boolean, send: () => Promise<void>): Promise<void> => {
    const sent = turn.then(async () => {
      if (!mayBegin()) return release([one]);
      await countDeath(one);
      await send();
    });
    turn = sent.catch(() => undefined);
    return sent;
  };

  return {
    /** Ends those that were tried often enough, and answers the others with the one among them that is to be sent alone. */
    sift: (claimed: readonly Delivery[]): { alone?: Delivery; others: Delivery[] } => {
      for (const delivery of claimed.filter(isHopeless)) setAside(delivery);
      const left = claimed.filter((delivery) => !isHopeless(delivery));
      const alone = left.find(isSuspect);
      return alone === undefined ? { others: left } : { alone, others: left.filter((other) => other !== alone) };
    },
    sendAlone,
  };
}
