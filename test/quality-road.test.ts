// What a destination says of its events, as people meet it: on the pages, in alerts and by the API, for those stores that want it.
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { stampOf } from '../src/deliver/pause.ts';
import { meta } from '../src/destinations/meta.ts';
import { listQualities, noteQuality } from '../src/keep/questions/qualities.ts';
import { takeWatch } from '../src/keep/questions/watches.ts';
import { openSqlite } from '../src/keep/sqlite/sqlite.ts';
import type { Db, End, EventQuality } from '../src/types.ts';
import { createClient, makeToken } from './support/api.ts';
import { alertsAfterRestart, type Browser, becomeAdmin } from './support/browser.ts';
import { eventually, type Rig, SECRETS, startRig, storeFile, writeStore } from './support/service.ts';

const DAY = 24 * 3_600_000;
const PIXEL = '1234567890123456';
const PURCHASE: EventQuality = {
  ...{ event: 'Purchase', counts: true, score: 7.4, keys: [{ key: 'email', share: 98.6 }], lacks: ['phone', 'fbc'] },
  ...{ coverage: 91.3, goal: 75, pace: 'real_time', issues: [] },
  doubles: [{ key: 'event_id', browser: 100, server: 99.6, known: 90.8 }],
};
const nothing = (event: string, more: Partial<EventQuality> = {}): EventQuality => ({
  ...{ event, counts: false, keys: [], lacks: [], doubles: [], issues: [] },
  ...more,
});

let rig: Rig;
let admin: Browser;
const withDb = async (work: (db: Awaited<ReturnType<typeof openSqlite>>['db']) => Promise<unknown>) => {
  const { db, close } = await openSqlite({ path: join(rig.folder, 'data/tagbridge.db') });
  await work(db);
  await close();
};
const note = (end: { events: readonly EventQuality[] } | { problem: string }, ago = 0) =>
  withDb((db) => {
    const at = Date.now() - ago;
    const day = { account: PIXEL, day: new Date(at).toISOString().slice(0, 10) };
    return noteQuality(db, day, at, 'problem' in end ? end : { said: { at, ...end } });
  });
/** What is said of the token of the store file. */
const noteEnd = (end: { ends: End } | { problem: string }, ago = 0) =>
  withDb((db) => {
    const at = Date.now() - ago;
    const { meta: own } = wanting(true).destinations;
    const stamp = stampOf({ settings: meta.settings.parse({ ...own, access_token: SECRETS.META_TOKEN }) });
    const day = { account: `${PIXEL} by ${stamp}`, day: new Date(at).toISOString().slice(0, 10) };
    return noteQuality(db, day, at, 'problem' in end ? end : { said: { at, events: [], ...end } });
  });
const wanting = (quality: boolean) => {
  const store = storeFile(rig.standins);
  return { ...store, destinations: { ...store.destinations, meta: { ...store.destinations.meta, quality } } };
};
/** As if another replica were asking, so that nothing is told but what a test notes. */
const keepFromAsking = async (db: Db) => {
  const now = Date.now();
  const lease = { name: `quality ${PIXEL}`, holder: 'another', now, lease_until: now + 100_000, gap: DAY };
  await eventually(async () => (await takeWatch(db, lease)) !== undefined, 'nobody else asks');
};
beforeAll(async () => {
  rig = await startRig(SECRETS);
  admin = await becomeAdmin(rig);
  await withDb(keepFromAsking);
  await writeStore(rig, wanting(true));
});
afterAll(() => rig.close());
beforeEach(() =>
  withDb(async (db) => {
    await keepFromAsking(db);
    await db.transaction([{ sql: 'delete from qualities', rows: [[]] }]);
  }),
);
const shown = async () => (await admin.get('/destinations')).text;

