// Look-ups over real HTTP: rates, memory, refusals and renewed tokens, with a clock that the tests move.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createHttp, type Http } from '../../src/deliver/http.ts';
import { KeepError } from '../../src/keep/error.ts';
import type { Keep } from '../../src/keep/keep.ts';
import type { Answers } from '../../src/keep/sealed.ts';
import type { Asked } from '../../src/map/lookup.ts';
import { mapHook } from '../../src/map/map.ts';
import type { Source } from '../../src/map/source.ts';
import { createComplete, knownOf } from '../../src/road/complete.ts';
import { createLookups, type Lookups } from '../../src/road/lookups.ts';
import { type Receiver, startReceiver } from '../support/deliver-receiver.ts';
import { type OwnKeep, openOwnKeep } from '../support/own-keep.ts';
import { contactLookup, NOW, TOKEN, thinHook, thinSource } from '../support/thin.ts';

type Answer = Parameters<typeof startReceiver>[0];
const CONTACT = JSON.stringify({ properties: { email: 'ann@example.com', gclid: 'Cj0K' } });
const json =
  (body: string): Answer =>
  (_, response) =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end(body);
/** Promises all of a body, and hangs up after its first bytes. */
const breaksOff =
  (body: string): Answer =>
  (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
    response.write(body.slice(0, 20), () => response.destroy());
  };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let api: Receiver;
let answer: Answer;
let now: number;
let http: Http;
let lookups: Lookups;
let logged: string[];
let own: OwnKeep;
let keep: Keep;

beforeAll(async () => {
  own = await openOwnKeep();
  keep = own.keep;
});
afterAll(() => own.close());
beforeEach(async () => {
  await own.db.transaction([{ sql: 'delete from throttles', rows: [[]] }]);
  answer = json(CONTACT);
  api = await startReceiver((...args) => answer(...args));
  now = NOW;
  logged = [];
  start({ allowPrivate: true });
});
afterEach(async () => {
  await http.close();
  await api.close();
});

function start(options: { allowPrivate: boolean }): void {
  http = createHttp(options);
  lookups = replica();
}
/** One of those who share a database. */
function replica(clock = () => now): Lookups {
  const note = (fields: object, message: string) => void logged.push(JSON.stringify({ ...fields, message }));
  const log = { info: note, warn: note };
  return createLookups({ send: http.send, keep, now: clock, log, signal: new AbortController().signal });
}

const sourceWith = (parts: Record<string, unknown> = {}, settings?: Record<string, unknown>) =>
  thinSource({ lookups: { contact: contactLookup(api.url, parts) } }, settings);
async function questions(source: Source, ...ids: number[]): Promise<Asked[]> {
  return (await mapHook(source, thinHook(...ids), () => undefined)).pending ?? [];
}
const ask = async (source: Source, ...ids: number[]) =>
  Promise.all((await questions(source, ...ids)).map((asked) => lookups.ask(source, asked)));
/** The road of one hook from its first mapping on. */
async function map(source: Source, hook: ReturnType<typeof thinHook> & { answers?: Answers } = thinHook(7)) {
  const complete = createComplete({ lookups, keep, now: () => now });
  return complete(source, hook, await mapHook(source, hook, knownOf(hook.answers)));
}

