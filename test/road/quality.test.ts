// Asking destinations what they say of their events, over real HTTP and with a clock that the tests move: whom, how often, and what becomes of it.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createHttp, type Http } from '../../src/deliver/http.ts';
import { createSender } from '../../src/deliver/sender.ts';
import type { Keep } from '../../src/keep/keep.ts';
import { newId } from '../../src/lib/id.ts';
import type { Store } from '../../src/map/files/load.ts';
import { createAskingQuality } from '../../src/road/quality.ts';
import { type Receiver, startReceiver } from '../support/deliver-receiver.ts';
import { type OwnKeep, openOwnKeep } from '../support/own-keep.ts';
import { buildStore } from '../support/stores.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = Date.parse('2026-11-20T13:00:00Z');
const TOKEN = 'EAAG0made0up0token0that0nobody0has';
const PIXEL = '1234567890123456';
let own: OwnKeep;
let keep: Keep;
let http: Http;
let api: Receiver;
type Said = { status: number; body: string } | 'stall' | 'reset';
let answer: Said;
let answerOfToken: Said;
let now: number;
let logged: { message: string; [field: string]: unknown }[];
let ending: AbortController;

beforeAll(async () => {
  own = await openOwnKeep();
  keep = own.keep;
});
afterAll(() => own.close());
const say = (body: unknown, status = 200) => {
  answer = { status, body: typeof body === 'string' ? body : JSON.stringify(body) };
};
beforeEach(async () => {
  await own.db.transaction(['qualities', 'watches'].map((table) => ({ sql: `delete from ${table}`, rows: [[]] })));
  http = createHttp({ allowPrivate: true });
  say({ web: [{ event_name: 'Purchase', event_match_quality: { composite_score: 7.5 } }] });
  answerOfToken = { status: 200, body: '{"data":{"is_valid":true,"expires_at":0}}' };
  api = await startReceiver(({ url }, response) => {
    const said = url.includes('/debug_token?') ? answerOfToken : answer;
    if (said === 'reset') response.socket?.resetAndDestroy();
    else if (said !== 'stall') response.writeHead(said.status).end(said.body);
  });
  now = NOW;
  logged = [];
  ending = new AbortController();
});
afterEach(async () => {
  ending.abort();
  await http.close();
  await api.close();
});

const metaOf = (more: object = {}) => ({
  ...{ pixel_id: PIXEL, access_token: TOKEN, endpoint: api.url, quality: true },
  ...more,
});
const storeOf = async (name: string, destinations: object): Promise<Store> => {
  const store = await buildStore('shopify', { destinations });
  return { ...store, name, routes: store.routes.map((route) => ({ ...route, store: name })) };
};
const replicaOf = (stores: Store[], questions: Keep = keep) => {
  const write = (fields: object, message: string) => void logged.push({ message, ...fields });
  return createAskingQuality({
    ...{ stores: { all: () => stores }, keep: questions, send: createSender({ http, now: () => now }), newId },
    ...{ log: { info: write, warn: write, error: write }, now: () => now, signal: ending.signal },
  });
};
const replica = (...stores: Store[]) => replicaOf(stores);
const isOfEnd = (account: string) => account.includes(' by ');
const keptOf = async (from = '') => (await keep.listQualities(from)).filter(({ account }) => !isOfEnd(account));
const ends = async () =>
  (await keep.listQualities('')).filter((one) => isOfEnd(one.account)).map((one) => one.said?.ends ?? one.problem);
const asked = (path = 'dataset_quality') => api.received.filter(({ url }) => url.includes(`/${path}?`));
const tokenIn = (request: { url: string } | undefined) =>
  new URL(request?.url ?? '', api.url).searchParams.get('access_token');
const scores = async () => (await keptOf()).map(({ day, said }) => [day, said?.events[0]?.score]);

