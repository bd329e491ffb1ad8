// Visits and destinations in words for people who sell.
import { describe, expect, test } from 'vitest';
import { CLICK_IDS } from '../../src/lib/click-ids.ts';
import { titleOf, visitWords } from '../../src/phone/words.ts';
import { buildStore } from '../support/stores.ts';

const DAYS_3 = 3 * 86_400;

describe('a visit in words', () => {
  test('names whose ad it came from, for every click id there is', () => {
    const seen_at = '2026-11-20T12:00:00Z';
    const words = CLICK_IDS.map((click) =>
      visitWords({ by: 'reference_code', seen_at, age_seconds: 60, click }, 'ago'),
    );
    expect(new Set(words)).toEqual(
      new Set(
        ['Google', 'Google display', 'Meta', 'TikTok', 'Microsoft', 'LinkedIn', 'Pinterest', 'Snapchat'].map(
          (maker) => `${maker} ad, 60 s ago`,
        ),
      ),
    );
  });

  test('that came from none says so, and how long before the call it was', () => {
    const visit = { by: 'email_address', seen_at: '2026-11-20T12:00:00Z', age_seconds: DAYS_3 } as const;
    expect(visitWords(visit)).toBe('no ad, 3 days before the call');
  });
});

test('a destination has the name that people know, and of several of its kind its own beside it', async () => {
  const tiktok = { pixel_id: 'CTEST0PIXEL0LAMPS000', access_token: '${META_TOKEN}' };
  const tiktok_offline = { ...tiktok, type: 'tiktok', event_source: 'offline', pixel_id: '7000000000000000001' };
  const store = await buildStore('phone', { destinations: { tiktok, tiktok_offline } });
  expect(['ga4', 'tiktok', 'tiktok_offline', 'gone'].map((name) => titleOf(name, store))).toEqual([
    'Google Analytics 4',
    'TikTok Events API (tiktok)',
    'TikTok Events API (tiktok_offline)',
    'gone',
  ]);
});
