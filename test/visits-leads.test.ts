// A lead that came in with its click: the deal that is won later goes out with the same ids, though its hook has none.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Event } from '../src/event.ts';
import { createKeep, type Keep } from '../src/keep/keep.ts';
import { openSqlite, type Sqlite } from '../src/keep/sqlite/sqlite.ts';
import { newId } from '../src/lib/id.ts';
import { plainVault } from '../src/lib/vault.ts';
import type { Store } from '../src/map/files/load.ts';
import { type MapResult, mapHook } from '../src/map/map.ts';
import { digestMapped } from '../src/road/digest.ts';
import { createRecall } from '../src/road/visits.ts';
import { makeHook } from './keep/make.ts';
import { buildStore } from './support/stores.ts';

const NOW = Date.parse('2026-11-18T12:00:00Z');
const DAY = 86_400_000;
const iso = (at: number) => new Date(at).toISOString();

let folder: string;
let sqlite: Sqlite;
let keep: Keep;
let store: Store;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tagbridge-leads-'));
  sqlite = await openSqlite({ path: join(folder, 'tagbridge.db') });
  keep = createKeep({ db: sqlite.db, vault: plainVault });
  store = await buildStore('hubspot', { visits: { origins: ['https://acme.example'] } });
});
afterAll(async () => {
  await sqlite.close();
  await rm(folder, { recursive: true });
});

/** What becomes of an event that a hook tells at `now`; recorded. */
async function tell(event: Event, now: number): Promise<Event | undefined> {
  const made = newId();
  const hook = makeHook(made, { lease_id: 'lease' });
  const mapped: MapResult = {
    topic: undefined,
    verdict: 'mapped',
    events: [{ key: `${event.name}:${made}`, event }],
    uncounted: [],
  };
  const batch = [{ hook: { store: 'shop' }, mapped }];
  const recalled = await createRecall(keep, new Map([['shop', store]]), () => now)(batch);
  const { events } = await digestMapped(mapped, store, new Map(), { now, age: DAY }, recalled);
  await keep.keepHooks([hook]);
  const digest = { hook_id: hook.hook.id, store: 'shop', lease_id: 'lease', state: 'mapped' as const, uncounted: [] };
  await keep.recordDigests(
    [{ ...digest, events: events.map((one) => ({ ...one, id: newId(), deliveries: [] })) }],
    now,
  );
  return events[0]?.event;
}
const user_data = { email_address: 'ann@example.com' };
const clicked = { gclid: { from: 'hs_google_click_id', seen_at: iso(NOW - 2 * DAY) } };

test('a deal won months later has the ids of its lead, with the time of the click', async () => {
  const lead = { name: 'generate_lead', event_time: iso(NOW), lead_id: 'contact-1', user_data };
  await tell({ ...lead, gclid: 'Cj0K-1', client_id: '1.2', provenance: clicked }, NOW);
  const at = NOW + 120 * DAY;
  const won = await tell({ name: 'close_convert_lead', event_time: iso(at), lead_id: 'contact-1' }, at);
  expect(won).toMatchObject({
    gclid: 'Cj0K-1',
    client_id: '1.2',
    visit: { by: 'lead_id', click: 'gclid', age_seconds: 122 * 86_400 },
    provenance: { gclid: { from: 'visit by lead_id', seen_at: iso(NOW - 2 * DAY) } },
  });
});

test('a deal with an id of its own finds its lead by the e-mail of the contact', async () => {
  const at = NOW + 121 * DAY;
  const won = await tell({ name: 'close_convert_lead', event_time: iso(at), lead_id: 'deal-7', user_data }, at);
  expect(won).toMatchObject({ gclid: 'Cj0K-1', visit: { by: 'email_address' } });
});

test('a deal that counts as a sale has the ids of its lead however long that took', async () => {
  const at = NOW + 122 * DAY;
  const order = { order_id: 'deal-7', lead_id: 'contact-1', currency: 'EUR', value: 900 };
  const sold = await tell({ name: 'purchase', event_time: iso(at), ...order }, at);
  expect(sold).toMatchObject({ gclid: 'Cj0K-1', visit: { by: 'lead_id' } });
});

test('a later stage that knows other ids does not change those of the lead', async () => {
  const at = NOW + 10 * DAY;
  await tell({ name: 'qualify_lead', event_time: iso(at), lead_id: 'contact-1', user_data, gclid: 'Cj0K-2' }, at);
  const end = NOW + 130 * DAY;
  const won = await tell({ name: 'close_convert_lead', event_time: iso(end), lead_id: 'contact-1' }, end);
  expect(won?.gclid).toBe('Cj0K-1');
});

test('a lead of somebody who agreed to nothing is not kept for the day it is won', async () => {
  const consent = { ad_user_data: 'denied' } as const;
  await tell({ name: 'generate_lead', event_time: iso(NOW), lead_id: 'contact-2', gclid: 'Cj0K-9', consent }, NOW);
  const won = await tell({ name: 'close_convert_lead', event_time: iso(NOW + DAY), lead_id: 'contact-2' }, NOW + DAY);
  expect(won?.gclid).toBeUndefined();
});

test('joins are counted by source and key', async () => {
  const sums = await keep.sumJoins(0, Number.MAX_SAFE_INTEGER);
  const of = (name: string) => sums.filter((one) => one.name === name).map(({ by, age, events }) => [by, age, events]);
  expect(of('close_convert_lead').sort()).toEqual([
    ['email_address', 'older', 1],
    ['lead_id', 'older', 2],
    ['nothing', '', 1],
  ]);
  expect(of('generate_lead')).toEqual([['own', '', 2]]);
});

test('two contacts who filled a required phone field with the same digits are not taken for one', async () => {
  const source = store.sources.get('hubspot');
  if (source === undefined) throw new Error('there is no source');
  const leadOf = async (contact: object): Promise<Event> => {
    const body = Buffer.from(JSON.stringify({ phone: '0000000000', country: 'NL', createdate: iso(NOW), ...contact }));
    const { events } = await mapHook(source, {
      headers: { 'content-type': 'application/json' },
      body,
      received_at: NOW,
    });
    const [made] = events;
    if (made === undefined) throw new Error('there is no event');
    return made.event;
  };
  await tell(await leadOf({ hs_object_id: 61, email: 'bob@example.com', gclid: 'Cj0K-of-bob' }), NOW);
  const second = await tell(await leadOf({ hs_object_id: 62, email: 'eve@example.com' }), NOW + DAY);
  expect(second?.user_data?.email_address).toBe('eve@example.com');
  expect(second?.gclid).toBeUndefined();
});
