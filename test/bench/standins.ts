// The stand-ins for GA4, Meta and sGTM, in a process of their own; says how many orders have come to all of them.
import { createStandins } from '../../src/demo/standins.ts';

export type StandinsReady = Record<'ga4' | 'meta' | 'sgtm', string>;
/** `fewest` is cheap to say: the orders counted by the stand-in that has the fewest. `all` looks at every order. */
export type StandinsAsk = 'fewest' | 'all';
export type StandinsAnswer = {
  /** Orders that every stand-in has counted. */
  everywhere: number;
  /** Events that one of them counted more than once. */
  twice: number;
};

const standins = await createStandins({ fast: true });
const { ga4, meta, sgtm } = standins;

const fewest = (): StandinsAnswer => ({
  everywhere: Math.min(ga4.counted.size, meta.counted.size, sgtm.counted.size),
  twice: 0,
});

function all(): StandinsAnswer {
  let everywhere = 0;
  for (const key of ga4.counted.keys()) {
    const id = key.slice(key.indexOf(':') + 1);
    if (meta.counted.has(`Purchase:${id}`) && sgtm.counted.has(`purchase:${id}`)) everywhere += 1;
  }
  const times = [ga4, meta, sgtm].flatMap(({ counted }) => [...counted.values()]);
  return { everywhere, twice: times.filter((count) => count > 1).length };
}

process.on('message', (ask: StandinsAsk) => process.send?.(ask === 'all' ? all() : fewest()));
process.send?.({ ga4: ga4.origin, meta: meta.origin, sgtm: sgtm.origin } satisfies StandinsReady);
