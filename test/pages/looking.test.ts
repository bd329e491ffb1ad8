// What pages ask of what is kept.
import { expect, test } from 'vitest';
import { createLooking } from '../../src/pages/looking.ts';
import { makeEvent, makePurchase } from '../keep/make.ts';
import { useWatched } from '../support/alerting.ts';

const start = useWatched();

test.each([true, false])(
  'events under a name that no mapping file tells are listed with their store (only: %s)',
  async (only) => {
    const watched = await start();
    const { keep, mappings, clock } = watched;
    await watched.hookComes({ events: [makeEvent({ ...makePurchase('1'), name: 'demo_held' })] });
    const looking = createLooking({ keep, mappings, only, now: () => clock.at });
    expect((await looking.events({ store: 'shop' }, '', 10)).map(({ name }) => name)).toEqual(['demo_held']);
    expect(await looking.events({ store: 'shop', name: 'purchase' }, '', 10)).toEqual([]);
    expect(await looking.eventNames()).toEqual(expect.arrayContaining(['demo_held', 'purchase']));
  },
);

test('an expression that decides a name is no name to choose', async () => {
  const { keep, mappings } = await start();
  const looking = createLooking({ keep, mappings, now: () => 0 });
  expect((await looking.eventNames()).filter((name) => name.includes('$'))).toEqual([]);
});
