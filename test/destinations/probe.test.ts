// What every destination's test of the connection must do, against the stand-ins, and what each does on its own.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createStandins, type Standins } from '../../src/demo/standins.ts';
import { ga4 } from '../../src/destinations/ga4.ts';
import { googleAds } from '../../src/destinations/google-ads.ts';
import { destinations } from '../../src/destinations/index.ts';
import { meta } from '../../src/destinations/meta.ts';
import { sgtm } from '../../src/destinations/sgtm.ts';
import type { Destination, HttpRequest, Reply } from '../../src/types.ts';
import { bodyOf, ga4Settings, googleAdsSettings, metaSettings, NOW, sgtmSettings, tiktokSettings } from './example.ts';

let standins: Standins;
beforeEach(async () => {
  standins = await createStandins({ clock: () => NOW });
});
afterEach(() => standins.close());

/** Settings that lead to the stand-in, and what a person would type. */
const EXAMPLES: Record<string, { settings: () => unknown; given: Record<string, string> }> = {
  ga4: { settings: () => ga4Settings({ endpoint: standins.ga4.origin }), given: {} },
  meta: { settings: () => metaSettings({ endpoint: standins.meta.origin }), given: { test_event_code: 'TEST12345' } },
  sgtm: { settings: () => sgtmSettings({ url: standins.sgtm.origin }), given: { preview: 'ZW52LTF8YWJjfDE5YQ==' } },
  google_ads: { settings: () => googleAdsSettings({ endpoint: standins.google_ads.origin }), given: {} },
  tiktok: {
    settings: () => tiktokSettings({ endpoint: standins.tiktok.origin }),
    given: { test_event_code: 'TEST12345' },
  },
};
const buildFor = ({ name, probe }: Destination): HttpRequest => {
  const example = EXAMPLES[name];
  if (example === undefined) throw new Error(`give an example for ${name}`);
  return probe.build(example.settings(), example.given, NOW);
};
/** For those that want a token; the stand-in of Google gives such ones. */
const GOOD_TOKEN = `Bearer ya29.${NOW / 1000 + 3600}`;
async function post({ url, headers, body }: HttpRequest): Promise<Reply> {
  const reply = await fetch(url, { method: 'POST', headers: { ...headers, authorization: GOOD_TOKEN }, body });
  return { status: reply.status, headers: Object.fromEntries(reply.headers), body: await reply.text() };
}
const FAILURES = ['dns', 'refused', 'tls', 'timeout', 'reset', 'forbidden_address'] as const;

describe.each(destinations)('the test of $name', (destination) => {
  const { name, probe } = destination;

  it('asks only for what its example can give, and says where to find it', () => {
    for (const { name: asked, label, help, pattern } of probe.asks) {
      expect(EXAMPLES[name]?.given[asked]).toMatch(pattern);
      expect(pattern.source).toMatch(/^\^.*\$$/);
      expect([label, help]).toEqual([expect.stringMatching(/^[A-Z]/), expect.stringMatching(/^[A-Z].*\.$/)]);
    }
  });

  it('is the same request every time, and fine with the receiver', async () => {
    expect(buildFor(destination)).toEqual(buildFor(destination));
    const result = probe.read(await post(buildFor(destination)));
    expect(result).toMatchObject({ ok: true, details: [] });
  });

  it('counts no purchase', async () => {
    await post(buildFor(destination));
    expect(standins.received).toHaveLength(1);
    expect(JSON.stringify(standins.received[0]?.body)).toContain('tagbridge_test');
    expect(JSON.stringify([...standins.ga4.counted, ...standins.meta.counted])).not.toMatch(/purchase/i);
  });

  it.each(FAILURES)('says in words what to look at when nothing comes back: %s', (failure) => {
    const { ok, text, details } = probe.read({ failure, detail: 'EXAMPLE', sent: false });
    expect([ok, details]).toEqual([false, ['EXAMPLE']]);
    expect(text).toMatch(/[A-Z].{30,}\.$/);
    expect(text).not.toMatch(/ENOTFOUND|ECONN|EXAMPLE/);
  });

  it.each([301, 400, 401, 403, 404, 413, 429, 500, 503])('fails when the answer is %i', (status) => {
    for (const body of ['', '<html>no</html>', '{}', 'null']) {
      const { ok, text } = probe.read({ status, headers: {}, body });
      expect([status, body, ok]).toEqual([status, body, false]);
      expect(text).toMatch(/.{20,}/);
    }
  });
});

