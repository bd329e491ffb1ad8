// The API over real HTTP: lists and masks, actions that can be tried and repeated, and plain refusals.
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Client, createClient, idOf, makeStrangersToken, makeToken } from '../support/api.ts';
import { auditLines, Items, Problem, startApiDay, stopClock } from '../support/api-day.ts';
import type { Browser } from '../support/browser.ts';
import { eventually, type Rig } from '../support/service.ts';

let rig: Rig;
let admin: Browser;
let token: string;
let client: Client;
let hook: string;
beforeAll(async () => {
  ({ rig, admin, token, client, hook } = await startApiDay());
});
afterAll(() => rig.close());
afterEach(() => void vi.restoreAllMocks());

const withScopes = async (...scopes: string[]) => createClient(rig, await makeToken(admin, { scopes }));
const audited = (action: string) => auditLines(rig, action);
const strangerTo = async () => createClient(rig, await makeStrangersToken(rig, admin));

describe('reading', () => {
  test('goes through a list page by page, each row once', async () => {
    const ids: unknown[] = [];
    for (let path = '/hooks?limit=4'; ; ) {
      const { items, next } = Items.parse((await client.get(path)).json);
      ids.push(...items.map(({ id }) => id));
      if (next === undefined) break;
      path = `/hooks?limit=4&cursor=${encodeURIComponent(next)}`;
    }
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(Items.parse((await client.get('/hooks?limit=500')).json).items.map(({ id }) => id));
    expect(ids.length).toBeGreaterThan(10);
  });

  test.each([
    '/hooks',
    '/events',
    '/deliveries',
    '/deliveries?state=waiting',
    '/deliveries?state=dead',
    '/attempts',
    '/audit',
    '/alerts/ended',
    '/reports/match/lacking?lacks=visit',
  ])('goes through %s by the cursors it gave, and by no others, which would begin anew without end', async (path) => {
    // Of its own: many questions in a row.
    const own = await withScopes('read', 'audit');
    const ask = (cursor: string | undefined) =>
      own.get(
        `${path}${path.includes('?') ? '&' : '?'}limit=1${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
      );
    const rows: unknown[] = [];
    let cursor: string | undefined;
    do {
      const { items, next } = Items.parse((await ask(cursor)).json);
      rows.push(...items.map((one) => JSON.stringify(one)));
      cursor = next;
    } while (cursor !== undefined && rows.length < 8);
    expect(new Set(rows).size).toBe(rows.length);
    for (const foreign of ['nonsense', '/', '9/9/9/9/9', '\u{1f642}', hook.toUpperCase(), `${hook}/`, `${hook}/a/b`]) {
      const { status, json } = await ask(foreign);
      expect([foreign, status, json]).toEqual([
        foreign,
        400,
        expect.objectContaining({
          errors: [
            { field: 'query.cursor', detail: 'is not what this list gave as next; leave it out for the first page' },
          ],
        }),
      ]);
    }
  });

  test('takes the cursor of deliveries in one state for none of another', async () => {
    const own = await withScopes('read');
    const { next } = Items.parse((await own.get('/deliveries?limit=1')).json);
    expect(next).toBeDefined();
    for (const state of ['waiting', 'dead'])
      expect((await own.get(`/deliveries?state=${state}&cursor=${encodeURIComponent(next ?? '')}`)).status).toBe(400);
  });

  test('S103 masks personal data, and shows it to a token with that scope, noted each time', async () => {
    const masked = await client.get(`/hooks/${hook}`);
    for (const personal of [
      'buyer1042',
      'Mila',
      'Utrecht',
      '3512 AB',
      '3512ab',
      '203.0.113.9',
      'secret-of',
      'token-of',
    ])
      expect(masked.text).not.toContain(personal);
    const before = (await audited('personal data shown')).length;
    const shown = await client.get(`/hooks/${hook}?unmasked=true`);
    expect(shown.text).toContain('buyer1042@example.com');
    expect(shown.text).not.toMatch(/secret-of|token-of/);
    expect(shown.headers.get('cache-control')).toBe('no-store');
    expect((await client.get('/stores/shop/orders/1042?unmasked=true')).text).toContain('buyer1042@example.com');
    const rows = (await audited('personal data shown')).slice(before);
    expect(rows).toHaveLength(2);
    expect(rows[0]).toBe(`token ${idOf(token)} (all of it): hook ${hook}`);
  });

  test.each(["' OR 1=1--", '%', '_', '\\', '(', '[a-z]+', '🙂'])('S98 takes %j as text', async (text) => {
    const reply = await client.get(`/search?q=${encodeURIComponent(text)}`);
    expect([reply.status, reply.json]).toEqual([200, { matches: [], uncounted: [] }]);
    for (const path of ['/hooks?store=', '/events?name=', '/attempts?destination=', '/audit?actor='])
      expect(Items.parse((await client.get(path + encodeURIComponent(text))).json).items).toEqual([]);
  });

  test('finds an order by e-mail', async () => {
    expect((await client.get('/search?q=buyer1042@example.com')).json).toMatchObject({
      matches: [{ found_by: 'e-mail', store: 'shop', order_id: '1042', event: 'purchase', hook_id: hook }],
    });
  });
});

describe('an action', () => {
  const stuck = { store: 'shop', place: 'shopify', kind: 'stuck' };

  test('is tried without doing anything', async () => {
    const before = (await audited('replayed')).length;
    const reply = await client.post('/replays', { ...stuck, dry_run: true });
    expect(reply.json).toMatchObject({
      dry_run: true,
      count: 1,
      newest: [{ reason: expect.stringContaining('total') }],
    });
    expect((await client.post(`/hooks/${hook}/map`, { dry_run: true })).json).toMatchObject({
      dry_run: true,
      verdict: 'mapped',
      events: [{ name: 'purchase' }],
    });
    expect((await audited('replayed')).length).toBe(before);
  });

  test('on one hook maps it again, and is noted', async () => {
    const before = (await audited('mapped again')).length;
    const { status, json } = await client.post(`/hooks/${hook}/map`, {});
    expect([status, json]).toMatchObject([200, { dry_run: false, verdict: 'mapped' }]);
    expect((await audited('mapped again')).length - before).toBe(1);
  });

  test('S104 under one idempotency key is done once and answered the same, also at the same time', async () => {
    const before = (await audited('replayed')).length;
    const key = { 'idempotency-key': '"one key"'.replace(' ', '-') };
    const replies = await Promise.all([client.post('/replays', stuck, key), client.post('/replays', stuck, key)]);
    const done = replies.filter(({ status }) => status === 200);
    expect(replies.every(({ status }) => status === 200 || status === 409)).toBe(true);
    expect(done[0]?.json).toMatchObject({ dry_run: false, count: 1 });
    const again = await client.post('/replays', stuck, key);
    expect([again.status, again.json]).toEqual([200, done[0]?.json]);
    expect((await audited('replayed')).length).toBe(before + 1);
    expect((await client.post('/replays', { ...stuck, place: 'woo' }, key)).status).toBe(422);
    expect((await client.post('/replays', stuck, { 'idempotency-key': 'with spaces' })).status).toBe(400);
  });

  test('sends a dead delivery again, once for each end that was seen', async () => {
    const [dead] = Items.parse((await client.get('/deliveries?state=dead&destination=sgtm')).json).items;
    const body = { event_id: dead?.event_id, destination: 'sgtm', copy: 0 };
    const stranger = await strangerTo();
    const replies = [body, { ...body, event_id: '01a1fc69-e441-7388-afea-f1280921b603' }].map(
      async (one) => (await stranger.post('/deliveries/send', one)).json,
    );
    expect(await replies[0]).toEqual(await replies[1]);
    expect((await client.post('/deliveries/send', { ...body, dry_run: true })).json).toMatchObject({
      dry_run: true,
      copy: 1,
      request: { method: 'POST' },
    });
    expect((await client.post('/deliveries/send', body)).json).toMatchObject({ dry_run: false, copy: 1 });
    await eventually(
      async () =>
        Items.parse((await client.get('/deliveries?destination=sgtm')).json).items.some(({ copy }) => copy === 1),
      'the copy has arrived',
    );
    expect((await client.post('/deliveries/send', body)).status).toBe(409);
    expect(await audited('sent again')).toHaveLength(1);
  });

  test('pauses a destination and resumes it, and both are audited', async () => {
    const body = { account: 'G-TEST000001' };
    await client.post('/destinations/pause', { ...body, reason: 'a test' });
    expect((await client.get('/destinations')).json).toMatchObject({
      items: expect.arrayContaining([
        expect.objectContaining({ ...body, paused: expect.objectContaining({ reason: 'a test' }) }),
      ]),
    });
    await client.post('/destinations/resume', body);
    const { items } = Items.parse((await client.get('/destinations')).json);
    expect(items.find(({ account }) => account === body.account)).not.toHaveProperty('paused');
    const { items: rows } = Items.parse((await client.get('/audit?limit=2')).json);
    expect(rows.map(({ action, actor }) => `${actor} ${action}`)).toEqual([
      `token ${idOf(token)} (all of it) resumed`,
      `token ${idOf(token)} (all of it) paused`,
    ]);
  });
});

describe('a refusal', () => {
  const json = { 'content-type': 'application/json' };
  test.each([
    ['GET', '/nothing', 404, undefined, {}],
    ['GET', '/hooks/%zz', 400, undefined, {}],
    ['GET', '/hooks/%00', 400, undefined, {}],
    ['DELETE', '/hooks', 405, undefined, {}],
    ['POST', '/hooks', 405, '{}', json],
    ['GET', '/replays', 405, undefined, {}],
    ['GET', '/hooks/no-id', 400, undefined, {}],
    ['GET', '/hooks?limit=0', 400, undefined, {}],
    ['GET', '/hooks?limit=501', 400, undefined, {}],
    ['GET', '/hooks?limit=x', 400, undefined, {}],
    ['GET', '/hooks?state=lost', 400, undefined, {}],
    ['GET', '/hooks?store=a&store=b', 400, undefined, {}],
    ['GET', '/hooks?offset=5', 400, undefined, {}],
    ['GET', '/hooks?kind=problem&status=200', 400, undefined, {}],
    ['GET', '/search', 400, undefined, {}],
    ['GET', `/search?q=${'x'.repeat(201)}`, 400, undefined, {}],
    ['GET', '/search?q=%00', 400, undefined, {}],
    ['GET', '/audit?since=yesterday', 400, undefined, {}],
    ['GET', '/hooks/01a1fc69-e441-7388-afea-f1280921b603', 404, undefined, {}],
    ['GET', '/export/secrets', 400, undefined, {}],
    ['POST', '/replays', 400, '{', json],
    ['POST', '/replays', 400, '[]', json],
    ['POST', '/replays', 400, '7', json],
    ['POST', '/replays', 400, '', json],
    ['POST', '/replays', 400, '{"store":"shop","place":"shopify","kind":"stuck","all":true}', json],
    ['POST', '/replays', 400, '{"store":"shop","place":"shopify","kind":"stuck","__proto__":{}}', json],
    ['POST', '/replays', 415, 'store=shop', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['POST', '/replays', 415, '{}', { 'content-type': 'text/plain' }],
    ['POST', '/replays', 415, '{}', { ...json, 'content-encoding': 'gzip' }],
    ['POST', '/replays', 413, `{"store":"${'x'.repeat(70_000)}"}`, json],
    [
      'POST',
      '/deliveries/send',
      409,
      `{"event_id":"01a1fc69-e441-7388-afea-f1280921b603","destination":"ga4","copy":0}`,
      json,
    ],
    ['POST', '/destinations/pause', 404, '{"account":"nobody"}', json],
  ])('of %s %s is %i in plain words', async (method, path, status, body, headers) => {
    const reply = await client.ask(method, path, body, headers);
    expect(reply.status).toBe(status);
    expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(reply.headers.get('cache-control')).toBe('no-store');
    expect(Problem.parse(reply.json).status).toBe(status);
    if (status === 405) expect(reply.headers.get('allow')).toMatch(/^(GET, HEAD|POST)$/);
  });

  test('names the fields that are wrong', async () => {
    const reply = await client.post('/replays', { store: 'shop', place: '', kind: 'lost' });
    expect(Problem.parse(reply.json).errors?.map(({ field }) => field)).toEqual(['body.place', 'body.kind']);
  });

  test('429 slows down a token that asks too often, and no other', async () => {
    const greedy = createClient(rig, await makeToken(admin));
    stopClock();
    const replies = await Promise.all(Array.from({ length: 300 }, () => greedy.get('/token')));
    const slowed = replies.filter(({ status }) => status === 429);
    expect(slowed.length).toBeGreaterThan(0);
    expect(slowed.every(({ headers }) => Number(headers.get('retry-after')) > 0)).toBe(true);
    expect((await client.get('/token')).status).toBe(200);
  });
});

test('S100 the API is absent from the hook port', async () => {
  const headers = { authorization: `Bearer ${token}` };
  for (const path of ['/api/openapi.json', '/api/hooks', '/mcp', '/tokens', '/export/hooks.csv'])
    expect((await fetch(rig.service.url + path, { headers })).status).toBe(404);
});
