// The contract of asking senders for their webhooks: what each listed last is kept, one row for each source.
import { describe, expect, test } from 'vitest';
import type { WebhooksFound } from '../../src/keep/questions/webhook-lists.ts';
import { NOW } from './make.ts';
import type { Rig } from './rig.ts';

const PLACE = { store: 'demo', source: 'woo' };
const FOUND: WebhooksFound = {
  at: NOW + 1,
  here: [
    {
      ...{ id: '7', address: 'https://hooks.example/hooks/demo/woo', plain: false, topics: ['order.updated'] },
      ...{ on: false, state: 'disabled', mendable: true, off_since: NOW, mended_at: NOW, unmended: 'refused' },
    },
  ],
  tries: { '7': [NOW] },
  astray: [],
  told_astray: [],
  others: 3,
  known: { 'order.updated': NOW },
  gone: {},
};

export function testWebhooks(rig: Rig): void {
  describe('the webhooks that a sender listed', () => {
    test('are kept; a problem later says so and leaves them', async () => {
      expect(await rig.keep.listWebhooks()).toEqual([]);
      await rig.keep.noteWebhooks(PLACE, NOW, { problem: 'refused' });
      expect(await rig.keep.listWebhooks()).toEqual([
        { ...PLACE, asked_at: NOW, found: undefined, problem: 'refused' },
      ]);
      await rig.keep.noteWebhooks(PLACE, NOW + 1, { found: FOUND });
      expect(await rig.keep.listWebhooks()).toEqual([
        { ...PLACE, asked_at: NOW + 1, found: FOUND, problem: undefined },
      ]);
      await rig.keep.noteWebhooks({ ...PLACE, source: 'stripe' }, NOW + 1, { found: { ...FOUND, here: [] } });
      await rig.keep.noteWebhooks(PLACE, NOW + 2, { problem: 'away' });
      const [stripe, woo] = await rig.keep.listWebhooks();
      expect(stripe).toMatchObject({ source: 'stripe', found: { here: [] } });
      expect(woo).toEqual({ ...PLACE, asked_at: NOW + 2, found: FOUND, problem: 'away' });
    });
  });
}
