// What Google's answers to conversions mean: taken, refused, or to be tried again.
import { describe, expect, it } from 'vitest';
import { googleAds } from '../../src/destinations/google-ads.ts';
import { HOUR, order } from './example.ts';

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
