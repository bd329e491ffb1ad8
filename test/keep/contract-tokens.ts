// The contract of API tokens, of the answers to their requests, and of the audit page by page.
import { describe, expect, test } from 'vitest';
import type { NewToken } from '../../src/keep/questions/tokens.ts';
import { NOW } from './make.ts';
import type { Rig } from './rig.ts';

const MINUTE = 60_000;

const TOKEN: NewToken = {
  id: '0123456789ab',
  secret_hash: 'hash of it',
  name: 'reporting',
  scopes: ['read', 'act'],
  stores: ['demo', 'bakery'],
  created_at: NOW,
  created_by: 'ada@example.com',
  expires_at: undefined,
};
const KEYED = { token_id: TOKEN.id, key: 'monday', request_hash: 'hash of a request' };

export function testTokens(rig: Rig): void {
  describe('tokens', () => {
    test('are found as they were added, with their last use, until they are removed', async () => {
      const { secret_hash, ...facts } = TOKEN;
      await rig.keep.addToken(TOKEN);
      expect(await rig.keep.findToken(TOKEN.id)).toEqual({ token: { ...facts, used_at: undefined }, secret_hash });
      await rig.keep.touchToken(TOKEN.id, NOW + 5);
      expect(await rig.keep.listTokens()).toEqual([{ ...facts, used_at: NOW + 5 }]);
      expect(await rig.keep.removeToken(TOKEN.id)).toBe(true);
      expect(await rig.keep.removeToken(TOKEN.id)).toBe(false);
      expect(await rig.keep.findToken(TOKEN.id)).toBeUndefined();
    });
  });

  describe('a request under a key', () => {
    test('is new once, is at work until it is answered, and then has that answer', async () => {
      expect(await rig.keep.beginKeyed(KEYED, NOW)).toEqual({ kind: 'new' });
      expect(await rig.keep.beginKeyed(KEYED, NOW + 1)).toEqual({ kind: 'working' });
      const other = { ...KEYED, request_hash: 'another' };
      expect(await rig.keep.beginKeyed(other, NOW + 2 * MINUTE)).toEqual({ kind: 'other' });
      await rig.keep.endKeyed(KEYED, { status: 200, answer: '{"count":1}' });
      expect(await rig.keep.beginKeyed(KEYED, NOW + 2 * MINUTE)).toEqual({
        kind: 'answered',
        status: 200,
        answer: '{"count":1}',
      });
      expect(await rig.keep.beginKeyed(other, NOW + 2 * MINUTE)).toEqual({ kind: 'other' });
      expect(await rig.keep.beginKeyed({ ...KEYED, token_id: 'another' }, NOW + 2 * MINUTE)).toEqual({ kind: 'new' });
    });
    test('is answered, or comes to nothing, for its key and its token alone', async () => {
      const others = [
        { ...KEYED, token_id: 'another' },
        { ...KEYED, key: 'tuesday' },
      ];
      const answer = { status: 200, answer: '{}' };
      for (const end of [answer, undefined]) {
        for (const each of [...others, KEYED]) await rig.keep.beginKeyed(each, NOW);
        await rig.keep.endKeyed(KEYED, end);
        for (const each of others) expect(await rig.keep.beginKeyed(each, NOW)).toEqual({ kind: 'working' });
      }
    });
    test('of two at the same time one is new', async () => {
      const begun = await Promise.all([rig.keep.beginKeyed(KEYED, NOW), rig.keep.beginKeyed(KEYED, NOW)]);
      expect(begun.map(({ kind }) => kind).sort()).toEqual(['new', 'working']);
    });
    test('that came to nothing, or whose process is gone, may be tried again; after a day it is forgotten', async () => {
      await rig.keep.beginKeyed(KEYED, NOW);
      await rig.keep.endKeyed(KEYED, undefined);
      expect(await rig.keep.beginKeyed(KEYED, NOW)).toEqual({ kind: 'new' });
      expect(await rig.keep.beginKeyed(KEYED, NOW + 61_000)).toEqual({ kind: 'new' });
      await rig.keep.endKeyed(KEYED, { status: 200, answer: '{}' });
      expect(await rig.keep.beginKeyed(KEYED, NOW + 25 * 3_600_000)).toEqual({ kind: 'new' });
    });
  });

  describe('the audit', () => {
    const lines = async (page: Partial<Parameters<typeof rig.keep.listAuditPage>[0]>) =>
      (await rig.keep.listAuditPage({ before: '', limit: 10, ...page })).map(({ detail }) => detail);
    const write = async (count: number) => {
      for (let n = 0; n < count; n++) {
        const store = n % 2 === 0 ? 'demo' : undefined;
        const line = { actor: `user ${n % 3}`, action: n % 2 === 0 ? 'paused' : 'login', store };
        await rig.keep.writeAudit({ at: Date.now(), ...line, detail: String(n) });
      }
    };
    test('is listed newest first, page after page', async () => {
      await write(7);
      const first = await rig.keep.listAuditPage({ before: '', limit: 3 });
      expect(first.map(({ detail }) => detail)).toEqual(['6', '5', '4']);
      expect(await lines({ before: first.at(-1)?.id ?? '' })).toEqual(['3', '2', '1', '0']);
    });
    test('is chosen by person, deed, stores and time, all at once', async () => {
      await write(7);
      expect(await lines({ actor: 'user 0' })).toEqual(['6', '3', '0']);
      expect(await lines({ actor: 'user 0', action: 'paused' })).toEqual(['6', '0']);
      expect(await lines({ stores: ['demo', 'other'], limit: 2 })).toEqual(['6', '4']);
      expect(await lines({ stores: [] })).toEqual([]);
      expect(await lines({ since: Date.now() + 60_000 })).toEqual([]);
      expect(await lines({ until: Date.now() - 60_000 })).toEqual([]);
      expect(await lines({ since: Date.now() - 60_000, until: Date.now() + 60_000, limit: 1 })).toEqual(['6']);
    });
    test('tells whom and what one can choose', async () => {
      expect(await rig.keep.auditChoices()).toEqual({ actors: [], actions: [] });
      await write(4);
      expect(await rig.keep.auditChoices()).toEqual({
        actors: ['user 0', 'user 1', 'user 2'],
        actions: ['login', 'paused'],
      });
    });
  });
}
