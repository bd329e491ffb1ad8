// The contract of deliveries: leased, fenced, finished once, put off, paused.
import { describe, expect, test } from 'vitest';
import { hourOf } from '../../src/keep/questions/hours.ts';
import { delivered, LEASE, makeDigest, makeEvent, makeHook, makePurchase, NOW } from './make.ts';
import type { Rig } from './rig.ts';

export function testDeliveries(rig: Rig): void {
  describe('deliveries', () => {
    test('are claimed for one account, with their event', async () => {
      const event_id = await rig.makePurchaseDue('1', 'ga4', 'meta');
      expect(await rig.claimFor('ga4', 'a')).toEqual([
        {
          event_id,
          destination: 'ga4',
          copy: 0,
          store: 'demo',
          account: 'ga4',
          attempts: 0,
          created_at: NOW,
          lease_id: 'a',
          event: makePurchase('1'),
        },
      ]);
      expect(await rig.claimFor('ga4', 'b')).toEqual([]);
      expect(await rig.claimFor('meta', 'b')).toHaveLength(1);
    });

    test('born leased are left to their holder until the lease ends', async () => {
      const hook = makeHook('one', { lease_id: 'a' });
      await rig.keep.keepHooks([hook]);
      await rig.keep.recordDigests([makeDigest(hook, { events: [makeEvent(makePurchase('1'), ['ga4'], 'a')] })], NOW);
      expect(await rig.claimFor('ga4', 'b', NOW + LEASE - 1)).toEqual([]);
      expect(await rig.claimFor('ga4', 'b', NOW + LEASE)).toHaveLength(1);
    });

    test('finished are gone, with their end in the history', async () => {
      const event_id = await rig.makePurchaseDue('1', 'ga4');
      await rig.keep.finishDeliveries((await rig.claimFor('ga4', 'a')).map(delivered));
      const { events } = await rig.keep.findTrace({ store: 'demo', order_id: '1' });
      expect(events).toMatchObject([
        { id: event_id, deliveries: [], attempts: [{ destination: 'ga4', n: 1, status: 204, kind: 'delivered' }] },
      ]);
      expect(await rig.claimFor('ga4', 'b', NOW + 2 * LEASE)).toEqual([]);
    });

    test('taken under a receipt are found by it: the last one of the event at that destination', async () => {
      const event_id = await rig.makePurchaseDue('1', 'ads', 'ga4');
      expect(await rig.keep.findReceipt(event_id, 'ads')).toBeUndefined();
      const taken = delivered(rig.only(await rig.claimFor('ads', 'a')));
      await rig.keep.finishDeliveries([{ ...taken, attempt: { ...taken.attempt, receipt: 'request-1' } }]);
      await rig.keep.finishDeliveries((await rig.claimFor('ga4', 'a')).map(delivered));
      expect(await rig.keep.findReceipt(event_id, 'ads')).toEqual({ store: 'demo', receipt: 'request-1' });
      expect(await rig.keep.findReceipt(event_id, 'ga4')).toBeUndefined();
    });

    test('put off are claimed again when due, with one attempt more', async () => {
      await rig.makePurchaseDue('1', 'ga4');
      const attempt = { at: NOW, ms: 5, kind: 'retry' as const, reason: 'status 500', ambiguous: true };
      const due_at = NOW + 5_000;
      await rig.keep.finishDeliveries([{ delivery: rig.only(await rig.claimFor('ga4', 'a')), attempt, due_at }]);
      expect(await rig.claimFor('ga4', 'b', due_at - 1)).toEqual([]);
      expect(await rig.claimFor('ga4', 'b', due_at)).toMatchObject([{ attempts: 1 }]);
      const { events } = await rig.keep.findTrace({ store: 'demo', order_id: '1' });
      expect(events[0]?.attempts).toMatchObject([{ n: 1, kind: 'retry', reason: 'status 500', ambiguous: true }]);
    });

    test('finished under a lost lease stay, and only the attempt is noted, once', async () => {
      await rig.makePurchaseDue('1', 'ga4');
      const stale = rig.only(await rig.claimFor('ga4', 'a'));
      const held = rig.only(await rig.claimFor('ga4', 'b', NOW + LEASE));
      await rig.keep.finishDeliveries([delivered(stale)]);
      await rig.keep.finishDeliveries([delivered(stale)]);
      await rig.keep.finishDeliveries([{ ...delivered(stale), due_at: NOW }]);
      expect([await rig.countRows('deliveries'), await rig.countRows('attempts')]).toEqual([1, 1]);
      await rig.keep.finishDeliveries([
        { ...delivered(held), attempt: { ...delivered(held).attempt, at: NOW + LEASE } },
      ]);
      expect([await rig.countRows('deliveries'), await rig.countRows('attempts')]).toEqual([0, 2]);
    });

    test('whose end is recorded once more, because its commit was not heard of, count once', async () => {
      // In an hour of which no other test knows.
      const at = NOW + 1_000 * LEASE;
      const sums = async () => (await rig.keep.sumAttempts(hourOf(at), hourOf(at))).map(({ attempts }) => attempts);
      const takeAll = async () =>
        (await rig.claimFor('ga4', 'a')).map(delivered).map((end) => ({ ...end, attempt: { ...end.attempt, at } }));
      for (const order of ['1', '2']) await rig.makePurchaseDue(order, 'ga4');
      const ends = await takeAll();
      for (let times = 0; times < 2; times++) await rig.keep.finishDeliveries(ends);
      expect(await sums()).toEqual([2]);
      await rig.makePurchaseDue('3', 'ga4');
      await rig.keep.finishDeliveries(await takeAll());
      expect(await sums()).toEqual([3]);
    });

    test('a skipped destination is in the history and never claimed', async () => {
      const hook = makeHook('one', { lease_id: 'a' });
      await rig.keep.keepHooks([hook]);
      const event = { ...makeEvent(makePurchase('1')), skipped: [{ destination: 'meta', reason: 'no consent' }] };
      await rig.keep.recordDigests([makeDigest(hook, { events: [event] })], NOW);
      const { events } = await rig.keep.findTrace({ hook_id: hook.hook.id });
      expect(events[0]?.attempts).toMatchObject([{ destination: 'meta', n: 0, kind: 'skipped', reason: 'no consent' }]);
      expect(await rig.countRows('deliveries')).toBe(0);
    });

    test('released are due again at the given time, unless somebody else holds them', async () => {
      await rig.makePurchaseDue('1', 'ga4');
      const delivery = rig.only(await rig.claimFor('ga4', 'a'));
      await rig.keep.releaseDeliveries([{ ...delivery, lease_id: 'not a' }], NOW);
      expect(await rig.claimFor('ga4', 'b')).toEqual([]);
      await rig.keep.releaseDeliveries([delivery], NOW + 10);
      expect(await rig.claimFor('ga4', 'b', NOW + 9)).toEqual([]);
      expect(await rig.claimFor('ga4', 'b', NOW + 10)).toMatchObject([{ attempts: 0 }]);
    });

    test('whose sending began and never ended say so to the next holder', async () => {
      await rig.makePurchaseDue('1', 'ga4');
      const delivery = rig.only(await rig.claimFor('ga4', 'a'));
      expect(await rig.keep.startDeliveries([delivery], NOW + 1)).toEqual([delivery]);
      const next = rig.only(await rig.claimFor('ga4', 'b', NOW + LEASE));
      expect(next.sending_since).toBe(NOW + 1);
      expect(await rig.keep.startDeliveries([delivery], NOW + 2)).toEqual([]);
    });

    test('whose sending began and never ended still say so when they are given back unsent, or put off', async () => {
      await rig.makePurchaseDue('1', 'ga4');
      await rig.keep.startDeliveries(await rig.claimFor('ga4', 'a'), NOW + 1);
      const released = rig.only(await rig.claimFor('ga4', 'b', NOW + LEASE));
      await rig.keep.releaseDeliveries([released], NOW);
      const put = rig.only(await rig.claimFor('ga4', 'c'));
      expect(put.sending_since).toBe(NOW + 1);
      const attempt = { at: NOW, ms: 0, kind: 'retry' as const, reason: 'no destination' };
      await rig.keep.finishDeliveries([{ delivery: put, attempt, due_at: NOW }]);
      expect(rig.only(await rig.claimFor('ga4', 'd')).sending_since).toBe(NOW + 1);
    });

    test('whose sending their own holder began may be sent again once it gives them back, or puts them off', async () => {
      await rig.makePurchaseDue('1', 'ga4');
      const released = rig.only(await rig.claimFor('ga4', 'a'));
      await rig.keep.startDeliveries([released], NOW + 1);
      await rig.keep.releaseDeliveries([released], NOW);
      const put = rig.only(await rig.claimFor('ga4', 'b'));
      expect(put.sending_since).toBeUndefined();
      await rig.keep.startDeliveries([put], NOW + 2);
      const attempt = { at: NOW, ms: 5, kind: 'retry' as const, reason: 'answered 503' };
      await rig.keep.finishDeliveries([{ delivery: put, attempt, due_at: NOW }]);
      expect(rig.only(await rig.claimFor('ga4', 'c')).sending_since).toBeUndefined();
    });

    test('whose holder ended three times without giving them back are suspected, and it is counted what they do alone', async () => {
      const event_id = await rig.makePurchaseDue('1', 'ga4');
      const claimed = async (turn: number) => rig.only(await rig.claimFor('ga4', `turn ${turn}`, NOW + turn * LEASE));
      const alone = async (turn: number) => (await claimed(turn)).deaths_alone;
      expect([await alone(0), await alone(1), await alone(2), await alone(3)]).toEqual([
        undefined,
        undefined,
        undefined,
        0,
      ]);
      // Held with others it is not counted any further.
      expect(await alone(4)).toBe(0);
      await rig.keep.countDeath(await claimed(5));
      await rig.keep.releaseAllLeases(NOW + 6 * LEASE);
      expect(await alone(6)).toBe(1);
      await rig.keep.countDeath(await claimed(7));
      const given = await claimed(8);
      expect(given.deaths_alone).toBe(2);
      await rig.keep.releaseDeliveries([given], NOW);
      const tried = await claimed(9);
      expect(tried.deaths_alone).toBe(0);
      const attempt = { at: NOW, ms: 5, kind: 'retry' as const, reason: 'answered 503' };
      await rig.keep.finishDeliveries([{ delivery: tried, attempt, due_at: NOW }]);
      expect(await claimed(10)).toMatchObject({ event_id, attempts: 1 });
      expect(await alone(11)).toBeUndefined();
    });

    test('held together are noted one by one: what is said of one is said of no other', async () => {
      for (const order of ['1', '2']) await rig.makePurchaseDue(order, 'ga4', 'meta');
      const [one] = await rig.claimFor('ga4', 'a');
      await rig.claimFor('meta', 'a');
      if (one === undefined) throw new Error('two were due');
      await rig.keep.startDeliveries([one], NOW + 1);
      await rig.keep.countDeath(one);
      const noted = await rig.db.query(
        'select event_id, destination, sending_since from deliveries where sending_since is not null or deaths > 0',
      );
      expect(noted).toEqual([{ event_id: one.event_id, destination: 'ga4', sending_since: NOW + 1 }]);
    });

    test('held together are put off and given back one by one', async () => {
      for (const order of ['1', '2']) await rig.makePurchaseDue(order, 'ga4', 'meta');
      const [one, two] = await rig.claimFor('ga4', 'a');
      await rig.claimFor('meta', 'a');
      if (one === undefined || two === undefined) throw new Error('two were due');
      const held = async () =>
        (await rig.db.query('select event_id, destination from deliveries where lease_id is not null')).map(
          ({ event_id, destination }) => `${event_id === one.event_id ? 'one' : 'two'} ${destination}`,
        );
      const attempt = { at: NOW, ms: 5, kind: 'retry' as const, reason: 'answered 503' };
      await rig.keep.finishDeliveries([{ delivery: one, attempt, due_at: NOW }]);
      expect((await held()).sort()).toEqual(['one meta', 'two ga4', 'two meta']);
      await rig.keep.releaseDeliveries([two], NOW);
      expect((await held()).sort()).toEqual(['one meta', 'two meta']);
    });

    test('that were given back are suspected of nothing', async () => {
      await rig.makePurchaseDue('1', 'ga4');
      for (let turn = 0; turn < 8; turn++) {
        const delivery = rig.only(await rig.claimFor('ga4', `turn ${turn}`));
        expect(delivery.deaths_alone).toBeUndefined();
        await rig.keep.releaseDeliveries([delivery], NOW);
      }
    });

    test('of a paused account are not claimed until it is resumed', async () => {
      await rig.makePurchaseDue('1', 'ga4');
      await rig.keep.pauseAccount({ account: 'ga4', reason: 'the secret is wrong', since: NOW });
      await rig.keep.pauseAccount({ account: 'ga4', reason: 'another', since: NOW + 1 });
      expect(await rig.claimFor('ga4', 'a')).toEqual([]);
      expect(await rig.keep.listPauses()).toEqual([{ account: 'ga4', reason: 'the secret is wrong', since: NOW }]);
      await rig.keep.pauseAccount({ account: 'meta', reason: 'the token is wrong', since: NOW });
      await rig.keep.resumeAccount('ga4');
      expect(await rig.keep.listPauses()).toMatchObject([{ account: 'meta' }]);
      expect(await rig.claimFor('ga4', 'a')).toHaveLength(1);
    });

    test('of a paused account are claimed by who asks for them even so', async () => {
      await rig.makePurchaseDue('1', 'ga4');
      await rig.keep.pauseAccount({ account: 'ga4', reason: 'the secret is wrong', since: NOW });
      const claim = { account: 'ga4', now: NOW, lease_until: NOW + LEASE, lease_id: 'a', limit: 10 };
      expect(await rig.keep.claimDeliveries(claim)).toEqual([]);
      expect(await rig.keep.claimDeliveries({ ...claim, even_paused: true })).toHaveLength(1);
    });

    test('released to another account are due there, as they were', async () => {
      await rig.makePurchaseDue('1', 'ga4');
      await rig.makePurchaseDue('2', 'ga4');
      const [first, second] = await rig.claimFor('ga4', 'a');
      if (first === undefined || second === undefined) throw new Error('two were due');
      const other = { ...first, account: 'other' };
      await rig.keep.releaseDeliveries([other, second], NOW);
      expect(await rig.claimFor('other', 'b')).toEqual([{ ...other, lease_id: 'b' }]);
      expect(await rig.claimFor('ga4', 'b')).toEqual([{ ...second, lease_id: 'b' }]);
    });

    test('that are open name their accounts and when the first is due', async () => {
      expect(await rig.keep.findDueAccounts()).toEqual([]);
      await rig.makePurchaseDue('1', 'ga4', 'meta');
      await rig.makePurchaseDue('2', 'ga4', 'sgtm');
      await rig.keep.releaseDeliveries(await rig.claimFor('meta', 'a'), NOW + 7);
      const due = await rig.keep.findDueAccounts();
      expect(due.sort((a, b) => (a.account < b.account ? -1 : 1))).toEqual([
        { account: 'ga4', due_at: NOW },
        { account: 'meta', due_at: NOW + 7 },
        { account: 'sgtm', due_at: NOW },
      ]);
    });
  });
}
