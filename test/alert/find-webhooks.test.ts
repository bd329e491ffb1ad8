// What is found in the webhooks that senders list: switched off, or gone. Pure.
import { describe, expect, test } from 'vitest';
import { findInWebhooks } from '../../src/alert/find-webhooks.ts';
import type { WebhookTrouble } from '../../src/alert/finding.ts';
import { factsOf, sourceOf } from '../support/facts.ts';

const NOW = Date.UTC(2026, 10, 20, 12);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const SUBJECT = 'webhooks shop/woo';
const trouble = (over: Partial<WebhookTrouble> = {}): WebhookTrouble => ({
  ...{ title: 'WooCommerce', todo: 'Look there.', off: ['order.updated'], gone: [], lost: [] },
  ...{ all: false, since: NOW - HOUR, stale: false },
  ...over,
});
function found(webhooks: WebhookTrouble | undefined, isOpen = false) {
  const incident = { kind: 'webhooks', since: NOW - DAY, opened_at: NOW - DAY };
  const open = new Map(isOpen ? [[SUBJECT, incident]] : []);
  return findInWebhooks(factsOf({ now: NOW, sources: [sourceOf({ source: 'woo', webhooks })], open }));
}
const weight = (over: Partial<WebhookTrouble>, isOpen = false) => found(trouble(over), isOpen).map((one) => one.weight);

describe('webhooks of a sender', () => {
  test('that are on, or of which nobody knows, are no finding', () => {
    expect(found(undefined)).toEqual([]);
  });

  test('that are off or gone are told with what to do', () => {
    expect(found(trouble({ gone: ['order.created'] }))).toMatchObject([
      {
        ...{ subject: SUBJECT, kind: 'webhooks', stores: ['shop'], todo: 'Look there.', path: '/sources/shop/woo' },
        title: 'shop/woo: WooCommerce does not send all that counts',
        detail:
          'Switched off there: order.updated. Not there any more: order.created. It was seen to be so 60 min ago.',
        weight: 'opens',
      },
    ]);
    expect(found(trouble({ all: true }))).toMatchObject([
      { title: 'shop/woo: WooCommerce sends nothing here any more' },
    ]);
  });

  test('that go to a source which is not there are told with the address that they should have', () => {
    const lost = [{ place: 'shop/old', topics: ['order.updated'] }];
    expect(found(trouble({ off: [], lost, all: true }))).toMatchObject([
      {
        detail: 'Sent to /hooks/shop/old, and no source is there: order.updated. It was seen to be so 60 min ago.',
        todo: 'Give what is sent to another source the address /hooks/shop/woo. Look there.',
      },
    ]);
  });

  test('of which nothing was heard for hours hold what is open, and open nothing', () => {
    expect(weight({ stale: true })).toEqual(['holds']);
  });

  test('that are so for more than a week are left to whoever meant it', () => {
    expect(weight({ since: NOW - 9 * DAY })).toEqual([]);
    expect(weight({ since: NOW - 9 * DAY }, true)).toEqual(['left']);
  });
});
