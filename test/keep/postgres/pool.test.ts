// The pool of connections to PostgreSQL, with connections that this test opens and breaks itself.
import { expect, onTestFinished, test, vi } from 'vitest';
import { KeepError } from '../../../src/keep/error.ts';
import type { Connection } from '../../../src/keep/postgres/connection.ts';
import { createPool } from '../../../src/keep/postgres/pool.ts';
import { startStopwatch } from '../../support/stopwatch.ts';

const SIZE = 4;

const ONE = [{ sql: 'select 1', rows: [[]] }];

/** A server that can be away, takes so many sessions, and counts how many connections to it are open or being opened. */
function createServer({ most: limit = Number.POSITIVE_INFINITY } = {}) {
  let away = true;
  let now = 0;
  let most = 0;
  let refused = 0;
  const connect = async (): Promise<Connection> => {
    if (now >= limit) {
      refused += 1;
      throw new KeepError('busy', 'no place for another session');
    }
    now += 1;
    most = Math.max(most, now);
    await new Promise((resolve) => setImmediate(resolve));
    if (away) {
      now -= 1;
      throw new KeepError('away', 'nobody is there');
    }
    let alive = true;
    const destroy = (): void => {
      if (alive) now -= 1;
      alive = false;
    };
    return {
      run: async (steps) => {
        await new Promise((resolve) => setImmediate(resolve));
        return steps.map(({ rows }) => rows.map(() => []));
      },
      isAlive: () => alive,
      destroy,
      timeline: 0,
    };
  };
  return {
    connect,
    comeBack: (): void => {
      away = false;
    },
    most: () => most,
    refused: () => refused,
  };
}

test('a server that comes back while many wait for it gets no more connections than the pool may have', async () => {
  const server = createServer();
  const pool = createPool({ connect: server.connect, size: SIZE, deadline: 5_000, patience: 5_000 });
  const asked = Promise.all(Array.from({ length: 50 }, () => pool.run(ONE)));
  setTimeout(server.comeBack, 250);
  expect(await asked).toHaveLength(50);
  expect(server.most()).toBeLessThanOrEqual(SIZE);
  await pool.close();
});

test('where the server takes fewer sessions than the pool may have, those it has are waited for, however little patience there is', async () => {
  const server = createServer({ most: 1 });
  server.comeBack();
  const pool = createPool({ connect: server.connect, size: SIZE, deadline: 5_000, patience: 0 });
  await pool.run(ONE);
  const asked = Promise.all(Array.from({ length: 50 }, () => pool.run(ONE)));
  expect(await asked).toHaveLength(50);
  expect(server.refused()).toBeLessThan(SIZE);
  await pool.close();
});

test('of the first who ask at once, one gets the only session of the server, and the others wait for it', async () => {
  const server = createServer({ most: 1 });
  server.comeBack();
  const pool = createPool({ connect: server.connect, size: SIZE, deadline: 5_000, patience: 0 });
  expect(await Promise.all(Array.from({ length: 10 }, () => pool.run(ONE)))).toHaveLength(10);
  await pool.close();
});

test('a server that takes no session at all says so at once to who has no patience', async () => {
  const server = createServer({ most: 0 });
  server.comeBack();
  const pool = createPool({ connect: server.connect, size: SIZE, deadline: 5_000, patience: 0 });
  await expect(pool.run(ONE)).rejects.toMatchObject({ failure: 'busy' });
  await pool.close();
});

test('who asks while the first connections are being opened waits for them, however little patience there is', async () => {
  const server = createServer();
  server.comeBack();
  const pool = createPool({ connect: server.connect, size: SIZE, deadline: 5_000, patience: 0 });
  const asked = Array.from({ length: 20 }, () => pool.run(ONE));
  expect(await Promise.all(asked)).toHaveLength(20);
  expect(server.most()).toBeLessThanOrEqual(SIZE);
  await pool.close();
});

test('who waited in vain for others to open a connection does not begin anew', async () => {
  let tries = 0;
  const silence = () => {
    tries += 1;
    return new Promise<never>((_, reject) => setTimeout(() => reject(new KeepError('away', '')), 100));
  };
  const pool = createPool({ connect: silence, size: SIZE, deadline: 5_000, patience: 0 });
  const asked = Array.from({ length: 20 }, () => pool.run(ONE));
  const ends = await Promise.allSettled(asked);
  expect(new Set(ends.map(({ status }) => status))).toEqual(new Set(['rejected']));
  expect(tries).toBe(SIZE);
  await pool.close();
});

test('a server that stays away is reported in time to all who asked', async () => {
  const server = createServer();
  const pool = createPool({ connect: server.connect, size: SIZE, deadline: 5_000, patience: 300 });
  const asked = Array.from({ length: 20 }, () => pool.run(ONE));
  const ends = await Promise.allSettled(asked);
  expect(ends.map((end) => (end.status === 'rejected' ? end.reason.failure : 'answered'))).toEqual(
    asked.map(() => 'away'),
  );
  await pool.close();
});

test('a server that is silent to all who connect is reported in time, to those of little patience sooner', async () => {
  const silence = () => new Promise<never>((_, reject) => setTimeout(() => reject(new KeepError('away', '')), 200));
  const pool = createPool({ connect: silence, size: SIZE, deadline: 5_000, patience: 5_000 });
  const ask = (again: boolean) => {
    const took = startStopwatch();
    return pool.run([{ sql: 'select 1', rows: [[]] }], { patience: 300, again }).catch(took);
  };
  const waited = await Promise.all(Array.from({ length: 20 }, (_, index) => ask(index % 2 === 0)));
  expect(Math.max(...waited.map(Number))).toBeLessThan(1_500);
  await pool.close();
});

test('what a silent server is asked ends soon after haste is given, and who comes later hears at once that it is gone', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const { promise, reject } = Promise.withResolvers<never>();
  let alive = true;
  const destroy = () => {
    alive = false;
    reject(new KeepError('away', 'the connection has ended'));
  };
  const silent: Connection = { run: () => promise, isAlive: () => alive, destroy, timeline: 0 };
  const connect = vi
    .fn(async (): Promise<Connection> => Promise.reject(new KeepError('away', 'nobody is there')))
    .mockResolvedValueOnce(silent);
  const haste = new AbortController();
  const pool = createPool({ connect, size: 1, deadline: 15_000, patience: 60_000, haste: haste.signal });
  const ends: string[] = [];
  const ask = () => pool.run(ONE).catch(({ failure }: KeepError) => void ends.push(failure));
  void ask();
  void ask();
  haste.abort();
  await vi.advanceTimersByTimeAsync(4_900);
  expect(ends).toEqual([]);
  await vi.advanceTimersByTimeAsync(200);
  expect(ends).toEqual(['away', 'away']);
  await ask();
  expect([ends.length, connect.mock.calls.length]).toEqual([3, 2]);
  await pool.close();
});
