// The stand-ins answer as the vendors do, and fail as they are told: real requests over HTTP.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createStandins, type Standins } from '../../src/demo/standins.ts';
import { ga4 } from '../../src/destinations/ga4.ts';
import { googleAds } from '../../src/destinations/google-ads.ts';
import { meta } from '../../src/destinations/meta.ts';
import { metaQuality } from '../../src/destinations/meta-quality.ts';
import { sgtm } from '../../src/destinations/sgtm.ts';
import type { HttpRequest, Reply } from '../../src/types.ts';
import { soon } from '../support/soon.ts';
import { DAY, ga4Settings, googleAdsSettings, HOUR, metaSettings, NOW, order, sgtmSettings } from './example.ts';

let standins: Standins;
beforeEach(async () => {
  standins = await createStandins({ clock: () => NOW });
});
afterEach(() => standins.close());

async function post(
  { url, headers, body }: HttpRequest,
  signal?: AbortSignal,
): Promise<Extract<Reply, { status: number }>> {
  const response = await fetch(url, {
    method: 'POST',
    headers,
    body,
    redirect: 'manual',
    ...(signal ? { signal } : {}),
  });
  return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
}
const toMeta = (events = [order()], more: object = {}, now = NOW) =>
  meta.build(events, metaSettings({ endpoint: standins.meta.origin, ...more }), now);
const errorOf = (reply: { body: string }) => JSON.parse(reply.body).error;

describe('the GA4 stand-in', () => {
  const toGa4 = (event = order()) => ga4.build([event], ga4Settings({ endpoint: standins.ga4.origin }), NOW);
  const debug = async (body: object) => {
    const url = `${standins.ga4.origin}/debug/mp/collect`;
    return JSON.parse((await post({ method: 'POST', url, headers: {}, body: JSON.stringify(body) })).body)
      .validationMessages;
  };

  it('answers 204 to a good event and counts it by its id', async () => {
    const reply = await post(toGa4());
    expect(reply.status).toBe(204);
    expect(ga4.judge(reply, [order()])).toMatchObject({ kind: 'delivered' });
    expect([...standins.ga4.counted]).toEqual([['purchase:1001', 1]]);
  });

  it('answers 204 to nonsense, too, and counts nothing', async () => {
    expect((await post({ ...toGa4(), body: 'nonsense' })).status).toBe(204);
    expect(standins.ga4.counted.size).toBe(0);
  });

  it('finds nothing to complain about in our own request on the debug path, and does not count it', async () => {
    expect(await debug(JSON.parse(toGa4().body))).toEqual([]);
    expect(standins.ga4.counted.size).toBe(0);
  });

  it('names bad names, missing fields, text prices and old events on the debug path', async () => {
    const old = (NOW - 4 * DAY) * 1000;
    const messages = await debug({
      timestamp_micros: old,
      validation_behavior: 'ENFORCE_RECOMMENDATIONS',
      events: [
        { name: '_badEventName' },
        { name: 'campaign@details' },
        { name: 'session_start' },
        { name: 'purchase', params: { items: [{ price: '$19' }] } },
      ],
    });
    expect(messages.map((message: { validationCode: string }) => message.validationCode)).toEqual([
      'VALUE_REQUIRED',
      'NAME_INVALID',
      'NAME_INVALID',
      'NAME_RESERVED',
      'INTERNAL_ERROR',
      'VALUE_INVALID',
    ]);
  });
});

