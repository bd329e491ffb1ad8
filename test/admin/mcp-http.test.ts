// How assistants speak with us over HTTP: who is let in, what is no message, versions of the protocol, and the pace of a token.
import { once } from 'node:events';
import { IncomingMessage, request } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { SCOPES } from '../../src/keep/questions/tokens.ts';
import { createClient, makeToken } from '../support/api.ts';
import { type Browser, becomeAdmin } from '../support/browser.ts';
import { type Rig, startRig } from '../support/service.ts';

const NEW = '2026-07-28';
const OLD = '2025-11-25';
let rig: Rig;
let admin: Browser;
let token: string;
beforeAll(async () => {
  rig = await startRig();
  admin = await becomeAdmin(rig);
  token = await makeToken(admin, { name: 'everything', scopes: SCOPES });
});
afterEach(() => void vi.restoreAllMocks());
afterAll(() => rig.close());

const address = () => new URL(`${rig.service.adminUrl}/mcp`);
/** A message as it stands on the wire, sent without a client. */
const send = (body: unknown, headers: Record<string, string> = {}, method = 'POST') =>
  fetch(address(), {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
const PING = { jsonrpc: '2.0', id: 1, method: 'ping' };
const hello = (protocolVersion: string) => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion, capabilities: {}, clientInfo: { name: 'a test', version: '1' } },
});
const Reply = z.looseObject({
  id: z.unknown(),
  result: z.looseObject({}).optional(),
  error: z.looseObject({ code: z.int() }).optional(),
});
const replyOf = async (reply: Response) => Reply.parse(await reply.json());

describe('over HTTP', () => {
  test.each([
    ['no token', { authorization: '' }],
    ['a wrong token', { authorization: `Bearer tagbridge_0123456789ab_${'x'.repeat(43)}` }],
  ])('%s is answered 401', async (_what, headers) => {
    const reply = await send(PING, headers);
    expect(reply.status).toBe(401);
    expect(reply.headers.get('www-authenticate')).toBe('Bearer');
    expect(reply.headers.get('cache-control')).toBe('no-store');
  });

  test('S93 the session of a browser opens nothing', async () => {
    expect((await admin.get('/mcp')).status).toBe(405);
    expect((await admin.submit('/mcp', {})).status).toBe(401);
  });

  test('a page of another site is refused, and our own is not', async () => {
    expect((await send(PING, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await send(PING, { origin: 'null' })).status).toBe(403);
    expect((await send(PING, { origin: rig.service.adminUrl })).status).toBe(200);
  });

  test('a page of a name that was made to lead to this machine is refused (DNS rebinding)', async () => {
    const headers = { host: 'evil.example', origin: 'http://evil.example', authorization: `Bearer ${token}` };
    const asked = request(address(), { method: 'POST', headers: { ...headers, 'content-type': 'application/json' } });
    asked.end(JSON.stringify(PING));
    const [reply] = z.tuple([z.instanceof(IncomingMessage)]).parse(await once(asked, 'response'));
    reply.resume();
    expect(reply.statusCode).toBe(403);
  });

  test.each(['GET', 'DELETE', 'PUT'])('%s is answered 405: there are no sessions', async (method) => {
    const reply = await send(undefined, {}, method);
    expect([reply.status, reply.headers.get('allow')]).toEqual([405, 'POST']);
  });

  test.each([
    ['no JSON', '{', {}, 400],
    ['nothing', undefined, {}, 400],
    ['a list of messages', [PING, PING], {}, 400],
    ['a text', '"ping"', {}, 400],
    ['no message', { hello: 1 }, {}, 400],
    ['a form', 'a=1', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['64 KB', { ...PING, params: { filler: 'x'.repeat(64_000) } }, {}, 413],
    ['no wish for JSON', PING, { accept: 'text/html' }, 406],
    ['a version nobody speaks', PING, { 'mcp-protocol-version': '1999-01-01' }, 400],
  ])('%s is refused', async (_what, body, headers, status) => {
    const reply = await send(body, headers);
    expect(reply.status).toBe(status);
    expect(await reply.text()).not.toContain('    at ');
  });

  test('answers are JSON, and a notification has none', async () => {
    const reply = await send(PING);
    expect(reply.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await replyOf(reply)).toMatchObject({ id: 1, result: {} });
    const silent = await send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    expect([silent.status, await silent.text()]).toEqual([202, '']);
  });

  test.each(['2024-11-05', '2025-03-26', '2025-06-18', OLD])(
    'a client of %s is spoken with in its version',
    async (version) => {
      const { result } = await replyOf(await send(hello(version)));
      expect(result).toMatchObject({ protocolVersion: version, serverInfo: { name: 'tagbridge' } });
      expect(result?.capabilities).toEqual({ tools: { listChanged: false } });
      const headers = { 'mcp-protocol-version': version };
      const listed = await replyOf(await send({ jsonrpc: '2.0', id: 'a', method: 'tools/list' }, headers));
      expect(listed).toMatchObject({ id: 'a', result: { tools: expect.any(Array) } });
    },
  );

  test('a client of a version to come is offered one that is spoken', async () => {
    expect(await replyOf(await send(hello('2031-01-01')))).toMatchObject({ result: { protocolVersion: OLD } });
  });

  test('a client of today that waits for changes is told that there are none to wait for', async () => {
    const meta = {
      'io.modelcontextprotocol/protocolVersion': NEW,
      'io.modelcontextprotocol/clientInfo': { name: 'a test', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    const method = 'subscriptions/listen';
    const message = {
      jsonrpc: '2.0',
      id: 7,
      method,
      params: { notifications: { toolsListChanged: true }, _meta: meta },
    };
    const reply = await send(message, { 'mcp-protocol-version': NEW, 'mcp-method': method });
    expect(await replyOf(reply)).toMatchObject({ id: 7, error: { code: expect.any(Number) } });
  });

  test('an unknown method is no tool of ours', async () => {
    expect(await replyOf(await send({ ...PING, method: 'resources/list' }))).toMatchObject({ error: { code: -32601 } });
  });

  test('one token has one pace, here and over the API', async () => {
    const busy = await makeToken(admin, { name: 'busy' });
    vi.spyOn(Date, 'now').mockReturnValue(Date.now());
    const api = createClient(rig, busy);
    const replies = await Promise.all(Array.from({ length: 100 }, () => api.get('/token')));
    expect(replies.every(({ status }) => status === 200)).toBe(true);
    const reply = await send(PING, { authorization: `Bearer ${busy}` });
    expect([reply.status, reply.headers.get('retry-after')]).toEqual([429, '1']);
  });
});
