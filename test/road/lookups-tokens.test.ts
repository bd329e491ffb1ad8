// The tokens of look-ups over real HTTP: one that is refused, and one that is given out and renewed.
import { beforeEach, describe, expect, test } from 'vitest';
import { NOW, TOKEN, thinHook } from '../support/thin.ts';
import { breaksOff, CONTACT, json, MINUTE, useLookups } from './lookups-rig.ts';

const rig = useLookups();
const { map, sourceWith } = rig;

describe('a token that is refused', () => {
  test.each([
    [401, /^waits for the e-mail and the click id: api_token was refused \(401\): wrong, expired or revoked/],
    [403, /^waits for the e-mail and the click id: api_token may not read this \(403\): give it the right to read/],
  ])('with %i pauses the look-up with words that say what to do', async (status, words) => {
    rig.answer = (_, response) => void response.writeHead(status).end();
    const source = sourceWith();
    expect((await map(source)).waits).toEqual({ due_at: NOW + 10 * MINUTE, reason: expect.stringMatching(words) });
    await map(source, thinHook(8));
    expect(rig.api.received).toHaveLength(1);
    expect(rig.logged.filter((line) => line.includes('lookup.paused'))).toHaveLength(1);
    rig.now += 10 * MINUTE + 1;
    rig.answer = json(CONTACT);
    expect((await map(source)).mapped.events).toHaveLength(1);
  });

  test('does not hold back another token', async () => {
    rig.answer = ({ headers }, response) =>
      void response.writeHead(headers.authorization === `Bearer ${TOKEN}` ? 401 : 200).end(CONTACT);
    await map(sourceWith());
    expect((await map(sourceWith({}, { api_token: 'a-good-one' }))).mapped.events).toHaveLength(1);
  });
});

describe('a token that is given out', () => {
  const oauth = () => ({
    oauth: { url: `${rig.api.url}/token`, client_id: 'client_id', client_secret: 'client_secret' },
  });
  const app = { client_id: 'app', client_secret: '${CRM_SECRET}' };
  let given = 0;
  beforeEach(() => {
    given = 0;
    rig.answer = (received, response) => {
      if (received.url === '/token') {
        given += 1;
        json(JSON.stringify({ access_token: `token-${given}`, expires_in: 3_600 }))(received, response, 0);
      } else json(CONTACT)(received, response, 0);
    };
  });
  const tokens = () =>
    rig.api.received.filter(({ url }) => url !== '/token').map(({ headers }) => headers.authorization);

  test('is used until shortly before its end, then renewed', async () => {
    const source = sourceWith({ auth: oauth() }, app);
    await map(source);
    rig.now += 58 * MINUTE;
    await map(source);
    rig.now += 2 * MINUTE;
    await map(source);
    expect(tokens()).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
  });

  test('and refused early is renewed once; a fresh one that is refused pauses', async () => {
    const source = sourceWith({ auth: oauth() }, app);
    await map(source);
    const good = rig.answer;
    rig.answer = (received, response, count) =>
      received.url === '/token' ? good(received, response, count) : void response.writeHead(401).end();
    expect((await map(source)).waits?.due_at).toBe(NOW);
    expect((await map(source)).waits?.due_at).toBe(NOW + 10 * MINUTE);
    expect(tokens()).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
  });

  test('and breaks off is asked for again, and does not pause', async () => {
    rig.answer = breaksOff('{"access_token":"token-of-nobody"}');
    const { waits } = await map(sourceWith({ auth: oauth() }, app));
    expect(waits).toMatchObject({ due_at: NOW + 10_000, reason: expect.stringContaining('the answer broke off') });
  });

  test.each([400, 401])('is refused to a wrong client with %i', async (status) => {
    rig.answer = (_, response) => void response.writeHead(status).end('{"error":"invalid_client"}');
    const { waits } = await map(sourceWith({ auth: oauth() }, app));
    expect(waits).toMatchObject({ due_at: NOW + 10 * MINUTE, reason: expect.stringMatching(/client_id.*refused/) });
  });
});
