// A synchronous standby of PostgreSQL that is silent: nothing is confirmed that it has not, and nothing waits for it without end.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKeep } from '../../../src/keep/keep.ts';
import { openPostgres, type Postgres } from '../../../src/keep/postgres/postgres.ts';
import { plainVault } from '../../../src/lib/vault.ts';
import { failureOf, hasPostgres, makeStandby, type Server, startPostgres } from '../../support/postgres.ts';
import { eventually } from '../../support/service.ts';
import { makeHook } from '../make.ts';

describe.skipIf(!(await hasPostgres()))('a synchronous standby (skipped where no PostgreSQL runs)', () => {
  let primary: Server;
  let standby: Server;
  let opened: Postgres;
  beforeAll(async () => {
    // From the start: a server that reads its settings again does so a moment after it was told to.
    primary = await startPostgres({ synchronous_standby_names: 'standby' });
    standby = await makeStandby(primary);
    await standby.start();
    opened = await openPostgres(await primary.makeDatabase());
  });
  afterAll(async () => {
    await opened.close();
    await Promise.all([standby.close(), primary.close()]);
  });
  const keep = (body: string) => createKeep({ db: opened.db, vault: plainVault }).keepHooks([makeHook(body)]);
  const cancel = "select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'";

  test('that does not answer is not waited for without end', async () => {
    // Also a standby that is well may take longer than hooks are waited for, on a machine with much else to do.
    await eventually(async () => (await failureOf(keep('both'))) === 'none', 'both keep it');
    await standby.stop('kill');
    for (const body of ['first', 'second', 'third']) expect(await failureOf(keep(body))).toBe('away');
  });

  test('whose wait somebody cancels has confirmed nothing, also not for a hook that is there already', async () => {
    const answers: string[] = [];
    const work = (async () => {
      for (const body of ['canceled', 'canceled', 'canceled']) answers.push(await failureOf(keep(body)));
    })();
    let done = false;
    void work.then(() => {
      done = true;
    });
    while (!done) await primary.query(cancel);
    expect(answers).not.toContain('none');
  });

  test('is trusted again when it is back', async () => {
    await standby.start();
    await eventually(async () => (await failureOf(keep('back'))) === 'none', 'it keeps');
  });
});
