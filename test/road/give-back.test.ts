// Hooks that the database fails on, on the real road and store: given back, worked on when the fault is over, never blamed.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createKeep, type Keep } from '../../src/keep/keep.ts';
import { newId } from '../../src/lib/id.ts';
import { plainVault } from '../../src/lib/vault.ts';
import { createClaiming } from '../../src/road/claiming.ts';
import { createComplete } from '../../src/road/complete.ts';
import { createGiveBack } from '../../src/road/give-back.ts';
import { createSuspects } from '../../src/road/suspects.ts';
import { LEASE, makeHook } from '../keep/make.ts';
import { digestTo } from '../support/digest.ts';
import { type OwnKeep, openOwnKeep } from '../support/own-keep.ts';
import { contactLookup, loadThin, NOW, thinHook } from '../support/thin.ts';

type Said = { message: string } & Record<string, unknown>;
let own: OwnKeep;
let said: Said[];
let now: number;

beforeEach(async () => {
  own = await openOwnKeep();
  said = [];
  now = NOW;
});
afterEach(() => own.close());

const TOLD = {
  topics: ['contact.told'],
  key: '$string(id)',
  fields: { lead_id: '$string(id)', event_time: '$received_at' },
};
const { stores } = loadThin({
  lookups: { contact: contactLookup('https://crm.example') },
  events: { qualify_lead: TOLD },
});

/** A work thread without its loop. */
function startWorking() {
  const keep = createKeep({ db: own.db, vault: plainVault });
  const background: Promise<void>[] = [];
  const note = (fields: object, message: string) => void said.push({ ...fields, message });
  const log = { info: note, warn: note, error: note };
  const clock = () => now;
  const giveBack = createGiveBack({ keep, now: clock, log });
  const digest = digestTo({
    stores,
    keep,
    complete: createComplete({ lookups: { ask: async () => ({ answer: { gclid: 'click' } }) }, keep, now: clock }),
    background: (work) => void background.push(work),
    giveBack,
    now: clock,
    log,
  });
  const sift = createSuspects({ keep, now: clock, log });
  const claimed = createClaiming({ keep, sift, digest, giveBack, now: clock, newId });
  /** One turn of the loop, with all that it began; answers how many hooks are held after it. */
  const turn = async (): Promise<number> => {
    await giveBack
      .settle()
      .then(claimed)
      .catch(() => undefined);
    await Promise.allSettled(background.splice(0));
    return (await own.db.query('select id from hooks where lease_id is not null')).length;
  };
  return { keep, turn };
}

const run = (sql: string) => own.db.transaction([{ sql, rows: [[]] }]);
const told = (message: string) => said.filter((line) => line.message === message);
const states = async () => {
  const rows = await own.db.query('select source, state, attempts from hooks order by id');
  return rows.map(({ state, attempts }) => `${state} ${attempts}`);
};
/** Room for what is changed in place, none for the events of the hooks. */
async function fillDisk(): Promise<() => Promise<unknown>> {
  const [row] = await own.db.query('select page_count from pragma_page_count()');
  await run(`pragma max_page_count = ${Number(row?.page_count) + 2}`);
  return () => run('pragma max_page_count = 1000000');
}

/** A hook of many records that tells all of them, and one whose contacts have to be looked up. */
async function keepTwo(keep: Keep): Promise<void> {
  const ids = Array.from({ length: 100 }, (_, index) => index);
  const { headers, body } = thinHook(...ids);
  const whole = Buffer.from(body.toString().replace('contact.new', 'contact.told'));
  const hooks = [whole, body].map((bytes) => {
    const made = makeHook(bytes.toString());
    return { ...made, hook: { ...made.hook, store: 'shop', source: 'crm', headers, body: bytes } };
  });
  await keep.keepHooks(hooks);
}

describe('while there is no room on the disk', () => {
  test('hooks are given back again and again, and mapped when there is room', async () => {
    const { keep, turn } = startWorking();
    await keepTwo(keep);
    const free = await fillDisk();
    for (let turns = 0; turns < 20; turns++, now += LEASE) await turn();
    expect(await states()).toEqual(['kept 0', 'kept 0']);
    await free();
    await turn();
    now += LEASE;
    await turn();
    expect(await states()).toEqual(['mapped 1', 'mapped 1']);
    expect(told('hook.set_aside')).toEqual([]);
  });

  test('it is told how many hooks wait and why, once for all of them', async () => {
    const { keep, turn } = startWorking();
    await keepTwo(keep);
    await fillDisk();
    await turn();
    await turn();
    expect(told('hooks.put_off')).toEqual([
      { message: 'hooks.put_off', hooks: 2, seconds: 5, error: expect.stringContaining('full') },
    ]);
  });

  test('one that is suspected to have ended the process is tried alone, and not blamed for the disk', async () => {
    const { keep, turn } = startWorking();
    await keepTwo(keep);
    for (let death = 0; death < 3; death++, now += LEASE)
      await keep.claimHooks({ now, lease_until: now + LEASE, lease_id: newId(), limit: 100 });
    const free = await fillDisk();
    for (let turns = 0; turns < 20; turns++, now += LEASE) await turn();
    await free();
    for (let turns = 0; turns < 4; turns++, now += LEASE) await turn();
    expect((await states()).map((state) => state.split(' ')[0])).toEqual(['mapped', 'mapped']);
    expect(told('hook.set_aside')).toEqual([]);
  });
});

test('hooks that cannot even be given back are held, and nothing is claimed until they are', async () => {
  const { keep, turn } = startWorking();
  await keepTwo(keep);
  await run(
    `create trigger refuse before update on hooks when new.lease_id is null begin select raise(abort, 'no'); end`,
  );
  for (let turns = 0; turns < 20; turns++, now += LEASE) expect(await turn()).toBe(2);
  expect(await states()).toEqual(['kept 1', 'kept 1']);
  await run('drop trigger refuse');
  for (let turns = 0; turns < 2; turns++, now += LEASE) await turn();
  expect(await states()).toEqual(['mapped 1', 'mapped 1']);
});
