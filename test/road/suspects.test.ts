// Hooks that may be what ends the process: found by how often they were handed out, worked on alone, set aside.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Keep } from '../../src/keep/keep.ts';
import { newId } from '../../src/lib/id.ts';
import { createSuspects } from '../../src/road/suspects.ts';
import { LEASE, makeDigest, makeHook, NOW } from '../keep/make.ts';
import { type OwnKeep, openOwnKeep } from '../support/own-keep.ts';

let own: OwnKeep;
let keep: Keep;
const said: string[] = [];
const write = (_: object, message: string) => void said.push(message);
beforeAll(async () => {
  own = await openOwnKeep();
  keep = own.keep;
});
afterAll(() => own.close());

/** One life of a process: works on hooks until it comes to `poison`, then dies; answers what it worked on. */
async function live(poison: string): Promise<string[][]> {
  const sift = createSuspects({ keep, now: () => NOW, log: { info: write, warn: write, error: write } });
  const worked: string[][] = [];
  await keep.releaseAllLeases(NOW);
  for (;;) {
    const lease_id = newId();
    const claimed = await keep.claimHooks({ now: NOW, lease_until: NOW + LEASE, lease_id, limit: 100 });
    if (claimed.length === 0) return worked;
    const chosen = await sift(claimed, lease_id);
    worked.push(chosen.map(({ body }) => Buffer.from(body).toString()));
    if (worked.at(-1)?.includes(poison)) return worked;
    const digests = chosen.map(({ id }) => ({ ...makeDigest(makeHook('')), hook_id: id, lease_id }));
    await keep.recordDigests(digests, NOW);
  }
}

test('a hook that ends the process is worked on alone from the third time on and set aside in the end; its neighbours are not', async () => {
  const hooks = ['a', 'poison', 'b'].map((body) => makeHook(body));
  await keep.keepHooks(hooks);
  const lives = [];
  for (let life = 0; life < 6; life++) lives.push(await live('poison'));
  expect(lives).toEqual([
    [['a', 'poison', 'b']],
    [['a', 'poison', 'b']],
    [['a'], ['poison']],
    [['poison']],
    [['poison']],
    [['b']],
  ]);
  expect(said).toEqual(['hook.set_aside']);
  const { hooks: traced } = await keep.findTrace({ hook_id: hooks[1]?.hook.id ?? '' });
  expect(traced).toMatchObject([
    { state: 'stuck', reason: expect.stringContaining('the bridge ended or failed several times') },
  ]);
});

test('hooks that were handed out together while the process ended again and again are tried alone before they are given up', async () => {
  const hooks = ['c', 'd', 'e'].map((body) => makeHook(body));
  await keep.keepHooks(hooks);
  for (let death = 0; death < 10; death++) {
    await keep.releaseAllLeases(NOW);
    await keep.claimHooks({ now: NOW, lease_until: NOW + LEASE, lease_id: newId(), limit: 100 });
  }
  expect(await live('none')).toEqual([['c'], ['d'], ['e']]);
});
