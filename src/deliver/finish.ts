// Writes the ends of deliveries in groups: one transaction under way, whatever ends meanwhile is the next one.
import { setTimeout as sleep } from 'node:timers/promises';
import { describeError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Attempt, Delivery } from '../types.ts';
import type { Completion, DeliveryQuestions } from './questions.ts';

const GROUP = 500;
/** More unwritten ends than this and nothing new is sent. */
const WAITING_MAX = 4_000;
const RETRY_MS = 250;

/** With `due_at` the delivery is tried again then. */
export type End = Attempt & { due_at?: number };

export type Finisher = {
  end: (delivery: Delivery, end: End) => void;
  /** False while ends cannot be written, or not fast enough; what is sent then might have to be sent twice. */
  ready: () => boolean;
  /** Writes what is left and resolves; a group that fails now is given up, and its rows return when their leases end. */
  close: () => Promise<void>;
};

export const createFinisher = ({
  finishDeliveries,
  log,
}: Pick<DeliveryQuestions, 'finishDeliveries'> & { log: Log }): Finisher => {
  const closing = new AbortController();
  const waiting: Completion[] = [];
  let failing = false;
  let writing: Promise<void> | undefined;

  const write = async (group: Completion[]): Promise<void> => {
    for (;;) {
      try {
        await finishDeliveries(group);
        failing = false;
        return;
      } catch (error) {
        failing = true;
        log.error({ error: describeError(error), deliveries: group.length }, 'delivery.not_written');
        if (closing.signal.aborted) return;
        await sleep(RETRY_MS, undefined, { signal: closing.signal }).catch(() => undefined);
      }
    }
  };

  const writeAll = async (): Promise<void> => {
    while (waiting.length > 0) await write(waiting.splice(0, GROUP));
    writing = undefined;
  };

  const say = ({ event_id, store, destination, account, copy, attempts }: Delivery, end: End) => {
    const { kind: outcome, status, ms, reason, ambiguous, due_at } = end;
    log.info(
      {
        event_id,
        store,
        destination,
        account,
        copy,
        attempt: attempts + 1,
        outcome,
        status,
        ms,
        reason,
        ambiguous,
        due_at,
      },
      'delivery.attempted',
    );
  };

  return {
    end: (delivery, end) => {
      const { due_at, ...attempt } = end;
      waiting.push(due_at === undefined ? { delivery, attempt } : { delivery, attempt, due_at });
      say(delivery, end);
      // A turn of the event loop later, so that ends of one burst of answers share the first transaction too.
      writing ??= new Promise<void>((resolve) => setImmediate(resolve)).then(writeAll);
    },
    ready: () => !failing && waiting.length < WAITING_MAX,
    close: async () => {
      closing.abort();
      await writing;
    },
  };
};
