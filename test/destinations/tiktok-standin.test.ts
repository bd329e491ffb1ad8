// The stand-in for TikTok answers as TikTok does, and fails as it is told: real requests over HTTP.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createStandins, type Standins } from '../../src/demo/standins.ts';
import { tiktok } from '../../src/destinations/tiktok.ts';
import type { HttpRequest } from '../../src/types.ts';
import { DAY, NOW, order, tiktokSettings } from './example.ts';
import { deal, webOrder } from './tiktok-example.ts';

let standins: Standins;
beforeEach(async () => {
  standins = await createStandins({ clock: () => NOW });
});
afterEach(() => standins.close());

async function post({ url, headers, body }: HttpRequest) {
  const response = await fetch(url, { method: 'POST', headers, body });
  return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
}

describe('the TikTok stand-in', () => {
  const toTiktok = (events = [webOrder()], more: object = {}) =>
    tiktok.build(events, tiktokSettings({ endpoint: standins.tiktok.origin, ...more }), NOW);
  const judged = async (events = [webOrder()], more: object = {}) =>
    tiktok.judge(await post(toTiktok(events, more)), events);
  const bad = (changes: object = { value: undefined, currency: undefined }) =>
    webOrder({ transaction_id: 'bad', ...changes });

  it.each([
    ['web', webOrder(), 'Purchase:1001'],
    ['offline', order(), 'Purchase:1001'],
    ['crm', deal(), 'Offer made:deal-7.qualify_lead'],
  ] as const)('takes good events for %s by name and id, and shows a second copy', async (event_source, event, id) => {
    expect(await judged([event], { event_source })).toEqual({ kind: 'delivered' });
    await judged([event], { event_source });
    expect([...standins.tiktok.counted]).toEqual([[id, 2]]);
  });

  it('refuses a whole batch for one bad event, and counts none', async () => {
    expect(await judged([webOrder(), bad()])).toMatchObject({
      kind: 'rejected',
      reason: expect.stringContaining('field currency'),
    });
    expect(standins.tiktok.counted.size).toBe(0);
  });

  it('refuses what is too old, and an order by phone of nobody', async () => {
    expect(await judged([bad({ event_time: new Date(NOW - 8 * DAY).toISOString() })])).toMatchObject({
      reason: expect.stringContaining('field event_time'),
    });
    expect(await judged([order({ user_data: undefined })], { event_source: 'offline' })).toMatchObject({
      reason: expect.stringContaining('field email'),
    });
  });

  it.each([
    ['expired', true],
    ['forbidden', true],
    ['throttled', undefined],
    ['boom', undefined],
  ])('fails for the token %s as TikTok would', async (access_token, pause) => {
    const outcome = await judged([webOrder()], { access_token });
    expect([outcome.kind, 'pause' in outcome ? outcome.pause : undefined]).toEqual(['retry', pause]);
  });

  it('for the token partial takes what is good', async () => {
    expect(await judged([webOrder(), bad()], { access_token: 'partial' })).toMatchObject({ kind: 'rejected' });
    expect([...standins.tiktok.counted.keys()]).toEqual(['Purchase:1001']);
  });

  it('knows no pixel 00000', async () => {
    expect(await judged([webOrder()], { pixel_id: '00000' })).toMatchObject({ pause: true });
  });
});
