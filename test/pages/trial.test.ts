// A body that is tried out is taken as the road takes it: what is never kept is not there for a field to read.
import { describe, expect, test } from 'vitest';
import { explainBody, type Tried, tryBody } from '../../src/pages/trial.ts';
import { ACME, AT, load, ORDER, SHOP } from '../support/yaml.ts';

const FIELDS = '      total: total\n      external_id: buyer.token\n      user_id: $headers."x-forwarded-for"\n';
const PLATFORM = SHOP.replace('hook: {', 'strip: [token]\naccepts: [application/json, multipart/form-data]\nhook: {');

function acme() {
  const files = { 'shop.yaml': PLATFORM.replace('      total: total\n', FIELDS), 'stores/acme.yaml': ACME };
  const store = load(files).stores.get('acme');
  const source = store?.sources.get('shop');
  if (store === undefined || source === undefined) throw new Error('the files have mistakes');
  return { store, source };
}

async function tried(body: Uint8Array, headers: Record<string, string>): Promise<Tried> {
  const { store, source } = acme();
  return tryBody(store, source, {
    headers: { 'x-topic': 'order.paid', ...headers },
    body,
    received_at: Date.parse(AT),
  });
}

describe('a body that is tried', () => {
  test('as a multipart form is read as the road reads it', async () => {
    const form = new FormData();
    for (const [name, value] of Object.entries(ORDER)) form.append(name, String(value));
    form.append('photo', new Blob(['a picture']));
    const request = new Request('https://hooks.example', { method: 'POST', body: form });
    const headers = { 'content-type': request.headers.get('content-type') ?? '' };
    const { hook, events } = await tried(await request.bytes(), headers);
    expect(hook.verdict).toBe('mapped');
    expect(events).toMatchObject([{ order_id: '7', total: 12.5 }]);
  });

  const body = Buffer.from(JSON.stringify({ ...ORDER, buyer: { token: 'of a card' } }));
  const headers = { 'content-type': 'application/json', 'x-forwarded-for': '203.0.113.7', 'x-topic': 'order.paid' };

  test('shows a field nothing of what the road never keeps', async () => {
    const { events } = await tried(body, headers);
    expect(events).toMatchObject([{ order_id: '7' }]);
    expect(events[0]).not.toHaveProperty('external_id');
    expect(events[0]).not.toHaveProperty('user_id');
  });

  test('is explained as it is tried', async () => {
    const { store, source } = acme();
    const incoming = { headers, body, received_at: Date.parse(AT) };
    const { rules } = await explainBody(store, source, incoming, {});
    expect(JSON.stringify(rules)).not.toContain('of a card');
  });

  test('of a type that the source does not accept is refused, as the road refuses it', async () => {
    const typed = { 'content-type': 'text/plain; charset=utf-8' };
    const reason =
      'refused with 415, and not kept: shop accepts application/json, multipart/form-data, not text/plain; charset=utf-8';
    const { hook, events } = await tried(body, typed);
    expect({ hook, events }).toMatchObject({ hook: { verdict: 'ignored', reason }, events: [] });
    const { store, source } = acme();
    const explained = await explainBody(store, source, { headers: typed, body, received_at: 0 }, {});
    expect(explained).toMatchObject({ hook: { verdict: 'ignored', reason }, rules: [] });
    expect((await tried(body, {})).hook.verdict).toBe('mapped');
  });

  test('that the road refuses says what is wrong with it', async () => {
    const { hook } = await tried(Buffer.from('<!DOCTYPE a><a/>'), { 'content-type': 'application/json' });
    expect(hook).toMatchObject({ verdict: 'stuck', reason: expect.stringContaining('DOCTYPE') });
  });
});
