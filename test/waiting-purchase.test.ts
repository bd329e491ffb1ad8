// A refund whose purchase waits for a look-up waits as long, and no longer.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createKeep } from '../src/keep/keep.ts';
import { openEvent } from '../src/keep/sealed.ts';
import { openSqlite, type Sqlite } from '../src/keep/sqlite/sqlite.ts';
import { newId } from '../src/lib/id.ts';
import { plainVault } from '../src/lib/vault.ts';
import { createComplete } from '../src/road/complete.ts';
import type { Given } from '../src/road/lookups.ts';
import { digestTo } from './support/digest.ts';
import { buildStore } from './support/stores.ts';

const START = Date.UTC(2026, 10, 18, 9);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const at = new Date(START).toISOString();

let folder: string;
let sqlite: Sqlite;
let now: number;
let asked: number;
let answer: Given;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tagbridge-waiting-'));
  sqlite = await openSqlite({ path: join(folder, 'tagbridge.db') });
  [now, asked, answer] = [START, 0, { later: undefined, reason: 'the API is away' }];
});
afterEach(async () => {
  await sqlite.close();
  await rm(folder, { recursive: true });
});

const payment = {
  type: 'payment.updated',
  data: {
    object: {
      payment: {
        id: 'PAY1',
        order_id: 'ORD1',
        reference_id: 'WEB-1042',
        status: 'COMPLETED',
        created_at: at,
        updated_at: at,
        total_money: { amount: 4900, currency: 'EUR' },
        source_type: 'CARD',
      },
    },
  },
};
const refund = (id: string) => ({
  type: 'refund.updated',
  data: {
    object: {
      refund: {
        id,
        status: 'COMPLETED',
        payment_id: 'PAY1',
        order_id: 'RETURN1',
        created_at: at,
        updated_at: at,
        amount_money: { amount: 1000, currency: 'EUR' },
      },
    },
  },
});
const order = { order: { id: 'ORD1', total_money: { amount: 4900, currency: 'EUR' }, line_items: [] } };

const SQUARE = {
  platform: 'square',
  settings: { api_token: 'token' },
  headers: { 'square-environment': 'Production' },
};
const WOO = {
  platform: 'woocommerce',
  settings: { shop_domain: 'acme.example', consumer_key: 'key', consumer_secret: 'secret' },
  headers: { 'x-wc-webhook-topic': 'order.updated' },
};

/** A shop whose clock is moved by hand; its parts are made anew for each turn, as after a restart. */
async function openShop(over: Record<string, unknown> = {}, source: typeof SQUARE | typeof WOO = SQUARE) {
  const { platform } = source;
  const store = await buildStore(platform, over, source.settings);
  const keep = createKeep({ db: sqlite.db, vault: plainVault });
  const turns: string[] = [];
  const turn = async () => {
    const background: Promise<void>[] = [];
    const ask = async (): Promise<Given> => {
      asked += 1;
      return answer;
    };
    const digest = digestTo({
      stores: { get: () => store },
      keep,
      now: () => now,
      log: { info: () => {}, warn: () => {}, error: (fields) => expect(fields).toBeUndefined() },
      complete: createComplete({ lookups: { ask }, keep, now: () => now }),
      background: (work) => void background.push(work),
    });
    const due = await keep.claimHooks({ now, lease_until: now + MINUTE, lease_id: 'one', limit: 100 });
    turns.push(...due.map(({ id }) => id));
    await digest(due, 'one');
    await Promise.all(background);
  };
  const takeIn = async (body: object): Promise<string> => {
    const headers = { 'content-type': 'application/json', ...source.headers };
    const id = newId();
    const hook = {
      id,
      store: 'shop',
      source: platform,
      received_at: now,
      headers,
      body: Buffer.from(JSON.stringify(body)),
    };
    await keep.keepHooks([{ hook, keys: { body: Buffer.from(id) }, due_at: now }]);
    await turn();
    return id;
  };
  const pass = async (ms: number) => {
    for (const end = now + ms; now < end; ) {
      now += MINUTE / 2;
      await turn();
    }
  };
  const made = async () => {
    const rows = await sqlite.db.query('select body from events order by id');
    return rows
      .map(({ body }) => openEvent(plainVault, body instanceof Uint8Array ? body : new Uint8Array()))
      .map(({ name, transaction_id }) => [name, transaction_id]);
  };
  const state = async (id: string) => (await sqlite.db.query('select state from hooks where id = $1', [id]))[0]?.state;
  return { takeIn, pass, made, state, turns };
}

