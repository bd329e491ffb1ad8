// The description of the API against the API: it is OpenAPI 3.1, has every route, and every real answer is as it says.
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { SCOPES } from '../../src/keep/questions/tokens.ts';
import { PhoneOrder } from '../../src/phone/order.ts';
import { type Client, createClient, makeToken } from '../support/api.ts';
import { type Browser, becomeAdmin } from '../support/browser.ts';
import { type Rig, startRig } from '../support/service.ts';
import { makeDay, traceOf } from '../support/shop.ts';

const Content = z.record(z.string(), z.object({ schema: z.record(z.string(), z.unknown()) }));
const Operation = z.object({
  operationId: z.string(),
  parameters: z.array(
    z.object({
      name: z.string(),
      in: z.string(),
      required: z.boolean(),
      schema: z.record(z.string(), z.unknown()),
    }),
  ),
  requestBody: z.object({ content: Content }).optional(),
  responses: z.record(z.string(), z.object({ content: Content })),
});
const Description = z.object({
  servers: z.array(z.object({ url: z.string() })),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.object({ schemas: z.record(z.string(), z.record(z.string(), z.unknown())) }),
});

let rig: Rig;
let admin: Browser;
let client: Client;
let description: z.infer<typeof Description>;
let hook: string;
/** A question for every route that can be asked without changing anything. */
let asked: Record<string, { path: string; body?: object }>;
beforeAll(async () => {
  rig = await startRig();
  admin = await becomeAdmin(rig);
  await makeDay(rig, admin);
  hook = (await traceOf(admin, '1042')).slice('/hooks/'.length);
  client = createClient(rig, await makeToken(admin, { scopes: SCOPES }));
  description = Description.parse((await client.get('/openapi.json')).json);
  const dead = z
    .object({ items: z.array(z.object({ event_id: z.string(), destination: z.string(), copy: z.int() })).min(1) })
    .parse((await client.get('/deliveries?state=dead')).json).items[0];
  const group = { store: 'shop', place: 'shopify', kind: 'stuck', dry_run: true };
  asked = {
    showOverview: { path: '/overview?store=shop' },
    listSources: { path: '/sources' },
    listDestinations: { path: '/destinations' },
    pauseDestination: { path: '/destinations/pause', body: { account: '1234567890123456', reason: 'a test' } },
    resumeDestination: { path: '/destinations/resume', body: { account: '1234567890123456' } },
    listHooks: { path: '/hooks?store=shop&limit=3' },
    listEvents: { path: '/events?limit=3&name=purchase' },
    listDeliveries: { path: '/deliveries?state=waiting' },
    listAttempts: { path: '/attempts?limit=3&outcome=delivered' },
    search: { path: '/search?q=1042' },
    listProblems: { path: '/problems' },
    showToken: { path: '/token' },
    traceHook: { path: `/hooks/${hook}?unmasked=true` },
    traceOrder: { path: '/stores/shop/orders/1043' },
    replay: { path: '/replays', body: group },
    mapHookAgain: { path: `/hooks/${hook}/map`, body: { dry_run: true } },
    sendAgain: { path: '/deliveries/send', body: { ...dead, dry_run: true } },
    listAlerts: { path: '/alerts' },
    listEndedAlerts: { path: '/alerts/ended?limit=1' },
    listAudit: { path: '/audit?limit=5' },
    reportMatch: { path: '/reports/match?since=2026-01-01T00:00:00Z' },
    reportCounted: { path: '/reports/counted?store=shop' },
    listLacking: { path: '/reports/match/lacking?lacks=click&limit=2' },
    exportList: { path: '/export/events' },
    enterPhoneOrder: {
      path: '/stores/shop/phone-orders',
      body: { number: '9001', amount: '12.50', currency: 'EUR', email: 'ann@example.com' },
    },
    enterPhoneLead: { path: '/stores/shop/phone-leads', body: { number: 'L-1', phone: '0612345678' } },
  };
});
afterAll(() => rig.close());

const operations = () =>
  Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
  );

/** Holds a value against a schema of the description. */
function complaints(schema: object, value: unknown): unknown {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const validate = ajv.compile({ ...schema, components: description.components });
  return validate(value) ? [] : validate.errors;
}

