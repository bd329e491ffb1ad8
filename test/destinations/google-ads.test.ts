// The Google Ads destination: what it refuses, the exact request it makes, and what Google's answers mean.
import { describe, expect, it } from 'vitest';
import { googleAds } from '../../src/destinations/google-ads.ts';
import type { Event } from '../../src/event.ts';
import { sha256 } from '../../src/lib/hash.ts';
import { strictGoogleAds } from '../support/strict-google-ads.ts';
import { bodyOf, DAY, googleAdsSettings, HOUR, NOW, order } from './example.ts';

const settings = googleAdsSettings();
const request = (events: Event[], more: object = {}, now = NOW) =>
  googleAds.build(events, googleAdsSettings(more), now);
const sent = (event: Event, more: object = {}, now = NOW) => bodyOf(request([event], more, now)).events[0];
const refused = (event: Event, now = NOW, more: object = {}) => googleAds.wants(event, googleAdsSettings(more), now);
const reason = (event: Event, now = NOW) => refused(event, now)?.reason;

const CLICKED = '2026-11-10T09:00:00Z';
const clicked = (changes: Partial<Event> = {}): Event => ({
  ...order({ user_data: undefined }),
  gclid: 'Cj0KCQiA-b_c',
  provenance: { gclid: { from: 'visit by phone_number', seen_at: CLICKED } },
  ...changes,
});
const lead = (changes: Partial<Event> = {}): Event => ({
  ...order({ name: 'close_convert_lead', transaction_id: undefined, order_id: undefined, items: undefined }),
  action_source: 'system_generated',
  lead_id: 'deal-7',
  ...changes,
});

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

describe('Google Ads wants', () => {
  it('what has a click, or a person', () => {
    expect(reason(clicked())).toBeUndefined();
    expect(reason(order())).toBeUndefined();
  });

  it.each<[string, Event, RegExp]>([
    ['refunds', order({ name: 'refund' }), /knows no refunds/],
    [
      'events without a conversion action',
      order({ name: 'qualify_lead' }),
      /no conversion action is set for qualify_lead/,
    ],
    ['events of inherited names', order({ name: 'toString' }), /no conversion action/],
    [
      'nobody without a click',
      order({ user_data: undefined }),
      /no click id of Google, e-mail, phone or whole address/,
    ],
    ['orders without an id', order({ transaction_id: undefined, order_id: undefined }), /no order or lead id/],
    ['negative amounts', order({ value: -1 }), /below 0/],
    ['times that are none', order({ event_time: 'soon' }), /no readable time/],
  ])('not %s', (_, event, message) => {
    expect(reason(event)).toMatch(message);
  });

  it('nothing of a person whom it may not send', () => {
    expect(refused(order(), NOW, { user_data: false })?.reason).toMatch(/no click id/);
  });

  it('an order until its click is 90 days old, whenever the order was', () => {
    const end = Date.parse(CLICKED) + 90 * DAY;
    expect(reason(clicked(), end - HOUR)).toBeUndefined();
    expect(refused(clicked(), end + HOUR)).toMatchObject({
      expired: true,
      reason: expect.stringMatching(/90 days after the click/),
    });
    expect(googleAds.maxAge(clicked(), settings)).toBe(end - Date.parse(clicked().event_time));
  });

  it('a deal that is won long after its click only where the person is known', () => {
    const late = { gclid: { from: 'visit by lead_id', seen_at: '2026-05-01T00:00:00Z' } };
    const { user_data: _, ...nobody } = lead({ gclid: 'CjG', provenance: late });
    expect(refused(nobody)).toMatchObject({
      expired: true,
      reason: expect.stringMatching(/90 days after the click/),
    });
    expect(googleAds.maxAge(nobody, settings)).toBe(0);
    expect(refused(lead({ gclid: 'CjG', provenance: late }))).toBeUndefined();
  });

  it('a person for 63 days', () => {
    const happened = Date.parse(order().event_time);
    expect(reason(order(), happened + 62 * DAY)).toBeUndefined();
    expect(reason(order(), happened + 64 * DAY)).toMatch(/63 days after the event/);
  });
});

const answer = (status: number, body: unknown, headers = {}) =>
  googleAds.judge({ status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) }, [order()]);
const failed = (status: number, reasonOf: string, fields: { field: string; reason?: string }[] = [], metadata = {}) =>
  answer(status, {
    error: {
      code: status,
      message: 'jane@example.com is wrong',
      status: 'ANY',
      details: [
        { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: reasonOf, metadata },
        {
          '@type': 'type.googleapis.com/google.rpc.BadRequest',
          fieldViolations: fields.map((one) => ({ ...one, description: 'jane@example.com is wrong' })),
        },
      ],
    },
  });

