// When what lets us in at a destination ends, in words: of each token of the settings of now, and nothing until it is told.
import { beforeAll, describe, expect, test } from 'vitest';
import type { AskedQuality } from '../../src/keep/questions/qualities.ts';
import { createQualities } from '../../src/pages/qualities.ts';
import { askedEnds } from '../../src/road/quality-questions.ts';
import type { End } from '../../src/types.ts';
import { buildStore } from '../support/stores.ts';

const DAY = 24 * 3_600_000;
const NOW = Date.parse('2026-11-20T13:00:00Z');
const PIXEL = '1234567890';
type Stores = Awaited<ReturnType<typeof storeOf>>[];
const storeOf = async (name: string, access_token: string) => {
  const meta = { pixel_id: PIXEL, access_token, quality: true };
  const store = await buildStore('shopify', { destinations: { meta } });
  return { ...store, name, routes: store.routes.map((route) => ({ ...route, store: name })) };
};
let shop: Stores[number];
let outlet: Stores[number];
let other: Stores[number];
beforeAll(async () => {
  shop = await storeOf('shop', 'one token');
  outlet = await storeOf('outlet', 'one token');
  other = await storeOf('other', 'another token');
});
const nameOf = ({ routes }: Stores[number]) => [...askedEnds(PIXEL, routes).keys()][0] ?? '';
/** What was kept of the token of a store, so many days ago. */
const row = (store: Stores[number], end: { ends: End } | { problem: string }, ago = 0): AskedQuality => {
  const at = NOW - ago * DAY;
  const kept = { account: nameOf(store), day: '2026-11-20', asked_at: at };
  if ('problem' in end) return { ...kept, said: undefined, problem: end.problem };
  return { ...kept, said: { at, events: [], ...end }, problem: undefined };
};
const endsOf = async (stores: Stores, ...rows: AskedQuality[]) => {
  const keep = { listQualities: async () => rows };
  const [told] = await createQualities({ keep, mappings: { all: () => stores }, now: () => NOW })();
  return told?.ends ?? [];
};
const endOf = async (...given: Parameters<typeof endsOf>) => (await endsOf(...given))[0];
const words = async (ends: End) => (await endOf([shop], row(shop, { ends })))?.told?.words;
const soon = async (ends: End) => (await endOf([shop], row(shop, { ends })))?.told?.soon;

describe('the end of a token', () => {
  test('is told by its day and how far that is, as over, as never, and as not told', async () => {
    expect(await words(NOW + 12 * DAY)).toBe('The access token ends on 2026-12-02, in 12 days.');
    expect(await words(NOW + 7_200_000)).toBe('The access token ends on 2026-11-20, in 2 hours.');
    expect(await words(NOW - DAY)).toBe('The access token ended on 2026-11-19.');
    expect(await words('never')).toBe('The access token never ends.');
    expect(await words('untold')).toBe('Meta does not say when the access token ends.');
  });

  test('is soon within two weeks, and when it is over', async () => {
    expect(await Promise.all([NOW + 14 * DAY, NOW, NOW - 90 * DAY].map(soon))).toEqual([true, true, true]);
    const later: End[] = [NOW + 14 * DAY + 1, 'never', 'untold'];
    expect(await Promise.all(later.map(soon))).toEqual([false, false, false]);
  });

  test('is told of each token with the places that send by it', async () => {
    const rows = [row(other, { ends: 'never' }), row(shop, { ends: NOW })];
    const told = await endsOf([shop, other, outlet], ...rows);
    expect(told.map((one) => [one.names.map(({ store }) => store).join(), one.told?.ends])).toEqual([
      ['shop,outlet', NOW],
      ['other', 'never'],
    ]);
  });

  test('is not told of another token, before it is asked, or by a clock that was set back', async () => {
    const nothing = { name: 'access token', told: undefined, problem: undefined };
    expect(await endOf([shop], row(other, { ends: NOW + DAY }))).toMatchObject(nothing);
    expect(await endOf([shop], row(shop, { ends: NOW + DAY }, -1))).toMatchObject(nothing);
  });

  test('stays as it was told last where it cannot be asked any more', async () => {
    const end = await endOf([shop], row(shop, { problem: 'away' }), row(shop, { ends: NOW + DAY }, 2));
    expect(end).toMatchObject({ problem: 'away', told: { at: NOW - 2 * DAY, soon: true } });
  });

  test('says nothing by what an earlier version kept, which said nothing of ends', async () => {
    const old = { account: PIXEL, day: '2026-11-20', asked_at: NOW, said: { at: NOW, events: [] }, problem: undefined };
    expect(await endOf([shop], old)).toMatchObject({ told: undefined, problem: undefined });
  });
});
