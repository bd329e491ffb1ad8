// What is wrong with what a destination says of an event: a low score, and doubles that are not known; and which stores it is told.
import { describe, expect, test } from 'vitest';
import { createQualities, wrongWith } from '../../src/pages/qualities.ts';
import type { EventQuality } from '../../src/types.ts';
import { buildStore } from '../support/stores.ts';

type Doubles = EventQuality['doubles'];
const wrong = (more: Partial<EventQuality>) =>
  wrongWith({ event: 'Purchase', counts: true, keys: [], lacks: [], doubles: [], issues: [], ...more });
const doubled = (...doubles: Doubles) => wrong({ doubles }).doubled;

test('a score is low below 5, and one that is not told is not', () => {
  expect([0, 4.9, 5, 10, undefined].map((score) => wrong({ score }).low)).toEqual([true, true, false, false, false]);
});

describe('doubles are in danger', () => {
  const id = { key: 'event_id', browser: 100, server: 100 };

  test('where browser and server have no key in common', () => {
    const fbp = { key: 'fbp', browser: 98, server: 0 };
    expect(doubled(fbp, { ...id, browser: 0 })).toBe('no key');
    expect(doubled(fbp, { ...id, browser: 9.9 })).toBe('no key');
    expect(doubled(fbp, { ...id, browser: 10 })).toBeUndefined();
    expect(doubled(fbp, { key: 'event_id', server: 100 })).toBe('no key');
  });

  test('where both send keys and none is known again', () => {
    expect(doubled({ ...id, known: 0 }, { key: 'fbp', browser: 90, server: 60, known: 0.9 })).toBe('never known');
    expect(doubled({ ...id, known: 0 }, { key: 'fbp', browser: 90, server: 60, known: 14.8 })).toBeUndefined();
    expect(doubled(id)).toBeUndefined();
    expect(doubled({ ...id, server: 30, known: 0 })).toBeUndefined();
  });

  test('and are not where one of the two sends nothing, or nothing is told', () => {
    expect(doubled()).toBeUndefined();
    expect(doubled({ ...id, browser: 0 })).toBeUndefined();
    expect(doubled({ key: 'event_id', server: 100 }, { key: 'fbp', server: 60 })).toBeUndefined();
    expect(doubled({ ...id, server: 0 })).toBeUndefined();
  });
});

test('of an account that stores share only those are told that ask for it', async () => {
  const storeOf = async (name: string, quality: boolean) => {
    const meta = { pixel_id: '1234567890', access_token: 'a token', quality };
    const store = await buildStore('shopify', { destinations: { meta } });
    return { ...store, name, routes: store.routes.map((route) => ({ ...route, store: name })) };
  };
  const stores = [await storeOf('other', false), await storeOf('shop', true), await storeOf('outlet', true)];
  const keep = { listQualities: async () => [] };
  const told = await createQualities({ keep, mappings: { all: () => stores }, now: Date.now })();
  expect(told.map(({ names }) => names.map(({ store }) => store))).toEqual([['shop', 'outlet']]);
});
