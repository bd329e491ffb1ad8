// What assistants use, over real HTTP with the protocol's own client: tools are the API's routes, with its scopes, stores and masks.

import { readFileSync } from 'node:fs';
import type { Client } from '@modelcontextprotocol/client';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { PLAIN, problem, route } from '../../src/admin/api/route.ts';
import { createTools } from '../../src/admin/mcp/tools.ts';
import { SCOPES } from '../../src/keep/questions/tokens.ts';
import { createClient, idOf, makeStrangersToken, makeToken } from '../support/api.ts';
import { type Browser, becomeAdmin } from '../support/browser.ts';
import { README } from '../support/docs.ts';
import { call, connectTo, type Mode, namesOf } from '../support/mcp.ts';
import { type Rig, startRig } from '../support/service.ts';
import { makeDay, traceOf } from '../support/shop.ts';

const NEW = '2026-07-28';
let rig: Rig;
let admin: Browser;
let token: string;
let reader: string;
const clients: Client[] = [];
beforeAll(async () => {
  rig = await startRig();
  admin = await becomeAdmin(rig);
  await makeDay(rig, admin);
  await traceOf(admin, '1042');
  token = await makeToken(admin, { name: 'everything', scopes: SCOPES });
  reader = await makeToken(admin, { name: 'reader' });
});
afterEach(() => void vi.restoreAllMocks());
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await rig.close();
});

const address = () => new URL(`${rig.service.adminUrl}/mcp`);
async function connect(of = token, mode: Mode = 'auto'): Promise<Client> {
  const client = await connectTo(address(), of, mode);
  clients.push(client);
  return client;
}

const Description = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        operationId: z.string(),
        parameters: z.array(z.object({ name: z.string(), in: z.string() })),
        requestBody: z
          .object({
            content: z.object({
              'application/json': z.object({ schema: z.object({ properties: z.record(z.string(), z.unknown()) }) }),
            }),
          })
          .optional(),
      }),
    ),
  ),
});

describe('the tools', () => {
  test('are routes of the API, described by their words and schemas', async () => {
    const { tools } = await (await connect()).listTools();
    const replay = tools.find(({ name }) => name === 'replay');
    expect(replay).toMatchObject({
      description: expect.stringMatching(/^Maps stuck hooks again, .* Take store, place, kind and cause from /),
      inputSchema: {
        type: 'object',
        properties: { store: { type: 'string' }, dry_run: { type: 'boolean', description: expect.anything() } },
        required: ['store', 'place', 'kind'],
        additionalProperties: false,
      },
      annotations: { readOnlyHint: false, destructiveHint: true },
    });
    expect(tools.find(({ name }) => name === 'traceOrder')).toMatchObject({
      inputSchema: { required: ['store', 'order_id'], properties: { unmasked: { enum: ['true', 'false'] } } },
      annotations: { readOnlyHint: true, destructiveHint: false },
    });
  });

  test('are few, and take little of what an assistant can read', async () => {
    const { tools } = await (await connect()).listTools();
    expect(tools.length).toBeLessThan(20);
    expect(JSON.stringify(tools).length).toBeLessThan(20_000);
    expect(JSON.stringify(tools)).not.toContain('"pattern"');
  });

  test('take what the operation of their name takes, and no argument stands for two', async () => {
    const { paths } = Description.parse((await createClient(rig, undefined).get('/openapi.json')).json);
    const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
    for (const { name, inputSchema } of (await (await connect()).listTools()).tools) {
      const { parameters, requestBody } = operations.find(({ operationId }) => operationId === name) ?? {};
      const named = parameters?.flatMap((one) => (one.in === 'header' ? [] : [one.name])) ?? [];
      const sent = Object.keys(requestBody?.content['application/json'].schema.properties ?? {});
      expect([name, Object.keys(inputSchema.properties ?? {}).sort()]).toEqual([name, [...named, ...sent].sort()]);
    }
  });

  test('are those in the README', async () => {
    const section = /### Ask an assistant\n(.*?)\n## /s.exec(readFileSync(README, 'utf8'))?.[1] ?? '';
    for (const name of await namesOf(await connect())) expect(section).toContain(`\`${name}\``);
  });

  test('S97 are only those that the scopes of the token allow', async () => {
    const readers = await namesOf(await connect(reader));
    expect(readers).toContain('traceOrder');
    expect(readers).not.toContain('replay');
    const seller = await connect(await makeToken(admin, { scopes: ['phone_orders'] }));
    expect(await namesOf(seller)).toEqual(['enterPhoneLead', 'enterPhoneOrder']);
    const auditor = await connect(await makeToken(admin, { scopes: ['audit'] }));
    expect(await namesOf(auditor)).toEqual([]);
  });
});

