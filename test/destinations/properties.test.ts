// Whatever event comes: a request that is made passes a strict reader of the vendor's rules and leaks nobody.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ga4 } from '../../src/destinations/ga4.ts';
import { googleAds } from '../../src/destinations/google-ads.ts';
import { meta } from '../../src/destinations/meta.ts';
import { sgtm } from '../../src/destinations/sgtm.ts';
import { tiktok } from '../../src/destinations/tiktok.ts';
import type { Event } from '../../src/event.ts';
import type { Destination, HttpRequest } from '../../src/types.ts';
import { strictGa4 } from '../support/strict-ga4.ts';
import { strictGoogleAds } from '../support/strict-google-ads.ts';
import { strictMeta } from '../support/strict-meta.ts';
import { strictSgtm } from '../support/strict-sgtm.ts';
import { strictTiktok } from '../support/strict-tiktok.ts';
import { arbitraryEvent, PERSONAL } from './arbitrary-event.ts';
import { ga4Settings, googleAdsSettings, metaSettings, NOW, sgtmSettings, tiktokSettings } from './example.ts';

const RUNS = { numRuns: 1000 };

/** Builds what is wanted and reads it strictly; counts, because a property over no event proves nothing. */
function holds<S>(
  destination: Destination<S>,
  settings: S,
  read: (request: HttpRequest, event: Event) => void,
  always: Partial<Event> = {},
): void {
  let made = 0;
  fc.assert(
    fc.property(arbitraryEvent, (any) => {
      const event = { ...any, ...always };
      if (destination.wants(event, settings, NOW) !== undefined) return;
      made += 1;
      read(destination.build([event], settings, NOW), event);
    }),
    RUNS,
  );
  expect(made).toBeGreaterThan(RUNS.numRuns / 10);
}

describe('any event', () => {
  it('that GA4 wants makes a request within every rule of the Measurement Protocol, without plain personal data', () => {
    holds(ga4, ga4Settings(), (request) => {
      strictGa4(request, NOW);
      expect(request.body).not.toMatch(PERSONAL);
    });
  });

  it('that Meta wants makes a request that Meta takes, without plain personal data', () => {
    holds(meta, metaSettings({ refunds: 'custom_event', data_processing_options: ['LDU'] }), (request) => {
      strictMeta(request, NOW);
      expect(request.body).not.toMatch(PERSONAL);
    });
  });

  it('that sGTM wants makes an object that a container’s tags understand', () => {
    holds(sgtm, sgtmSettings(), (request) => strictSgtm(request, NOW));
  });

  it('that sGTM wants in hashed form carries no plain personal data', () => {
    holds(sgtm, sgtmSettings({ user_data: 'hashed' }), (request) => {
      strictSgtm(request, NOW, 'hashed');
      expect(JSON.stringify({ ...JSON.parse(request.body), page_location: '' })).not.toMatch(PERSONAL);
    });
  });

  it('that a container wants by the Measurement Protocol keeps Google’s rules where it is young enough', () => {
    const settings = sgtmSettings({
      format: 'measurement_protocol',
      measurement_id: 'G-ABC',
      api_secret: 's',
      url: 'https://sst.shop.example',
    });
    holds(sgtm, settings, (request, event) => {
      if (NOW - Date.parse(event.event_time) > 3 * 86_400_000) return;
      strictGa4(request, NOW);
      expect(request.body).not.toMatch(PERSONAL);
    });
  });

  it('that Google Ads wants makes a request that Google takes, without plain personal data', () => {
    const conversion_actions = { purchase: '1', generate_lead: '2', close_convert_lead: '3' };
    holds(googleAds, googleAdsSettings({ conversion_actions }), (request) => {
      strictGoogleAds(request, NOW);
      expect(request.body).not.toMatch(PERSONAL);
    });
  });

  it.each([
    ['web', 'website'],
    ['offline', 'phone_call'],
    ['crm', 'system_generated'],
  ] as const)(
    'that TikTok wants as %s makes a request that TikTok takes, without plain personal data',
    (source, at) => {
      const settings = tiktokSettings({ event_source: source, ...(source === 'web' && { limited_data_use: true }) });
      const read = (request: HttpRequest) => {
        strictTiktok(request, NOW);
        expect(request.body).not.toMatch(PERSONAL);
      };
      const always = { action_source: at, ...(source === 'crm' && { name: 'qualify_lead', lead_id: '7' }) };
      holds(tiktok, settings, read, always);
    },
  );

  it('is made into the same request every time', () => {
    holds(meta, metaSettings({ refunds: 'custom_event' }), (request, event) => {
      expect(meta.build([event], metaSettings({ refunds: 'custom_event' }), NOW)).toEqual(request);
    });
  });
});
