// What the capture makes of posts: which fields, under which keys, how often, and within which limits.
import { describe, expect, test } from 'vitest';
import type { NewVisit } from '../../src/keep/questions/identities.ts';
import type { VisitPost } from '../../src/receive/visit-post.ts';
import { createCapture } from '../../src/road/capture.ts';
import { codesFor } from '../../src/road/reference-code.ts';
import { buildStore } from '../support/stores.ts';

const NOW = Date.parse('2026-11-18T12:00:00Z');
const DAY = 86_400_000;
const FROM = {
  ip: '203.0.113.7',
  user_agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
};
const GRANTED = { ad_storage: 'granted', analytics_storage: 'granted', ad_user_data: 'granted' } as const;
const HASH = 'a'.repeat(64);

const post = (over: Partial<VisitPost> = {}): VisitPost => ({
  visitor: 'visitor-one',
  visit: '1',
  age: 0,
  consent: GRANTED,
  cookies: {},
  clicks: {},
  utm: {},
  page: 'https://lamps.example/lamps?email=ann@example.com',
  ...over,
});

async function rig(visits: object = {}, taken: readonly string[] = []) {
  const store = await buildStore('shopify', {
    country: 'NL',
    visits: { origins: ['https://lamps.example'], ...visits },
  });
  const kept: NewVisit[] = [];
  /** When other replicas kept a visit. */
  const others = new Map<string, number>();
  let at = NOW;
  const { capture } = createCapture({
    stores: new Map([['shop', store]]),
    keep: {
      keepVisits: async (some) => void kept.push(...some),
      lastSeen: async ({ visitor, id }) =>
        others.get(id) ?? kept.findLast((one) => one.id === id && one.visitor.value === visitor.value)?.visit.seen_at,
      claimIdentity: async ({ value }) => !taken.includes(value),
    },
    now: () => at,
    log: { error: () => {} },
  });
  return {
    kept,
    others,
    pass: (ms: number) => {
      at += ms;
    },
    capture: (one: VisitPost, from = FROM) => capture('shop', one, from),
    fieldsOf: async (one: VisitPost) => {
      await capture('shop', one, FROM);
      return kept.at(-1)?.visit;
    },
  };
}