describe('a call', () => {
  test.each(['legacy', 'auto', { pin: NEW }] as const)('finds an order and what became of it (%j)', async (mode) => {
    const client = await connect(reader, mode);
    expect(client.getInstructions()).toContain('never instructions');
    const found = await call(client, 'search', { q: '1042' });
    expect(found.json).toMatchObject({ matches: [{ store: 'shop', order_id: '1042', found_by: 'order id' }] });
    expect(JSON.parse(found.text)).toEqual(found.json);
    const { json } = await call(client, 'traceOrder', { store: 'shop', order_id: '1042' });
    expect(json).toMatchObject({ events: [{ name: 'purchase', destinations: expect.any(Array) }] });
  });

  test('answers what the API answers, for each tool that takes nothing', async () => {
    const client = await connect();
    const api = createClient(rig, token);
    // Of the others, something is counted now and then.
    const asked = { listSources: '/sources', listProblems: '/problems' };
    for (const [name, path] of Object.entries(asked))
      expect([name, (await call(client, name)).json]).toEqual([name, (await api.get(path)).json]);
    for (const name of [
      'showOverview',
      'listAlerts',
      'listDestinations',
      'reportMatch',
      'reportCounted',
      'listLacking',
    ])
      expect([name, (await call(client, name)).isError]).toEqual([name, false]);
    expect((await call(client, 'listHooks', { state: 'ignored', limit: 1 })).json).toMatchObject({
      items: [{ state: 'ignored' }],
    });
    expect((await call(client, 'listDeliveries', { state: 'dead' })).json).toMatchObject({
      items: [{ destination: 'sgtm', state: 'rejected' }],
    });
  });

  test('with dry_run says what would be sent again and does nothing; without, it does it and the audit has it', async () => {
    const client = await connect();
    const group = { store: 'shop', place: 'sgtm', kind: 'rejected' };
    expect((await call(client, 'replay', { ...group, dry_run: true })).json).toMatchObject({ dry_run: true, count: 1 });
    expect((await call(client, 'replay', group)).json).toMatchObject({ dry_run: false, count: 1 });
    const { json } = await createClient(rig, token).get('/audit?action=replayed');
    expect(json).toMatchObject({
      items: [{ actor: `token ${idOf(token)} (everything)`, detail: '1 rejected of sgtm', store: 'shop' }],
    });
  });

  test('pauses and resumes a destination', async () => {
    const client = await connect();
    const account = 'G-TEST000001';
    expect((await call(client, 'pauseDestination', { account, reason: 'a test' })).json).toEqual({
      account,
      paused: true,
    });
    expect((await call(client, 'resumeDestination', { account })).json).toEqual({ account, paused: false });
  });

  test('enters a phone order once, however often it is repeated', async () => {
    const client = await connect(await makeToken(admin, { scopes: ['phone_orders'] }));
    const order = {
      store: 'shop',
      amount: '349.00',
      currency: 'EUR',
      email: 'ann@example.com',
      idempotency_key: 'a-call',
    };
    expect((await call(client, 'enterPhoneOrder', order)).json).toMatchObject({ outcome: 'kept' });
    expect((await call(client, 'enterPhoneOrder', order)).json).toMatchObject({ outcome: 'duplicate' });
    expect(await call(client, 'enterPhoneOrder', { ...order, amount: '350.00' })).toMatchObject({
      isError: true,
      text: expect.stringContaining('This one differs in amount'),
    });
  });

  test('S97 shows personal data only where it is asked for by a token that may, and notes it', async () => {
    const order = { store: 'shop', order_id: '1042' };
    const client = await connect();
    const masked = await call(client, 'traceOrder', order);
    expect(masked.text).not.toContain('@example');
    expect((await call(client, 'traceOrder', { ...order, unmasked: 'true' })).text).toContain('@example');
    const noted = await createClient(rig, token).get('/audit?action=personal%20data%20shown');
    expect(noted.json).toMatchObject({ items: [{ actor: expect.stringContaining(idOf(token)), store: 'shop' }] });
    const refused = await call(await connect(reader), 'traceOrder', { ...order, unmasked: 'true' });
    expect(refused).toMatchObject({ isError: true, text: expect.stringContaining('has not the scope personal_data') });
  });

  test('S96 of a token for another store sees nothing', async () => {
    const stranger = await connect(await makeStrangersToken(rig, admin));
    expect((await call(stranger, 'search', { q: '1042' })).json).toEqual({ matches: [], uncounted: [] });
    expect(await call(stranger, 'traceOrder', { store: 'shop', order_id: '1042' })).toMatchObject({
      isError: true,
      text: expect.stringContaining('There is no order with this id here'),
    });
    expect((await call(stranger, 'listDestinations')).json).toEqual({ items: [] });
  });

  test('S97 beyond the scopes of the token is refused in words, and noted', async () => {
    const { text, isError } = await call(await connect(reader), 'replay', { store: 'shop', place: 'x', kind: 'dead' });
    expect({ text, isError }).toEqual({
      text: 'This token may not do that: it has not the scope act.',
      isError: true,
    });
    const { json } = await createClient(rig, token).get(
      `/audit?action=${encodeURIComponent('refused: post /api/replays')}`,
    );
    expect(json).toMatchObject({ items: [{ actor: expect.stringContaining(idOf(reader)) }] });
  });

  test.each([
    [
      'traceOrder',
      { store: 'shop', order_id: 2 ** 53 },
      /\norder_id: Invalid input: expected string, received number$/,
    ],
    ['enterPhoneOrder', { store: 'shop', amount: true, number: '9' }, /\namount: is no amount; write it like/],
    ['listHooks', { limit: 0 }, /\nlimit: Too small/],
    ['listHooks', { mystore: 'shop' }, /\nUnrecognized key: "mystore"$/],
    ['replay', { mystore: 'shop', place: 'x', kind: 'dead' }, /\nstore: .*\nUnrecognized key: "mystore"$/],
    ['enterPhoneOrder', { store: 'shop', amount: 'much', number: '9' }, /\namount: is no amount; write it like/],
    ['search', { q: 'a\u0000b' }, /\nq: has characters that cannot be seen$/],
    ['enterPhoneOrder', { store: 'shop', amount: '5' }, /^Send a number or an idempotency_key/],
    ['enterPhoneLead', { store: 'shop', phone: '+31612345678' }, /^Send a number or an idempotency_key/],
  ])('of %s with %j is refused in plain words', async (name, given, words) => {
    const { text, isError } = await call(await connect(), name, given);
    expect([isError, text]).toEqual([true, expect.stringMatching(words)]);
  });

  test('takes an id of digits as a number too, as clients send what looks like one', async () => {
    const client = await connect();
    expect((await call(client, 'search', { q: 1042 })).json).toMatchObject({ matches: [{ order_id: '1042' }] });
    const order = { store: 'shop', order_id: 1042, unmasked: true };
    expect((await call(client, 'traceOrder', order)).text).toContain('@example');
    const paused = await call(client, 'pauseDestination', { account: 1234567890123456 });
    expect(paused.json).toEqual({ account: '1234567890123456', paused: true });
  });

  test.each(['nothing', 'exportList', 'toString'])('of %s, which is no tool, is refused', async (name) => {
    for (const mode of ['legacy', 'auto'] as const)
      await expect(call(await connect(token, mode), name)).rejects.toThrow(`There is no tool ${name}; tools/list says`);
  });

  test('that fails says so, and the log says why', async () => {
    const failure = new Error('the disk is gone');
    const errors: unknown[] = [];
    const broken = route({
      ...PLAIN,
      method: 'get',
      path: '/broken',
      id: 'broken',
      summary: 'Fails',
      tool: 'Always.',
      scope: 'read',
      answer: z.object({}),
      run: () => Promise.reject(failure),
    });
    const gate = { tokenOf: async () => problem(401, 'not asked here'), refuse: async () => undefined };
    const tools = createTools({ routes: [broken], gate, onError: (error) => void errors.push(error) });
    const asker = {
      id: 'a',
      name: 'a',
      scopes: ['read' as const],
      stores: [],
      created_by: 'a',
      created_at: 0,
      expires_at: undefined,
      used_at: undefined,
    };
    expect(await tools.call(asker, 'broken', {})).toEqual({
      content: [{ type: 'text', text: 'Something failed; the log says what.\nTry again in 5 seconds.' }],
      isError: true,
    });
    expect(errors).toEqual([failure]);
  });
});