describe('the Meta stand-in', () => {
  it('tells of the quality of a pixel what we can read, and nothing with a token that it does not know', async () => {
    const ask = async (more: object = {}) => {
      const { url } = metaQuality.build(metaSettings({ endpoint: standins.meta.origin, ...more }));
      const response = await fetch(url);
      return metaQuality.read({ status: response.status, headers: {}, body: await response.text() });
    };
    expect(await ask()).toMatchObject({
      events: [
        { event: 'Purchase', score: 7.4 },
        { event: 'Lead', score: 5.9 },
      ],
    });
    expect(await ask({ access_token: 'expired' })).toMatchObject({
      problem: expect.stringContaining('it has expired'),
    });
    expect(standins.meta.counted.size).toBe(0);
  });

  it('takes good events and shows a second copy', async () => {
    const first = await post(toMeta());
    expect(meta.judge(first, [order()])).toEqual({ kind: 'delivered' });
    await post(toMeta());
    expect(standins.meta.counted.get('Purchase:1001')).toBe(2);
  });

  it('refuses a whole batch for one old event', async () => {
    const old = order({ transaction_id: 'old', event_time: new Date(NOW - 8 * DAY).toISOString() });
    const reply = await post(toMeta([order(), old]));
    expect(reply.status).toBe(400);
    expect(errorOf(reply)).toMatchObject({ code: 100, error_subcode: 2804003 });
    expect(meta.judge(reply, [order(), old])).toMatchObject({
      kind: 'rejected',
      reason: expect.stringContaining('too old'),
    });
    expect(standins.meta.counted.size).toBe(0);
  });

  it.each([
    ['a Purchase without value', { value: undefined }, 2804009],
    ['nobody', { user_data: undefined, external_id: undefined, user_id: undefined }, 2804050],
  ])('refuses %s', async (_, changes, subcode) => {
    expect(errorOf(await post(toMeta([order(changes)]))).error_subcode).toBe(subcode);
  });

  it.each([
    ['expired', 'retry', true],
    ['throttled', 'retry', undefined],
    ['boom', 'retry', undefined],
  ])('fails for the token %s as Meta would', async (access_token, kind, pause) => {
    const outcome = meta.judge(await post(toMeta([order()], { access_token })), [order()]);
    expect(outcome).toMatchObject({ kind, ...(pause ? { pause } : {}) });
    expect('pause' in outcome).toBe(pause === true);
  });

  it('knows no pixel 00000', async () => {
    expect(errorOf(await post(toMeta([order()], { pixel_id: '00000' })))).toMatchObject({
      code: 100,
      error_subcode: 33,
    });
  });
});

describe('the Google Ads stand-in', () => {
  const token = (lasts = HOUR) => ({ authorization: `Bearer ya29.${(NOW + lasts) / 1000}` });
  const build = (events = [order()], more: object = {}) =>
    googleAds.build(events, googleAdsSettings({ endpoint: standins.google_ads.origin, ...more }), NOW);
  const toGoogle = (request = build(), headers = token()) =>
    post({ ...request, headers: { ...request.headers, ...headers } });
  /** A request with the first event changed. */
  const changed = (changes: object): HttpRequest => {
    const request = build();
    const { events, ...rest } = JSON.parse(request.body);
    return { ...request, body: JSON.stringify({ ...rest, events: [{ ...events[0], ...changes }] }) };
  };

  it('takes good events under the conversion action and the order’s id, and shows a second copy', async () => {
    const events = [order(), order({ name: 'generate_lead', event_id: 'lead-1' })];
    expect(googleAds.judge(await toGoogle(build(events)), events)).toMatchObject({ kind: 'delivered' });
    await toGoogle();
    expect([...standins.google_ads.counted]).toEqual([
      ['987654321:1001', 2],
      ['22:lead-1', 1],
    ]);
  });

  it('refuses a whole batch for one bad event, and counts none', async () => {
    const reply = await toGoogle(changed({ currency: 'EURO' }));
    expect(googleAds.judge(reply, [order()])).toMatchObject({
      kind: 'rejected',
      reason: expect.stringContaining('field events.events[0].currency'),
    });
    expect(standins.google_ads.counted.size).toBe(0);
  });

  it.each([
    ['no id', { transactionId: undefined }, 'REQUIRED_FIELD_MISSING'],
    ['a time to come', { eventTimestamp: new Date(NOW + DAY).toISOString() }, 'INVALID_FORMAT'],
    ['a source of its own', { eventSource: 'TELEPHONE' }, 'INVALID_ENUM_VALUE'],
    ['nobody', { userData: undefined }, 'NO_IDENTIFIERS_PROVIDED'],
    ['a plain e-mail', { userData: { userIdentifiers: [{ emailAddress: 'a@b.example' }] } }, 'INVALID_SHA256_FORMAT'],
    ['half an address', { userData: { userIdentifiers: [{ address: {} }] } }, 'INVALID_SHA256_FORMAT'],
    ['a text for an amount', { conversionValue: '12' }, 'INVALID_NUMBER_FORMAT'],
    ['odd consent', { consent: { adUserData: 'yes' } }, 'INVALID_ENUM_VALUE'],
    ['a destination that is not there', { destinationReferences: ['7'] }, 'INVALID_DESTINATION'],
  ])('refuses %s', async (_, changes, reason) => {
    const { status, body } = await toGoogle(changed(changes));
    expect([status, body]).toEqual([400, expect.stringContaining(`"reason":"${reason}"`)]);
  });

  it('takes no token that is over, and none at all', async () => {
    expect((await toGoogle(build(), token(-HOUR))).status).toBe(401);
    expect((await post(build())).status).toBe(401);
  });

  it('only checks where it is asked to', async () => {
    const request = build();
    const body = JSON.stringify({ ...JSON.parse(request.body), validateOnly: true });
    expect(await toGoogle({ ...request, body })).toMatchObject({ status: 200, body: '{}' });
    expect(standins.google_ads.counted.size).toBe(0);
  });
});