test('a refund whose purchase waits hours for its look-up goes out after it, under its transaction id', async () => {
  const { takeIn, pass, made } = await openShop();
  await takeIn(payment);
  await takeIn(refund('R1'));
  await pass(2 * HOUR);
  expect(await made()).toEqual([]);
  answer = { answer: order };
  await pass(2 * HOUR);
  expect(await made()).toEqual([
    ['purchase', 'WEB-1042'],
    ['refund', 'WEB-1042'],
  ]);
});

test('a refund that comes before its purchase, and one that comes hours later, wait as long as the purchase', async () => {
  const { takeIn, pass, made } = await openShop();
  await takeIn(refund('R1'));
  await takeIn(payment);
  await pass(HOUR);
  await takeIn(refund('R2'));
  await pass(4.5 * HOUR);
  expect(await made()).toEqual([]);
  await pass(HOUR);
  expect(await made()).toEqual([
    ['purchase', 'WEB-1042'],
    ['refund', 'WEB-1042'],
    ['refund', 'WEB-1042'],
  ]);
});

test('a refund is looked at about as often as the purchase it waits for', async () => {
  const { takeIn, pass, turns } = await openShop();
  await takeIn(payment);
  const id = await takeIn(refund('R1'));
  await pass(5 * HOUR);
  const looks = turns.filter((one) => one === id).length;
  expect([asked > 5, looks <= asked]).toEqual([true, true]);
});

test('a refund whose purchase turns out not to count is not sent, a minute after that', async () => {
  const { takeIn, pass, made, state } = await openShop({ channels: ['phone'] });
  await takeIn(payment);
  const id = await takeIn(refund('R1'));
  await pass(2 * HOUR);
  answer = { answer: order };
  await pass(HOUR + 2 * MINUTE);
  expect([await made(), await state(id)]).toEqual([[], 'ignored']);
});

test('a refund whose purchase was set aside as stuck is sent as it is, and so is one that nothing is known of', async () => {
  const { takeIn, pass, made } = await openShop();
  const id = await takeIn(payment);
  await takeIn(refund('R1'));
  await pass(HOUR);
  await sqlite.db.transaction([{ sql: "update hooks set state = 'stuck', due_at = null where id = $1", rows: [[id]] }]);
  await pass(HOUR);
  expect(await made()).toEqual([['refund', 'PAY1']]);
});

const refundedInPart = (over: Record<string, unknown>) => ({
  id: 77,
  status: 'completed',
  currency: 'EUR',
  total: '100.00',
  date_created_gmt: at.slice(0, 19),
  date_paid_gmt: at.slice(0, 19),
  date_modified_gmt: at.slice(0, 19),
  refunds: [{ id: 900, total: '-10.00' }],
  ...over,
});

test('an order that does not count, refunded in part while the shop is away for a moment, does not wait for its own hook', async () => {
  const { takeIn, pass, made, state, turns } = await openShop({}, WOO);
  const id = await takeIn(refundedInPart({ status: 'cancelled' }));
  expect(await state(id)).toBe('waiting');
  answer = { answer: [] };
  await pass(11 * MINUTE);
  expect([await made(), await state(id), turns.length <= 4]).toEqual([[], 'ignored', true]);
});

test('an order too old to count that waits for a look-up is not noted as one that may count', async () => {
  const { takeIn, state } = await openShop({}, WOO);
  const paid = '2026-09-18T09:00:00';
  const id = await takeIn(refundedInPart({ date_created_gmt: paid, date_paid_gmt: paid }));
  expect([await state(id), await sqlite.db.query('select * from orders')]).toEqual(['waiting', []]);
});
