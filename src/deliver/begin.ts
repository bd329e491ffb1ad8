// Notes on disk that sending begins, for deliveries that must never be sent twice; many of them share one transaction.
import { describeError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Clock, Delivery } from '../types.ts';
import type { DeliveryQuestions } from './questions.ts';

type Waiting = { deliveries: readonly Delivery[]; resolve: (held: Delivery[]) => void };

/** Answers which of the deliveries may be sent now: those still held, and none while the note cannot be written. */
export type Begin = (deliveries: readonly Delivery[]) => Promise<Delivery[]>;

export const createBegin = ({
  startDeliveries,
  now,
  log,
}: Pick<DeliveryQuestions, 'startDeliveries'> & { now: Clock; log: Log }): Begin => {
  let waiting: Waiting[] = [];
  let writing = false;

  const write = async (group: Waiting[]): Promise<Set<Delivery>> => {
    try {
      return new Set(
        await startDeliveries(
          group.flatMap(({ deliveries }) => deliveries),
          now(),
        ),
      );
    } catch (error) {
      log.error({ error: describeError(error) }, 'delivery.not_begun');
      return new Set();
    }
  };

  const writeAll = async (): Promise<void> => {
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      const held = await write(group);
      for (const { deliveries, resolve } of group) resolve(deliveries.filter((delivery) => held.has(delivery)));
    }
    writing = false;
  };

  return (deliveries) =>
    new Promise((resolve) => {
      waiting.push({ deliveries, resolve });
      if (writing) return;
      writing = true;
      setImmediate(writeAll);
    });
};
