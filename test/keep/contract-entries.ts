// The contract of what people enter: kept once with its hook, found again, taken back in time or not at all.
import { describe, expect, test } from 'vitest';
import type { NewEntry } from '../../src/keep/questions/entries.ts';
import { makeDigest, makeHook, NOW } from './make.ts';
import type { Rig } from './rig.ts';

const HOLD = 300_000;
const SALE = {
  made_by: 'ann',
  how: 'page',
  kind: 'order',
  number: '1042',
  email: undefined,
  phone: undefined,
  code: undefined,
} as const;
const makeEntry = (body: string, over: Partial<NewEntry> = {}): NewEntry => ({
  ...makeHook(body, { delivery: body, due_at: NOW + HOLD }),
  ...SALE,
  ...over,
});
const idOf = ({ hook }: NewEntry) => hook.id;
const inStore = (store: string, entry: NewEntry): NewEntry => ({ ...entry, hook: { ...entry.hook, store } });

export function testEntries(rig: Rig): void {
  const claimed = async (now: number) => (await rig.keep.claimHooks(rig.claim('worker', now))).map(({ id }) => id);
  const listed = async (made_by: string | undefined, kind: 'order' | 'lead' = 'order') =>
    (await rig.keep.listEntries({ ...(made_by !== undefined && { made_by }), kind, before: '', limit: 10 })).map(
      ({ number }) => number,
    );

  describe('an entry', () => {
    test('is kept as a hook that is due later, and once under its delivery id', async () => {
      const first = makeEntry('a', { email: 'ann@example.com' });
      const again = {
        ...makeEntry('a'),
        keys: { ...makeHook('other').keys, delivery: first.keys.delivery },
      } as NewEntry;
      expect(await rig.keep.keepEntries([first])).toEqual([{ kind: 'kept', hook_id: idOf(first), number: '1042' }]);
      expect(await rig.keep.keepEntries([{ ...again, number: '1043' }, makeEntry('b', { number: '1044' })])).toEqual([
        { kind: 'duplicate', hook_id: idOf(first), number: '1042' },
        { kind: 'kept', hook_id: expect.any(String), number: '1044' },
      ]);
      expect(await claimed(NOW + HOLD - 1)).toEqual([]);
      expect(await claimed(NOW + HOLD)).toHaveLength(2);
      expect(await listed(undefined)).toEqual(['1044', '1042']);
    });

    test('is listed for who made it, a page at a time', async () => {
      const entries = [
        makeEntry('a', { number: '1' }),
        makeEntry('b', { number: '2' }),
        makeEntry('c', { made_by: 'bob' }),
      ];
      await rig.keep.keepEntries(entries);
      expect(await listed('ann')).toEqual(['2', '1']);
      const [first, second] = await rig.keep.listEntries({ made_by: 'ann', kind: 'order', before: '', limit: 1 });
      expect(second).toBeUndefined();
      const next = await rig.keep.listEntries({
        made_by: 'ann',
        kind: 'order',
        before: first?.hook_id ?? '',
        limit: 1,
      });
      expect(next.map(({ number }) => number)).toEqual(['1']);
    });

    test('of a lead is listed by its latest stage, also for who entered only the first', async () => {
      const lead = { kind: 'lead', number: 'L-1' } as const;
      await rig.keep.keepEntries([makeEntry('a', lead)]);
      const later = makeEntry('b', { ...lead, made_by: 'bob' });
      await rig.keep.keepEntries([later]);
      for (const maker of ['ann', 'bob', undefined]) {
        const found = await rig.keep.listEntries({
          ...(maker !== undefined && { made_by: maker }),
          kind: 'lead',
          before: '',
          limit: 10,
        });
        expect(found.map(({ hook_id }) => hook_id)).toEqual([idOf(later)]);
      }
      await rig.keep.undoEntry(idOf(later), undefined, NOW);
      expect(await listed('ann', 'lead')).toEqual(['L-1']);
    });
  });

  test('a lead is none of another store that has the same number', async () => {
    const lead = { kind: 'lead', number: 'L-1' } as const;
    const [own, other] = [makeEntry('a', lead), inStore('bakery', makeEntry('b', { ...lead, made_by: 'bob' }))];
    await rig.keep.keepEntries([own]);
    await rig.keep.keepEntries([other]);
    for (const [made_by, entry] of [['ann', own] as const, ['bob', other] as const])
      expect(await rig.keep.listEntries({ made_by, kind: 'lead', before: '', limit: 10 })).toMatchObject([
        { hook_id: idOf(entry) },
      ]);
  });

  describe('taking an entry back', () => {
    test('leaves nothing to work on and nothing of the customer, and cannot be undone by mapping it again', async () => {
      const entry = makeEntry('a', { email: 'ann@example.com' });
      await rig.keep.keepEntries([entry]);
      expect(await rig.keep.undoEntry(idOf(entry), 'ann', NOW + 1)).toBe(true);
      expect(await rig.keep.undoEntry(idOf(entry), 'ann', NOW + 2)).toBe(false);
      await rig.keep.mapAgain([idOf(entry)], NOW + 3);
      expect(await claimed(NOW + HOLD)).toEqual([]);
      expect((await rig.keep.findHook(idOf(entry)))?.content).toBeUndefined();
      expect(await rig.keep.findEntry(idOf(entry))).toMatchObject({ state: 'ignored', undone: true });
    });

    test('is for who made it, or for who may for all', async () => {
      const [a, b] = [makeEntry('a'), makeEntry('b')];
      await rig.keep.keepEntries([a, b]);
      expect(await rig.keep.undoEntry(idOf(a), 'bob', NOW)).toBe(false);
      expect(await rig.keep.undoEntry(idOf(b), undefined, NOW)).toBe(true);
    });

    test('is too late once somebody works on it, or its time has come', async () => {
      const [a, b] = [makeEntry('a', { due_at: NOW }), makeEntry('b')];
      await rig.keep.keepEntries([a, b]);
      expect(await claimed(NOW)).toEqual([idOf(a)]);
      expect(await rig.keep.findEntry(idOf(a))).toMatchObject({ untouched: false });
      expect(await rig.keep.findEntry(idOf(b))).toMatchObject({ untouched: true });
      expect(await rig.keep.undoEntry(idOf(a), 'ann', NOW)).toBe(false);
      await rig.keep.recordDigests([makeDigest({ ...a, lease_id: 'worker' }, { state: 'mapped' })], NOW);
      expect(await rig.keep.undoEntry(idOf(a), 'ann', NOW)).toBe(false);
      expect(await rig.keep.undoEntry(idOf(b), 'ann', NOW + HOLD)).toBe(false);
      expect((await rig.keep.findHook(idOf(b)))?.content).toBeDefined();
    });

    test('or working on it: of both at the same time one wins', async () => {
      const entries = Array.from({ length: 10 }, (_, at) => makeEntry(`race ${at}`, { due_at: NOW + 10 }));
      await rig.keep.keepEntries(entries);
      const [undone, taken] = await Promise.all([
        Promise.all(entries.map((entry) => rig.keep.undoEntry(idOf(entry), 'ann', NOW + 9))),
        claimed(NOW + 10),
      ]);
      for (const [at, entry] of entries.entries()) expect(taken.includes(idOf(entry))).toBe(undone[at] === false);
    });
  });

  describe('taking an entry back for another one', () => {
    const states = async () =>
      (await rig.db.query('select state from hooks order by id')).map(({ state }) => String(state));
    const replace = (entry: NewEntry, old: NewEntry, made_by: string | undefined = 'ann', now = NOW) =>
      rig.keep.replaceEntry(entry, { hook_id: idOf(old), made_by, now });

    test('keeps the one and forgets the other, also when it is asked for twice', async () => {
      const [old, fresh] = [makeEntry('a', { number: '1' }), makeEntry('b', { number: '2' })];
      await rig.keep.keepEntries([old]);
      const kept = { hook_id: idOf(fresh), number: '2' };
      expect(await replace(fresh, old)).toEqual({ kept: { kind: 'kept', ...kept }, isBack: true });
      expect(await replace(makeEntry('b'), old)).toEqual({ kept: { kind: 'duplicate', ...kept }, isBack: true });
      expect(await states()).toEqual(['ignored', 'kept']);
      expect((await rig.keep.findHook(idOf(old)))?.content).toBeUndefined();
      expect(await claimed(NOW + HOLD)).toEqual([idOf(fresh)]);
    });

    test('too late, or by somebody else, leaves the one as it is and nothing of the other', async () => {
      const [old, fresh] = [makeEntry('a'), makeEntry('b')];
      await rig.keep.keepEntries([old]);
      expect(await replace(fresh, old, 'bob')).toEqual({ kept: undefined, isBack: false });
      expect(await replace(fresh, old, undefined, NOW + HOLD)).toEqual({ kept: undefined, isBack: false });
      expect(await claimed(NOW + HOLD)).toEqual([idOf(old)]);
      expect(await replace(fresh, old)).toEqual({ kept: undefined, isBack: false });
      expect(await rig.db.query('select hook_id from entries')).toEqual([{ hook_id: idOf(old) }]);
      expect(await rig.db.query('select hook_id from hook_bodies')).toEqual([{ hook_id: idOf(old) }]);
      expect(await states()).toEqual(['kept']);
    });

    test('is done by one of two, at once or one after the other: the second keeps nothing', async () => {
      const old = makeEntry('a');
      await rig.keep.keepEntries([old]);
      const ends = await Promise.all(['b', 'c', 'd'].map((body) => replace(makeEntry(body), old)));
      expect(ends.filter(({ kept }) => kept !== undefined)).toMatchObject([{ kept: { kind: 'kept' }, isBack: true }]);
      expect(await replace(makeEntry('e'), old)).toEqual({ kept: undefined, isBack: false });
      expect(await states()).toEqual(['ignored', 'kept']);
      expect(await rig.db.query('select hook_id from hook_bodies')).toHaveLength(1);
    });

    test('may come after it was only taken back', async () => {
      const [old, fresh] = [makeEntry('a'), makeEntry('b')];
      await rig.keep.keepEntries([old]);
      await rig.keep.undoEntry(idOf(old), 'ann', NOW);
      expect(await replace(fresh, old)).toMatchObject({ kept: { kind: 'kept' }, isBack: true });
      expect(await replace(makeEntry('c'), old)).toEqual({ kept: undefined, isBack: false });
    });

    test('may come once more after what came in its place was taken back itself, and nothing in the place of that', async () => {
      const [old, heir, fresh] = [makeEntry('a'), makeEntry('b'), makeEntry('c')];
      await rig.keep.keepEntries([old]);
      await replace(heir, old);
      await rig.keep.undoEntry(idOf(heir), 'ann', NOW);
      expect(await replace(fresh, old)).toMatchObject({ kept: { kind: 'kept' }, isBack: true });
      expect(await replace(makeEntry('d'), old)).toEqual({ kept: undefined, isBack: false });
      await replace(makeEntry('e'), fresh);
      expect(await replace(makeEntry('f'), old)).toEqual({ kept: undefined, isBack: false });
      expect(await states()).toEqual(['ignored', 'ignored', 'ignored', 'kept']);
    });

    test('leaves the one as it is where the other was taken back itself, or is the same', async () => {
      const [old, undone] = [makeEntry('a', { number: '1' }), makeEntry('b', { number: '2' })];
      await rig.keep.keepEntries([old, undone]);
      await rig.keep.undoEntry(idOf(undone), 'ann', NOW);
      const kept = { kind: 'duplicate', hook_id: idOf(undone), number: '2' };
      expect(await replace(makeEntry('b'), old)).toEqual({ kept, isBack: false });
      const same = { kind: 'duplicate', hook_id: idOf(old), number: '1' };
      expect(await replace(makeEntry('a'), old)).toEqual({ kept: same, isBack: false });
      expect(await states()).toEqual(['kept', 'ignored']);
    });
  });

  describe('of a person who asks for it', () => {
    test('nothing is left by which an entry could be known again, but its number', async () => {
      const known = { email: 'ann@example.com', phone: '+31612345678', code: '7K4P' };
      const entry = makeEntry('{"email":"ann@example.com"}', known);
      await rig.keep.keepEntries([entry]);
      const person = { emails: [known.email], phones: [], customers: [], orders: [] };
      await rig.keep.erasePerson(person, {}, { now: NOW });
      expect(await rig.keep.findLike({ store: 'demo', since: NOW - HOLD, ...known })).toEqual([]);
      expect(await rig.keep.findEntry(idOf(entry))).toMatchObject({ number: '1042', state: 'erased' });
      expect(await rig.keep.undoEntry(idOf(entry), 'ann', NOW)).toBe(false);
    });

    test('at one store, those of another are known again as before', async () => {
      const known = { email: 'ann@example.com', phone: '+31612345678' };
      const [own, other] = [makeEntry('a', known), inStore('bakery', makeEntry('b', known))];
      await rig.keep.keepEntries([own, other]);
      const phones = [{ e164: known.phone, national: '612345678' }];
      const person = { emails: [known.email], phones, customers: [], orders: [] };
      await rig.keep.erasePerson(person, { store: 'bakery' }, { now: NOW });
      for (const [key, value] of Object.entries(known)) {
        const like = (store: string) => rig.keep.findLike({ store, since: NOW - HOLD, [key]: value });
        expect(await like('demo')).toMatchObject([{ hook_id: idOf(own) }]);
        expect(await like('bakery')).toEqual([]);
      }
    });

    test('nor of one whose body was forgotten, or that was taken back', async () => {
      const [old, undone] = ['a', 'b'].map((body) => makeEntry(body, { email: 'ann@example.com' }));
      if (old === undefined || undone === undefined) throw new Error('two were made');
      await rig.keep.keepEntries([old, undone]);
      await rig.db.transaction([{ sql: 'delete from hook_bodies where hook_id = $1', rows: [[idOf(old)]] }]);
      await rig.keep.undoEntry(idOf(undone), 'ann', NOW);
      await rig.keep.erasePerson(
        { emails: ['ann@example.com'], phones: [], customers: [], orders: [] },
        {},
        { now: NOW },
      );
      const [row] = await rig.db.query('select count(*) as marked from entries where email_mark is not null');
      expect(row).toEqual({ marked: 0 });
    });
  });

  describe('what may be the same', () => {
    test('is found by number, e-mail or phone in its store, and not once it is taken back', async () => {
      const since = NOW - HOLD;
      const a = makeEntry('a', { email: 'ann@example.com' });
      const b = makeEntry('b', { number: '7', phone: '+31612345678', code: '7K4P' });
      await rig.keep.keepEntries([a, b]);
      const like = async (wanted: object, store = 'demo') =>
        (await rig.keep.findLike({ store, since, ...wanted })).map(({ hook_id }) => hook_id);
      expect(await like({ number: '1042' })).toEqual([idOf(a)]);
      expect(await like({ email: 'ANN@example.com', number: '8' })).toEqual([idOf(a)]);
      expect(await like({ phone: '+31612345678' })).toEqual([idOf(b)]);
      expect(await like({ code: '7k4p', number: '8' })).toEqual([idOf(b)]);
      expect(await like({ email: 'ann@example.com', phone: '+31612345678' })).toEqual([idOf(b), idOf(a)]);
      expect(await like({ number: '1042' }, 'bakery')).toEqual([]);
      expect(await like({})).toEqual([]);
      await rig.keep.undoEntry(idOf(a), 'ann', NOW);
      expect(await like({ number: '1042' })).toEqual([]);
    });
  });
}
