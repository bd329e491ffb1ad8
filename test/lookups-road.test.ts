// A thin hook on the whole road: it waits for its look-up, and nothing waits for it.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Command } from '../src/cli/command.ts';
import { replay } from '../src/cli/replay.ts';
import { stats } from '../src/cli/stats.ts';
import { type Receiver, startReceiver } from './support/deliver-receiver.ts';
import { fromShopify, lampOrder, post } from './support/hooks.ts';
import { eventually, type Rig, SECRETS, startRig, storeFile, writeMapping, writeStore } from './support/service.ts';
import { contactLookup, THIN, TOKEN } from './support/thin.ts';

let rig: Rig;
let api: Receiver;
let answer: Parameters<typeof startReceiver>[0];
const contact: typeof answer = ({ url }, response) =>
  void response.writeHead(200).end(JSON.stringify({ properties: { gclid: `click-of-${url.slice(-1)}` } }));

beforeAll(async () => {
  answer = contact;
  api = await startReceiver((...args) => answer(...args));
  rig = await startRig({ CRM_TOKEN: TOKEN, CRM_SECRET: 'secret-of-the-crm' });
  const platform = { ...THIN, verify: { scheme: 'query' }, lookups: { contact: contactLookup(api.url) } };
  await writeMapping(rig, 'thin.yaml', JSON.stringify(platform));
  const store = storeFile(rig.standins);
  const crm = { platform: 'thin', secrets: ['${CRM_SECRET}'], api_token: '${CRM_TOKEN}' };
  await writeStore(rig, { ...store, sources: { ...store.sources, crm } });
});
afterAll(async () => {
  await rig.close();
  await api.close();
});

const sendContact = (id: number) =>
  post(rig.service.url, {
    path: '/hooks/shop/crm?key=secret-of-the-crm',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ topic: 'contact.new', records: [{ id }] }),
  });
const atGa4 = (text: string) =>
  rig.standins.received.filter(({ destination, body }) => destination === 'ga4' && JSON.stringify(body).includes(text));
const atSgtm = (text: string) =>
  rig.standins.received.filter(
    ({ destination, body }) => destination === 'sgtm' && JSON.stringify(body).includes(text),
  );
async function run(command: Command, ...args: string[]): Promise<string> {
  const said: string[] = [];
  const out = (text: string) => void said.push(text);
  const folders = { DATA_DIR: join(rig.folder, 'data'), MAPPINGS_DIR: join(rig.folder, 'mappings') };
  await command.run(args, { out, err: out, env: { ...SECRETS, ...folders, CRM_TOKEN: TOKEN, CRM_SECRET: 'x' } });
  return said.join('\n');
}

describe('a thin hook', () => {
  test('is acknowledged before anybody is asked, and delivered with what was answered', async () => {
    expect((await sendContact(1)).status).toBe(200);
    await eventually(() => atSgtm('click-of-1').length === 1, 'the lead arrived');
  });

  test('that waits for its answer holds nobody up', async () => {
    const held: (() => void)[] = [];
    answer = (received, response, count) => void held.push(() => contact(received, response, count));
    await sendContact(2);
    await eventually(() => held.length === 1, 'the API is asked');
    await post(rig.service.url, fromShopify(lampOrder(8001)));
    await eventually(() => atGa4('"8001"').length === 1, 'the order went past it');
    expect(atSgtm('click-of-2')).toEqual([]);
    answer = contact;
    for (const release of held) release();
    await eventually(() => atSgtm('click-of-2').length === 1, 'the lead arrived');
  });

  test('whose token is refused waits, and shows why', async () => {
    answer = (_, response) => void response.writeHead(401).end();
    await sendContact(3);
    await eventually(async () => (await run(stats)).includes('shop/crm waiting: 1'), 'it waits');
    expect(await run(replay, '--status', 'waiting', '--dry-run')).toContain(
      'waits for the e-mail and the click id: api_token was refused (401)',
    );
  });
});
