// How much room deliveries take in memory: an order of a wholesaler with hundreds of lines takes that of many others.
import type { Delivery } from '../types.ts';

/** An event of so many articles takes twice the room of one with a few. */
const ARTICLES = 8;
/** Before any were fetched, these may be large. */
const FIRST = 20;

/** One for what most orders take. */
export const weightOf = ({ event: { items = [] } }: Pick<Delivery, 'event'>): number =>
  1 + Math.floor(items.length / ARTICLES);

/** How many to fetch for so much room, by what those that came last weighed. */
export function createHelping() {
  let mean = FIRST;
  return {
    learn: (deliveries: readonly Delivery[]): void => {
      const weight = deliveries.reduce((sum, delivery) => sum + weightOf(delivery), 0);
      if (deliveries.length > 0) mean = weight / deliveries.length;
    },
    of: (room: number): number => Math.max(1, Math.floor(room / mean)),
  };
}