describe('the page of destinations', () => {
  test('says that nothing was told yet, and why it could not be', async () => {
    expect(await shown()).toContain('Meta has not told anything yet');
    await note({ problem: 'the access token may not' });
    expect(await shown()).toMatch(/It could not say at <time[^>]*>[^<]*<\/time>: the access token may not/);
  });

  test('shows of purchases and leads the score now and before, the keys, doubles, coverage and pace', async () => {
    await note({ events: [{ ...PURCHASE, score: 6.1 }] }, 20 * DAY);
    await note({ events: [{ ...PURCHASE, score: 7 }] }, 3 * DAY);
    await note({ events: [PURCHASE, nothing('Lead', { counts: true }), nothing('PageView', { score: 5.5 })] });
    const text = await shown();
    expect(text).toMatch(/<span class="badge good">7\.4<\/span> <span class="quiet">6\.1 on \d{4}-\d\d-\d\d</);
    expect(text).toContain('email 99%');
    expect(text).toContain('event id: browser 100%, server 100%, known again 91%');
    expect(text).toContain('91% (75% is enough)');
    expect(text).toContain('real time');
    expect(text).toContain('less than half of Purchase come with phone, fbc');
    expect(text).toContain('It also tells of PageView 5.5.');
    expect(text).not.toContain('notice bad');
  });

  test('says what to do where people are not found and events may count twice, and passes on complaints', async () => {
    const issues = [{ name: '<b>IPv4</b>', todo: 'Send IPv6.', share: 59.5 }];
    const doubles = [
      { key: 'fbp', browser: 100, server: 0 },
      { key: 'event_id', browser: 0, server: 100 },
    ];
    await note({ events: [{ ...PURCHASE, score: 4.9, doubles, issues }] });
    const text = await shown();
    expect(text).toContain('<span class="badge bad">4.9</span>');
    expect(text).toContain('finds few of the people behind Purchase. Let the checkout ask');
    expect(text).toContain('Purchase may count twice');
    expect(text).toContain('as eventID what the bridge sends');
    expect(text).toContain('Meta says of Purchase (60% of them): &lt;b&gt;IPv4&lt;/b&gt;. Send IPv6.');
  });

  test('keeps what was told before where it cannot be asked any more, and takes nothing of a clock that was set back', async () => {
    await note({ events: [PURCHASE] }, DAY);
    await note({ problem: 'it has expired' });
    await note({ events: [] }, -2 * DAY);
    const text = await shown();
    expect(text).toContain('7.4');
    expect(text).toContain('Meta said this 24 hours ago');
    expect(text).toContain('it has expired');
  });

  test('says of an answer without purchases and leads that there is none', async () => {
    await note({ events: [nothing('PageView')] });
    expect(await shown()).toContain('tells nothing of purchases and leads now');
  });

  test('shows what an answer leaves out as the one before said it, for as long as alerts hold by it', async () => {
    const low = { ...PURCHASE, score: 4.4 };
    await note({ events: [low] }, 2 * DAY);
    for (const events of [[nothing('PageView')], [nothing('Purchase', { counts: true })]]) {
      await note({ events });
      const text = await shown();
      expect(text).toContain('<span class="badge bad">4.4</span>');
      expect(text).toContain('left out since; told 2 days ago');
      expect(text).toContain('finds few of the people behind Purchase');
      expect(text).toContain('event id: browser 100%, server 100%, known again 91%');
    }
    await withDb((db) => db.transaction([{ sql: 'delete from qualities', rows: [[]] }]));
    await note({ events: [low] }, 3 * DAY + 1_000);
    await note({ events: [nothing('PageView')] });
    expect(await shown()).toContain('tells nothing of purchases and leads now');
  });
});