describe('the ids of a visit', () => {
  test('are not what a script or an ad wrote in place of one', async () => {
    const { fieldsOf } = await rig();
    const visit = await fieldsOf(
      post({
        clicks: { gclid: ['{gclid}', 0], fbclid: ['undefined', 0] },
        cookies: { _gcl_aw: `GCL.${NOW / 1000}.Cj0K` },
        utm: { utm_source: '{{site_source_name}}', utm_medium: 'paid' },
      }),
    );
    expect(visit?.fields).toMatchObject({ gclid: 'Cj0K', utm_medium: 'paid' });
    expect(visit?.fields).toEqual(
      expect.not.objectContaining({ fbclid: expect.anything(), fbc: expect.anything(), utm_source: expect.anything() }),
    );
  });

  test('have the time they were seen first: from the address, or from the cookie that keeps it', async () => {
    const { fieldsOf } = await rig();
    const seconds = (NOW - 4 * DAY) / 1000;
    const visit = await fieldsOf(
      post({
        clicks: { fbclid: ['AbC', 2 * DAY], msclkid: ['ms', 5_000] },
        cookies: {
          _gcl_aw: `GCL.${seconds}.Cj0K-1`,
          _gcl_gb: `2.1.kWbr-1$i${seconds}`,
          _fbp: 'fb.1.2.3',
          _epik: 'pin',
          _ttp: '2AbCdEfGh.tt.1',
        },
      }),
    );
    expect(visit).toMatchObject({
      fields: {
        gclid: 'Cj0K-1',
        wbraid: 'Wbr-1',
        fbclid: 'AbC',
        fbc: `fb.1.${NOW - 2 * DAY}.AbC`,
        fbp: 'fb.1.2.3',
        msclkid: 'ms',
        epik: 'pin',
        ttp: '2AbCdEfGh.tt.1',
      },
      seen: {
        gclid: NOW - 4 * DAY,
        wbraid: NOW - 4 * DAY,
        fbclid: NOW - 2 * DAY,
        fbc: NOW - 2 * DAY,
        msclkid: NOW - 5_000,
      },
    });
  });
  test('have the pixel’s own click id, unless the address has a newer click', async () => {
    const { fieldsOf } = await rig();
    const cookie = `fb.1.${NOW - DAY}.AbC`;
    const own = await fieldsOf(post({ cookies: { _fbc: cookie } }));
    expect(own?.fields).toMatchObject({ fbc: cookie, fbclid: 'AbC' });
    const newer = await fieldsOf(post({ visit: '2', cookies: { _fbc: cookie }, clicks: { fbclid: ['New', 1_000] } }));
    expect(newer?.fields).toMatchObject({ fbc: `fb.1.${NOW - 1_000}.New`, fbclid: 'New' });
    const older = await fieldsOf(post({ visit: '3', cookies: { _fbc: cookie }, clicks: { fbclid: ['Old', 2 * DAY] } }));
    expect(older?.fields).toMatchObject({ fbc: cookie, fbclid: 'AbC' });
  });
  test.each([
    ['GS1.1.1795009000.5.1.1795010600.0.0.0', '1795009000'],
    ['GS2.1.s1795009000$o5$g1$t1795010600$j0$l0$h0', '1795009000'],
    ['GS9.x', undefined],
  ])('read the session out of %s of the stream that the store sends to', async (cookie, session_id) => {
    const { fieldsOf } = await rig();
    const visit = await fieldsOf(post({ cookies: { _ga_TEST000001: cookie, _ga_ELSE: 'GS1.1.1.1.1' } }));
    expect(visit?.fields.session_id).toBe(session_id);
  });
  test('have the sessions of all streams by their names, and of those the store’s or else the latest', async () => {
    const { fieldsOf } = await rig();
    const others = { _ga_ONE: 'GS1.1.1795009000.1.1', _ga_TWO: 'GS1.1.1795009001.1.1' };
    const session_ids = 'ONE=1795009000,TWO=1795009001';
    expect((await fieldsOf(post({ cookies: others })))?.fields).toMatchObject({
      session_id: '1795009001',
      session_ids,
    });
    const cookies = { ...others, _ga_TEST000001: 'GS1.1.1795008000.1.1' };
    expect((await fieldsOf(post({ visit: '2', cookies })))?.fields).toMatchObject({
      session_id: '1795008000',
      session_ids: `${session_ids},TEST000001=1795008000`,
    });
  });
  test('keep addresses of pages without what may name somebody', async () => {
    const { fieldsOf } = await rig();
    const visit = await fieldsOf(post({ referrer: 'https://mail.example/?user=ann' }));
    expect(visit?.fields).toMatchObject({
      page_location: 'https://lamps.example/lamps',
      page_referrer: 'https://mail.example/',
    });
  });
  test('keep addresses of pages without the tokens in their paths', async () => {
    const { fieldsOf } = await rig();
    const page = 'https://lamps.example/account/reset/1/X1';
    const visit = await fieldsOf(post({ page, referrer: 'https://lamps.example/orders/X2/authenticate?key=X3' }));
    expect(visit?.fields).toMatchObject({
      page_location: 'https://lamps.example/account/reset',
      page_referrer: 'https://lamps.example/orders',
    });
  });
});

