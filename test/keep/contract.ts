// What every database driver must do: the questions of keep, asked of the real thing.
import { describe, expect, test } from 'vitest';
import type { Vault } from '../../src/lib/vault.ts';
import { testAudit } from './contract-audit.ts';
import { testComparisons } from './contract-comparisons.ts';
import { testDamaged } from './contract-damaged.ts';
import { testDeliveries } from './contract-deliveries.ts';
import { testDigests } from './contract-digests.ts';
import { testEntries } from './contract-entries.ts';
import { testErase } from './contract-erase.ts';
import { testHolds } from './contract-holds.ts';
import { testHookHours } from './contract-hook-hours.ts';
import { testHooks } from './contract-hooks.ts';
import { testIncidents } from './contract-incidents.ts';
import { testLedger } from './contract-ledger.ts';
import { testLists } from './contract-lists.ts';
import { testOverview } from './contract-overview.ts';
import { testQualities } from './contract-qualities.ts';
import { testRecounts } from './contract-recounts.ts';
import { testReplay } from './contract-replay.ts';
import { testSearch } from './contract-search.ts';
import { testTokens } from './contract-tokens.ts';
import { testUsers } from './contract-users.ts';
import { testVisits } from './contract-visits.ts';
import { testWaiting } from './contract-waiting.ts';
import { testWebhooks } from './contract-webhooks.ts';
import { createRig, type OpenDb, type Rig } from './rig.ts';

export function testKeep(name: string, open: OpenDb, vault: Vault): void {
  describe(`keep on ${name}`, () => {
    const rig = createRig(open, vault);
    testTransactions(rig);
    testHooks(rig);
    testDigests(rig);
    testLedger(rig);
    testWaiting(rig);
    testDeliveries(rig);
    testHolds(rig);
    testEntries(rig);
    testComparisons(rig);
    testRecounts(rig);
    testWebhooks(rig);
    testQualities(rig);
    testErase(rig);
    testDamaged(rig);
    testAudit(rig);
    testVisits(rig);
    testOverview(rig);
    testLists(rig);
    testHookHours(rig);
    testIncidents(rig);
    testReplay(rig);
    testSearch(rig);
    testTokens(rig);
    describe('people', () => testUsers(rig));
  });
}

function testTransactions(rig: Rig): void {
  describe('a transaction', () => {
    test('whose last step fails leaves nothing of the steps before it', async () => {
      const sql = 'insert into pauses (account, reason, since) values ($1, $2, $3)';
      const rows = [
        ['a', 'first', 1],
        ['a', 'second', 2],
      ];
      await expect(rig.db.transaction([{ sql, rows }])).rejects.toMatchObject({ failure: 'constraint' });
      expect(await rig.keep.listPauses()).toEqual([]);
    });

    test('with rows that go together, one or hundreds, answers all of theirs in one place', async () => {
      const sql =
        'insert into pauses (account, reason, since) values ($1, $2, $3) on conflict do nothing returning account';
      for (const count of [0, 1, 2, 37, 300]) {
        const rows = Array.from({ length: count }, (_, index) => [`${count}-${index}`, 'twice', index]);
        const steps = [
          { sql, rows: [...rows, ...rows], together: true },
          { sql: 'select count(*) as pauses from pauses where account like $1', rows: [[`${count}-%`]] },
        ];
        const [[inserted = []] = [], [[counted] = []] = []] = await rig.db.transaction(steps);
        expect(inserted.map(({ account }) => account)).toEqual(rows.map(([account]) => account));
        expect(counted).toEqual({ pauses: count });
      }
    });

    test('answers the rows of every run of every step', async () => {
      const results = await rig.db.transaction([
        { sql: 'insert into pauses (account, reason, since) values ($1, $1, $2)', rows: [['a', 1]] },
        { sql: 'select account, reason from pauses where since >= $1', rows: [[1], [2]] },
      ]);
      expect(results).toEqual([[[]], [[{ account: 'a', reason: 'a' }], []]]);
    });
  });
}
