// Alerts from end to end about what a destination says of its events: told once, over answers that leave it out and days without one.
import { expect, test } from 'vitest';
import { askedAccounts, askedEnds } from '../../src/road/quality-questions.ts';
import type { End, EventQuality } from '../../src/types.ts';
import { HOUR, useWatched, type Watched } from '../support/alerting.ts';
import { SECRETS } from '../support/service.ts';

const start = useWatched();
const PIXEL = '1234567890123456';
const meta = { pixel_id: PIXEL, access_token: SECRETS.META_TOKEN, endpoint: 'http://127.0.0.1:9', quality: true };
const scored = (score: number): EventQuality[] => [
  { event: 'Purchase', counts: true, score, keys: [], lacks: [], doubles: [], issues: [] },
];
const ALERT = 'shop/meta: Meta finds few of the people behind Purchase';

/** A day on which this is answered, or nothing is. */
async function day(shop: Watched, events: EventQuality[] | undefined): Promise<void> {
  const at = shop.clock.at;
  const on = { account: PIXEL, day: new Date(at).toISOString().slice(0, 10) };
  await shop.keep.noteQuality(on, at, events === undefined ? { problem: 'it is away' } : { said: { at, events } });
  await shop.pass(2);
  shop.clock.at = at + 24 * HOUR;
}
const told = (shop: Watched) => shop.told().filter((text) => text.includes('Meta'));

test('a low score is told once, over answers without it, and its end says how it ended', async () => {
  const shop = await start({}, { destinations: { meta } });
  // That its sources never sent anything is told first: it would share a message with it.
  await shop.pass(1);
  shop.clock.at += 25 * HOUR;
  await shop.pass(1);
  for (const events of [scored(4), scored(4), [], scored(4.4), scored(5.1), undefined, [], scored(4)])
    await day(shop, events);
  expect(told(shop)).toEqual([`🔴 ${ALERT}`]);
  await day(shop, scored(6));
  expect(told(shop)).toEqual([`🔴 ${ALERT}`, `🟢 Over: ${ALERT}`]);
});

test('a score that hovers about the limit for weeks is told once', async () => {
  const shop = await start({}, { destinations: { meta } });
  await shop.pass(1);
  shop.clock.at += 25 * HOUR;
  await shop.pass(1);
  for (let week = 0; week < 3; week++)
    for (const score of [4.9, 4.8, 5.2, 5.4, 5.1, 4.9, 4.7]) await day(shop, scored(score));
  expect(told(shop)).toEqual([`🔴 ${ALERT}`]);
});

test('a destination that says nothing more for days ends it, and the message does not blame the store file', async () => {
  const shop = await start({}, { destinations: { meta } });
  await shop.pass(1);
  shop.clock.at += 25 * HOUR;
  await shop.pass(1);
  for (const events of [scored(4), scored(4), [], undefined, undefined]) await day(shop, events);
  expect(told(shop)).toEqual([`🔴 ${ALERT}`, `⚪ Not watched any more: ${ALERT}`]);
  expect(shop.chat.received.at(-1)?.body).toContain('Nothing is said of it any more, or the store files');
});

test('a destination that cannot say anything for three days is told once, until it answers', async () => {
  const shop = await start({}, { destinations: { meta } });
  await shop.pass(1);
  shop.clock.at += 25 * HOUR;
  await shop.pass(1);
  for (const events of [undefined, undefined, scored(8), undefined, undefined]) await day(shop, events);
  expect(told(shop)).toEqual([]);
  await day(shop, undefined);
  const away = 'shop/meta: Meta cannot be asked what it says of events';
  expect(told(shop)).toEqual([`🔴 ${away}`]);
  await day(shop, undefined);
  expect(shop.chat.received.at(-1)?.body).toContain('It could not say for days: it is away.');
  await day(shop, scored(8));
  expect(told(shop)).toEqual([`🔴 ${away}`, `🟢 Over: ${away}`]);
  expect(shop.chat.received.at(-1)?.body).toContain('It lasted 4 days');
});

test('that it cannot say anything is not told as over when the store file asks no more', async () => {
  const shop = await start({}, { destinations: { meta } });
  await shop.pass(1);
  shop.clock.at += 25 * HOUR;
  await shop.pass(1);
  for (const events of [undefined, undefined, undefined]) await day(shop, events);
  await shop.rewrite({ destinations: { meta: { ...meta, quality: false } } });
  await shop.pass(2);
  const away = 'shop/meta: Meta cannot be asked what it says of events';
  expect(told(shop)).toEqual([`🔴 ${away}`, `⚪ Not watched any more: ${away}`]);
});

/** A minute in which it is said when the token of the store file of now ends, or nothing is. */
async function minute(shop: Watched, ends: End | undefined): Promise<void> {
  const at = shop.clock.at;
  const [routes = []] = askedAccounts(shop.mappings.all()).values();
  const [account = ''] = askedEnds(PIXEL, routes).keys();
  const on = { account, day: new Date(at).toISOString().slice(0, 10) };
  if (ends !== undefined) await shop.keep.noteQuality(on, at, { said: { at, events: [], ends } });
  await shop.pass(1);
}

test('that a token ends soon is told once, until it is said that another one does not', async () => {
  const shop = await start({}, { destinations: { meta } });
  await shop.pass(1);
  shop.clock.at += 25 * HOUR;
  await shop.pass(1);
  const ends = shop.clock.at + 15 * 24 * HOUR;
  await minute(shop, ends);
  expect(shop.told().filter((text) => text.includes('token'))).toEqual([]);
  const title = `shop/meta: the access token ends on ${new Date(ends).toISOString().slice(0, 10)}`;
  const ofToken = () => shop.told().filter((text) => text.includes('token'));
  for (const days of [1, 6, 13, 14, 16, 22]) {
    shop.clock.at = ends + (days - 15) * 24 * HOUR;
    // Once it has ended it can say nothing of itself any more.
    await minute(shop, days < 15 ? ends : undefined);
  }
  expect(ofToken()).toEqual([`🔴 ${title}`]);
  await shop.rewrite({ destinations: { meta: { ...meta, access_token: 'a made-up new one' } } });
  await minute(shop, undefined);
  expect(ofToken()).toEqual([`🔴 ${title}`]);
  await minute(shop, 'never');
  await shop.pass(1);
  expect(ofToken()).toEqual([`🔴 ${title}`, `🟢 Over: ${title}`]);
  const bodies = shop.chat.received.map(({ body }) => body).join('');
  expect(bodies).toContain('Make one that never ends');
  expect(bodies + shop.logged.join('')).not.toContain(SECRETS.META_TOKEN);
});
