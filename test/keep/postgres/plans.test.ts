// How PostgreSQL finds what pages ask for: along the index made for it, whatever it knows or guesses of the rows.
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKeep } from '../../../src/keep/keep.ts';
import { openPostgres, type Postgres } from '../../../src/keep/postgres/postgres.ts';
import { listRecentHooks } from '../../../src/keep/questions/recent.ts';
import { createSplitter } from '../../../src/keep/together.ts';
import { plainVault } from '../../../src/lib/vault.ts';
import type { Db, SqlValue } from '../../../src/types.ts';
import { hasPostgres, type Server, startPostgres } from '../../support/postgres.ts';
import { makeDigest, makeHook, makeNamed, NOW } from '../make.ts';

const ROWS = 20_000;
const ID = "'01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0')";
/** One source whose hooks are all mapped, one event of each, and nobody's address twice. */
const FILL = [
  `insert into hooks (id, store, source, received_at, body_key, state, attempts)
   select ${ID}, 'acme', 'shopify', n, decode(md5('h' || n), 'hex'), 'mapped', 1 from generate_series(1, ${ROWS}) as n`,
  `insert into events (id, hook_id, store, key, name, event_time, created_at, body, email_mark, phone_mark, source, lacks)
   select ${ID}, ${ID}, 'acme', 'purchase:' || n, 'purchase', '', n * 100000, '', decode(md5('e' || n), 'hex'),
     decode(md5('p' || n), 'hex'), 'shopify', 'click' from generate_series(1, ${ROWS}) as n`,
  `insert into hook_bodies (hook_id, headers, body) select ${ID}, '', '' from generate_series(1, ${ROWS}) as n`,
  `insert into attempts (event_id, destination, copy, store, n, at, ms, kind, ambiguous)
   select ${ID}, 'ga4', 0, 'acme', 1, n, 1, 'delivered', 0 from generate_series(1, ${ROWS}) as n`,
  `insert into identities (key, visitor, seen_at, expires_at)
   select decode(md5('k' || n), 'hex'), decode(md5('v' || n), 'hex'), n, n from generate_series(1, ${ROWS}) as n`,
];
const literal = (value: SqlValue): string =>
  value instanceof Uint8Array
    ? `'\\x${Buffer.from(value).toString('hex')}'`
    : typeof value === 'string'
      ? `'${value}'`
      : String(value);