describe('an answer of Google', () => {
  it('with a request id means accepted, and the id is kept', () => {
    expect(answer(200, { requestId: 'r-1' })).toMatchObject({ kind: 'delivered', receipt: 'r-1' });
    expect(answer(200, { requestId: 'r-1', fieldWarnings: [{ field: 'x' }] })).toMatchObject({
      note: expect.stringMatching(/warnings/),
    });
  });

  it.each(['', '<html>Log in</html>', '{}', '[]', 'null'])(
    'with 200 and %j means nothing, and is tried again',
    (body) => {
      expect(answer(200, body)).toMatchObject({ kind: 'retry' });
    },
  );

  it('about one event rejects it, with the field and without what was sent', () => {
    const outcome = failed(400, 'INVALID_ARGUMENT', [
      { field: 'events.events[3].currency', reason: 'INVALID_CURRENCY_CODE' },
    ]);
    expect(outcome).toEqual({
      kind: 'rejected',
      reason:
        'Google rejects the event: the currency is unknown to Google (INVALID_CURRENCY_CODE, HTTP 400, field events.events[3].currency)',
    });
  });

  it.each([
    ['INVALID_CONVERSION_ACTION_ID', /stands behind ctId=/],
    ['INVALID_CONVERSION_ACTION_TYPE', /of the kind Import/],
    ['DESTINATION_ACCOUNT_ENHANCED_CONVERSIONS_TERMS_NOT_SIGNED', /terms for customer data are not accepted/],
  ])('about the account, %s, pauses it and says what to do', (given, message) => {
    const outcome = failed(400, 'INVALID_ARGUMENT', [{ field: 'destinations.destinations[0]', reason: given }]);
    expect(outcome).toMatchObject({ kind: 'retry', pause: true, reason: expect.stringMatching(message) });
  });

  it('about a destination for a reason nobody knows pauses, too: no event is at fault', () => {
    expect(failed(400, 'NEW_REASON', [{ field: 'destinations.destinations[0].login_account' }])).toMatchObject({
      pause: true,
      reason: expect.stringMatching(/do not fit together/),
    });
  });

  it.each([
    [401, 'ACCESS_TOKEN_EXPIRED', /does not take its own token/],
    [403, 'PERMISSION_DENIED', /give it access in Google Ads under Admin, Access and security/],
    [403, 'SERVICE_DISABLED', /Data Manager API is not enabled/],
    [403, 'ACCESS_TOKEN_SCOPE_INSUFFICIENT', /with the scope/],
    [404, 'NOT_FOUND', /do not fit together/],
  ])('%i %s pauses the account', (status, given, message) => {
    expect(failed(status, given)).toMatchObject({ kind: 'retry', pause: true, reason: expect.stringMatching(message) });
  });

  it('that asks to slow down is obeyed: a minute, an hour where the day’s requests are used up, or what it says', () => {
    expect(failed(429, 'RATE_LIMIT_EXCEEDED')).toMatchObject({ kind: 'retry', after: 60_000 });
    const daily = { quota_limit: 'IngestionMutateRequestsPerDayPerProject' };
    expect(failed(429, 'RATE_LIMIT_EXCEEDED', [], daily)).toMatchObject({ after: HOUR });
    expect(answer(429, '', { 'retry-after': '7' })).toMatchObject({ after: 7_000 });
  });

  it.each([500, 503, 408, 404])('%i without Google’s text is tried again', (status) => {
    expect(answer(status, '<html>Bad gateway</html>')).toMatchObject({ kind: 'retry' });
  });

  it.each([400, 401, 403])('%i with a web page is of somebody else, and is tried again', (status) => {
    expect(answer(status, '<!doctype html><title>Blocked</title>')).toEqual({
      kind: 'retry',
      reason: expect.stringMatching(/web page.*proxy/),
    });
  });

  it('that a batch is too large, or cut off, splits it', () => {
    expect(answer(413, '')).toMatchObject({ kind: 'rejected' });
    expect(answer(400, '{"error":{"code":400,"deta')).toMatchObject({ kind: 'rejected' });
  });
});

const status = (body: unknown, code = 200) =>
  googleAds.inquiry?.read({ status: code, headers: {}, body: JSON.stringify(body) });
const one = (requestStatus: string, more: object = {}) => ({
  requestStatusPerDestination: [
    {
      destination: { productDestinationId: '987654321' },
      requestStatus,
      eventsIngestionStatus: { recordCount: '12' },
      ...more,
    },
  ],
});

describe('asked what became of a request, Google', () => {
  it('is asked by the id of the request', () => {
    expect(googleAds.inquiry?.build(settings, 'r 1')).toEqual({
      method: 'GET',
      url: 'https://datamanager.googleapis.com/v1/requestStatus:retrieve?requestId=r+1',
      headers: {},
    });
  });

  it('says that it took all, or is still at work', () => {
    expect(status(one('SUCCESS'))).toMatchObject({
      ok: true,
      details: ['Conversion action …4321: took all (12 events)'],
    });
    expect(status(one('PROCESSING'))).toMatchObject({ ok: true, text: expect.stringMatching(/still at work/) });
  });

  it('says in words why it did not take some', () => {
    const errorCounts = [
      { recordCount: '2', reason: 'PROCESSING_ERROR_REASON_EVENT_TOO_OLD' },
      { recordCount: '1', reason: 'PROCESSING_ERROR_OPERATING_ACCOUNT_MISMATCH_FOR_AD_IDENTIFIER' },
      { recordCount: '1', reason: 'PROCESSING_ERROR_REASON_SOMETHING_NEW' },
    ];
    const warningCounts = [{ recordCount: '3', reason: 'PROCESSING_WARNING_REASON_INTERNAL_ERROR' }];
    expect(status(one('PARTIAL_SUCCESS', { errorInfo: { errorCounts }, warningInfo: { warningCounts } }))).toEqual({
      ok: false,
      text: 'Google took only a part of what was sent:',
      details: [
        'Conversion action …4321: took some (12 events)',
        '2 × not taken: older than the conversion window of the conversion action',
        '1 × not taken: the click was on an ad of another account',
        '1 × not taken: something new',
        '3 × warning: an error at Google',
      ],
    });
    expect(status(one('FAILED'))).toMatchObject({ ok: false, text: 'Google did not take what was sent:' });
  });

  it('may not know it, or not answer as it should', () => {
    expect(status({ error: { details: [{ reason: 'INVALID_REQUEST_ID' }] } }, 400)?.text).toMatch(
      /does not know this request/,
    );
    expect(status({ error: {} }, 403)?.text).toMatch(/may not write to this account/);
    expect(status('hello')?.text).toMatch(/not as the Data Manager API does/);
    expect(googleAds.inquiry?.read({ failure: 'timeout', detail: 'x', sent: true }).ok).toBe(false);
  });
});
