// What Meta says of the events of a pixel: the setting, the exact question, and what its answers mean.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { meta } from '../../src/destinations/meta.ts';
import { metaQuality } from '../../src/destinations/meta-quality.ts';
import { metaSettings } from './example.ts';

const read = (status: number, body: unknown, more: object = {}) =>
  metaQuality.read({ status, headers: {}, body: typeof body === 'string' ? body : JSON.stringify(body), ...more });
const told = (...web: unknown[]) => {
  const answer = read(200, { web });
  if ('problem' in answer) throw new Error(answer.problem);
  return answer.events;
};
const failed = (code: number, error_subcode?: number, more: object = {}) => ({
  error: { message: 'EAAtoken of ann@shop.example', type: 'OAuthException', code, error_subcode, ...more },
});
const NOTHING = { counts: false, keys: [], lacks: [], doubles: [], issues: [] };

describe('the setting', () => {
  test('is off unless the store file says otherwise', () => {
    expect(metaQuality.isAsked(metaSettings())).toBe(false);
    // By its settings a paused account is known: an update alone must not resume it.
    expect(metaSettings()).not.toHaveProperty('quality');
    expect(metaQuality.isAsked(metaSettings({ quality: true }))).toBe(true);
  });

  test.each(['yes', 1, 'true', {}])('takes no %j', (quality) => {
    const given = { pixel_id: '1234567890', access_token: 'EAAtoken', quality };
    const { error } = meta.settings.safeParse(given);
    expect(error?.issues).toMatchObject([{ path: ['quality'], message: 'is true or false' }]);
  });
});

