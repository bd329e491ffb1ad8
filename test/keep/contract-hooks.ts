// The contract of keeping hooks once and handing them out.
import { describe, expect, test } from 'vitest';
import { createBatcher } from '../../src/keep/batch.ts';
import { LEASE, makeHook, NOW } from './make.ts';
import type { Rig } from './rig.ts';

export function testHooks(rig: Rig): void {
  describe('keeping hooks', () => {
    test('seen before by body or by delivery id answers duplicate', async () => {
      const answers = await rig.keep.keepHooks([makeHook('one', { delivery: 'a' })]);
      answers.push(
        ...(await rig.keep.keepHooks([makeHook('one', { delivery: 'b' }), makeHook('two', { delivery: 'a' })])),
      );
      expect(answers).toEqual(['kept', 'duplicate', 'duplicate']);
      expect([await rig.countRows('hooks'), await rig.countRows('hook_bodies')]).toEqual([1, 1]);
    });

    test('the same twice in one batch keeps the first', async () => {
      const hooks = [makeHook('one'), makeHook('one'), makeHook('two')];
      expect(await rig.keep.keepHooks(hooks)).toEqual(['kept', 'duplicate', 'kept']);
    });

    test('a duplicate does not make later hooks duplicates of itself', async () => {
      await rig.keep.keepHooks([makeHook('one', { delivery: 'a' })]);
      const hooks = [makeHook('two', { delivery: 'a' }), makeHook('two', { delivery: 'b' })];
      expect(await rig.keep.keepHooks(hooks)).toEqual(['duplicate', 'kept']);
    });

    test('10,000 copies at the same time keep exactly one', async () => {
      const keepOne = createBatcher(rig.keep.keepHooks);
      const answers = await Promise.all(
        Array.from({ length: 10_000 }, (_, index) => keepOne(makeHook('one', { delivery: `${index % 7}` }))),
      );
      expect(answers.filter((answer) => answer === 'kept')).toHaveLength(1);
      expect(await rig.countRows('hooks')).toBe(1);
    });
  });

  describe('claiming hooks', () => {
    test('gives every byte and header back', async () => {
      const given = makeHook('x');
      given.hook.body = Uint8Array.from({ length: 512 }, (_, index) => index % 256);
      given.hook.headers = { 'x-topic': 'orders/paid', 'x-name': 'Zoë "Q" \\ 🙂', 'x-empty': '' };
      const empty = makeHook('y');
      empty.hook.body = new Uint8Array();
      await rig.keep.keepHooks([given, empty]);
      const [first, second] = await rig.keep.claimHooks(rig.claim('a'));
      expect({ ...first, body: [...(first?.body ?? [])] }).toEqual({
        ...given.hook,
        body: [...given.hook.body],
        attempts: 1,
      });
      expect(second?.body).toHaveLength(0);
      expect((await rig.keep.findHook(empty.hook.id))?.content?.body).toHaveLength(0);
    });

    test('takes those due longest first, and none before it is due', async () => {
      const hooks = [3, 1, 2].map((at) => makeHook(`due ${at}`, { due_at: NOW + at }));
      await rig.keep.keepHooks(hooks);
      const ids = hooks.map(({ hook }) => hook.id);
      expect(await rig.claimIds('a', NOW)).toEqual([]);
      expect(await rig.claimIds('b', NOW + 3, 1)).toEqual([ids[1]]);
      expect(await rig.claimIds('c', NOW + 3, 1)).toEqual([ids[2]]);
    });

    test('leaves leased ones alone until the lease ends', async () => {
      const born = makeHook('born leased', { lease_id: 'a', due_at: NOW + LEASE });
      await rig.keep.keepHooks([born, makeHook('due')]);
      expect(await rig.claimIds('b')).toHaveLength(1);
      expect(await rig.claimIds('c')).toEqual([]);
      const [again] = await rig.keep.claimHooks(rig.claim('d', NOW + LEASE));
      expect(again).toMatchObject({ id: born.hook.id, attempts: 2 });
    });

    test('many claims at the same time take every hook once', async () => {
      await rig.keep.keepHooks(Array.from({ length: 200 }, (_, index) => makeHook(`hook ${index}`)));
      const claims = await Promise.all(
        Array.from({ length: 30 }, (_, index) => rig.claimIds(`lease ${index}`, NOW, 10)),
      );
      const ids = claims.flat();
      expect([ids.length, new Set(ids).size]).toEqual([200, 200]);
    });

    test('a released hook is due again, unless somebody else holds it', async () => {
      const hook = makeHook('one', { lease_id: 'a', due_at: NOW + LEASE });
      await rig.keep.keepHooks([hook]);
      const { id } = hook.hook;
      await rig.keep.releaseHooks([{ id, lease_id: 'not a' }], NOW);
      expect(await rig.claimIds('b')).toEqual([]);
      await rig.keep.releaseHooks([{ id, lease_id: 'a' }], NOW);
      expect(await rig.claimIds('b')).toEqual([id]);
    });

    test('a hook that is given back was neither handed out nor tried, as far as its attempts say', async () => {
      const hook = makeHook('one');
      const { id } = hook.hook;
      await rig.keep.keepHooks([hook]);
      const attempts = async () => (await rig.db.query('select attempts from hooks')).map((row) => row.attempts);
      await rig.claimIds('a');
      await rig.keep.releaseHooks([{ id, lease_id: 'a' }], NOW);
      expect(await attempts()).toEqual([0]);
      for (let turn = 0; turn < 4; turn++) await rig.claimIds('a', NOW + turn * LEASE);
      await rig.keep.countTry(id, 'a');
      expect(await attempts()).toEqual([4]);
      await rig.claimIds('b', NOW + 4 * LEASE);
      await rig.keep.releaseHooks([{ id, lease_id: 'b' }], NOW);
      expect(await attempts()).toEqual([4]);
      await rig.claimIds('c');
      await rig.keep.countTry(id, 'c');
      await rig.keep.releaseHooks([{ id, lease_id: 'c', tried: true }], NOW);
      expect(await attempts()).toEqual([4]);
    });

    test('a lease is kept for longer for one hook, and by its holder alone', async () => {
      const hooks = ['one', 'two', 'three'].map((body) => makeHook(body, { lease_id: 'a' }));
      await rig.keep.keepHooks(hooks);
      const [one, two, three] = hooks.map(({ hook }) => hook.id);
      await rig.keep.holdHook(one ?? '', 'a', NOW + LEASE);
      await rig.keep.holdHook(two ?? '', 'lost', NOW + LEASE);
      expect(await rig.claimIds('b')).toEqual([two, three]);
    });

    test('a try is counted for the hook that is tried, under its lease, and not for those held with it', async () => {
      const hooks = ['one', 'two', 'three'].map((body) => makeHook(body, { lease_id: 'a' }));
      await rig.keep.keepHooks(hooks);
      const [one, two] = hooks.map(({ hook }) => hook.id);
      await rig.keep.countTry(one ?? '', 'a');
      await rig.keep.countTry(two ?? '', 'lost');
      const rows = await rig.db.query('select id from hooks where attempts = 2');
      expect(rows).toEqual([{ id: one }]);
    });
  });
}