describe('a pixel', () => {
  test('is not asked about unless its store file says so', async () => {
    const store = await storeOf('shop', { meta: metaOf({ quality: false }) });
    await replica(store).round();
    expect([api.received.length, logged]).toEqual([0, []]);
  });

  test('is asked about once a day, however many stores share it and however many replicas look', async () => {
    const stores = [
      await storeOf('silent', { meta: metaOf({ quality: false, access_token: 'not this one' }) }),
      await storeOf('shop', { meta: metaOf() }),
      await storeOf('other', { meta: metaOf({ access_token: 'nor this one' }) }),
    ];
    await Promise.all([replica(...stores).round(), replica(...stores).round()]);
    expect(asked()).toHaveLength(1);
    expect(tokenIn(asked()[0])).toBe(TOKEN);
    expect(logged[0]).toEqual({ message: 'quality.asked', store: 'shop', destination: 'meta', events: 1 });
    const again = replica(...stores);
    now += DAY - 1;
    await again.round();
    expect(asked()).toHaveLength(1);
    now += 1;
    say({ web: [{ event_name: 'Purchase', event_match_quality: { composite_score: 6 } }] });
    await again.round();
    expect(await scores()).toEqual([
      ['2026-11-21', 6],
      ['2026-11-20', 7.5],
    ]);
  });

  test('is not asked about again by who looked before another one asked, and gets the lease after it', async () => {
    const store = await storeOf('shop', { meta: metaOf() });
    await replica(store).round();
    const looks = [async () => []];
    const late = { ...keep, listQualities: (from: string) => (looks.pop() ?? (() => keep.listQualities(from)))() };
    await replicaOf([store], late).round();
    expect(asked()).toHaveLength(1);
  });

  test('is asked about again an hour after a problem, and what it said before stays', async () => {
    const asking = replica(await storeOf('shop', { meta: metaOf() }));
    await asking.round();
    now += DAY;
    say({ error: { message: `${TOKEN} has expired`, code: 190, error_subcode: 463 } }, 401);
    await asking.round();
    now += HOUR - 1;
    await asking.round();
    expect(asked()).toHaveLength(2);
    expect(await keptOf()).toMatchObject([
      { day: '2026-11-21', said: undefined, problem: expect.stringContaining('it has expired') },
      { day: '2026-11-20', said: { events: [{ score: 7.5 }] } },
    ]);
    now += 1;
    say({});
    await asking.round();
    expect(await keptOf('2026-11-21')).toMatchObject([{ said: { at: now, events: [] }, problem: undefined }]);
  });

  test('is asked about at once after a start, where the last time was a problem', async () => {
    const store = await storeOf('shop', { meta: metaOf() });
    say('<html>', 502);
    await replica(store).round();
    now += 1;
    await replica(store).round();
    expect(asked()).toHaveLength(2);
  });

  test('is asked about by a clock that was set back, once', async () => {
    const store = await storeOf('shop', { meta: metaOf() });
    await replica(store).round();
    now -= 3 * DAY;
    const asking = replica(store);
    await asking.round();
    now += HOUR;
    await asking.round();
    expect(asked()).toHaveLength(2);
  });

  test('holds up no other one, and no end', async () => {
    const dead = await storeOf('dead', { meta: metaOf({ pixel_id: '99999', endpoint: 'http://127.0.0.1:9' }) });
    await replica(dead, await storeOf('shop', { meta: metaOf() })).round();
    expect(await scores()).toEqual([
      ['2026-11-20', 7.5],
      ['2026-11-20', undefined],
    ]);
    now += DAY;
    answer = 'stall';
    const round = replica(await storeOf('shop', { meta: metaOf() })).round();
    await expect.poll(() => asked().length).toBe(2);
    ending.abort();
    await round;
    expect(await scores()).toHaveLength(2);
  });
});

describe('an answer', () => {
  test.each<[string, unknown, number]>([
    ['huge', { web: [{ event_name: 'x'.repeat(2_000_000) }] }, 200],
    ['a page', '<!doctype html><html></html>', 200],
    ['an error that quotes the token', { error: { message: TOKEN, code: 100, error_data: TOKEN } }, 400],
    ['too many questions', { error: { message: TOKEN, code: 80004 } }, 429],
    ['broken', '{"web": [', 200],
  ])('that is %s is a problem, and nobody sees the token', async (_, body, status) => {
    say(body, status);
    await replica(await storeOf('shop', { meta: metaOf() })).round();
    const kept = await keptOf();
    expect(kept).toMatchObject([{ said: undefined, problem: expect.any(String) }]);
    expect(JSON.stringify([logged, await keep.listQualities('')])).not.toContain(TOKEN);
  });

  test('that never comes, as the connection breaks, is a problem', async () => {
    answer = 'reset';
    await replica(await storeOf('shop', { meta: metaOf() })).round();
    expect(await keptOf()).toMatchObject([{ problem: expect.stringContaining('connection broke') }]);
  });

  test('in whose names a secret or a person stands is kept without', async () => {
    const diagnostics = [{ name: TOKEN, solution: `Ask ann@shop.example about ${TOKEN}` }];
    const lead = { event_name: 'Lead', event_match_quality: { diagnostics } };
    say({ web: [{ event_name: `?access_token=${TOKEN}`, event_match_quality: { composite_score: 4 } }, lead] });
    await replica(await storeOf('shop', { meta: metaOf() })).round();
    expect(await keptOf()).toMatchObject([{ said: { events: [{ issues: [{}] }, { score: 4 }] } }]);
    const text = JSON.stringify([logged, await keep.listQualities('')]);
    expect(text).toContain('[secret]');
    expect(text).not.toMatch(/EAAG0|ann@/);
  });

  test('is kept of purchases and leads, and of other events the score alone', async () => {
    const match_key_feedback = [{ identifier: 'email', coverage: { percentage: 70 } }];
    const match = { composite_score: 6, match_key_feedback, diagnostics: [{ name: 'IPv4', solution: 'Send IPv6.' }] };
    const names = ['PageView', 'Purchase'];
    say({ web: names.map((event_name) => ({ event_name, event_match_quality: match })) });
    await replica(await storeOf('shop', { meta: metaOf() })).round();
    const [asked] = await keptOf();
    expect(asked?.said?.events).toMatchObject([
      { event: 'Purchase', counts: true, score: 6, keys: [{ key: 'email' }], issues: [{ name: 'IPv4' }] },
      { event: 'PageView', counts: false, score: 6, keys: [], lacks: [], doubles: [], issues: [] },
    ]);
  });
});