describe('the description', () => {
  test('is OpenAPI 3.1 and is served to anybody', async () => {
    const reply = await createClient(rig, undefined).get('/openapi.json');
    expect(reply.status).toBe(200);
    const validator = new Validator();
    const { valid, errors } = await validator.validate(z.record(z.string(), z.unknown()).parse(reply.json));
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
    expect(validator.version).toBe('3.1');
    expect(description.servers).toEqual([{ url: '/api' }]);
  });

  test('has a question here for each of its routes', () => {
    expect(
      operations()
        .map(({ operationId }) => operationId)
        .sort(),
    ).toEqual(Object.keys(asked).sort());
  });

  test('is what every route answers, and what every body is', async () => {
    for (const { operationId, method, requestBody, responses } of operations()) {
      const { path, body } = asked[operationId] ?? { path: '' };
      if (body !== undefined)
        expect([operationId, complaints(requestBody?.content['application/json']?.schema ?? {}, body)]).toEqual([
          operationId,
          [],
        ]);
      const reply = await client.ask(method.toUpperCase(), path, body);
      expect([operationId, reply.status, reply.text.slice(0, 300)]).toEqual([operationId, 200, expect.anything()]);
      const [type = '', { schema } = { schema: {} }] = Object.entries(responses['200']?.content ?? {})[0] ?? [];
      expect([operationId, reply.headers.get('content-type')?.split(';')[0]]).toEqual([operationId, type]);
      if (type === 'application/json') expect([operationId, complaints(schema, reply.json)]).toEqual([operationId, []]);
    }
  });

  test('has patterns that programs without Unicode classes read the same, and that take what the service takes', () => {
    const patterns = [...JSON.stringify(description).matchAll(/"pattern":("(?:[^"\\\\]|\\\\.)*")/g)].map(
      ([, text = '""']) => z.string().parse(JSON.parse(text)),
    );
    expect(patterns.filter((pattern) => /\\[pPu]/.test(pattern))).toEqual([]);
    expect(patterns.some((pattern) => new RegExp(pattern).test('café') && !new RegExp(pattern).test('\u0000'))).toBe(
      true,
    );
    const order = operations().find(({ operationId }) => operationId === 'enterPhoneOrder');
    const body = { amount: '12.50', email: 'Ann@Example.COM', code: '7k4p', phone: '+31 6 12345678' };
    expect(PhoneOrder.safeParse(body).success).toBe(true);
    expect(complaints(order?.requestBody?.content['application/json']?.schema ?? {}, body)).toEqual([]);
  });

  test('takes a key with the quotes that the draft of its header asks for, and says of texts that spaces around them go', () => {
    const order = operations().find(({ operationId }) => operationId === 'enterPhoneOrder');
    const key = order?.parameters.find(({ name }) => name === 'Idempotency-Key')?.schema ?? {};
    const isRight = (given: string) => JSON.stringify(complaints(key, given)) === '[]';
    expect(['call-17', '"call-17"', `"${'k'.repeat(200)}"`].map(isRight)).toEqual([true, true, true]);
    expect(['', '""', 'two words', 'k'.repeat(201)].map(isRight)).toEqual([false, false, false, false]);
    expect(JSON.stringify(order?.requestBody)).toContain('Spaces around its texts are taken away');
  });

  test('holds also of times that programs say for the beginning and the end of all', async () => {
    const report = operations().find(({ operationId }) => operationId === 'reportMatch');
    const { schema } = report?.responses['200']?.content['application/json'] ?? { schema: { not: {} } };
    for (const at of ['0000-01-01T00:00:00Z', '0001-01-01T00:00:00Z', '9999-12-31T23:59:59Z'])
      for (const name of ['since', 'until']) {
        const { status, json } = await client.get(`/reports/match?${name}=${at}`);
        expect([at, name, status, complaints(schema, json)]).toEqual([at, name, 200, []]);
      }
  });

  test('says for each route what an unknown field, no token and a wrong scope are answered with', async () => {
    const nobody = createClient(rig, undefined);
    const powerless = createClient(rig, await makeToken(admin, { scopes: ['audit'] }));
    for (const { operationId, method, responses } of operations()) {
      const { path, body } = asked[operationId] ?? { path: '' };
      const wrong = body === undefined ? `${path}${path.includes('?') ? '&' : '?'}unknown=1` : path;
      const replies = [
        await client.ask(method.toUpperCase(), wrong, body && { ...body, unknown: 1 }),
        await nobody.ask(method.toUpperCase(), path, body),
        ...(operationId === 'listAudit' ? [] : [await powerless.ask(method.toUpperCase(), path, body)]),
      ];
      expect([operationId, ...replies.map(({ status }) => status)]).toEqual(
        operationId === 'listAudit' ? [operationId, 400, 401] : [operationId, 400, 401, 403],
      );
      for (const { status, headers, json } of replies) {
        expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
        const { schema } = responses[String(status)]?.content['application/problem+json'] ?? { schema: { not: {} } };
        expect([operationId, status, complaints(schema, json)]).toEqual([operationId, status, []]);
      }
    }
  });
});
