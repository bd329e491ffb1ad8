// What look-ups of thin hooks ask and give, without any network: when one is made, and what becomes of its record.
import { describe, expect, test } from 'vitest';
import type { Asked } from '../../../src/map/asking/lookup.ts';
import { requestOf } from '../../../src/map/asking/lookup-request.ts';
import { mapHook } from '../../../src/map/map.ts';
import { contactLookup, loadThin, messages, NOW, thinHook, thinSource } from '../../support/thin.ts';
import { API, contact, nothing, pendingOf, urlsOf } from './lookup-questions.ts';

describe('a record that needs an answer', () => {
  test('is not mapped before it came, and names what to ask', async () => {
    const result = await mapHook(thinSource(contact()), thinHook(7), nothing);
    expect(result.events).toEqual([]);
    expect(result.pending).toMatchObject([{ method: 'GET', url: `${API}/contacts/7`, body: undefined }]);
  });

  test('is mapped with what the look-up takes of the answer', async () => {
    const answer = { id: 7, properties: { email: 'ann@example.com', gclid: 'Cj0K' } };
    const result = await mapHook(thinSource(contact()), thinHook(7), () => ({ answer }));
    expect(result).toMatchObject({
      verdict: 'mapped',
      events: [{ event: { user_data: { email_address: 'ann@example.com' }, gclid: 'Cj0K' } }],
    });
    expect(result).not.toHaveProperty('pending');
    expect(result).not.toHaveProperty('reason');
  });

  test('waits without its neighbours', async () => {
    const known = ({ url }: Asked) => (url.endsWith('/7') ? { answer: {} } : undefined);
    const result = await mapHook(thinSource(contact()), thinHook(7, 8), known);
    expect(result.events.map(({ key }) => key)).toEqual(['generate_lead:7']);
    expect(result.pending?.map(({ url }) => url)).toEqual([`${API}/contacts/8`]);
  });

  test('that nobody answers is mapped as far as it goes, and the reason says what is missing', async () => {
    const result = await mapHook(thinSource(contact()), thinHook(7), () => ({
      lacks: 'there is no such record (404)',
    }));
    expect(result).toMatchObject({
      verdict: 'mapped',
      reason: 'without the e-mail and the click id: there is no such record (404)',
      events: [{ event: { lead_id: '7' } }],
    });
  });

  test('of a source without the token is mapped at once, and the reason names the token', async () => {
    const result = await mapHook(thinSource(contact(), {}), thinHook(7), nothing);
    expect(result).toMatchObject({
      verdict: 'mapped',
      reason: 'without the e-mail and the click id: the source has no api_token',
    });
    expect(result).not.toHaveProperty('pending');
  });

  test('is asked about once, however many records of the hook name it', async () => {
    expect(await urlsOf(thinSource(contact()), thinHook(7, 7, 7))).toHaveLength(1);
  });
});

