// Visits in words for people who sell.
import { describe, expect, test } from 'vitest';
import { CLICK_IDS } from '../../src/lib/click-ids.ts';
import { visitWords } from '../../src/phone/words.ts';

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
