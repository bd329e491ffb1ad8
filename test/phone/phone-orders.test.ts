// Phone orders through the real service: kept as hooks, once each, and sent on; nothing of the kind is taken from outside.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKeep } from '../../src/keep/keep.ts';
import { openDatabase } from '../../src/keep/open.ts';
import { newId } from '../../src/lib/id.ts';
import { vaultOf } from '../../src/lib/vault.ts';
import { createPhoneOrders } from '../../src/phone/phone-orders.ts';
import { type Order, readOrder } from '../../src/phone/read.ts';
import { eventually, type Rig, startRig } from '../support/service.ts';
import { buildStore } from '../support/stores.ts';

const order = (given: object): Order => {
  const read = readOrder(given, { country: 'NL', currency: 'EUR', now: Date.now() });
  if ('mistakes' in read) throw new Error(JSON.stringify(read.mistakes));
  return read.entry;
};

describe('phone orders', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig();
  });
  afterAll(() => rig.close());

  test('that come from outside are refused, as if there were no such source', async () => {
    const reply = await fetch(`${rig.service.url}/hooks/shop/phone`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'order', id: 'x', number: '1', amount: '1', currency: 'EUR' }),
    });
    expect(reply.status).toBe(404);
  });

  test('are kept once under their key, answered with the first one’s number, and arrive as phone calls', async () => {
    const { db, close } = await openDatabase({ url: undefined, folder: `${rig.folder}/data` });
    const keep = createKeep({ db, vault: vaultOf(undefined) });
    const store = await buildStore('phone');
    const { keep: keepOne, keepAll } = createPhoneOrders({ keep, now: Date.now, newId });
    const maker = { id: newId(), how: 'api' } as const;
    const first = await keepOne(store, order({ amount: 50, phone: '0612345678', idempotency_key: 'a' }), maker);
    expect(first).toMatchObject({ kind: 'kept', number: expect.stringMatching(/^P\d{6}-[A-Z0-9]{8}$/) });
    const [again, other] = await keepAll(
      store,
      [
        order({ amount: 60, phone: '0612345678', idempotency_key: 'a' }),
        order({ amount: 70, email: 'ann@example.com', number: '1042', idempotency_key: 'b' }),
      ],
      maker,
    );
    expect(again).toEqual({ kind: 'duplicate', hook_id: first.hook_id, number: first.number });
    expect(other).toMatchObject({ kind: 'kept', number: '1042' });
    const { ga4, meta } = rig.standins;
    await eventually(() => ga4.counted.size === 2 && meta.counted.size === 2, 'both arrived');
    expect([...meta.counted]).toContainEqual(['Purchase:1042', 1]);
    const toMeta = rig.standins.received.filter(({ destination }) => destination === 'meta');
    expect(JSON.stringify(toMeta)).toContain('phone_call');
    await close();
  });
});
