// One thread maps orders and builds the requests of all three destinations, in batches as the work thread does it.

import { mapHook } from '../../src/map/map.ts';
import { digestMapped } from '../../src/road/digest.ts';
import { buildStore } from '../support/stores.ts';
import { createOrders, shopifyHeaders } from './orders.ts';

const BATCH = 100;
const WARM_UP_BATCHES = 200;
const ROUNDS = 15;
const ROUND_MS = 300;

/** Orders per second of each round, from the bytes of the body to the bodies of three requests. */
async function measure(): Promise<number[]> {
  const store = await buildStore('shopify', { consent: { default: 'granted' } });
  const source = store.sources.get('shopify');
  if (source === undefined) throw new Error('the store has no source');
  const now = Date.now();
  const { next, bodies } = createOrders(now);
  const headers = shopifyHeaders(bodies[0] ?? Buffer.alloc(0));
  const none = new Map<string, never>();

  const batch = async (): Promise<void> => {
    const mapped = await Promise.all(
      Array.from({ length: BATCH }, () => mapHook(source, { headers, body: next(), received_at: now })),
    );
    const planned = await Promise.all(mapped.map((one) => digestMapped(one, store, none, { now, age: 0 })));
    const requests = planned.flatMap(({ events }) =>
      events.flatMap(({ event, routes }) =>
        routes.map(({ destination, settings }) => destination.build([event], settings, now)),
      ),
    );
    if (requests.length !== 3 * BATCH) throw new Error(`${BATCH} orders made ${requests.length} requests`);
  };

  for (let made = 0; made < WARM_UP_BATCHES; made++) await batch();
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    let made = 0;
    for (; performance.now() - began < ROUND_MS; made += BATCH) await batch();
    rates.push(made / ((performance.now() - began) / 1_000));
  }
  return rates;
}

process.send?.(await measure());
process.disconnect?.();
