// The join of events to visits: which visit wins, what is taken over from it, and what never is.
import { describe, expect, test } from 'vitest';
import { joinVisit } from '../../src/enrich/join.ts';
import type { Found, Visit } from '../../src/enrich/visit.ts';
import type { Event, JoinKey } from '../../src/event.ts';

const NOW = Date.parse('2026-11-18T12:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const POLICY = { lookback: 90 * DAY, attribution: 'last_click' as const };
const iso = (at: number) => new Date(at).toISOString();

const order = (over: Partial<Event> = {}): Event => ({
  name: 'purchase',
  event_time: iso(NOW),
  order_id: '1042',
  channel: 'online',
  ...over,
});
/** A visit some milliseconds before the order. */
const visit = (ago: number, fields: Visit['fields'], over: Partial<Visit> = {}): Visit => ({
  visitor: 'aa',
  started_at: NOW - ago,
  seen_at: NOW - ago + 60_000,
  fields,
  seen: {},
  ...over,
});
const by = (key: JoinKey, ...visits: Visit[]): Found => ({ by: key, visits });
const join = (event: Event, found: Found[], policy: Partial<typeof POLICY> | { attribution: 'first_click' } = {}) =>
  joinVisit(event, found, { ...POLICY, ...policy });

describe('the visit that wins', () => {
  test('is the most recent one with a click', () => {
    const found = by(
      'checkout_token',
      visit(9 * DAY, { gclid: 'old' }),
      visit(2 * DAY, { gclid: 'new' }),
      visit(0, {}),
    );
    expect(join(order(), [found])).toMatchObject({
      event: { gclid: 'new', visit: { by: 'checkout_token', click: 'gclid', seen_at: iso(NOW - 2 * DAY) } },
      visit: { age_seconds: 2 * 86_400 },
    });
  });
  test('is the first one with a click where the store says so', () => {
    const found = by('checkout_token', visit(9 * DAY, { gclid: 'old' }), visit(2 * DAY, { gclid: 'new' }));
    expect(join(order(), [found], { attribution: 'first_click' }).event.gclid).toBe('old');
  });
  test('has no click older than the look-back', () => {
    const found = by('email_address', visit(91 * DAY, { gclid: 'old' }));
    expect(join(order(), [found])).toEqual({ event: order() });
  });
  test('is not one whose click came out of an old cookie', () => {
    const old = visit(HOUR, { gclid: 'cookie', client_id: '1.2' }, { seen: { gclid: NOW - 95 * DAY } });
    const { event, visit: joined } = join(order(), [by('email_address', old)]);
    expect(event).toMatchObject({ client_id: '1.2' });
    expect(event.gclid).toBeUndefined();
    expect(joined?.click).toBeUndefined();
  });
  test('started before the order; the page that tells of an order may open a little later', () => {
    const later = visit(-HOUR / 2, { gclid: 'g' }, { seen: { gclid: NOW - HOUR } });
    expect(join(order(), [by('email_address', later)]).visit).toBeUndefined();
    expect(join(order(), [by('order_id', later)]).event.gclid).toBe('g');
  });
  test('does not give a click that came after the order', () => {
    expect(join(order(), [by('order_id', visit(-HOUR / 2, { gclid: 'late' }))]).event.gclid).toBeUndefined();
  });
  test('is that of the strongest key that found a click', () => {
    const found = [
      by('checkout_token', visit(0, { client_id: '1.2' })),
      by('email_address', visit(3 * DAY, { gclid: 'phone', client_id: '3.4' }, { visitor: 'bb' })),
    ];
    const { event, visitor } = join(order(), found);
    // The click was on another device; the order was made in this browser.
    expect(event).toMatchObject({ gclid: 'phone', client_id: '1.2', visit: { by: 'email_address' } });
    expect(visitor).toBe('aa');
  });
  test('without any click anywhere is the latest of the strongest key', () => {
    const found = [
      by('cart_token', visit(DAY, { client_id: '1.2' })),
      by('email_address', visit(0, { client_id: '3.4' })),
    ];
    expect(join(order(), found).event).toMatchObject({ client_id: '1.2', visit: { by: 'cart_token' } });
  });
  test('is none where a code was given to two visitors', () => {
    const found = by('reference_code', visit(DAY, { gclid: 'a' }), visit(DAY, { gclid: 'b' }, { visitor: 'bb' }));
    expect(join(order({ channel: 'phone' }), [found]).visit).toBeUndefined();
  });
  test('is none for refunds and renewals', () => {
    const found = [by('email_address', visit(DAY, { gclid: 'g' }))];
    expect(join(order({ name: 'refund' }), found).visit).toBeUndefined();
    expect(join(order({ channel: 'renewal' }), found).visit).toBeUndefined();
  });
});

describe('what an event takes over', () => {
  test('keeps when each id was seen, and the time of the landing in the Meta click id', () => {
    const landing = NOW - 5 * DAY;
    const fields = { fbclid: 'AbC', fbc: `fb.1.${landing}.AbC`, fbp: 'fb.1.2.3', client_id: '1.2', utm_source: 'fb' };
    const { event } = join(order(), [by('checkout_token', visit(5 * DAY, fields))]);
    expect(event).toMatchObject(fields);
    expect(event.provenance).toMatchObject({
      fbc: { from: 'visit by checkout_token', seen_at: iso(landing) },
      client_id: { from: 'visit by checkout_token' },
    });
  });
  test('replaces nothing that the hook brought, nor mixes ids of one maker', () => {
    const fields = {
      gclid: 'theirs',
      gbraid: 'theirs',
      fbclid: 'theirs',
      client_id: '9.9',
      utm_source: 'x',
      utm_term: 'y',
    };
    const own = { gclid: 'mine', client_id: '1.2', utm_source: 'mail' };
    const { event } = join(order(own), [by('checkout_token', visit(DAY, fields))]);
    expect(event).toMatchObject({ ...own, fbclid: 'theirs' });
    expect(event.gbraid).toBeUndefined();
    expect(event.utm_term).toBeUndefined();
  });
  test('gives the Meta click id to an event that has only the same fbclid', () => {
    const fbc = `fb.1.${NOW - DAY}.AbC`;
    const found = [by('checkout_token', visit(DAY, { fbclid: 'AbC', fbc }))];
    expect(join(order({ fbclid: 'AbC' }), found).event.fbc).toBe(fbc);
    expect(join(order({ fbclid: 'other' }), found).event.fbc).toBeUndefined();
    const denied = visit(DAY, { fbclid: 'AbC', fbc }, { consent: { ad_storage: 'denied' } });
    expect(join(order({ fbclid: 'AbC' }), [by('checkout_token', denied)]).event.fbc).toBeUndefined();
  });
  test('fills each maker’s ids from the best visit that has them', () => {
    const found = by('checkout_token', visit(DAY, { gclid: 'g' }), visit(3 * DAY, { fbclid: 'f', utm_source: 'fb' }));
    const { event } = join(order(), [found]);
    expect(event).toMatchObject({ gclid: 'g', fbclid: 'f' });
    expect(event.utm_source).toBeUndefined();
  });
  test.each([
    [HOUR, 0, true],
    [23 * HOUR, 0, true],
    [25 * HOUR, 0, false],
    [-60_000, 0, false],
  ])('takes the session id of a session begun %d ms before only while it can be true', (ago, _, there) => {
    const session_id = String(Math.floor((NOW - ago) / 1000));
    const found = [by('checkout_token', visit(Math.max(ago, 0), { client_id: '1.2', session_id }))];
    expect(join(order(), found).event.session_id).toBe(there ? session_id : undefined);
  });
  test('takes the sessions of several streams where one can be true', () => {
    const own = String((NOW - HOUR) / 1000);
    const later = String(NOW / 1000 + 60);
    const sessions = { session_id: later, session_ids: `ABC=${own},OTHER1=${later}` };
    const found = [by('checkout_token', visit(0, { client_id: '1.2', ...sessions }))];
    expect(join(order(), found).event).toMatchObject(sessions);
    const old = [by('checkout_token', visit(0, { client_id: '1.2', ...sessions, session_ids: 'ABC=17,OTHER1=18' }))];
    expect(join(order(), old).event.session_ids).toBeUndefined();
  });
  test('takes no session id of another browser', () => {
    const session_id = String((NOW - HOUR) / 1000);
    const found = [by('email_address', visit(HOUR, { client_id: '1.2', session_id }))];
    expect(join(order({ client_id: '9.9' }), found).event.session_id).toBeUndefined();
  });
  test('takes address and browser of the buyer only for an order of the same day made online', () => {
    const fields = { ip_override: '203.0.113.7', user_agent: 'Firefox' };
    expect(join(order(), [by('checkout_token', visit(HOUR, fields))]).event).toMatchObject(fields);
    expect(join(order(), [by('checkout_token', visit(2 * DAY, fields))]).event.user_agent).toBeUndefined();
    const phone = join(order({ channel: 'phone' }), [by('phone_number', visit(HOUR, fields))]);
    expect(phone.event.user_agent).toBeUndefined();
    expect(phone.visit?.by).toBe('phone_number');
  });
  test('takes the pages of the visit for an order made online alone, however many days ago it was', () => {
    const fields = { page_location: 'https://lamps.example/lamps', page_referrer: 'https://search.example/' };
    const found = [by('email_address', visit(2 * DAY, fields))];
    expect(join(order(), found).event).toMatchObject(fields);
    expect(join(order({ channel: 'phone' }), found).event.page_location).toBeUndefined();
  });
});

describe('consent of the visit', () => {
  const fields = { gclid: 'g', fbp: 'fb.1.2.3', ttp: '2AbCdEfGh', client_id: '1.2' };
  test('counts where the event says nothing, and the event’s own goes first', () => {
    const consent = { ad_storage: 'granted', ad_user_data: 'granted' } as const;
    const found = [by('checkout_token', visit(DAY, fields, { consent }))];
    const own = { consent: { ad_user_data: 'denied', ad_storage: 'unknown' } } as const;
    expect(join(order(own), found).event.consent).toEqual({ ad_user_data: 'denied', ad_storage: 'granted' });
  });
  test('that is denied gives no ids', () => {
    const consent = { ad_storage: 'denied', analytics_storage: 'denied' } as const;
    const { event } = join(order(), [by('checkout_token', visit(DAY, fields, { consent }))]);
    expect(event).toMatchObject({ consent });
    for (const field of ['gclid', 'fbp', 'ttp', 'client_id'] as const) expect(event[field]).toBeUndefined();
  });
});

describe('a lead', () => {
  const won = (over: Partial<Event> = {}): Event => ({
    name: 'close_convert_lead',
    event_time: iso(NOW),
    lead_id: '7',
    ...over,
  });
  const lead = (ago: number, gclid: string) => visit(ago, { gclid, client_id: '1.2' }, { of_lead: true });
  test('that is won has the first ids of its record, however long ago', () => {
    const found = [by('lead_id', lead(300 * DAY, 'first'), lead(2 * DAY, 'second'))];
    expect(join(won(), found).event).toMatchObject({ gclid: 'first', client_id: '1.2', visit: { by: 'lead_id' } });
  });
  test('that is won keeps the ids it came in with although the person clicked again', () => {
    const found = [by('email_address', lead(200 * DAY, 'lead'), visit(DAY, { gclid: 'later' }))];
    expect(join(won(), found).event.gclid).toBe('lead');
  });
  test('that is new is joined to the visit and not to an older lead', () => {
    const found = [by('email_address', lead(200 * DAY, 'old'), visit(HOUR, { gclid: 'now' }))];
    expect(join(won({ name: 'generate_lead' }), found).event.gclid).toBe('now');
  });
  test('that moves on is joined to no visit from before the look-back but the one it came in with', () => {
    const old = visit(200 * DAY, { gclid: 'old', client_id: '3.4' });
    expect(join(won(), [by('email_address', old)])).toEqual({ event: won() });
  });
  test('from before the look-back says nothing of an order', () => {
    expect(join(order(), [by('email_address', lead(200 * DAY, 'old'))]).visit).toBeUndefined();
  });
});
