// The page of a source: the steps to connect it, with its own address, and the files they speak of.
import { readFileSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { escapeHtml } from '../../src/admin/html.ts';
import { setupView } from '../../src/admin/places/setup-view.ts';
import { fillGuides } from '../../src/map/files/setup.ts';
import { type Browser, becomeAdmin } from '../support/browser.ts';
import { fromShopify, lampOrder, post } from '../support/hooks.ts';
import { eventually, type Rig, startRig } from '../support/service.ts';
import { MAPPINGS } from '../support/stores.ts';

let rig: Rig;
let admin: Browser;
beforeAll(async () => {
  rig = await startRig({ PUBLIC_URL: 'https://hooks.lamps.example' });
  admin = await becomeAdmin(rig);
});
afterAll(() => rig.close());

describe('the page of a source', () => {
  test('shows the steps of its platform with its own address', async () => {
    expect((await admin.get('/sources')).text).toContain('href="/sources/shop/woo"');
    const { status, text } = await admin.get('/sources/shop/woo');
    expect(status).toBe(200);
    expect(text).toContain('Delivery URL: <code>https://hooks.lamps.example/hooks/shop/woo</code>');
    expect(text).toContain('<strong>WooCommerce → Settings → Advanced → Webhooks → Add webhook</strong>');
    expect(text).not.toMatch(/\{url\}|\*\*/);
    expect(text).toContain('<code>consumer_key: ${ACME_WOO_KEY}</code>');
  });

  test('shows the files of the mappings folder as text, or says that one is not there', async () => {
    expect((await admin.get('/sources/shop/woo')).text).toContain('is not in the mappings folder');
    await mkdir(join(rig.folder, 'mappings/templates'));
    await cp(join(MAPPINGS, 'templates'), join(rig.folder, 'mappings/templates'), { recursive: true });
    const { text } = await admin.get('/sources/shop/shopify');
    expect(text).toContain(escapeHtml(readFileSync(join(MAPPINGS, 'templates/shopify-theme.html'), 'utf8')));
    expect(text.match(/<script/g)).toEqual((await admin.get('/sources')).text.match(/<script/g));
  });

  test('shows what came from it, such as the test notification that a step speaks of', async () => {
    expect((await admin.get('/sources/shop/shopify')).text).toContain('No hook ever came from here');
    await post(rig.service.url, fromShopify({ ...lampOrder(1042), test: true }));
    const shown = async () => (await admin.get('/sources/shop/shopify')).text;
    await eventually(async () => /state=ignored">1 ignored/.test(await shown()), 'the test order is ignored');
    expect(await shown()).toContain('The last hook came');
  });

  test('does not exist for a source that does not', async () => {
    expect((await admin.get('/sources/shop/nobody')).status).toBe(404);
  });
});

test('the page of a source says that it knows the path alone where PUBLIC_URL is not set', async () => {
  const without = await startRig();
  const person = await becomeAdmin(without);
  expect((await person.get('/sources/shop/woo')).text).toContain('Set PUBLIC_URL to see the whole address here');
  expect((await person.get('/sources/shop/phone')).text).not.toContain('PUBLIC_URL');
  await without.close();
  expect((await admin.get('/sources/shop/woo')).text).not.toContain('PUBLIC_URL');
});

test('the page of a source knows the path under which a proxy hands hooks on', async () => {
  const under = await startRig({ PUBLIC_URL: 'https://lamps.example/bridge/' });
  const { text } = await (await becomeAdmin(under)).get('/sources/shop/woo');
  await under.close();
  expect(text).toContain('<code>https://lamps.example/bridge/hooks/shop/woo</code>');
});

test('marks in steps are shown as what they mean, anything else as text', async () => {
  const guide = { title: 'T', steps: ['**A → B**, `{url}`, *c* and [d](https://e.example/f) <g> [h](javascript:i)'] };
  const [content] = [await setupView(fillGuides([guide], { url: 'https://x.example' }), async () => undefined)].flat();
  expect(Reflect.get(Object(content), 'markup')).toContain(
    '<li><strong>A → B</strong>, <code>https://x.example</code>, <em>c</em> and <a href="https://e.example/f" rel="noreferrer">d</a> &lt;g&gt; [h](javascript:i)</li>',
  );
});
