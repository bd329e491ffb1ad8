// The contract of visits: what finds them, when they go, and that nobody can read who they were.
import { describe, expect, test } from 'vitest';
import type { JoinKey } from '../../src/event.ts';
import { type Identity, identityOf } from '../../src/keep/identity-key.ts';
import type { NewVisit } from '../../src/keep/questions/identities.ts';
import { makeDigest, makeEvent, makeHook, makePurchase, NOW } from './make.ts';
import type { Rig } from './rig.ts';

const DAY = 86_400_000;
const EMAIL = 'canary.person@example.com';

const known = (by: JoinKey, value: string, store = 'demo'): Identity => identityOf(store, by, value);
const makeVisit = (visitor: string, identities: Identity[] = [], over: Partial<NewVisit['visit']> = {}): NewVisit => ({
  visitor: known('visitor_id', visitor),
  id: 'v1',
  visit: { started_at: NOW, seen_at: NOW, fields: { gclid: `click of ${visitor}` }, seen: {}, ...over },
  expires_at: NOW + 90 * DAY,
  identities,
});

export function testVisits(rig: Rig): void {
  const keep = (...visits: NewVisit[]) => rig.keep.keepVisits(visits);
  const clicks = async (identity: Identity, now = NOW): Promise<(string | undefined)[]> =>
    [...(await rig.keep.findVisits([identity], now)).visits.values()].flat().map(({ fields }) => fields.gclid);
  /** Records a purchase that taught something. */
  const teach = async (order_id: string, learnt: object) => {
    const hook = makeHook(`paid ${order_id}`, { lease_id: 'lease' });
    await rig.keep.keepHooks([hook]);
    const join = { by: 'email_address', age_seconds: 7_000, channel: 'phone', click: true, code: false, person: true };
    const event = { ...makeEvent(makePurchase(order_id)), learnt, join };
    await rig.keep.recordDigests([makeDigest(hook, { events: [event] })], NOW);
  };

  describe('visits', () => {
    test('are found by every key they were told with, in their own store', async () => {
      await keep(makeVisit('ann', [known('email_address', EMAIL), known('cart_token', 'c1?key=secret')]));
      for (const identity of [
        known('visitor_id', 'ann'),
        known('email_address', ` ${EMAIL.toUpperCase()}`),
        known('cart_token', 'c1'),
      ])
        expect(await clicks(identity)).toEqual(['click of ann']);
      expect(await clicks(known('cart_token', 'c1', 'other'))).toEqual([]);
      expect(await clicks(known('checkout_token', 'c1'))).toEqual([]);
    });

    test('of one visitor are all found by a key that one of them was told with', async () => {
      const first = makeVisit('ann');
      await keep(first, {
        ...makeVisit('ann', [known('checkout_token', 'k')], { fields: { gclid: 'second' } }),
        id: 'v2',
      });
      expect((await clicks(known('checkout_token', 'k'))).toSorted()).toEqual(['click of ann', 'second']);
    });

    test('say when they were kept last, whoever kept them', async () => {
      const visit = makeVisit('ann');
      expect(await rig.keep.lastSeen(visit)).toBeUndefined();
      await keep(visit, { ...visit, id: 'v2' });
      await keep(makeVisit('ann', [], { seen_at: NOW + 5 }));
      expect(await rig.keep.lastSeen(visit)).toBe(NOW + 5);
    });

    test('told again are replaced, but not by one that knows only a part', async () => {
      await keep(makeVisit('ann'));
      await keep(makeVisit('ann', [], { fields: { gclid: 'more' }, seen_at: NOW + 5 }));
      await keep({ ...makeVisit('ann', [known('order_id', '7')], { fields: {}, seen_at: NOW + 9 }), partial: true });
      const [visits] = [...(await rig.keep.findVisits([known('order_id', '7')], NOW)).visits.values()];
      expect(visits).toMatchObject([{ fields: { gclid: 'more' }, seen_at: NOW + 9, started_at: NOW }]);
    });

    test('are asked for by many keys at once', async () => {
      await keep(...Array.from({ length: 30 }, (_, at) => makeVisit(`v${at}`, [known('order_id', String(at))])));
      const asked = Array.from({ length: 1_500 }, (_, at) => known('order_id', String(at)));
      expect((await rig.keep.findVisits(asked, NOW)).visits.size).toBe(30);
    });

    test('that cannot be opened are left out and counted, and the others are found', async () => {
      const keys = [known('order_id', '7'), known('cart_token', 'c1')];
      await keep(makeVisit('ann', keys), makeVisit('bob', [known('order_id', '8')]));
      const [ann] = (await rig.keep.findVisits([known('order_id', '7')], NOW)).visits.values();
      const visitor = Buffer.from(ann?.[0]?.visitor ?? '', 'hex');
      const damage = 'update visits set body = $1 where visitor = $2';
      await rig.db.transaction([{ sql: damage, rows: [[Uint8Array.of(9), visitor]] }]);
      const { visits, unreadable } = await rig.keep.findVisits([...keys, known('order_id', '8')], NOW);
      expect([...visits.values()].flat().map(({ fields }) => fields.gclid)).toEqual(['click of bob']);
      expect(unreadable).toBe(1);
    });

    test('are found no more when their time is over, and then forgotten', async () => {
      const young = { ...makeVisit('bob', [known('order_id', '8')]), expires_at: NOW + 99 * DAY };
      await keep(makeVisit('ann', [known('order_id', '7')]), young);
      expect(await clicks(known('order_id', '7'), NOW + 92 * DAY)).toEqual([]);
      const limits = { bodies: 0, keys: 0, attempts: 0, orders: 0, visits: NOW + 92 * DAY, audit: 0 };
      expect(await rig.keep.forget({ ...limits, visits: NOW }, new AbortController().signal)).toMatchObject({
        visits: 0,
      });
      expect(await rig.keep.forget(limits, new AbortController().signal)).toMatchObject({ visits: 1 });
      expect([await rig.countRows('visits'), await rig.countRows('identities')]).toEqual([1, 2]);
      expect(await clicks(known('order_id', '8'), NOW + 92 * DAY)).toEqual(['click of bob']);
    });

    test('are found for longer by a key that was told again later, and not for shorter', async () => {
      const told = makeVisit('ann', [known('order_id', '7')]);
      await keep(told, { ...told, id: 'v2', expires_at: NOW + 99 * DAY });
      await keep(told);
      expect(await clicks(known('order_id', '7'), NOW + 95 * DAY)).toEqual(['click of ann']);
    });

    test('say nowhere who came', async () => {
      await keep(makeVisit('ann', [known('email_address', EMAIL), known('phone_number', '+31612345678')]));
      const rows = [
        ...(await rig.db.query('select * from identities')),
        ...(await rig.db.query('select * from visits')),
      ];
      const text = rows
        .flatMap((row) => Object.values(row))
        .map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)));
      expect(text.join('\n')).not.toMatch(/canary|31612345678/);
      const hash = known('email_address', EMAIL).value;
      expect(text.join('\n')).not.toContain(Buffer.from(hash, 'hex').toString('latin1').slice(0, 8));
    });
  });

  describe('a reference code', () => {
    const claim = (visitor: string, now = NOW) =>
      rig.keep.claimIdentity(known('reference_code', '7K4P'), {
        visitor: known('visitor_id', visitor),
        now,
        expires_at: now + 7 * DAY,
      });
    test('is one visitor’s until it expires', async () => {
      expect([await claim('ann'), await claim('bob'), await claim('ann')]).toEqual([true, false, true]);
      expect(await claim('bob', NOW + 9 * DAY)).toBe(true);
    });
    test('finds the visit however it is written', async () => {
      await keep(makeVisit('ann'));
      await claim('ann');
      expect(await clicks(known('reference_code', ' 7k-4p '))).toEqual(['click of ann']);
    });
  });

  describe('what an event teaches', () => {
    test('finds the visitor by the buyer’s keys from then on', async () => {
      await keep(makeVisit('ann', [known('checkout_token', 'k')]));
      const [[visit] = []] = [...(await rig.keep.findVisits([known('checkout_token', 'k')], NOW)).visits.values()];
      await teach('7', {
        known: {
          visitor: visit?.visitor ?? '',
          expires_at: NOW + 90 * DAY,
          identities: [known('email_address', EMAIL)],
        },
      });
      expect(await clicks(known('email_address', EMAIL))).toEqual(['click of ann']);
    });

    test('keeps the first ids of a lead', async () => {
      const lead = (gclid: string) => ({
        ...makeVisit('', [known('email_address', EMAIL)], { fields: { gclid }, of_lead: true }),
        visitor: known('lead_id', '99'),
        id: 'lead',
      });
      await teach('1', { lead: lead('first') });
      await teach('2', { lead: lead('second') });
      expect(await clicks(known('lead_id', '99'))).toEqual(['first']);
      expect(await clicks(known('email_address', EMAIL))).toEqual(['first']);
    });

    test('is nothing where the event was there before', async () => {
      const lead = { ...makeVisit('ann'), visitor: known('lead_id', '99'), id: 'lead' };
      await teach('1', {});
      await teach('1', { lead });
      expect(await rig.countRows('visits')).toBe(0);
    });

    test('is counted by source, channel, key and age, with what there was to join by', async () => {
      await teach('1', {});
      await teach('2', {});
      expect(await rig.keep.sumJoins(0, Math.floor(NOW / DAY))).toEqual([
        {
          store: 'demo',
          source: 'shop',
          name: 'purchase',
          channel: 'phone',
          by: 'email_address',
          age: 'day',
          events: 2,
          clicks: 2,
          codes: 0,
          persons: 2,
        },
      ]);
    });
  });

  describe('the script of a store', () => {
    test('is known to have told something, by the hour', async () => {
      expect(await rig.keep.lastVisit('demo')).toBeUndefined();
      await keep(makeVisit('ann'), makeVisit('bob'));
      await keep({ ...makeVisit('eve'), visit: { ...makeVisit('eve').visit, seen_at: NOW + 5 * 3_600_000 } });
      expect(await rig.keep.lastVisit('demo')).toBe(Math.floor(NOW / 3_600_000) + 5);
      expect(await rig.keep.lastVisit('other')).toBeUndefined();
      expect(await rig.db.query('select visits from visit_hours order by hour')).toEqual([
        { visits: 2 },
        { visits: 1 },
      ]);
    });

    test('is forgotten with the sums of its orders', async () => {
      await keep(makeVisit('ann'));
      const limits = { bodies: 0, keys: NOW + DAY, attempts: 0, orders: 0, visits: 0, audit: 0 };
      await rig.keep.forget(limits, new AbortController().signal);
      expect(await rig.keep.lastVisit('demo')).toBeUndefined();
    });
  });

  describe('erasing', () => {
    const ann = { emails: [EMAIL], phones: [], customers: [], orders: [] };
    test('a person takes their visits and every key that finds them', async () => {
      await keep(
        makeVisit('ann', [known('email_address', EMAIL), known('cart_token', 'k')]),
        makeVisit('bob', [known('email_address', 'bob@example.com')]),
      );
      expect(await rig.keep.erasePerson(ann, {}, { now: NOW, dryRun: true })).toMatchObject({ visits: 1 });
      expect(await rig.keep.erasePerson(ann, { store: 'other' }, { now: NOW })).toMatchObject({ visits: 0 });
      expect(await rig.keep.erasePerson(ann, {}, { now: NOW })).toMatchObject({ visits: 1 });
      expect(await clicks(known('cart_token', 'k'))).toEqual([]);
      expect(await clicks(known('email_address', 'bob@example.com'))).toEqual(['click of bob']);
      expect(await rig.countRows('identities')).toBe(2);
    });

    test('a person takes the visits of the browser in which they ordered', async () => {
      await keep(makeVisit('ann', [known('client_id', '1.2')]));
      const hook = makeHook('paid 7', { lease_id: 'lease' });
      await rig.keep.keepHooks([hook]);
      const event = { ...makePurchase('7'), client_id: '1.2', user_data: { email_address: EMAIL } };
      await rig.keep.recordDigests([makeDigest(hook, { events: [makeEvent(event)] })], NOW);
      expect(await rig.keep.erasePerson(ann, {}, { now: NOW })).toMatchObject({ events: 1, visits: 1 });
    });

    test('a shop takes all visits of it', async () => {
      await keep(makeVisit('ann'), makeVisit('bob'), {
        ...makeVisit('cy'),
        visitor: known('visitor_id', 'cy', 'other'),
      });
      expect(await rig.keep.eraseSource({ store: 'demo', source: 'shop' }, { now: NOW })).toMatchObject({ visits: 2 });
      expect(await rig.countRows('visits')).toBe(1);
    });
  });
}
