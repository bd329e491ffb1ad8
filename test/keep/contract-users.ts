// The contract of who may see the pages: a link works once and in time, and what ends a session ends no other person's.
import { beforeEach, describe, expect, test } from 'vitest';
import { NOW } from './make.ts';
import type { Rig } from './rig.ts';

const HOUR = 3_600_000;
const LIMITS = { idle: NOW - HOUR, absolute: NOW - 9 * HOUR };

export function testUsers(rig: Rig): void {
  const start = (user_id: string, token_hash = `session of ${user_id}`, now = NOW) =>
    rig.keep.startSession({ token_hash, user_id, now }, LIMITS);
  const find = async (token_hash: string) => (await rig.keep.findSession(token_hash, LIMITS))?.user.id;
  const link = (user_id: string, token_hash = `link of ${user_id}`) =>
    rig.keep.addLink({ token_hash, user_id, expires_at: NOW + HOUR }, NOW);
  const use = (token_hash: string, user_id: string, now = NOW) =>
    rig.keep.setPasswordByLink(token_hash, { user_id, password: `hash by ${token_hash}`, now });
  const passwordOf = async (id: string) => (await rig.keep.findUser(`${id}@example.com`))?.password;

  beforeEach(async () => {
    for (const id of ['ann', 'bob'])
      await rig.keep.addUser({ id, email: `${id}@example.com`, role: 'viewer', created_at: NOW });
  });

  describe('a session', () => {
    test('that is begun forgets those that are over, and no other', async () => {
      await start('ann', 'idle', LIMITS.idle);
      await start('ann', 'old', LIMITS.absolute);
      await rig.keep.touchSession('old', NOW);
      await start('ann', 'fresh', LIMITS.idle + 1);
      await start('bob');
      const left = await rig.db.query('select token_hash from sessions order by token_hash');
      expect(left.map(({ token_hash }) => token_hash)).toEqual(['fresh', 'session of bob']);
    });

    test('that is used, or ended, is used or ended alone', async () => {
      await start('ann', 'fresh', LIMITS.idle + 1);
      await start('bob', 'other', LIMITS.idle + 1);
      await rig.keep.touchSession('fresh', NOW);
      const later = { ...LIMITS, idle: LIMITS.idle + 1 };
      expect((await rig.keep.findSession('fresh', later))?.seen_at).toBe(NOW);
      expect(await rig.keep.findSession('other', later)).toBeUndefined();
      await rig.keep.endSession('fresh');
      expect([await find('fresh'), await find('other')]).toEqual([undefined, 'bob']);
    });

    test.each<[string, (id: string) => Promise<unknown>]>([
      ['ended by their own wish', (id) => rig.keep.endSessionsOf(id)],
      ['removed', (id) => rig.keep.removeUser(id)],
      ['given a new password', (id) => rig.keep.setPassword(id, 'hash')],
      ['given a password by a link', (id) => link(id).then(() => use(`link of ${id}`, id))],
    ])('of a person ends when they are %s, and those of others go on', async (_, end) => {
      for (const id of ['ann', 'bob']) await start(id);
      await end('ann');
      expect(await rig.db.query('select user_id from sessions')).toEqual([{ user_id: 'bob' }]);
    });
  });

  test('the last admin who can log in stays one, others may be changed and go', async () => {
    for (const id of ['eve', 'may'])
      await rig.keep.addUser({ id, email: `${id}@example.com`, role: 'admin', created_at: NOW });
    for (const id of ['ann', 'eve']) await rig.keep.setPassword(id, 'hash');
    expect([await rig.keep.removeUser('eve'), await rig.keep.setRole('eve', 'viewer')]).toEqual([false, false]);
    expect([await rig.keep.removeUser('bob'), await rig.keep.setRole('ann', 'sales')]).toEqual([true, true]);
    await rig.keep.setPassword('may', 'hash');
    expect([await rig.keep.setRole('eve', 'viewer'), await rig.keep.removeUser('may')]).toEqual([true, false]);
    const roles = (await rig.keep.listUsers()).map(({ id, role }) => `${id} ${role}`);
    expect(roles).toEqual(['ann sales', 'eve viewer', 'may admin']);
  });

  describe('a link', () => {
    test('sets the password of its user alone, once, and not after its time', async () => {
      for (const id of ['ann', 'bob']) await link(id);
      expect(await use('link of bob', 'bob', NOW + HOUR)).toBe(false);
      await link('bob');
      expect(await use('link of ann', 'ann')).toBe(true);
      expect(await use('link of ann', 'ann')).toBe(false);
      expect([await passwordOf('ann'), await passwordOf('bob')]).toEqual(['hash by link of ann', undefined]);
      expect(await rig.keep.findLink('link of bob', NOW)).toMatchObject({ id: 'bob' });
    });

    test('takes the place of an older one of its user, and of no other', async () => {
      for (const [id, token_hash] of [['ann', 'first'] as const, ['bob', 'other'] as const, ['ann', 'second'] as const])
        await link(id, token_hash);
      const found = ['first', 'other', 'second'].map((token_hash) => rig.keep.findLink(token_hash, NOW));
      expect(await Promise.all(found)).toMatchObject([undefined, { id: 'bob' }, { id: 'ann' }]);
    });

    test('makes no first admin where it is somebody’s, or somebody is there', async () => {
      await rig.keep.addLink({ token_hash: 'first', expires_at: NOW + HOUR }, NOW);
      const admin = { id: 'eve', email: 'eve@example.com', password: 'hash', now: NOW };
      expect(await rig.keep.findLink('first', NOW)).toBeUndefined();
      expect(await rig.keep.addFirstAdmin('first', admin)).toBe(false);
      await link('ann');
      await rig.keep.addLink({ token_hash: 'again', expires_at: NOW + HOUR }, NOW);
      await rig.db.transaction([{ sql: 'delete from users', rows: [[]] }]);
      for (const token_hash of ['link of ann', 'unknown'])
        expect(await rig.keep.addFirstAdmin(token_hash, admin)).toBe(false);
      expect(await rig.keep.addFirstAdmin('again', { ...admin, now: NOW + HOUR })).toBe(false);
    });
  });
}