describe('an answer', () => {
  test('is asked for with the token and taken into the event', async () => {
    const { mapped, answers, waits } = await map(sourceWith());
    expect(api.received).toMatchObject([
      { url: '/contacts/7', headers: { authorization: `Bearer ${TOKEN}` }, body: '' },
    ]);
    expect(mapped.events[0]?.event.gclid).toBe('Cj0K');
    expect(Object.values(answers)).toEqual([JSON.parse(CONTACT)]);
    expect(waits).toBeUndefined();
  });

  test('that is kept with the hook is not asked for again', async () => {
    const source = sourceWith();
    const { answers } = await map(source);
    await map(source, { ...thinHook(7), answers });
    expect(api.received).toHaveLength(1);
  });

  test('is not asked for where every event that it is for is counted, and again once one is new', async () => {
    const source = sourceWith({ for: { generate_lead: "[id, 'again']" } });
    const add = (key: string) => ({
      sql: "insert into event_keys (store, key, event_id) values ('shop', $1, $1)",
      rows: [[key]],
    });
    await own.db.transaction([add('generate_lead:again')]);
    expect((await map(source, thinHook(70))).mapped.events[0]?.event.gclid).toBe('Cj0K');
    await own.db.transaction([add('generate_lead:70')]);
    const { mapped, answers } = await map(source, thinHook(70));
    expect(mapped.events).toMatchObject([{ key: 'generate_lead:70' }]);
    expect(mapped).not.toHaveProperty('reason');
    expect(answers).toEqual({});
    expect(api.received).toHaveLength(1);
  });

  test('serves others as long as it is remembered, and is asked for once by many at a time', async () => {
    const source = sourceWith({ cache: '10m' });
    await Promise.all([map(source), map(source), map(source)]);
    now += 10 * MINUTE - 1;
    await map(source);
    expect(api.received).toHaveLength(1);
    now += 2;
    await map(source);
    expect(api.received).toHaveLength(2);
  });

  test('of one account never serves another', async () => {
    await ask(sourceWith({ cache: '10m' }), 7);
    await ask(sourceWith({ cache: '10m' }, { api_token: 'token-of-another' }), 7);
    expect(api.received).toHaveLength(2);
  });

  test('that is not there, not JSON or too long is what the event lacks', async () => {
    const answers: [Answer, string][] = [
      [(_, response) => void response.writeHead(404).end(), 'there is no such record (404)'],
      [(_, response) => void response.writeHead(400).end(), 'the API does not take the question (400)'],
      [
        (_, response) => void response.writeHead(302, { location: '/elsewhere' }).end(),
        'the API does not take the question (302)',
      ],
      [json('<html>'), 'the answer cannot be read'],
      [json(JSON.stringify({ long: 'x'.repeat(2_000_000) })), 'the answer is larger than 2 MB'],
    ];
    for (const [given, words] of answers) {
      answer = given;
      const { mapped, waits } = await map(sourceWith());
      expect(mapped.reason).toContain(words);
      expect(mapped.events).toHaveLength(1);
      expect(waits).toBeUndefined();
    }
  });

  test('as long as that of an order with many lines is taken whole', async () => {
    const others = Array.from({ length: 5_000 }, (_, id) => ({ id, name: `Article ${id}` }));
    answer = json(JSON.stringify({ others, ...JSON.parse(CONTACT) }));
    const { mapped } = await map(sourceWith());
    expect(mapped.events[0]?.event.user_data?.email_address).toBe('ann@example.com');
  });

  test('from a private address is not asked for', async () => {
    await http.close();
    start({ allowPrivate: false });
    const { mapped } = await map(sourceWith());
    expect(mapped.reason).toContain('it may not be asked');
    expect(api.received).toEqual([]);
  });

  test('leaves neither token, address nor person in the log', async () => {
    await map(sourceWith({ auth: { query: 'api_token' } }));
    expect(logged.join()).toContain('lookup.made');
    expect(logged.join()).not.toMatch(/token-of|example\.com|contacts/);
  });
});

