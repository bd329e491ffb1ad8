// Alerts from end to end about how they end: over only where that was seen, and not where nobody asks or nothing comes.
import { expect, test } from 'vitest';
import { HOUR, useWatched, type Watched } from '../support/alerting.ts';
import { KEY_FILE } from '../support/report-api.ts';
import { SECRETS } from '../support/service.ts';

const start = useWatched();
const DAY = 24 * HOUR;
const PIXEL = '1234567890123456';
const NOWHERE = 'http://127.0.0.1:9';
const meta = { pixel_id: PIXEL, access_token: SECRETS.META_TOKEN, endpoint: NOWHERE, quality: true };
const ga4 = { measurement_id: 'G-TEST000001', api_secret: SECRETS.GA4_SECRET, endpoint: NOWHERE };
const asked = { ...ga4, property_id: '345678901', service_account: KEY_FILE };
/** That sources never sent anything is nothing here. */
const QUIET = { alerts: { ignore: ['silence'] } };
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
/** How alerts ended, in their marks. */
const ends = (shop: Watched): string[] => shop.told().flatMap((text) => /^[🟢⚪]/u.exec(text) ?? []);

/** The service is not there for so long. */
async function away(shop: Watched, ms: number): Promise<void> {
  shop.clock.at += ms;
  await shop.restart();
  await shop.pass(2);
}

const COULD_NOT: [string, object, object, (shop: Watched, problem: boolean) => Promise<void>][] = [
  [
    'a destination says of its events',
    { ...QUIET, destinations: { meta } },
    { destinations: { meta: { ...meta, quality: false } } },
    async ({ keep, clock: { at } }, problem) => {
      const end = problem ? { problem: 'it is away' } : { said: { at, events: [] } };
      await keep.noteQuality({ account: PIXEL, day: dayOf(at) }, at, end);
    },
  ],
  [
    'a report counted',
    { ...QUIET, destinations: { ga4: asked } },
    { destinations: { ga4 } },
    async ({ keep, clock: { at } }, problem) => {
      const zero = { sent: 1, counted: 1, repeated: 0, different: 0, strange: 0 };
      const lists = { missing: [], repeats: [], differences: [], strangers: [], channels: {} };
      const found = { ...zero, ...lists, currency: 'EUR', time_zone: 'UTC', partial: false };
      const day = { store: 'shop', destination: 'ga4', day: dayOf(at - 3 * DAY) };
      await keep.noteRecount(day, at, problem ? { problem: 'it is away' } : { found });
    },
  ],
];

test.each(COULD_NOT)('that nobody could ask what %s is over with an answer', async (_, store, __, ask) => {
  const shop = await start({}, store);
  for (let day = 0; day < 3; day++) {
    await ask(shop, true);
    await shop.pass(2);
    shop.clock.at += DAY;
  }
  expect([shop.told().length, ends(shop)]).toEqual([1, []]);
  await away(shop, 12 * DAY);
  expect(ends(shop)).toEqual([]);
  await ask(shop, true);
  await shop.pass(2);
  expect([shop.told().length, ends(shop)]).toEqual([1, []]);
  shop.clock.at += DAY;
  await ask(shop, false);
  await shop.pass(2);
  expect(ends(shop)).toEqual(['🟢']);
});

test.each(COULD_NOT)(
  'that nobody could ask what %s is not watched where nobody wants to know',
  async (_, store, rest, ask) => {
    const shop = await start({}, store);
    for (let day = 0; day < 3; day++) {
      await ask(shop, true);
      await shop.pass(2);
      shop.clock.at += DAY;
    }
    expect(shop.told()).toHaveLength(1);
    await shop.rewrite(rest);
    await shop.pass(2);
    expect(ends(shop)).toEqual(['⚪']);
  },
);
