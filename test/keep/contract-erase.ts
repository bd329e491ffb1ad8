// The contract of erasing: what is about a person goes, what says that something was counted stays, nothing comes back.
import { describe, expect, test } from 'vitest';
import type { Event } from '../../src/event.ts';
import type { Person } from '../../src/keep/person.ts';
import type { NewHook } from '../../src/keep/questions/hooks.ts';
import { openEvent } from '../../src/keep/sealed.ts';
import { delivered, makeDigest, makeEvent, makeHook, makeNamed, makePurchase, NOW } from './make.ts';
import type { Rig } from './rig.ts';

const ANN: Person = { emails: ['ann@example.com'], phones: [], customers: [], orders: [] };
const ofOrders = (...orders: string[]): Person => ({ ...ANN, emails: [], orders });
const LATER = NOW + 1_000;

export function testErase(rig: Rig): void {
  const keepHook = async (body: string, parts: Parameters<typeof makeDigest>[1] = {}): Promise<NewHook> => {
    const hook = makeHook(body, { lease_id: 'lease' });
    await rig.keep.keepHooks([hook]);
    await rig.keep.recordDigests([makeDigest(hook, parts)], NOW);
    return hook;
  };
  /** An order of this buyer, with one delivery to ga4 and one to meta. */
  const keepOrder = (order_id: string, email: string, event: Partial<Event> = {}) => {
    const purchase = { ...makePurchase(order_id), user_data: { email_address: email }, ...event };
    return keepHook(`{"id":${order_id},"email":"${email}"}`, { events: [makeEvent(purchase, ['ga4', 'meta'])] });
  };
  const erase = (person: Person, options: object = {}) => rig.keep.erasePerson(person, {}, { now: LATER, ...options });
  const eventOf = async (order_id: string): Promise<Event | undefined> => {
    const [row] = await rig.db.query('select body from events where order_id = $1', [order_id]);
    return row?.body instanceof Uint8Array ? openEvent(rig.vault, row.body) : undefined;
  };
  const stateOf = async ({ hook: { id } }: NewHook) =>
    (await rig.db.query('select state, due_at, lease_id from hooks where id = $1', [id]))[0];
  const bodies = () => rig.countRows('hook_bodies');

  describe('erasing a person', () => {
    test('leaves name and time of their events, cancels what waits and deletes the bodies', async () => {
      const hook = await keepOrder('1', 'Ann@Example.com');
      await keepOrder('2', 'bob@example.com');
      expect(await erase(ANN)).toEqual({ events: 1, deliveries: 2, hooks: 1, unfinished: 0, visits: 0, unreadable: 0 });
      expect(await eventOf('1')).toEqual({ name: 'purchase', event_time: '2026-01-15T12:00:00Z' });
      expect(await stateOf(hook)).toEqual({ state: 'erased', due_at: null, lease_id: null });
      const page = { before: '', since: '', limit: 9, lack: 'visit' } as const;
      expect(await rig.keep.listLacking([{ store: 'demo', name: 'purchase' }], page)).toMatchObject([
        { order_id: '2' },
      ]);
      expect(await rig.claimFor('ga4', 'a')).toMatchObject([{ event: { order_id: '2' } }]);
      expect(await bodies()).toBe(1);
    });

    test('leaves the hook counted, listed and known as the last of its source', async () => {
      const hook = await keepOrder('1', 'ann@example.com');
      await erase(ANN);
      const place = { store: 'demo', source: 'shop' };
      expect(await rig.keep.lastHookOf('demo', 'shop')).toBe(hook.hook.id);
      expect(await rig.keep.countHooks(place, 0, Date.now() + 1_000)).toMatchObject({ mapped: 0, erased: 1 });
    });

    test('says in the ledger that the order is erased, under each of its ids, and makes nothing twice', async () => {
      const named = makeNamed(['1', 'A-1'], ['ga4']);
      await keepHook('{"email":"ann@example.com"}', {
        events: [{ ...named, event: { ...named.event, user_data: { email_address: 'ann@example.com' } } }],
      });
      await erase(ANN);
      const entries = await rig.keep.findOrders('demo', ['1', 'A-1']);
      expect(entries.sort((a, b) => (a.order_id < b.order_id ? -1 : 1))).toEqual([
        { order_id: '1', reason: 'erased', erased: true },
        { order_id: 'A-1', reason: 'erased', erased: true },
      ]);
      const again = makeHook('again', { lease_id: 'b' });
      await rig.keep.keepHooks([again]);
      const digest = makeDigest(again, {
        events: [makeNamed(['1', 'A-1'], ['ga4'])],
        uncounted: [{ order_id: '1', reason: 'pending' }],
      });
      expect(await rig.keep.recordDigests([digest], NOW)).toEqual(new Set());
      expect(await rig.keep.findOrders('demo', ['1'])).toEqual([{ order_id: '1', reason: 'erased', erased: true }]);
    });

    test('finds hooks that made no event, by their bodies, by what look-ups answered and by what they wait for', async () => {
      const ignored = await keepHook('{"cart":1,"contact":"ann@example.com"}', { state: 'ignored' });
      const stuck = await keepHook('{"id":"x"}', { state: 'stuck', answers: { q: { mail: 'ann@example.com' } } });
      await keepOrder('1', 'ann@example.com');
      const waiting = await keepHook('{"refund":1}', { state: 'waiting', waits_for: '1', due_at: NOW + 9 });
      const other = await keepHook('{"cart":2,"contact":"joann@example.com"}', { state: 'stuck' });
      expect(await erase(ANN)).toMatchObject({ events: 1, hooks: 4, unfinished: 2 });
      for (const hook of [ignored, stuck, waiting]) expect(await stateOf(hook)).toMatchObject({ state: 'erased' });
      expect(await stateOf(other)).toMatchObject({ state: 'stuck' });
    });

    test('finds hooks whose bodies are UTF-16', async () => {
      const { hook, ...rest } = makeHook('{}');
      const body = Buffer.from('{"email":"ann@example.com","name":"Ann Müller"}', 'utf16le');
      await rig.keep.keepHooks([{ hook: { ...hook, body }, ...rest }]);
      expect(await erase(ANN)).toMatchObject({ hooks: 1 });
      expect(await bodies()).toBe(0);
    });

    test('finds refunds and hooks of their orders that do not name them', async () => {
      await keepOrder('727', 'ann@example.com');
      const refund = makeEvent({ ...makePurchase('727'), name: 'refund' }, ['ga4']);
      await keepHook('{"refund":9,"order_id":727}', { events: [refund] });
      await keepHook('{"restock":1,"order_id":727}', { state: 'ignored' });
      await keepHook('{"restock":1,"order_id":728}', { state: 'ignored' });
      expect(await erase(ANN)).toMatchObject({ events: 2, deliveries: 3, hooks: 3 });
      expect(await bodies()).toBe(1);
    });

    test('finds the event of a body that names them, whichever of their addresses it kept, and what tells of its order', async () => {
      const body = '{"id":"727","email":"ann.b@example.com","account":{"email":"ann@example.com"}}';
      const purchase = { ...makePurchase('727'), user_data: { email_address: 'ann.b@example.com' } };
      await keepHook(body, { events: [makeEvent(purchase, ['ga4', 'meta'])] });
      const refund = makeEvent({ ...makePurchase('727'), name: 'refund' }, ['ga4']);
      await keepHook('{"refund":9,"order_id":727}', { events: [refund] });
      await keepHook('{"restock":1,"order_id":727}', { state: 'ignored' });
      const counted = await erase(ANN, { dryRun: true });
      expect(await erase(ANN)).toEqual(counted);
      expect(counted).toMatchObject({ events: 2, deliveries: 3, hooks: 3 });
      expect(await rig.countRows('deliveries')).toBe(0);
    });

    test('leaves the events of others whose records came in the same hook', async () => {
      const of = (order_id: string, email_address: string) =>
        makeEvent({ ...makePurchase(order_id), user_data: { email_address } }, ['ga4']);
      await keepHook('[{"email":"ann@example.com"},{"email":"bob@example.com"}]', {
        events: [of('1', 'ann@example.com'), of('2', 'bob@example.com')],
      });
      await keepHook('[{"cc":"ann@example.com"},{"email":"cy@example.com"},{"email":"di@example.com"}]', {
        events: [of('3', 'cy@example.com'), of('4', 'di@example.com')],
      });
      expect(await erase(ANN)).toMatchObject({ events: 1, deliveries: 1, hooks: 2 });
      expect(await rig.countRows('deliveries')).toBe(3);
    });

    test('finds an order by any id of the ledger', async () => {
      await keepHook('{"x":1}', { events: [makeNamed(['1', 'A-1'], ['ga4'])] });
      expect(await erase(ofOrders('A-1'))).toMatchObject({ events: 1, hooks: 1 });
    });

    test('finds an order by any id of the ledger of the store that was asked, and of no other', async () => {
      await keepHook('{"x":1}', { events: [makeNamed(['1', 'A-1'], ['ga4'])] });
      expect(await rig.keep.erasePerson(ofOrders('A-1'), { store: 'other' }, { now: LATER })).toMatchObject({
        events: 0,
      });
      expect(await rig.keep.erasePerson(ofOrders('A-1'), { store: 'demo' }, { now: LATER })).toMatchObject({
        events: 1,
      });
    });

    test('forgets why an order that was not counted was not', async () => {
      await keepHook('{"order_id":"5"}', {
        state: 'ignored',
        uncounted: [{ order_id: '5', reason: 'the tag is "Ann"' }],
      });
      await erase(ofOrders('5'));
      expect(await rig.keep.findOrders('demo', ['5'])).toEqual([{ order_id: '5', reason: 'erased', erased: true }]);
    });

    test('says in the ledger that an order is erased whose purchase was not made yet', async () => {
      const waits = { state: 'waiting' as const, due_at: LATER, uncounted: [{ order_id: '6' }] };
      const waiting = await keepHook('{"order_id":"6"}', waits);
      await erase(ofOrders('6'));
      expect(await rig.keep.findOrders('demo', ['6'])).toEqual([{ order_id: '6', reason: 'erased', erased: true }]);
      expect(await stateOf(waiting)).toMatchObject({ state: 'erased', due_at: null });
    });

    test('takes the address out of the name of an event', async () => {
      const lead = { name: 'generate_lead', event_time: '2026-01-15T12:00:00Z' };
      const event = {
        ...makeEvent({ ...lead, user_data: { email_address: 'ann@example.com' } }),
        key: 'lead:ann@example.com',
      };
      await keepHook('{"email":"ann@example.com"}', { events: [{ ...event, keys: [event.key, 'lead:7'] }] });
      await erase(ANN);
      expect(await rig.db.query('select key from events')).toEqual([{ key: `erased:${event.id}` }]);
      expect(await rig.db.query('select key from event_keys')).toEqual([{ key: 'lead:7' }]);
    });

    test('keeps a hook that is being worked on from making its event afterwards', async () => {
      const held = makeHook('{"email":"ann@example.com"}', { lease_id: 'a', due_at: NOW + 60_000 });
      await rig.keep.keepHooks([held]);
      await erase(ANN);
      const digest = makeDigest(held, { events: [makeEvent(makePurchase('1'), ['ga4'])] });
      expect(await rig.keep.recordDigests([digest], NOW)).toEqual(new Set());
      expect(await stateOf(held)).toMatchObject({ state: 'erased' });
    });

    test('is not undone by replays or by an attempt under way', async () => {
      const hook = await keepOrder('1', 'ann@example.com');
      const sending = await rig.claimFor('ga4', 'a');
      await rig.keep.finishDeliveries(
        (await rig.claimFor('meta', 'a')).map((delivery) => ({
          ...delivered(delivery),
          attempt: { at: NOW, ms: 1, kind: 'rejected' as const, reason: 'Ann is no name' },
        })),
      );
      const page = { after: '', limit: 10 };
      const dead = await rig.keep.selectDeliveries({}, ['rejected'], page);
      expect(dead).toHaveLength(1);
      await erase(ANN);
      expect(await rig.keep.selectHooks({}, page)).toEqual([]);
      expect(await rig.keep.selectDeliveries({}, ['rejected'], page)).toEqual([]);
      await rig.keep.mapAgain([hook.hook.id], NOW);
      await rig.keep.sendAgain(
        dead.map((one) => ({ ...one, account: 'meta' })),
        NOW,
      );
      await rig.keep.finishDeliveries(
        sending.map((delivery) => ({
          ...delivered(delivery),
          attempt: { at: NOW, ms: 1, kind: 'retry' as const },
          due_at: NOW,
        })),
      );
      expect(await rig.countRows('deliveries')).toBe(0);
      expect(await rig.claimIds('c', NOW + 10)).toEqual([]);
      expect(await rig.db.query('select reason from attempts where reason is not null')).toEqual([]);
    });

    test('takes what receivers answered about them, and nothing that they answered about others', async () => {
      await keepOrder('1', 'ann@example.com');
      await keepOrder('2', 'bob@example.com');
      const rejected = (await rig.claimFor('meta', 'a')).map((delivery) => ({
        ...delivered(delivery),
        attempt: { at: NOW, ms: 1, kind: 'rejected' as const, reason: `${delivery.event.order_id} is refused` },
      }));
      await rig.keep.finishDeliveries(rejected);
      await erase(ANN);
      const left = await rig.db.query('select reason from attempts where reason is not null');
      expect(left).toEqual([{ reason: '2 is refused' }]);
    });

    test('spares the hook that asks for it, whose body goes when it is recorded', async () => {
      const asking = makeHook('{"customer":{"email":"ann@example.com"}}', { lease_id: 'a' });
      await rig.keep.keepHooks([asking]);
      expect(await erase(ANN, { spare: asking.hook.id })).toMatchObject({ hooks: 0 });
      await rig.keep.recordDigests([makeDigest(asking, { state: 'ignored', reason: 'done', forget_body: true })], NOW);
      expect(await stateOf(asking)).toMatchObject({ state: 'ignored' });
      expect(await bodies()).toBe(0);
    });

    test('changes nothing in a dry run and counts the same', async () => {
      await keepOrder('1', 'ann@example.com');
      const counted = await erase(ANN, { dryRun: true });
      expect([await rig.countRows('deliveries'), await bodies()]).toEqual([2, 1]);
      expect(await erase(ANN)).toEqual(counted);
      expect(await erase(ANN)).toMatchObject({ events: 0, deliveries: 0, hooks: 0 });
    });

    test('stays within a store where one is named', async () => {
      await keepOrder('1', 'ann@example.com');
      expect(await rig.keep.erasePerson(ANN, { store: 'other' }, { now: LATER })).toMatchObject({
        events: 0,
        hooks: 0,
      });
      expect(await rig.keep.erasePerson(ANN, { store: 'demo' }, { now: LATER })).toMatchObject({ events: 1, hooks: 1 });
    });

    test('passes over what cannot be opened and says how much that was', async () => {
      const hook = await keepOrder('1', 'ann@example.com');
      await rig.db.transaction([
        { sql: 'update hook_bodies set body = $2 where hook_id = $1', rows: [[hook.hook.id, Buffer.from([9, 9])]] },
      ]);
      await keepOrder('2', 'ann@example.com');
      expect(await erase(ANN)).toMatchObject({ events: 2, hooks: 2, unreadable: 1 });
    });

    test('erases an event of which a part is left', async () => {
      await keepOrder('1', 'ann@example.com');
      const part = rig.vault.seal(Buffer.from('{"user_data":{"email_address":"ann@example.com"},"order_'));
      await rig.db.transaction([{ sql: 'update events set body = $1', rows: [[part]] }]);
      expect(await erase(ANN)).toMatchObject({ events: 1, deliveries: 2, hooks: 1 });
      expect(await eventOf('1')).toMatchObject({ name: 'purchase' });
    });
  });

  test('erasing a source takes all its hooks and events, and those of no other source or store', async () => {
    await keepOrder('1', 'ann@example.com');
    await keepHook('{"id":2}', { state: 'ignored' });
    for (const place of [{ source: 'other' }, { store: 'bakery' }]) {
      const other = makeHook(JSON.stringify(place), { lease_id: 'lease' });
      await rig.keep.keepHooks([{ ...other, hook: { ...other.hook, ...place } }]);
    }
    const erased = await rig.keep.eraseSource({ store: 'demo', source: 'shop' }, { now: LATER });
    expect(erased).toEqual({ events: 1, deliveries: 2, hooks: 2, unfinished: 0, visits: 0, unreadable: 0 });
    expect(await bodies()).toBe(2);
    expect(await rig.keep.findOrders('demo', ['1'])).toEqual([{ order_id: '1', reason: 'erased', erased: true }]);
  });
}
