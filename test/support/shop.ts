// Fills a running service with what a shop's day looks like: orders, a refund, a dead delivery, a stuck hook, a paused account.
import type { Browser } from './browser.ts';
import { fromShopify, lampOrder, lampRefund, post } from './hooks.ts';
import { eventually, type Rig, storeFile, writeStore } from './service.ts';

/** Resolves once `order` can be found by the search. */
export const untilFound = (browser: Browser, order: string): Promise<void> =>
  eventually(
    async () => (await browser.get(`/search?q=${encodeURIComponent(order)}`)).text.includes('/hooks/'),
    `${order} is found`,
  );

/** Resolves with the path of the trace of an order's hook. */
export async function traceOf(browser: Browser, order: string): Promise<string> {
  await untilFound(browser, order);
  const { text } = await browser.get(`/search?q=${encodeURIComponent(order)}`);
  return /href="(\/hooks\/[0-9a-f-]{36})"/.exec(text)?.[1] ?? '';
}

/** Posts an order whose mapping is broken, then mends the mapping; the hook stays stuck. */
export async function makeStuck(rig: Rig, browser: Browser, id: number, over: object = {}): Promise<void> {
  const good = storeFile(rig.standins);
  const shopify = { ...good.sources.shopify, events: { purchase: { fields: { total: 'name' } } } };
  await writeStore(rig, { ...good, sources: { ...good.sources, shopify } });
  await post(rig.service.url, fromShopify(lampOrder(id, over)));
  await eventually(
    async () => (await browser.get('/hooks?state=stuck')).text.includes('/hooks/0'),
    'the hook is stuck',
  );
  await writeStore(rig, good);
}

/** A refusal of the token, after which Meta is paused. */
export const TOKEN_REFUSED = {
  status: 401,
  body: '{"error":{"message":"Invalid OAuth access token","type":"OAuthException","code":190}}',
};

export async function makeDay(rig: Rig, browser: Browser): Promise<void> {
  for (let id = 1042; id < 1050; id++) await post(rig.service.url, fromShopify(lampOrder(id)));
  await post(rig.service.url, fromShopify(lampRefund(71, 1043), 'refunds/create'));
  await post(rig.service.url, fromShopify(lampOrder(1060, { financial_status: 'pending' }), 'orders/create'));
  rig.standins.sgtm.fail({ status: 400 }, { times: 1 });
  await post(rig.service.url, fromShopify(lampOrder(1050)));
  await eventually(
    async () => (await browser.get('/hooks?state=kept')).text.includes('There are none'),
    'all are mapped',
    30_000,
  );
  await makeStuck(rig, browser, 1051);
  rig.standins.meta.fail(TOKEN_REFUSED, { times: 1 });
  await post(rig.service.url, fromShopify(lampOrder(1052)));
}
