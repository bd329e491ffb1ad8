// Look-ups over real HTTP: what an answer gives, how long it is remembered, and what is not asked for again.
import { describe, expect, test } from 'vitest';
import { contactLookup, TOKEN, thinHook, thinSource } from '../support/thin.ts';
import { type Answer, CONTACT, json, MINUTE, useLookups } from './lookups-rig.ts';

const rig = useLookups();
const { ask, map, sourceWith, start } = rig;

describe('an answer', () => {
  test('is asked for with the token and taken into the event', async () => {
    const { mapped, answers, waits } = await map(sourceWith());
    expect(rig.api.received).toMatchObject([
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
    expect(rig.api.received).toHaveLength(1);
  });

  test('is not asked for where every event that it is for is counted, and again once one is new', async () => {
    const source = sourceWith({ for: { generate_lead: "[id, 'again']" } });
    const add = (key: string) => ({
      sql: "insert into event_keys (store, key, event_id) values ('shop', $1, $1)",
      rows: [[key]],
    });
    await rig.own.db.transaction([add('generate_lead:again')]);
    expect((await map(source, thinHook(70))).mapped.events[0]?.event.gclid).toBe('Cj0K');
    await rig.own.db.transaction([add('generate_lead:70')]);
    const { mapped, answers } = await map(source, thinHook(70));
    expect(mapped.events).toMatchObject([{ key: 'generate_lead:70' }]);
    expect(mapped).not.toHaveProperty('reason');
    expect(answers).toEqual({});
    expect(rig.api.received).toHaveLength(1);
  });

  test('serves others as long as it is remembered, and is asked for once by many at a time', async () => {
    const source = sourceWith({ cache: '10m' });
    await Promise.all([map(source), map(source), map(source)]);
    rig.now += 10 * MINUTE - 1;
    await map(source);
    expect(rig.api.received).toHaveLength(1);
    rig.now += 2;
    await map(source);
    expect(rig.api.received).toHaveLength(2);
  });

  test('of one account never serves another', async () => {
    await ask(sourceWith({ cache: '10m' }), 7);
    await ask(sourceWith({ cache: '10m' }, { api_token: 'token-of-another' }), 7);
    expect(rig.api.received).toHaveLength(2);
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
      rig.answer = given;
      const { mapped, waits } = await map(sourceWith());
      expect(mapped.reason).toContain(words);
      expect(mapped.events).toHaveLength(1);
      expect(waits).toBeUndefined();
    }
  });

  test('without content is an empty list, and what a record lacks', async () => {
    rig.answer = (_, response) => void response.writeHead(204).end();
    const source = sourceWith();
    const [asked] = await rig.questions(source, 7);
    if (asked === undefined) throw new Error('nothing is asked');
    expect(await rig.lookups.page(source, asked)).toMatchObject({ answer: [] });
    expect(await rig.lookups.ask(source, asked)).toEqual({ lacks: 'the API has nothing about it (204)' });
  });

  test('is kept without what its source strips, as a body is', async () => {
    rig.answer = json(
      JSON.stringify({ properties: { gclid: 'Cj0K', card: { last4: '4242' }, notes: [{ last4: '1' }] } }),
    );
    const source = thinSource({ ...{ lookups: { contact: contactLookup(rig.api.url) } }, strip: ['last4'] });
    const { mapped, answers } = await map(source);
    expect(mapped.events[0]?.event.gclid).toBe('Cj0K');
    expect(Object.values(answers)).toEqual([{ properties: { gclid: 'Cj0K', card: {}, notes: [{}] } }]);
  });

  test('as long as that of an order with many lines is taken whole', async () => {
    const others = Array.from({ length: 5_000 }, (_, id) => ({ id, name: `Article ${id}` }));
    rig.answer = json(JSON.stringify({ others, ...JSON.parse(CONTACT) }));
    const { mapped } = await map(sourceWith());
    expect(mapped.events[0]?.event.user_data?.email_address).toBe('ann@example.com');
  });

  test('from a private address is not asked for', async () => {
    await rig.http.close();
    start({ allowPrivate: false });
    const { mapped } = await map(sourceWith());
    expect(mapped.reason).toContain('it may not be asked');
    expect(rig.api.received).toEqual([]);
  });

  test('leaves neither token, address nor person in the log', async () => {
    await map(sourceWith({ auth: { query: 'api_token' } }));
    expect(rig.logged.join()).toContain('lookup.made');
    expect(rig.logged.join()).not.toMatch(/token-of|example\.com|contacts/);
  });
});