describe.skipIf(!(await hasPostgres()))('plans of PostgreSQL (skipped where none runs)', () => {
  let server: Server;
  let opened: Postgres;
  let client: Client;
  beforeAll(async () => {
    server = await startPostgres({ autovacuum: 'off' });
    const url = await server.makeDatabase();
    opened = await openPostgres(url);
    client = new Client({ connectionString: url });
    await client.connect();
    for (const sql of FILL) await client.query(sql);
    // As the bridge's own sessions, and as a statement is planned once it was asked several times.
    for (const method of ['seqscan', 'hashjoin', 'mergejoin']) await client.query(`set enable_${method} = off`);
    await client.query('set plan_cache_mode = force_generic_plan');
  });
  afterAll(async () => {
    await client.end();
    await opened.close();
    await server.close();
  });
  const explain = async (sql: string, params: readonly SqlValue[]): Promise<string[]> => {
    await client.query(`prepare asked as ${sql}`);
    const given = params.length === 0 ? '' : `(${params.map(literal).join(', ')})`;
    const { rows } = await client.query(`explain execute asked${given}`);
    await client.query('deallocate asked');
    return rows.map((row) => String(row['QUERY PLAN']).trim());
  };
  type Ask = (keep: ReturnType<typeof createKeep>, db: Db) => Promise<unknown>;
  /** How is gone about what `ask` asks. */
  const stepsOf = async (ask: Ask): Promise<string[]> => {
    const asked: [string, readonly SqlValue[]][] = [];
    const watching: Db = {
      ...opened.db,
      query: async (sql, params = []) => {
        asked.push([sql, params]);
        return opened.db.query(sql, params);
      },
    };
    await ask(createKeep({ db: watching, vault: plainVault }), watching);
    const steps: string[] = [];
    for (const [sql, params] of asked) steps.push(...(await explain(sql, params)));
    return steps;
  };
  /** The indexes that are used for it, each once. */
  const indexesOf = async (ask: Ask): Promise<string[]> => {
    const steps = await stepsOf(ask);
    const found = steps.flatMap((step) => /(?:Scan|Scan Backward) (?:using|on) (\w+)/.exec(step)?.[1] ?? []);
    return [...new Set(found)].filter((name) => name.startsWith('hooks') || name.startsWith('events')).sort();
  };
  /** How statements go about what they forget, that forget no more than a page of it. */
  const forgetting = async (): Promise<string[]> => {
    const asked = new Map<string, readonly SqlValue[]>();
    const watching: Db = {
      ...opened.db,
      transaction: async (steps) => {
        for (const { sql, rows } of steps) if (sql.includes('limit')) asked.set(sql, rows[0] ?? []);
        return steps.map(({ rows }) => rows.map(() => []));
      },
    };
    const limits = { bodies: NOW, keys: NOW, attempts: NOW, orders: NOW, visits: NOW, audit: NOW };
    await createKeep({ db: watching, vault: plainVault }).forget(limits, new AbortController().signal);
    const steps: string[] = [];
    for (const [sql, params] of asked) steps.push(...(await explain(sql, params)));
    return steps;
  };
  const page = { before: '', since: '', limit: 50 };

  test('a new event looks at no names but its own, also while nobody knows how many there are', async () => {
    const asked: [string, readonly SqlValue[]][] = [];
    const watching: Db = {
      ...opened.db,
      transaction: async (steps, options) => {
        asked.push(...createSplitter()(steps).map(({ sql, values }): [string, SqlValue[]] => [sql, values]));
        return opened.db.transaction(steps, options);
      },
    };
    const digests = ['one', 'two'].map((order) =>
      makeDigest(makeHook(order, { lease_id: 'a' }), { events: [makeNamed([order, `payment of ${order}`])] }),
    );
    await createKeep({ db: watching, vault: plainVault }).recordDigests(digests, NOW);
    const found: string[] = [];
    for (const [sql, params] of asked.filter(([sql]) => sql.includes('insert into events')))
      found.push(...(await explain(sql, params)));
    const inStore = found.filter((step) => /^Index Cond: .*\bstore = /.test(step));
    expect(inStore).not.toEqual([]);
    expect(inStore.filter((step) => !/\bkey = /.test(step))).toEqual([]);
  });

  test.each([['never counted'], ['counted']])(
    'looks for each page that it forgets at no more, in tables %s',
    async (known) => {
      if (known === 'counted') await client.query('analyze');
      const steps = await forgetting();
      expect(steps.filter((step) => step.includes('Index Scan using attempts_other_pkey'))).not.toEqual([]);
      // Tables that are no days it takes for small until they were counted, which is soon.
      const all = /Bitmap|Seq Scan/;
      expect(steps.filter((step) => (known === 'counted' ? all : /Bitmap.*_other/).test(step))).toEqual([]);
    },
  );

  test.each([['never counted'], ['counted']])('lists and searches in tables that it has %s', async (known) => {
    if (known === 'counted') await client.query('analyze');
    const group = { store: 'acme', source: 'shopify', state: 'ignored' };
    expect(await indexesOf((keep) => keep.listHooks([group], page))).toEqual(['hooks_outcome']);
    expect(await indexesOf((keep) => keep.lastHookOf('acme', 'shopify'))).toEqual(['hooks_outcome']);
    expect(await indexesOf((_, db) => listRecentHooks(db, plainVault, 'acme', 5))).toContain('hooks_outcome');
    expect(await indexesOf((keep) => keep.listEvents([{ store: 'acme', name: 'refund' }], page))).toEqual([
      'events_listed',
    ]);
    const lacking = [{ store: 'acme', name: 'refund' }];
    expect(await indexesOf((keep) => keep.listLacking(lacking, { ...page, lack: 'visit' }))).toEqual([
      'events_lacking',
    ]);
    expect(await indexesOf((keep) => keep.findTrace({ store: 'acme', order_id: '1' }))).toEqual([
      'events_order',
      'hooks_pkey',
      'hooks_waiting',
    ]);
    // From its events, which are found before: however many it takes them for, never from all attempts.
    for (const by of [{ hook_id: '1' }, { store: 'acme', order_id: '1' }]) {
      const steps = await stepsOf((keep) => keep.findTrace(by));
      const attempts = steps.findIndex((step) => step.includes('Index Scan using attempts_other_pkey'));
      expect(steps[attempts + 1]).toBe('Index Cond: (event_id = found.id)');
    }
    const wanted = { text: 'ann@example.com', stores: [], delivery_keys: [] };
    const person = { emails: ['ann@example.com'], phones: ['+31612345678'] };
    expect(await indexesOf((keep) => keep.search({ ...wanted, ...person }))).toEqual([
      'events_email',
      'events_phone',
      'events_pkey',
      'hooks_pkey',
    ]);
  });
});
