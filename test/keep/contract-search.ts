// The contract of the search by e-mail and phone: found by who knows them, not readable in the tables, gone when erased.
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Event } from '../../src/event.ts';
import { makeDigest, makeEvent, makeHook, makePurchase, NOW } from './make.ts';
import type { Rig } from './rig.ts';

export function testSearch(rig: Rig): void {
  const keepOrder = async (order_id: string, user_data: Event['user_data']): Promise<string> => {
    const hook = makeHook(`order ${order_id}`, { lease_id: 'lease' });
    await rig.keep.keepHooks([hook]);
    const event = makeEvent({ ...makePurchase(order_id), user_data });
    await rig.keep.recordDigests([makeDigest(hook, { events: [event] })], NOW);
    return hook.hook.id;
  };
  const find = async (by: { emails?: string[]; phones?: string[] }) => {
    const { matches } = await rig.keep.search({
      text: 'text',
      stores: ['demo'],
      delivery_keys: [],
      emails: [],
      phones: [],
      ...by,
    });
    return matches.map(({ what, hook_id, order_id }) => ({ what, hook_id, order_id }));
  };

  describe('the search by the number of an order', () => {
    const number = (text: string) =>
      rig.keep.search({ text, stores: ['demo'], delivery_keys: [], emails: [], phones: [] });
    const keepSeen = async (order_id: string, order_number?: string) => {
      const hook = makeHook(`seen ${order_id}`, { lease_id: 'lease' });
      await rig.keep.keepHooks([hook]);
      const uncounted = [{ order_id, reason: 'not paid', ...(order_number !== undefined && { order_number }) }];
      await rig.keep.recordDigests([makeDigest(hook, { state: 'ignored', uncounted })], NOW);
    };

    test('finds what was counted, with and without the sign before it, and once', async () => {
      const hook = makeHook('one', { lease_id: 'lease' });
      await rig.keep.keepHooks([hook]);
      const event = { ...makeEvent({ ...makePurchase('7001'), transaction_id: 'T-1' }), order_ids: ['p1'] };
      await rig.keep.recordDigests([makeDigest(hook, { events: [{ ...event, order_number: '1042' }] })], NOW);
      for (const text of ['#1042', '1042']) {
        const { matches } = await number(text);
        expect(matches).toMatchObject([{ what: 'order number', hook_id: hook.hook.id, order_id: '7001' }]);
      }
      expect((await number('104')).matches).toEqual([]);
    });

    test.each([
      ['whose number was known', '1043', ['7002']],
      ['whose number was not known', undefined, []],
    ])('finds what was not counted, %s, also when it is counted later', async (_, seen, found) => {
      await keepSeen('7002', seen);
      expect((await number('#1043')).uncounted.map(({ order_id }) => order_id)).toEqual(found);
      const paid = makeHook('paid', { lease_id: 'lease' });
      await rig.keep.keepHooks([paid]);
      const event = { ...makeEvent(makePurchase('7002')), order_number: '1043' };
      await rig.keep.recordDigests([makeDigest(paid, { events: [event] })], NOW);
      const { matches, uncounted } = await number('#1043');
      expect(matches).toMatchObject([{ what: 'order number', order_id: '7002' }]);
      expect(uncounted).toEqual([]);
    });

    test('lists an order once whose number is its id', async () => {
      await keepSeen('1044', '1044');
      expect((await number('1044')).uncounted).toEqual([{ store: 'demo', order_id: '1044', reason: 'not paid' }]);
    });
  });

  describe('the search by whose an event is', () => {
    test('says nothing of other stores to who asks of some only', async () => {
      const hook_id = await keepOrder('8001', { email_address: 'apart@example.com' });
      const asked = {
        text: 'apart@example.com',
        delivery_keys: [],
        emails: ['apart@example.com'],
        phones: [],
        only: true,
      };
      const ask = async (...stores: string[]) => (await rig.keep.search({ ...asked, stores })).matches;
      expect(await ask('demo', 'lamps')).toMatchObject([{ store: 'demo', hook_id }]);
      expect(await ask('lamps')).toEqual([]);
      expect(await ask()).toEqual([]);
      expect((await rig.keep.search({ ...asked, text: hook_id, stores: ['lamps'] })).matches).toEqual([]);
    });
    test('finds an e-mail in any case and a phone, the newest first, and nobody else’s', async () => {
      const first = await keepOrder('1', { email_address: 'Ann@Example.com', phone_number: '+31612345678' });
      const second = await keepOrder('2', { email_address: 'ann@example.com' });
      await keepOrder('3', { email_address: 'joann@example.com', phone_number: '+31612345679' });
      expect(await find({ emails: [' ANN@example.com'] })).toEqual([
        { what: 'e-mail', hook_id: second, order_id: '2' },
        { what: 'e-mail', hook_id: first, order_id: '1' },
      ]);
      expect(await find({ phones: ['+3112', '+31612345678'] })).toEqual([
        { what: 'phone', hook_id: first, order_id: '1' },
      ]);
      expect(await find({ emails: ['nobody@example.com'], phones: ['+31612345670'] })).toEqual([]);
    });

    test('keeps neither the address nor its plain hash', async () => {
      await keepOrder('1', { email_address: 'ann@example.com', phone_number: '+31612345678' });
      const [row] = await rig.db.query('select email_mark, phone_mark from events');
      const hex = (value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : undefined);
      for (const [mark, text] of [
        [hex(row?.email_mark), 'ann@example.com'],
        [hex(row?.phone_mark), '+31612345678'],
      ] as const) {
        expect(mark).toMatch(/^[0-9a-f]{32}$/);
        expect(createHash('sha256').update(text).digest('hex')).not.toContain(mark);
      }
    });

    test('finds nobody who was erased', async () => {
      await keepOrder('1', { email_address: 'ann@example.com', phone_number: '+31612345678' });
      const person = { emails: ['ann@example.com'], phones: [], customers: [], orders: [] };
      await rig.keep.erasePerson(person, {}, { now: NOW });
      expect(await find({ emails: ['ann@example.com'], phones: ['+31612345678'] })).toEqual([]);
    });
  });
}