describe('the test of GA4', () => {
  it.each([
    [{}, 'https://www.google-analytics.com'],
    [{ region: 'eu' }, 'https://region1.google-analytics.com'],
  ])('goes to the validation server, with %j to %s', (more, origin) => {
    const { url } = ga4.probe.build(ga4Settings(more), {}, NOW);
    expect(url).toBe(`${origin}/debug/mp/collect?measurement_id=G-ABC&api_secret=SECRET`);
  });

  it('tells what Google complains about', async () => {
    const request = ga4.probe.build(ga4Settings({ endpoint: standins.ga4.origin }), {}, NOW);
    const body = JSON.stringify({ events: [{ name: '_bad' }] });
    expect(ga4.probe.read(await post({ ...request, body }))).toMatchObject({
      ok: false,
      details: [
        'client_id is missing: Missing required field: client_id',
        expect.stringMatching(/^events has a name that is not allowed: .*must start with an alphabetic character/),
      ],
    });
  });

  it('does not take a page of somebody else for Google', () => {
    const { ok, text } = ga4.probe.read({ status: 200, headers: {}, body: '<html>Welcome</html>' });
    expect([ok, text]).toEqual([false, expect.stringContaining('Check endpoint')]);
  });
});

describe('the test of Meta', () => {
  it('carries the code beside the events, and no money', () => {
    const body = bodyOf(meta.probe.build(metaSettings(), { test_event_code: 'TEST9' }, NOW));
    expect(body).toMatchObject({ test_event_code: 'TEST9', data: [{ event_name: 'tagbridge_test' }] });
    expect(body.data[0].custom_data).toBeUndefined();
  });

  it('says what is wrong with the token', async () => {
    const settings = metaSettings({ endpoint: standins.meta.origin, access_token: 'expired' });
    const reply = await post(meta.probe.build(settings, { test_event_code: 'TEST9' }, NOW));
    expect(meta.probe.read(reply)).toMatchObject({ ok: false, text: expect.stringContaining('it has expired') });
  });
});

describe('the test of sGTM', () => {
  it('carries the preview header of the moment in place of one in the store file', () => {
    const settings = sgtmSettings({ headers: { 'X-Gtm-Server-Preview': 'old', 'X-Bridge': 'secret' } });
    expect(sgtm.probe.build(settings, { preview: 'new' }, NOW).headers).toEqual({
      'X-Bridge': 'secret',
      'x-gtm-server-preview': 'new',
      'content-type': 'application/json',
    });
  });

  it('does not take the page of a shop for the container', () => {
    const { ok, text } = sgtm.probe.read({ status: 200, headers: {}, body: '<!doctype html><title>Lamps</title>' });
    expect([ok, text]).toEqual([false, expect.stringMatching(/web page: check url/)]);
  });

  it('takes the way of the Measurement Protocol where the store does', async () => {
    const url = standins.sgtm.origin;
    const settings = sgtmSettings({ url, format: 'measurement_protocol', measurement_id: 'G-ABC' });
    expect(sgtm.probe.read(await post(sgtm.probe.build(settings, { preview: 'abcd' }, NOW)))).toMatchObject({
      ok: true,
    });
    expect(standins.received[0]?.path).toContain('/mp/collect');
  });
});

describe('the test of Google Ads', () => {
  const settings = (more: object) => googleAdsSettings({ endpoint: standins.google_ads.origin, ...more });

  it('asks about every conversion action at once, and only to check', () => {
    const body = bodyOf(googleAds.probe.build(settings({}), {}, NOW));
    expect(body).toMatchObject({ validateOnly: true, events: [{ transactionId: 'tagbridge_test' }] });
    expect(body.destinations).toHaveLength(3);
    expect(body.events[0]).not.toHaveProperty('destinationReferences');
  });

  it.each([
    [{ customer_id: '403-000-0000' }, /may not write to this account; give it access/],
    [{ customer_id: '403-000-0001' }, /Data Manager API is not enabled in the Google Cloud project/],
    [{ conversion_actions: { purchase: '0' } }, /stands behind ctId=/],
  ])('says of %j what to do about it', async (more, text) => {
    const reply = await post(googleAds.probe.build(settings(more), {}, NOW));
    expect(googleAds.probe.read(reply)).toMatchObject({ ok: false, text: expect.stringMatching(text) });
  });

  it('shows Google’s own words about fields', async () => {
    const reply = await post(googleAds.probe.build(settings({ conversion_actions: { purchase: '0' } }), {}, NOW));
    expect(googleAds.probe.read(reply).details).toEqual([
      'destinations.destinations[0].product_destination_id: INVALID_CONVERSION_ACTION_ID in destinations.destinations[0].product_destination_id',
    ]);
  });
});