describe('the sGTM stand-in', () => {
  const toSgtm = (path = '/data') =>
    sgtm.build([order()], sgtmSettings({ url: `${standins.sgtm.origin}${path}` }), NOW);

  it('answers as the Data Client and counts the event', async () => {
    const reply = await post(toSgtm());
    expect(JSON.parse(reply.body)).toEqual({
      timestamp: NOW / 1000,
      unique_event_id: expect.stringMatching(/^\d+_\d{9}$/),
    });
    expect(standins.sgtm.counted.get('purchase:1001')).toBe(1);
  });

  it('answers 400 without a word to a path that no client claims', async () => {
    const reply = await post(toSgtm('/other'));
    expect(reply).toMatchObject({ status: 400, body: '' });
    expect(sgtm.judge(reply, [order()])).toMatchObject({ kind: 'rejected' });
  });

  it('takes nonsense for an event named Data', async () => {
    await post({ ...toSgtm(), body: 'nonsense' });
    expect([...standins.sgtm.counted.keys()]).toEqual(['Data:']);
  });

  it('takes Measurement Protocol requests on their path', async () => {
    const settings = sgtmSettings({
      format: 'measurement_protocol',
      measurement_id: 'G-ABC',
      url: standins.sgtm.origin,
    });
    expect((await post(sgtm.build([order()], settings, NOW))).status).toBe(200);
    expect(standins.sgtm.counted.get('purchase:1001')).toBe(1);
  });
});

describe('a stand-in', () => {
  it('remembers every request in order, with what it was answered', async () => {
    await post(toMeta());
    standins.meta.fail({ status: 503, headers: { 'retry-after': '7' } }, { times: 1 });
    const failed = await post(toMeta());
    expect(meta.judge(failed, [order()])).toMatchObject({ kind: 'retry', after: 7000 });
    expect(standins.received).toMatchObject([
      { destination: 'meta', at: NOW, path: '/v25.0/1234567890/events', status: 200 },
      { destination: 'meta', at: NOW, status: 503 },
    ]);
    expect(standins.meta.requests()).toBe(2);
    expect(standins.meta.counted.get('Purchase:1001')).toBe(1);
  });

  it('that fails once works again afterwards', async () => {
    standins.meta.fail('html', { times: 1 });
    expect((await post(toMeta())).body).toContain('<html>');
    expect((await post(toMeta())).status).toBe(200);
  });

  it('that breaks connections breaks them until it recovers', async () => {
    standins.meta.fail('reset');
    await expect(post(toMeta())).rejects.toThrow();
    standins.meta.recover();
    expect((await post(toMeta())).status).toBe(200);
  });

  it('can count an event whose answer is lost', async () => {
    standins.meta.fail('reset', { times: 1, counted: true });
    await expect(post(toMeta())).rejects.toThrow();
    expect(standins.meta.counted.get('Purchase:1001')).toBe(1);
  });

  it('that stalls does not answer, and still closes', async () => {
    standins.meta.fail('stall');
    const giveUp = new AbortController();
    const pending = post(toMeta(), giveUp.signal);
    await soon(() => expect(standins.received).toHaveLength(1));
    giveUp.abort();
    await expect(pending).rejects.toThrow();
    expect(standins.received[0]?.status).toBeUndefined();
  });

  it('in fast mode counts and keeps nothing else', async () => {
    const fast = await createStandins({ fast: true, clock: () => NOW });
    await post(meta.build([order()], metaSettings({ endpoint: fast.meta.origin }), NOW));
    expect(fast.meta.counted.get('Purchase:1001')).toBe(1);
    expect(fast.received).toEqual([]);
    await fast.close();
  });
});
