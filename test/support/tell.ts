// Takes in the hooks of one sale as the road does, in any order, on a database of the test file, and answers the events made.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Event } from '../../src/event.ts';
import { createKeep } from '../../src/keep/keep.ts';
import { openEvent } from '../../src/keep/sealed.ts';
import { openSqlite, type Sqlite } from '../../src/keep/sqlite/sqlite.ts';
import { newId } from '../../src/lib/id.ts';
import { plainVault } from '../../src/lib/vault.ts';
import type { Store } from '../../src/map/files/load.ts';
import { digestTo } from './digest.ts';

export const START = Date.UTC(2026, 10, 23, 9);
export const SECONDS = START / 1000;
export const MINUTE = 60_000;
export const DAY = 86_400_000;
export type Body = Record<string, unknown>;

/**
 * Takes in the bodies one after the other, or at once, and lets some minutes pass, then the same for those that are `late`,
 * by 100 days if all else is forgotten before; answers the events made, also those forgotten.
 */
export function useTell() {
  let folder: string;
  let sqlite: Sqlite;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tagbridge-once-'));
    sqlite = await openSqlite({ path: join(folder, 'tagbridge.db') });
  });
  afterAll(async () => {
    await sqlite.close();
    await rm(folder, { recursive: true });
  });

  return async function tell(
    store: Store,
    source: string,
    bodies: readonly Body[],
    together: boolean,
    late: readonly Body[] = [],
    forgetting = false,
  ): Promise<Event[]> {
    const keep = createKeep({ db: sqlite.db, vault: plainVault });
    let now = START;
    const digest = digestTo({
      stores: { get: () => store },
      keep,
      now: () => now,
      log: { info: () => {}, warn: () => {}, error: (fields) => expect(fields).toBeUndefined() },
    });
    // A name of its own for each run, so that no run knows the orders of another.
    const shop = newId();
    const takeIn = async (arriving: readonly Body[]) => {
      const began = now;
      const hooks = arriving.map((body) => {
        // Shopify alone names the topic outside the body.
        const topic = typeof body.topic === 'string' ? { 'x-shopify-topic': body.topic } : {};
        const headers = { 'content-type': 'application/json', ...topic };
        const hook = {
          id: newId(),
          store: shop,
          source,
          received_at: now,
          headers,
          body: Buffer.from(JSON.stringify(body)),
        };
        return { hook, keys: { body: Buffer.from(hook.id) }, due_at: now, lease_id: 'first' };
      });
      await keep.keepHooks(hooks);
      const arrivals = hooks.map(({ hook }) => ({ ...hook, attempts: 1 }));
      for (const batch of together ? [arrivals] : arrivals.map((one) => [one])) await digest(batch, 'first');
      for (const minutes of [0, 1, 2, 3, 5, 10, 65, 66]) {
        now = began + minutes * MINUTE;
        const due = await keep.claimHooks({ now, lease_until: now + MINUTE, lease_id: 'again', limit: 100 });
        if (due.length > 0) await digest(due, 'again');
      }
    };
    const made = async (): Promise<Event[]> => {
      const rows = await sqlite.db.query('select body from events where store = $1 order by id', [shop]);
      return rows.map(({ body }) => openEvent(plainVault, body instanceof Uint8Array ? body : new Uint8Array()));
    };
    await takeIn(bodies);
    const forgotten = forgetting ? await made() : [];
    if (forgetting) {
      await sqlite.db.transaction([{ sql: 'delete from deliveries', rows: [[]] }]);
      // Ids are made by the clock of this machine.
      const all = Date.now() + DAY;
      const limits = { bodies: all, keys: all, attempts: all, orders: 0, visits: 0, audit: 0 };
      await keep.forget(limits, new AbortController().signal);
      expect(await made()).toEqual([]);
      now += 100 * DAY;
    }
    if (late.length > 0) await takeIn(late);
    return [...forgotten, ...(await made())];
  };
}

export function permutations<T>(list: readonly T[]): T[][] {
  if (list.length < 2) return [[...list]];
  return list.flatMap((first, index) => permutations(list.toSpliced(index, 1)).map((rest) => [first, ...rest]));
}
