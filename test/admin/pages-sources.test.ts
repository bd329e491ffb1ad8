// What the page of sources and the API say of a source: its topics, how many of its orders count, and what was refused.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createKeep } from '../../src/keep/keep.ts';
import { openSqlite } from '../../src/keep/sqlite/sqlite.ts';
import { plainVault } from '../../src/lib/vault.ts';
import { createClient, makeToken } from '../support/api.ts';
import { becomeAdmin } from '../support/browser.ts';
import { fromShopify, lampOrder, post } from '../support/hooks.ts';
import { eventually, startRig } from '../support/service.ts';

test('a source says which of its topics come, which stopped, and which event none of them tells of', async () => {
  const own = await startRig();
  const browser = await becomeAdmin(own);
  const hour = Math.floor(Date.now() / 3_600_000);
  // The service writes what came once a minute.
  const { db, close } = await openSqlite({ path: join(own.folder, 'data/tagbridge.db') });
  const came = (topic: string, hours: number, hooks: number) => ({
    ...{ store: 'shop', source: 'shopify', topic, hour: hour - hours },
    ...{ hooks, last_at: (hour - hours) * 3_600_000 },
  });
  const { addTopics } = createKeep({ db, vault: plainVault });
  await addTopics([came('orders/paid', 0, 31), came('orders/paid', 40, 9), came('orders/create', 300, 7)], hour);
  const client = createClient(own, await makeToken(browser, { scopes: ['read'] }));
  const read = async () => {
    const { json } = await client.get('/sources?store=shop');
    return (json as { items: { source: string }[] }).items.find(({ source }) => source === 'shopify');
  };
  const { text } = await browser.get('/sources');
  const rows = [...text.matchAll(/<tr><td data-label="Topic">(.*?)<\/tr>/gs)].map(([, row = '']) =>
    row
      .replaceAll(/<[^>]+>/g, ' ')
      .replaceAll(/\s+/g, ' ')
      .trim(),
  );
  expect(rows).toEqual([
    expect.stringMatching(/^orders\/create .* UTC 0 0$/),
    expect.stringMatching(/^orders\/paid .* UTC 31 40$/),
  ]);
  expect(text.replaceAll(/<[^>]+>/g, '')).toMatch(
    /nothing came that tells of refund; refunds\/create, orders\/updated would\./,
  );
  expect(text).not.toMatch(/tells of <strong>purchase/);
  expect(await read()).toMatchObject({
    topics: [
      { topic: 'orders/create', hooks_24h: 0, hooks_7d: 0 },
      { topic: 'orders/paid', hooks_24h: 31, hooks_7d: 40 },
    ],
    untold: [{ event: 'refund', topics: ['refunds/create', 'orders/updated'] }],
  });
  await addTopics([came('refunds/create', 0, 1)], hour);
  expect(await read()).toMatchObject({ untold: [] });
  await addTopics([{ ...came('app/uninstalled', 0, 1), last_at: Date.now() }], hour);
  await close();
  expect(await read()).toMatchObject({
    farewell: { topic: 'app/uninstalled', reason: expect.stringContaining('removed from') },
  });
  const said = 'No more hooks will come: <code>app/uninstalled';
  await eventually(async () => (await browser.get('/sources/shop/shopify')).text.includes(said), 'the page says it');
  await own.close();
});

test('a source says how many of its orders count and why others do not, and how many requests were refused', async () => {
  const own = await startRig();
  const browser = await becomeAdmin(own);
  // The service writes what was refused once a minute.
  const { db, close } = await openSqlite({ path: join(own.folder, 'data/tagbridge.db') });
  const refused = 'insert into hook_hours (hour, store, source, hooks, refused) values ($1, $2, $3, 0, 7)';
  await db.transaction([{ sql: refused, rows: [[Math.floor(Date.now() / 3_600_000), 'shop', 'shopify']] }]);
  await close();
  await post(own.service.url, fromShopify(lampOrder(2002)));
  await post(own.service.url, fromShopify(lampOrder(2003, { cancelled_at: new Date().toISOString() })));
  await eventually(
    async () => /latest 2 orders[^<]*<strong>50%<\/strong> count/.test((await browser.get('/sources')).text),
    'both orders are told',
  );
  const { text } = await browser.get('/sources');
  expect(text).toMatch(/>1<\/a>: .*cancelled_at.*Order <a href="\/search\?q=2003">2003<\/a><\/span>/);
  expect(text.match(/\d+ requests were refused in 24 hours/g)).toEqual(['7 requests were refused in 24 hours']);
  await own.close();
});
