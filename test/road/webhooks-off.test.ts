// Webhooks of a shop that are off or gone: since when they were seen to be, and which are switched on again.
import { describe, expect, test } from 'vitest';
import { buildStore } from '../support/stores.ts';
import { wooWebhooksAt } from '../support/woo-webhooks.ts';
import { both, NOTHING, useWebhooks, webhook } from './webhooks-rig.ts';

const rig = useWebhooks();
const { ask, logged, open, wrong } = rig;

describe('what is wrong', () => {
  test('is a webhook that is off, since when it was seen to be, and nothing once it is on', async () => {
    rig.shop.webhooks = both();
    await ask();
    expect(await wrong()).toEqual(NOTHING);
    rig.shop.webhooks[0] = webhook(1, 'order.updated', { status: 'disabled' });
    const { found } = await ask();
    expect(await wrong()).toEqual({ off: ['1'], gone: [] });
    expect(found?.here[0]).toMatchObject({ on: false, state: 'disabled', off_since: rig.clock, mendable: true });
    const since = rig.clock;
    expect((await ask()).found?.here[0]?.off_since).toBe(since);
    rig.shop.webhooks = both();
    expect((await ask()).found?.here[0]?.off_since).toBeUndefined();
    expect(await wrong()).toEqual(NOTHING);
  });

  test('is one that was deleted, but not what never was there, or what no rule needs', async () => {
    rig.shop.webhooks = [webhook(1, 'order.updated'), webhook(3, 'product.updated', { status: 'disabled' })];
    await ask();
    expect(await wrong()).toEqual(NOTHING);
    rig.shop.webhooks = both();
    await ask();
    rig.shop.webhooks = [];
    await ask();
    expect(await wrong()).toEqual({ off: [], gone: ['order.created', 'order.updated'] });
    await rig.close();
    await open();
    await ask();
    expect(await wrong()).toEqual({ off: [], gone: ['order.created', 'order.updated'] });
  });

  test('is not one that is off while another tells the same', async () => {
    rig.shop.webhooks = [...both(), webhook(3, 'order.updated', { status: 'paused' })];
    await ask();
    expect(await wrong()).toEqual(NOTHING);
  });
});

describe('switching on again', () => {
  const mending = async (more: object = { mends: true }) => {
    rig.store = await buildStore('woocommerce', {}, wooWebhooksAt(rig.shop, more));
  };

  test('is not done unless the store says so', async () => {
    rig.shop.right = 'read_write';
    rig.shop.webhooks = both({ status: 'disabled' });
    await ask();
    expect(rig.shop.changes()).toEqual([]);
  });

  test('is done of those that the shop switched off, never of those that people paused', async () => {
    await mending();
    rig.shop.right = 'read_write';
    rig.shop.webhooks = [
      webhook(1, 'order.updated', { status: 'disabled' }),
      webhook(2, 'order.created', { status: 'paused' }),
    ];
    rig.shop.webhooks.push(webhook(3, 'order.updated', { status: 'disabled', delivery_url: 'https://stock.example/' }));
    const { found } = await ask();
    expect(rig.shop.changes()).toEqual(['/wp-json/wc/v3/webhooks/1 {"status":"active"}']);
    expect(found?.here.map(({ on }) => on)).toEqual([true, false]);
    expect(await rig.keep.listAudit(0)).toMatchObject([
      {
        actor: 'tagbridge',
        action: 'webhook on',
        store: 'shop',
        detail: 'woocommerce: webhook 1 (order.updated) switched on again',
      },
    ]);
  });

  test('is done with growing pauses where the shop switches it off again', async () => {
    await mending();
    rig.shop.right = 'read_write';
    const times: number[] = [];
    for (let hour = 0; hour < 72; hour += 1) {
      rig.shop.webhooks = both({ status: 'disabled' }).slice(0, 1);
      const before = rig.shop.changes().length;
      await ask();
      if (rig.shop.changes().length > before) times.push(hour);
    }
    expect(times).toEqual([0, 2, 8, 32, 56]);
  });

  test('with a key that may only read changes nothing, and says why', async () => {
    await mending();
    rig.shop.webhooks = both({ status: 'disabled' });
    const { found, problem } = await ask();
    expect(problem).toBeUndefined();
    expect(found?.here.map(({ on }) => on)).toEqual([false, false]);
    expect(logged).toContainEqual(
      expect.objectContaining({ message: 'webhooks.not_mended', reason: expect.stringContaining('(401)') }),
    );
    expect(await rig.keep.listAudit(0)).toEqual([]);
  });
});