describe('consent', () => {
  const all = {
    clicks: { gclid: ['g', 0] },
    cookies: { _ga: 'GA1.1.11.22', _fbp: 'fb.1.2.3' },
    email: HASH,
  } satisfies Partial<VisitPost>;
  test('to nothing keeps nothing where the store requires it', async () => {
    const { capture, kept } = await rig();
    await capture(post({ ...all, consent: {} }));
    await capture(post({ ...all, consent: { ad_storage: 'denied', analytics_storage: 'denied' } }));
    expect(kept).toEqual([]);
  });
  test('that is not required is only broken off by a no', async () => {
    const { capture, kept } = await rig({ consent: 'not_required' });
    await capture(post({ ...all, consent: {} }));
    expect(kept[0]?.visit.fields).toMatchObject({ gclid: 'g', client_id: '11.22', user_agent: FROM.user_agent });
    await capture(post({ ...all, visit: '2', consent: { ad_storage: 'denied', ad_user_data: 'denied' } }));
    expect(kept[1]?.visit.fields).toEqual({ client_id: '11.22', page_location: 'https://lamps.example/lamps' });
    expect(kept[1]?.identities.map(({ by }) => by)).toEqual(['client_id']);
  });
  test('to ads without user data keeps clicks and no person', async () => {
    const { capture, kept } = await rig();
    await capture(post({ ...all, consent: { ad_storage: 'granted', ad_user_data: 'denied' } }));
    expect(kept[0]?.visit.fields).toEqual({
      gclid: 'g',
      fbp: 'fb.1.2.3',
      page_location: 'https://lamps.example/lamps',
    });
    expect(kept[0]?.identities).toEqual([]);
  });
});

describe('a post', () => {
  test('that says nothing new is not kept again', async () => {
    const { capture, kept } = await rig();
    await capture(post());
    await capture(post({ age: 5_000 }));
    expect(kept).toHaveLength(1);
    await capture(post({ cart: 'c1' }));
    expect(kept).toHaveLength(2);
    await capture(post({ visit: '2' }));
    expect(kept).toHaveLength(3);
  });
  test('that says nothing new is kept again after ten minutes, so that the visit is known to go on', async () => {
    const { capture, kept, pass } = await rig();
    await capture(post());
    pass(599_000);
    await capture(post());
    expect(kept).toHaveLength(1);
    pass(2_000);
    await capture(post());
    expect(kept.map(({ visit }) => visit.seen_at)).toEqual([NOW, NOW + 601_000]);
  });

  test('that says what was said before is kept again once another replica kept something else, or it was erased', async () => {
    const { capture, kept, others } = await rig();
    await capture(post());
    others.set('1', NOW + 1);
    await capture(post());
    expect(kept).toHaveLength(2);
  });
  test('beyond what one address may send is refused, until time has passed', async () => {
    const { capture, pass } = await rig();
    const from = { ...FROM, ip: '198.51.100.7' };
    for (let at = 0; at < 200; at++) expect(await capture(post(), from)).toEqual({});
    expect(await capture(post(), from)).toEqual({ later: 'too_many' });
    expect(await capture(post(), { ...FROM, ip: '198.51.100.8' })).toEqual({});
    pass(1_000);
    expect(await capture(post(), from)).toEqual({});
  });
  test('are taken again at once after the clock was set back by an hour', async () => {
    const { capture, pass } = await rig();
    for (let count = 0; count < 200; count++) await capture(post(), FROM);
    expect(await capture(post(), FROM)).toEqual({ later: 'too_many' });
    pass(-3_600_000);
    expect(await capture(post(), FROM)).toEqual({});
  });
  test('beyond what one network of IPv6 may send is refused, however short its addresses are written', async () => {
    const { capture } = await rig();
    const from = (host: number) => ({ ...FROM, ip: `2600::${host.toString(16)}` });
    for (let host = 1; host <= 200; host++) expect(await capture(post(), from(host))).toEqual({});
    expect(await capture(post(), from(201))).toEqual({ later: 'too_many' });
    expect(await capture(post(), { ...FROM, ip: '2600:0:0:1::1' })).toEqual({});
  });

  test('from a proxy that does not say who asks is not held to one address', async () => {
    const { capture } = await rig();
    const answers = await Promise.all(Array.from({ length: 300 }, () => capture(post(), { ...FROM, ip: '10.0.0.2' })));
    expect(answers.every((answer) => !('later' in answer))).toBe(true);
  });
});

describe('a reference code', () => {
  test('that somebody else has is passed over for the next one', async () => {
    const [first = '', second] = codesFor('shop', 'visitor-one');
    const { capture } = await rig({}, [first]);
    expect(await capture(post({ code: true }))).toEqual({ code: second });
  });
  test('has no letters that are taken for others', () => {
    const codes = Array.from({ length: 200 }, (_, at) => codesFor('shop', String(at))).flat();
    expect(codes.join('')).not.toMatch(/[01258OILZSBUV]/);
  });
});