describe('an end of a token', () => {
  const END = Date.parse('2026-12-01T10:00:00Z');
  const endsAt = (at: number): Said => ({ status: 200, body: `{"data":{"is_valid":true,"expires_at":${at / 1000}}}` });

  test('is asked of each token of a pixel once a day, and kept without it', async () => {
    const other = await storeOf('other', { meta: metaOf({ access_token: 'another one' }) });
    const stores = [await storeOf('shop', { meta: metaOf() }), await storeOf('outlet', { meta: metaOf() }), other];
    answerOfToken = endsAt(END);
    await Promise.all([replica(...stores).round(), replica(...stores).round()]);
    expect(asked('debug_token').map(tokenIn)).toEqual([TOKEN, 'another one']);
    expect(await ends()).toEqual([END, END]);
    expect(logged[1]).toEqual({ message: 'quality.asked', store: 'shop', destination: 'meta', ends: '2026-12-01' });
    for (const times of [2, 4]) {
      now += times === 2 ? DAY - 1 : 1;
      await replica(...stores).round();
      expect(asked('debug_token')).toHaveLength(times);
    }
    expect(JSON.stringify([logged, await keep.listQualities('')])).not.toContain(TOKEN);
  });

  test('is asked at once of a new token', async () => {
    const stores = [await storeOf('shop', { meta: metaOf() })];
    const asking = replicaOf(stores);
    await asking.round();
    stores[0] = await storeOf('shop', { meta: metaOf({ access_token: 'a new one' }) });
    now += MINUTE;
    await asking.round();
    expect(asked('debug_token').map(tokenIn)).toEqual([TOKEN, 'a new one']);
    expect(asked()).toHaveLength(1);
  });

  test.each<[string, Said]>([
    ['is refused', { status: 400, body: `{"error":{"message":"${TOKEN}","code":190,"error_subcode":463}}` }],
    ['is a page', { status: 500, body: `<html>${TOKEN}</html>` }],
    ['is nonsense', { status: 200, body: `{"data":{"is_valid":true,"expires_at":"${TOKEN}"}}` }],
    ['says that it is no longer valid', { status: 200, body: '{"data":{"is_valid":false,"expires_at":0}}' }],
    ['never comes', 'reset'],
  ])('that %s spoils nothing of what is said of events, and is asked again an hour later', async (_, said) => {
    const asking = replica(await storeOf('shop', { meta: metaOf() }));
    answerOfToken = said;
    await asking.round();
    expect(await keptOf()).toMatchObject([{ said: { events: [{ score: 7.5 }] }, problem: undefined }]);
    expect(await ends()).toEqual([expect.any(String)]);
    expect(JSON.stringify([logged, await keep.listQualities('')])).not.toContain(TOKEN);
    now += HOUR;
    answerOfToken = endsAt(END);
    await asking.round();
    expect([asked().length, await ends()]).toEqual([1, [END]]);
  });

  test('is kept where nothing can be said of events, and not asked again with them', async () => {
    say({ error: { message: '', code: 10 } }, 403);
    answerOfToken = endsAt(END);
    const asking = replica(await storeOf('shop', { meta: metaOf() }));
    await asking.round();
    now += HOUR;
    await asking.round();
    expect([asked().length, asked('debug_token').length]).toEqual([2, 1]);
    expect(await keptOf()).toMatchObject([{ said: undefined, problem: expect.stringContaining('may not read') }]);
    expect(await ends()).toEqual([END]);
  });

  test('that cannot be kept does not keep what is said of events from being kept, nor the other way round', async () => {
    const store = await storeOf('shop', { meta: metaOf() });
    for (const broken of [true, false]) {
      await own.db.transaction([{ sql: 'delete from qualities', rows: [[]] }]);
      const noteQuality: Keep['noteQuality'] = async (on, ...rest) => {
        if (isOfEnd(on.account) === broken) throw new Error('the disk is full');
        await keep.noteQuality(on, ...rest);
      };
      await replicaOf([store], { ...keep, noteQuality }).round();
      expect([(await keptOf()).length, (await ends()).length]).toEqual(broken ? [1, 0] : [0, 1]);
    }
  });
});
