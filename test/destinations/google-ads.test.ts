// The Google Ads destination: the exact request it makes.
import { describe, expect, it } from 'vitest';
import { googleAds } from '../../src/destinations/google-ads.ts';
import type { Event } from '../../src/event.ts';
import { sha256 } from '../../src/lib/hash.ts';
import { strictGoogleAds } from '../support/strict-google-ads.ts';
import { bodyOf, googleAdsSettings, NOW, order } from './example.ts';
import { clicked, lead } from './google-ads-example.ts';

const request = (events: Event[], more: object = {}, now = NOW) =>
  googleAds.build(events, googleAdsSettings(more), now);
const sent = (event: Event, more: object = {}, now = NOW) => bodyOf(request([event], more, now)).events[0];

const WORKED =
  '{"destinations":[{"reference":"987654321","operatingAccount":{"accountType":"GOOGLE_ADS","accountId":"1234567890"},' +
  '"productDestinationId":"987654321"}],"events":[{"destinationReferences":["987654321"],"transactionId":"1001",' +
  '"eventTimestamp":"2026-11-18T14:03:25.000Z","eventSource":"PHONE","adIdentifiers":{"gclid":"Cj0KCQiA-b_c"},' +
  '"userData":{"userIdentifiers":[' +
  '{"emailAddress":"62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"},' +
  '{"phoneNumber":"1e231c66011e7a2d867a9cfae267a6aff103cf4913640b6e71a99850fc0ffbc8"},' +
  '{"address":{"givenName":"96d9632f363564cc3032521409cf22a852f2032eec099ed5967c0d000cec607a",' +
  '"familyName":"6627835f988e2c5e50533d491163072d3f4f41f5c8b04630150debb3722ca2dd","regionCode":"US",' +
  '"postalCode":"94025-1234"}}]},"conversionValue":119.9,"currency":"USD",' +
  '"consent":{"adUserData":"CONSENT_GRANTED","adPersonalization":"CONSENT_GRANTED"}}],"encoding":"HEX"}';

describe('a Google Ads request', () => {
  it('of the worked phone order with its click is byte for byte this one', () => {
    const made = request([order({ gclid: 'Cj0KCQiA-b_c' })]);
    expect(made.url).toBe('https://datamanager.googleapis.com/v1/events:ingest');
    expect(made.headers).toEqual({ 'content-type': 'application/json' });
    expect(made.body).toBe(WORKED);
    strictGoogleAds(made, NOW);
  });

  it('names each conversion action once, and for each event its own', () => {
    const conversion_actions = { purchase: 1, generate_lead: '22', close_convert_lead: '22' };
    const events = [order(), lead({ name: 'generate_lead' }), lead(), order({ transaction_id: 'T2' })];
    const { destinations, events: made } = bodyOf(request(events, { conversion_actions }));
    expect(destinations.map((one: { productDestinationId: string }) => one.productDestinationId)).toEqual(['1', '22']);
    expect(made.map((one: { destinationReferences: string[] }) => one.destinationReferences)).toEqual([
      ['1'],
      ['22'],
      ['22'],
      ['1'],
    ]);
  });

  it('goes by the manager account where that one has the access, and to the endpoint that is set', () => {
    const made = request([order()], { login_customer_id: '999-888-7777', endpoint: 'http://127.0.0.1:9003' });
    expect(made.url).toBe('http://127.0.0.1:9003/v1/events:ingest');
    expect(bodyOf(made).destinations[0].loginAccount).toEqual({ accountType: 'GOOGLE_ADS', accountId: '9998887777' });
  });

  it.each([
    ['website', 'WEB'],
    ['phone_call', 'PHONE'],
    ['physical_store', 'IN_STORE'],
    ['system_generated', 'OTHER'],
    ['chat', 'OTHER'],
  ] as const)('of an event from %s says %s', (action_source, eventSource) => {
    expect(sent(clicked({ action_source })).eventSource).toBe(eventSource);
  });

  it('carries one click id, gclid before gbraid before wbraid', () => {
    const ids = { gclid: 'CjG', gbraid: '0AA', wbraid: 'CkW' };
    expect(sent(order(ids)).adIdentifiers).toEqual({ gclid: 'CjG' });
    expect(sent(order({ ...ids, gclid: undefined })).adIdentifiers).toEqual({ gbraid: '0AA' });
    expect(sent(order({ wbraid: 'CkW' })).adIdentifiers).toEqual({ wbraid: 'CkW' });
    expect(sent(order({ ...ids, gclid: 'not a click id' })).adIdentifiers).toEqual({ gbraid: '0AA' });
  });

  it('leaves a click out that is older than 90 days, where the person is known', () => {
    const event = order({ gclid: 'CjG', provenance: { gclid: { from: 'visit', seen_at: '2026-08-01T00:00:00Z' } } });
    expect(sent(event).adIdentifiers).toBeUndefined();
    expect(sent(event).userData).toBeDefined();
  });

  it('has an address only as a whole, and nobody with user_data: false', () => {
    const address = { first_name: 'John', last_name: 'Smith', country: 'US' };
    expect(sent(clicked({ user_data: { address } })).userData).toBeUndefined();
    expect(sent(order({ gclid: 'CjG' }), { user_data: false }).userData).toBeUndefined();
  });

  it.each([
    ['a country that is none', { country: 'ZZ' }],
    ['a sentence for a postal code', { postal_code: 'see the note: ring twice' }],
    ['a postal code longer than any', { postal_code: '1234 AB '.repeat(9) }],
  ])('leaves out an address with %s, for which Google would refuse the whole batch', (_, odd) => {
    const address = { first_name: 'John', last_name: 'Smith', country: 'NL', postal_code: '1234 AB', ...odd };
    const { userData, adIdentifiers } = sent(clicked({ user_data: { address } }));
    expect(userData).toBeUndefined();
    expect(adIdentifiers).toBeDefined();
  });

  it.each(['1234 AB', 'SW1A 1AA', '94025-1234', '١٢٣٤٥', 'D02 X285', 'LV-1010'])(
    'has the postal code %s',
    (postal_code) => {
      const address = { first_name: 'John', last_name: 'Smith', country: 'NL', postal_code };
      expect(sent(clicked({ user_data: { address } })).userData.userIdentifiers[0].address.postalCode).toBe(
        postal_code,
      );
    },
  );

  it('has no amount without a currency, and says nothing of consent that nobody gave', () => {
    const made = sent(order({ currency: undefined, consent: undefined }));
    expect(made).not.toHaveProperty('consent');
    expect(made).not.toHaveProperty('conversionValue');
  });

  it('names a lead by its record and what became of it, and hashes ids that are too long', () => {
    expect(sent(lead()).transactionId).toBe('deal-7.close_convert_lead');
    const long = 'x'.repeat(65);
    expect(sent(order({ transaction_id: long })).transactionId).toBe(sha256(long));
  });

  it('dates an event of the future to now', () => {
    expect(sent(order({ event_time: '2026-11-18T15:00:00Z' })).eventTimestamp).toBe('2026-11-18T14:10:00.000Z');
  });

  it('never carries the buyer’s IP address or browser', () => {
    const { body } = request([order({ ip_override: '203.0.113.7', user_agent: 'Mozilla/5.0 Example' })]);
    expect(body).not.toMatch(/203\.0\.113\.7|Mozilla/);
  });
});