describe('an API that is sick', () => {
  test.each([
    ['answers 503', (_, response) => void response.writeHead(503).end(), 'the API answers 503'],
    ['hangs up', (_, response) => void response.destroy(), 'no answer (reset)'],
  ] as [string, Answer, string][])(
    'and %s lets the hook wait as long again as it has waited',
    async (_, sick, words) => {
      answer = sick;
      const source = sourceWith();
      expect((await map(source)).waits).toEqual({
        due_at: NOW + 10_000,
        reason: `waits for the e-mail and the click id: ${words}`,
      });
      now = NOW + 20 * MINUTE;
      expect((await map(source)).waits?.due_at).toBe(now + 20 * MINUTE);
      now = NOW + 5 * HOUR;
      expect((await map(source)).waits?.due_at).toBe(now + HOUR);
    },
  );

  test('and breaks off in the middle of an answer is asked again, and none of it is remembered', async () => {
    answer = breaksOff(CONTACT);
    const source = sourceWith({ cache: '10m' });
    expect((await map(source)).waits?.reason).toContain('the answer broke off');
    answer = json(CONTACT);
    expect((await map(source)).mapped.events[0]?.event.user_data?.email_address).toBe('ann@example.com');
  });

  test('is waited for six hours, then the hook is mapped without', async () => {
    answer = (_, response) => void response.writeHead(503).end();
    now = NOW + 6 * HOUR;
    const { mapped, waits } = await map(sourceWith());
    expect(waits).toBeUndefined();
    expect(mapped).toMatchObject({ verdict: 'mapped', reason: expect.stringContaining('has waited long enough') });
  });

  test('for one record lets its neighbours go', async () => {
    answer = ({ url }, response) => void response.writeHead(url.endsWith('/8') ? 503 : 200).end(CONTACT);
    const { mapped, waits, answers } = await map(sourceWith(), thinHook(7, 8, 9));
    expect(mapped.events.map(({ key }) => key)).toEqual(['generate_lead:7', 'generate_lead:9']);
    expect(waits).toBeDefined();
    expect(Object.keys(answers)).toHaveLength(2);
  });

  test('that asks for a pause (429) is left alone until it is over, for all look-ups of the account', async () => {
    answer = (_, response) => void response.writeHead(429, { 'retry-after': '30' }).end();
    const source = sourceWith();
    expect((await map(source)).waits?.due_at).toBe(NOW + 30_000);
    now += 29_000;
    expect((await map(source, thinHook(8))).waits?.due_at).toBe(NOW + 30_000);
    expect(api.received).toHaveLength(1);
    now += 1_001;
    answer = json(CONTACT);
    expect((await map(source)).mapped.events).toHaveLength(1);
  });

  test('that asked for a pause (429) is asked again after the clock was set back, not when the clock is there again', async () => {
    answer = (_, response) => void response.writeHead(429, { 'retry-after': '30' }).end();
    const source = sourceWith();
    // Time goes by between any two looks at the clock.
    lookups = replica(() => now++);
    await map(source);
    answer = json(CONTACT);
    now -= 24 * HOUR;
    expect((await map(source)).mapped.events).toHaveLength(1);
  });

  test('that asks for a pause (429) is left alone also when the database cannot note it', async () => {
    answer = (_, response) => void response.writeHead(429, { 'retry-after': '30' }).end();
    const source = sourceWith();
    const run = (sql: string) => own.db.transaction([{ sql, rows: [[]] }]);
    await run("create trigger refuse before update on throttles begin select raise(abort, 'no'); end");
    await expect(map(source)).rejects.toBeInstanceOf(KeepError);
    await run('drop trigger refuse');
    expect((await map(source)).waits?.due_at).toBe(NOW + 30_000);
    expect(api.received).toHaveLength(1);
  });
});

describe('a token that is refused', () => {
  test.each([
    [401, /^waits for the e-mail and the click id: api_token was refused \(401\): wrong, expired or revoked/],
    [403, /^waits for the e-mail and the click id: api_token may not read this \(403\): give it the right to read/],
  ])('with %i pauses the look-up with words that say what to do', async (status, words) => {
    answer = (_, response) => void response.writeHead(status).end();
    const source = sourceWith();
    expect((await map(source)).waits).toEqual({ due_at: NOW + 10 * MINUTE, reason: expect.stringMatching(words) });
    await map(source, thinHook(8));
    expect(api.received).toHaveLength(1);
    expect(logged.filter((line) => line.includes('lookup.paused'))).toHaveLength(1);
    now += 10 * MINUTE + 1;
    answer = json(CONTACT);
    expect((await map(source)).mapped.events).toHaveLength(1);
  });

  test('does not hold back another token', async () => {
    answer = ({ headers }, response) =>
      void response.writeHead(headers.authorization === `Bearer ${TOKEN}` ? 401 : 200).end(CONTACT);
    await map(sourceWith());
    expect((await map(sourceWith({}, { api_token: 'a-good-one' }))).mapped.events).toHaveLength(1);
  });
});