describe('the question', () => {
  const asked = (more: object = {}) => new URL(metaQuality.build(metaSettings({ quality: true, ...more })).url);

  test('names the pixel, and all that is read of the answer', () => {
    const { origin, pathname, searchParams } = asked();
    expect(origin + pathname).toBe('https://graph.facebook.com/v25.0/dataset_quality');
    expect(Object.fromEntries(searchParams)).toEqual({
      dataset_id: '1234567890',
      fields:
        'web{event_name,event_match_quality{composite_score,match_key_feedback{identifier,coverage{percentage}},diagnostics},event_coverage{percentage,goal_percentage},dedupe_key_feedback{dedupe_key,browser_events_with_dedupe_key{percentage},server_events_with_dedupe_key{percentage},overall_browser_coverage_from_dedupe_key{percentage}},data_freshness{upload_frequency}}',
      access_token: 'EAAtoken',
    });
  });

  test('goes to the endpoint and the version of the store file, with the proof of its app secret', () => {
    const { href, searchParams } = asked({
      ...{ endpoint: 'http://127.0.0.1:9001', api_version: 'v26.0', app_secret: 'app' },
    });
    expect(href).toMatch(/^http:\/\/127\.0\.0\.1:9001\/v26\.0\/dataset_quality\?/);
    expect(searchParams.get('appsecret_proof')).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('an answer', () => {
  const share = (percentage: unknown) => ({ percentage, description: 'Of all.' });

  test('tells the score, the keys and which are rare, coverage, doubles, pace and complaints of each event', () => {
    const purchase = {
      event_name: 'Purchase',
      event_match_quality: {
        composite_score: 6.2,
        match_key_feedback: [
          { identifier: 'phone', coverage: share(12.5), potential_aly_acr_increase: share(20) },
          { identifier: 'email', coverage: share(99.9) },
          { identifier: 'ip_address', coverage: share(100) },
          { identifier: 'user_agent', coverage: share(50) },
        ],
        diagnostics: [
          { name: 'IPv4', description: 'Long.', solution: 'Send IPv6.', percentage: 59.5, affected_event_count: 3 },
        ],
      },
      event_coverage: { percentage: 34.1, goal_percentage: 75, description: 'Of all.' },
      dedupe_key_feedback: [
        {
          dedupe_key: 'event_id',
          browser_events_with_dedupe_key: share(100),
          server_events_with_dedupe_key: share(98),
          overall_browser_coverage_from_dedupe_key: share(14.8),
        },
        { dedupe_key: 'fbp', browser_events_with_dedupe_key: share(0) },
      ],
      data_freshness: { upload_frequency: 'real_time', description: 'How often.' },
      acr: share(37.9),
    };
    expect(told({ event_name: 'PageView' }, purchase)).toEqual([
      {
        event: 'Purchase',
        counts: true,
        score: 6.2,
        keys: [
          { key: 'ip_address', share: 100 },
          { key: 'email', share: 99.9 },
          { key: 'user_agent', share: 50 },
          { key: 'phone', share: 12.5 },
        ],
        lacks: ['phone', 'fbc', 'fbp', 'external_id'],
        coverage: 34.1,
        goal: 75,
        doubles: [
          { key: 'event_id', browser: 100, server: 98, known: 14.8 },
          { key: 'fbp', browser: 0 },
        ],
        pace: 'real_time',
        issues: [{ name: 'IPv4', todo: 'Send IPv6.', share: 59.5 }],
      },
      { ...NOTHING, event: 'PageView' },
    ]);
  });

  test.each([[{}], [{ web: [] }], [{ web: null }], [{ web: [], paging: {} }]])(
    'of a new pixel tells nothing: %j',
    (body) => {
      expect(read(200, body)).toEqual({ events: [] });
    },
  );

  test('may lack any part, or have it otherwise, and tells the others', () => {
    const odd = {
      event_name: 'Lead',
      event_match_quality: {
        composite_score: 'high',
        match_key_feedback: [{ identifier: 'email' }, 'x', { identifier: 'phone', coverage: share('71') }],
      },
      event_coverage: null,
      dedupe_key_feedback: 'none',
      data_freshness: {},
    };
    const [lead] = told(odd, null, 7, { event_name: 3 }, []);
    expect(lead).toMatchObject({ event: 'Lead', counts: true, keys: [{ key: 'phone', share: 71 }], doubles: [] });
    expect(lead).toMatchObject({ score: undefined, coverage: undefined, pace: undefined, issues: [] });
  });

  test('calls no key rare that it names without a share that can be read', () => {
    const match_key_feedback = [
      { identifier: 'email', coverage: share(100.2) },
      { identifier: 'fbp', coverage: share(40) },
      { identifier: 'phone' },
      { identifier: 'external_id', coverage: null },
    ];
    const [purchase] = told({ event_name: 'Purchase', event_match_quality: { match_key_feedback } });
    expect(purchase?.lacks).toEqual(['fbc', 'fbp', 'ip_address', 'user_agent']);
  });

  test('tells a coverage above 100%, where a server sends more than the browser', () => {
    const [lead] = told({ event_name: 'Lead', event_coverage: { percentage: 134.5, goal_percentage: 75 } });
    expect(lead).toMatchObject({ coverage: 134.5, goal: 75 });
  });

  test('may be anything at all: nothing of it is more than a problem, or longer than it may be', () => {
    const names = ['web', 'event_name', 'event_match_quality', 'composite_score', 'match_key_feedback', 'identifier'];
    const more = ['coverage', 'percentage', 'diagnostics', 'dedupe_key_feedback', 'dedupe_key', 'error', 'code'];
    const leaf = fc.oneof(fc.string(), fc.double(), fc.constant(null), fc.constantFrom('Purchase', 'email', 7));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ depthSize: 'small', maxDepth: 6 }, leaf, fc.array(tie('value')), tie('table')),
      table: fc.dictionary(fc.constantFrom(...names, ...more, '__proto__'), tie('value')),
    }));
    fc.assert(
      fc.property(
        fc.constantFrom(200, 400, 500),
        fc.oneof(value, fc.record({ web: fc.array(value) })),
        (status, body) => {
          const answer = read(status, body);
          if ('problem' in answer) return;
          for (const { event, score = 0, keys } of answer.events) {
            expect(event.length).toBeLessThanOrEqual(60);
            expect(score >= 0 && score <= 10).toBe(true);
            for (const { share } of keys) expect(share >= 0 && share <= 100).toBe(true);
          }
        },
      ),
    );
    expect(read(200, `{"web":${'['.repeat(200_000)}`)).toMatchObject({ problem: expect.any(String) });
  });

  test.each([-1, 10.1, '1e3', 'NaN', null, true])('takes no score of %j', (composite_score) => {
    expect(told({ event_name: 'Purchase', event_match_quality: { composite_score } })[0]?.score).toBeUndefined();
  });

  test('with very many events is cut, and what counts is not among what is lost', () => {
    const many = Array.from({ length: 5_000 }, (_, index) => ({ event_name: `Custom ${index}` }));
    const events = told(...many, { event_name: 'Purchase' });
    expect(events).toHaveLength(50);
    expect(events[0]).toMatchObject({ event: 'Purchase' });
  });

  test('with names that are long, or an e-mail, tells them cut, or not', () => {
    const [long, person] = told({ event_name: 'x'.repeat(5_000) }, { event_name: 'Lead of ann@shop.example' });
    expect(long?.event).toHaveLength(60);
    expect(person?.event).toBe('[e-mail]');
  });

  test.each([
    [200, failed(190, 463), 'does not accept the access token: it has expired; create a new one in Events Manager'],
    [400, failed(10), 'may not read the quality of this pixel; one made in Events Manager'],
    [403, failed(200), '“Use events dataset” for this pixel'],
    [400, failed(100, 33), 'may not read the quality of this pixel'],
    [400, failed(100), 'does not take the question (code 100)'],
    [400, failed(104), 'app_secret must be of the app'],
    [400, failed(2635), 'has ended this version of its API'],
    [400, failed(17), 'asks to slow down'],
    [400, failed(613), 'asks to slow down'],
    [500, failed(2), 'a passing problem'],
    [400, failed(10, undefined, { is_transient: true }), 'a passing problem'],
    [400, failed(987654), 'an error that is not known here'],
    [400, { error: 'no' }, 'Meta answered 400'],
    [429, 'slow down', 'no more questions for now'],
    [503, '<html>Sorry</html>', 'Meta answered 503'],
    [301, '', 'Meta answered 301'],
    [200, '<!doctype html><html></html>', 'not as Meta’s API does'],
    [200, { data: [] }, 'not as Meta’s API does'],
    [200, '[]', 'not as Meta’s API does'],
    [200, '', 'not as Meta’s API does'],
  ])('%s %j is a problem in words, without the words of Meta', (status, body, words) => {
    const answer = read(status, body);
    expect(answer).toEqual({ problem: expect.stringContaining(words) });
    expect(JSON.stringify(answer)).not.toMatch(/EAAtoken|ann@/);
  });

  test('that broke off, or never came, is a problem', () => {
    expect(read(200, { web: [] }, { cut: 'limit' })).toEqual({ problem: expect.stringContaining('too long') });
    const away = metaQuality.read({ failure: 'timeout', detail: '', sent: true });
    expect(away).toEqual({ problem: expect.stringContaining('No answer in time') });
  });
});