describe('the end of the access token', () => {
  test('is told on the page with what to do about it, and needs more than a look when it is near', async () => {
    await noteEnd({ ends: 'never' });
    expect(await shown()).toContain('<p class="quiet">The access token never ends.</p>');
    await noteEnd({ ends: 'untold' });
    expect(await shown()).toContain('<p class="quiet">Meta does not say when the access token ends.</p>');
    await noteEnd({ ends: Date.now() + 40 * DAY });
    expect(await shown()).toMatch(/<p class="quiet">The access token ends on \d{4}-\d\d-\d\d, in 40 days. Make one/);
    await noteEnd({ ends: Date.now() + 3 * DAY });
    expect(await shown()).toMatch(/<p class="notice wait">The access token ends on .*, in 3 days. Make one that never/);
  });

  test('says whose it is where not all who send to the dataset ask', async () => {
    const { destinations, ...store } = wanting(true);
    const silent = { ...wanting(false).destinations.meta, type: 'meta' };
    await writeStore(rig, { ...store, destinations: { ...destinations, silent } });
    await noteEnd({ ends: 'never' });
    expect(await shown()).toContain('<p class="quiet">shop/meta: The access token never ends.</p>');
    await writeStore(rig, wanting(true));
    expect(await shown()).toContain('<p class="quiet">The access token never ends.</p>');
  });

  test('is not told where it could not, with the reason once', async () => {
    await noteEnd({ problem: 'Meta answered 500' });
    expect(await shown()).toContain(
      'Meta could not say when the access token ends: Meta answered 500. It is asked again',
    );
    await note({ problem: 'it has expired' });
    const text = await shown();
    expect(text).toContain('it has expired');
    expect(text).not.toContain('could not say when');
  });

  test('is told by the API, in words too', async () => {
    const names = [{ store: 'shop', destination: 'meta' }];
    const { get } = createClient(rig, await makeToken(admin));
    const read = async () => {
      const { json } = await get('/destinations');
      return JSON.parse(JSON.stringify(json)).items.find((one: { account: string }) => one.account === PIXEL).quality;
    };
    const ends = Date.now() + 3 * DAY;
    await noteEnd({ ends });
    expect(await read()).toEqual({
      ends: [
        {
          ...{ names, told_at: expect.any(String), at: new Date(ends).toISOString(), soon: true },
          words: expect.stringMatching(/^The access token ends on .*, in 3 days\.$/),
          todo: expect.stringContaining('Make one that never ends'),
        },
      ],
    });
    await noteEnd({ ends: 'never' });
    const never = { names, told_at: expect.any(String), soon: false, words: 'The access token never ends.' };
    expect(await read()).toEqual({ ends: [never] });
  });
});

test('the API tells the same', async () => {
  const { get } = createClient(rig, await makeToken(admin));
  const read = async () => {
    const { json } = await get('/destinations');
    return JSON.parse(JSON.stringify(json)).items.find(({ account }: { account: string }) => account === PIXEL).quality;
  };
  const ends = [{ names: [{ store: 'shop', destination: 'meta' }], soon: false }];
  expect(await read()).toEqual({ ends });
  await note({ events: [PURCHASE] });
  const said = { at: expect.any(String), events: [{ ...PURCHASE, low: false }] };
  expect(await read()).toEqual({ asked_at: expect.any(String), said, ends });
  await withDb((db) => db.transaction([{ sql: 'delete from qualities', rows: [[]] }]));
  await note({ events: [PURCHASE] }, DAY);
  await note({ events: [] });
  const left = { at: expect.any(String), events: [{ ...PURCHASE, low: false, told_at: expect.any(String) }] };
  expect(await read()).toEqual({ asked_at: expect.any(String), said: left, ends });
});

test('a store that does not want it shows nothing', async () => {
  await note({ events: [PURCHASE] });
  await writeStore(rig, wanting(false));
  expect(await shown()).not.toContain('What Meta says');
  await withDb(async (db) => expect(await listQualities(db, '')).toHaveLength(1));
});

test('nobody sees the token', async () => {
  for (const path of ['/destinations', '/mappings/stores/shop.yaml'])
    expect((await admin.get(path)).text).not.toContain(SECRETS.META_TOKEN);
  expect(rig.logged.join('')).not.toContain(SECRETS.META_TOKEN);
});

test('an alert is opened when two answers a day apart say that purchases may count twice, and tells the score', async () => {
  const doubles = [
    { key: 'fbp', browser: 100, server: 0 },
    { key: 'event_id', browser: 0, server: 100 },
  ];
  await writeStore(rig, wanting(true));
  await note({ events: [{ ...PURCHASE, doubles }] });
  const first = await alertsAfterRestart(rig);
  await eventually(async () => (await first()).includes('Meta gives the match of Purchase 7.4 of 10'), 'it is told');
  expect(await first()).not.toContain('may count twice');
  await note({ events: [{ ...PURCHASE, doubles }] }, DAY);
  const second = await alertsAfterRestart(rig);
  await eventually(async () => (await second()).includes('shop/meta: Purchase may count twice'), 'it is opened');
});
