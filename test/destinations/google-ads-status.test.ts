// What Google says when it is asked later what became of a request.
import { describe, expect, it } from 'vitest';
import { googleAds } from '../../src/destinations/google-ads.ts';
import { googleAdsSettings } from './example.ts';

const settings = googleAdsSettings();
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