describe('a rate', () => {
  test('lets a second’s worth go and gives the others their turns', async () => {
    const source = sourceWith({ rate: '2/s' });
    const given = await ask(source, 1, 2, 3, 4);
    expect(api.received).toHaveLength(2);
    expect(given.slice(2)).toMatchObject([{ later: NOW + 500 }, { later: NOW + 1_000 }]);
    now += 500;
    await ask(source, 3);
    expect(api.received).toHaveLength(3);
  });

  test('is one for all replicas', async () => {
    const source = sourceWith({ rate: '2/s' });
    const asked = await questions(source, 1, 2, 3);
    const replicas = [replica(), replica(), replica()];
    const given = await Promise.all(
      replicas.map((one, index) => Promise.all(asked.slice(index, index + 1).map((ask) => one.ask(source, ask)))),
    );
    expect(api.received).toHaveLength(2);
    expect(given.flat().filter((one) => 'later' in one)).toMatchObject([{ later: NOW + 500 }]);
  });

  test('of nothing until a time, which an API asks one replica for, holds for the others', async () => {
    answer = (_, response) => void response.writeHead(429, { 'retry-after': '30' }).end();
    const source = sourceWith({ rate: '5/s' });
    const [first, second] = await questions(source, 1, 2);
    if (first === undefined || second === undefined) throw new Error('two questions');
    await lookups.ask(source, first);
    const other = replica();
    expect(await other.ask(source, second)).toMatchObject({ later: NOW + 30_000 });
    expect(api.received).toHaveLength(1);
    now += 30_000;
    answer = json(CONTACT);
    expect(await other.ask(source, second)).not.toHaveProperty('later');
  });

  test('that a large hook is beyond is kept over several turns', async () => {
    const source = sourceWith({ rate: '2/s' });
    let hook: Parameters<typeof map>[1] = thinHook(1, 2, 3, 4, 5);
    for (let turn = 0; turn < 5; turn++) {
      const { waits, answers, mapped } = await map(source, hook);
      if (waits === undefined) {
        expect(mapped.events).toHaveLength(5);
        expect(api.received).toHaveLength(5);
        return;
      }
      hook = { ...hook, answers };
      now = Math.max(waits.due_at, now + 1_000);
    }
    throw new Error('it never came to an end');
  });
});

describe('a token that is given out', () => {
  const oauth = () => ({
    oauth: { url: `${api.url}/token`, client_id: 'client_id', client_secret: 'client_secret' },
  });
  const app = { client_id: 'app', client_secret: '${CRM_SECRET}' };
  let given = 0;
  beforeEach(() => {
    given = 0;
    answer = (received, response) => {
      if (received.url === '/token') {
        given += 1;
        json(JSON.stringify({ access_token: `token-${given}`, expires_in: 3_600 }))(received, response, 0);
      } else json(CONTACT)(received, response, 0);
    };
  });
  const tokens = () => api.received.filter(({ url }) => url !== '/token').map(({ headers }) => headers.authorization);

  test('is used until shortly before its end, then renewed', async () => {
    const source = sourceWith({ auth: oauth() }, app);
    await map(source);
    now += 58 * MINUTE;
    await map(source);
    now += 2 * MINUTE;
    await map(source);
    expect(tokens()).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
  });

  test('and refused early is renewed once; a fresh one that is refused pauses', async () => {
    const source = sourceWith({ auth: oauth() }, app);
    await map(source);
    const good = answer;
    answer = (received, response, count) =>
      received.url === '/token' ? good(received, response, count) : void response.writeHead(401).end();
    expect((await map(source)).waits?.due_at).toBe(NOW);
    expect((await map(source)).waits?.due_at).toBe(NOW + 10 * MINUTE);
    expect(tokens()).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
  });

  test('and breaks off is asked for again, and does not pause', async () => {
    answer = breaksOff('{"access_token":"token-of-nobody"}');
    const { waits } = await map(sourceWith({ auth: oauth() }, app));
    expect(waits).toMatchObject({ due_at: NOW + 10_000, reason: expect.stringContaining('the answer broke off') });
  });

  test.each([400, 401])('is refused to a wrong client with %i', async (status) => {
    answer = (_, response) => void response.writeHead(status).end('{"error":"invalid_client"}');
    const { waits } = await map(sourceWith({ auth: oauth() }, app));
    expect(waits).toMatchObject({ due_at: NOW + 10 * MINUTE, reason: expect.stringMatching(/client_id.*refused/) });
  });
});
