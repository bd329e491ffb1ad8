// Deliveries that may be what ends the process: sent alone after its third end, one at a time, and set aside in the end.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createDeliverer } from '../../src/deliver/deliverer.ts';
import type { Route } from '../../src/deliver/questions.ts';
import { createKeep, type Keep } from '../../src/keep/keep.ts';
import { openSqlite } from '../../src/keep/sqlite/sqlite.ts';
import { newId } from '../../src/lib/id.ts';
import { plainVault } from '../../src/lib/vault.ts';
import type { HttpRequest } from '../../src/types.ts';
import { makeDigest, makeEvent, makeHook, makePurchase, NOW } from '../keep/make.ts';
import { tinyDestination } from '../support/deliver-destination.ts';
import { routeTo } from '../support/deliver-rig.ts';
import { soon } from '../support/soon.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const PLACES = ['x', 'y'];
const routes: Route[] = PLACES.map((name) =>
  routeTo(
    name,
    tinyDestination('', {
      build: ([event]) => ({ method: 'POST', url: `http://${name}.invalid/`, headers: {}, body: `${event?.order_id}` }),
    }),
  ),
);
/** What would be sent where, such as `x 4`. */
const nameOf = ({ url, body }: HttpRequest): string => `${new URL(url).hostname[0]} ${body}`;

/** One life of a process, which ends in the middle of the request for `poison`; answers what it sent, and what was under way then. */
async function live(keep: Keep, poison: string) {
  const sent: string[] = [];
  const underWay = new Set<string>();
  let ended = false;
  const silence = new Promise<never>(() => undefined);
  const alive = <Answer>(answer: () => Promise<Answer>): Promise<Answer> => (ended ? silence : answer());
  const ending = new AbortController();
  await keep.releaseAllLeases(NOW);
  const deliverer = createDeliverer({
    questions: {
      ...keep,
      claimDeliveries: (claim) => alive(() => keep.claimDeliveries(claim)),
      countDeath: (delivery) => alive(() => keep.countDeath(delivery)),
      finishDeliveries: (finished) => alive(() => keep.finishDeliveries(finished)),
      releaseDeliveries: (deliveries, due_at) => alive(() => keep.releaseDeliveries(deliveries, due_at)),
    },
    http: {
      send: (request) =>
        alive(async () => {
          if (!('body' in request)) throw new Error('nothing is asked for here');
          const name = nameOf(request);
          sent.push(name);
          underWay.add(name);
          ended ||= name === poison;
          await new Promise((resolve) => setImmediate(resolve));
          return alive(async () => {
            underWay.delete(name);
            return { status: 204, headers: {}, body: '' };
          });
        }),
    },
    routes: () => routes,
    refusal: async () => undefined,
    now: () => NOW,
    random: () => 1,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    newLeaseId: newId,
    signal: ending.signal,
  });
  await deliverer.start();
  await soon(async () => expect(ended || (await keep.findDueAccounts()).length === 0).toBe(true));
  ending.abort();
  return { sent, underWay: [...underWay] };
}

test('a delivery that ends the process is set aside after its third time alone, and nothing else is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tagbridge-suspects-'));
  const sqlite = await openSqlite({ path: join(folder, 'tagbridge.db') });
  cleanups.push(() => rm(folder, { recursive: true }), sqlite.close);
  const keep = createKeep({ db: sqlite.db, vault: plainVault });
  for (const order of ['1', '2', '3', '4', '5', '6']) {
    const hook = makeHook(`paid ${order}`, { lease_id: 'lease' });
    await keep.keepHooks([hook]);
    await keep.recordDigests([makeDigest(hook, { events: [makeEvent(makePurchase(order), PLACES)] })], NOW);
  }
  const lives = [];
  for (let life = 0; life < 7; life++) lives.push(await live(keep, 'x 1'));
  expect(lives.slice(3, 6).map(({ underWay }) => underWay)).toEqual([['x 1'], ['x 1'], ['x 1']]);
  expect(lives[6]?.underWay).toEqual([]);
  expect(lives[6]?.sent).not.toContain('x 1');
  const sent = new Set(lives.flatMap((life) => life.sent));
  expect(sent.size).toBe(12);
  const dead = await sqlite.db.query("select destination, reason, ambiguous from attempts where kind <> 'delivered'");
  expect(dead).toEqual([{ destination: 'x', reason: expect.stringContaining('ended several times'), ambiguous: 1 }]);
  expect(await keep.findDueAccounts()).toEqual([]);
});