describe('a look-up', () => {
  test('is made only for its topics and where its tests hold', async () => {
    expect(await urlsOf(thinSource(contact({ topics: ['deal.*'] })))).toEqual([]);
    expect(await urlsOf(thinSource(contact({ when: { id: { gt: 7 } } })), thinHook(7, 8))).toEqual([
      `${API}/contacts/8`,
    ]);
  });

  test('sees the named values of the platform as they are before any answer, rules as they are after', async () => {
    const source = thinSource({
      let: { number: '$exists($lookup.contact.number) ? $lookup.contact.number : id * 10' },
      ...contact({ url: `${API}/contacts/{$number}` }),
      events: { generate_lead: { fields: { lead_source: '$string($number)' } } },
    });
    expect(await urlsOf(source)).toEqual([`${API}/contacts/70`]);
    const { events } = await mapHook(source, thinHook(7), () => ({ answer: { properties: { number: 5 } } }));
    expect(events[0]?.event.lead_source).toBe('5');
  });

  test('is not made for a hook that no rule takes', async () => {
    const result = await mapHook(thinSource({ ...contact(), hook: { topic: '"other"' } }), thinHook(7), nothing);
    expect(result).toMatchObject({ verdict: 'ignored', reason: 'no rule takes other' });
    expect(result).not.toHaveProperty('pending');
  });

  test('without a value for its URL is not made and leaves no note', async () => {
    const source = thinSource(contact({ url: `${API}/contacts/{person}` }));
    const result = await mapHook(source, thinHook(7), nothing);
    expect(result).toMatchObject({ verdict: 'mapped' });
    expect(result).not.toHaveProperty('reason');
  });

  test('whose URL has half a character in it asks for the sign of an unknown one', async () => {
    expect(await urlsOf(thinSource(contact()), thinHook('Ann \ud83d'))).toEqual([`${API}/contacts/Ann%20%EF%BF%BD`]);
  });

  test('says for which events it is', async () => {
    const source = thinSource(contact({ for: { generate_lead: '[id, "more"]' } }));
    expect((await pendingOf(source)).map(({ events }) => events)).toEqual([['generate_lead:7', 'generate_lead:more']]);
    const known = await mapHook(source, thinHook(7), () => ({ needless: true }));
    expect(known.events).toMatchObject([{ key: 'generate_lead:7', event: { lead_id: '7' } }]);
    expect(known).not.toHaveProperty('reason');
  });

  test('is made where a rule names its event by an expression, which may be any', async () => {
    const events = { generate_lead: { emit: "$topic = 'contact.new' ? 'generate_lead' : 'qualify_lead'" } };
    const source = thinSource({ ...contact({ for: { generate_lead: 'id' } }), events });
    expect((await pendingOf(source)).map(({ events }) => events)).toEqual([['generate_lead:7']]);
  });

  test('that reads another one is made after it', async () => {
    const source = thinSource({
      lookups: {
        links: { about: 'the contact', url: `${API}/deals/{id}/contacts`, auth: { bearer: 'api_token' } },
        contact: contactLookup(API, { url: `${API}/contacts/{$lookup.links.first}`, as: 'person' }),
      },
      events: { generate_lead: { fields: { lead_source: '$person.source' } } },
    });
    expect(await urlsOf(source)).toEqual([`${API}/deals/7/contacts`]);
    const links = ({ lookup }: Asked) => (lookup.name === 'links' ? { answer: { first: 31 } } : undefined);
    expect((await pendingOf(source, thinHook(7), links)).map(({ url }) => url)).toEqual([`${API}/contacts/31`]);
    const all = ({ lookup }: Asked) =>
      lookup.name === 'links' ? { answer: { first: 31 } } : { answer: { properties: { source: 'Fair' } } };
    expect((await mapHook(source, thinHook(7), all)).events[0]?.event.lead_source).toBe('Fair');
  });

  test('that need not be made where another one says enough is not made before that', async () => {
    const source = thinSource({
      lookups: {
        links: { about: 'the contact', url: `${API}/deals/{id}/contacts`, auth: { bearer: 'api_token' } },
        contact: contactLookup(API, { when: { '$lookup.links.email': { exists: false } } }),
      },
    });
    expect(await urlsOf(source)).toEqual([`${API}/deals/7/contacts`]);
    expect(await pendingOf(source, thinHook(7), () => ({ answer: { email: 'ann@example.com' } }))).toEqual([]);
  });

  test('can post a body, in which one expression keeps its type', async () => {
    const body = { inputs: [{ id: '{id}', label: 'contact {id}' }], limit: 1, all: false };
    const [asked] = await pendingOf(thinSource(contact({ method: 'POST', url: `${API}/search`, body })));
    expect(JSON.parse(asked?.body ?? '')).toEqual({ inputs: [{ id: 7, label: 'contact 7' }], limit: 1, all: false });
  });

  test('can be changed by a store, in parts or off', async () => {
    const changed = thinSource(contact(), {
      lookups: { contact: { url: `${API}/v9/{id}` } },
      api_token: '${CRM_TOKEN}',
    });
    expect(await urlsOf(changed)).toEqual([`${API}/v9/7`]);
    expect(await urlsOf(thinSource(contact(), { lookups: { contact: 'off' } }))).toEqual([]);
    const other = { lookups: { contact: { auth: { header: 'X-Key', value: 'client_id' } } }, client_id: 'id-1' };
    const source = thinSource(contact(), other);
    const [asked] = await pendingOf(source);
    expect(asked && requestOf(asked, source.settings, undefined).headers).toEqual({
      accept: 'application/json',
      'x-key': 'id-1',
    });
  });

  test('whose expression fails makes the hook stuck', async () => {
    const source = thinSource(contact({ take: '$number(properties)' }));
    const result = await mapHook(source, thinHook(7), () => ({ answer: { properties: 'x' } }));
    expect(result).toMatchObject({ verdict: 'stuck' });
  });
});

describe('mistakes in look-ups', () => {
  test.each([
    ['there is no setting api_tokn', { auth: { bearer: 'api_tokn' } }],
    ['there is no setting regon', { url: 'https://api.crm.example/{$settings.regon}/contacts/{id}' }],
    ['a GET has no body', { body: { a: 1 } }],
    ['$topic is taken', { as: 'topic' }],
  ])('%s', (message, parts) => {
    expect(messages(loadThin(contact(parts)).problems)).toEqual([message]);
  });
  test('a call of the function whose name the answers have is told, with what to write instead', () => {
    const [problem] = loadThin({ ...contact(), let: { x: "$lookup(table, 'name')" } }).problems;
    expect(problem).toMatchObject({
      message: '$lookup is a value here and no function',
      hint: expect.stringContaining('$attr'),
    });
  });
  test('are told with their place, also inside a URL', () => {
    const [problem] = loadThin(contact({ url: `${API}/contacts/{$nothing}` })).problems;
    expect(problem).toMatchObject({ file: 'thin.yaml', code: 'UNKNOWN_VARIABLE' });
  });
});

test('an arrival time reaches the event of a thin hook', async () => {
  const { events } = await mapHook(thinSource(contact()), thinHook(7), () => ({ answer: {} }));
  expect(events[0]?.event.event_time).toBe(new Date(NOW).toISOString());
});
