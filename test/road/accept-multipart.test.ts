// Hooks that come as a multipart form: kept as the form they stand for, proven by their bytes, or refused.
import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { dataOf } from '../../src/map/identify.ts';
import { KEYED, receiver, SECRET } from './accept-lamps.ts';

describe('a multipart form', () => {
  const forms = { accepts: ['application/json', 'multipart/form-data'] };
  /** As browsers and form builders send it, with a boundary of its own each time. */
  async function multipart(fields: readonly [string, string | Blob][]) {
    const form = new FormData();
    for (const [name, value] of fields) form.append(name, value);
    const request = new Request('https://hooks.lamps.example', { method: 'POST', body: form });
    const type = request.headers.get('content-type') ?? '';
    return { url: KEYED, headers: { 'content-type': type }, body: await request.bytes() };
  }
  const order: [string, string][] = [
    ['order[id]', '7'],
    ['order[name]', 'Grüße & "Küsse"\r\nzwei'],
    ['order[tags][]', 'a=b'],
  ];

  test('is kept as the form it stands for, without its files', async () => {
    const { send, kept, store } = receiver({ ...forms, events: { purchase: { key: 'order.id', fields: {} } } });
    const photo = new Blob([new Uint8Array(200_000)], { type: 'image/png' });
    expect(await send(await multipart([...order, ['photo', photo]]))).toMatchObject({ status: 200 });
    const [hook] = kept.map(({ hook }) => hook);
    expect(hook?.headers['content-type']).toBe('application/x-www-form-urlencoded');
    const source = store.sources.get('lamps');
    if (source === undefined || hook === undefined) throw new Error('nothing was kept');
    expect(dataOf(hook)).toEqual({ order: { id: '7', name: 'Grüße & "Küsse"\r\nzwei', tags: ['a=b'] } });
  });

  test('sent twice is a duplicate, whatever its boundary', async () => {
    const { send, kept } = receiver(forms);
    await send(await multipart(order));
    expect(await send(await multipart(order))).toMatchObject({ body: expect.stringContaining('duplicate') });
    expect(kept).toHaveLength(1);
  });

  test('is proven by its bytes as they came, and by what it says', async () => {
    const check = 'order.id = "7"';
    const { send } = receiver({ ...forms, verify: { scheme: 'hmac', header: 'x-sig', check } });
    const signed = async (fields: [string, string][]) => {
      const sent = await multipart(fields);
      const signature = createHmac('sha256', SECRET).update(sent.body).digest('base64');
      return { ...sent, headers: { ...sent.headers, 'x-sig': signature } };
    };
    expect(await send(await signed(order))).toMatchObject({ status: 200 });
    expect(await send(await signed([['order[id]', '8']]))).toMatchObject({ status: 401 });
  });

  test('proves its sender by a secret among its fields, which is not kept', async () => {
    const { send, bodies } = receiver({
      ...forms,
      verify: { scheme: 'body_token', path: 'token' },
      strip: ['token'],
    });
    expect(await send(await multipart([['token', SECRET], ...order]))).toMatchObject({ status: 200 });
    expect(await send(await multipart([['token', 'wrong'], ...order]))).toMatchObject({ status: 401 });
    expect(bodies().join()).not.toContain(SECRET);
  });

  test.each([
    ['without a boundary', 'multipart/form-data', '--x--'],
    ['that is cut off', 'multipart/form-data; boundary=x', '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1'],
    ['that is nothing of the kind', 'multipart/form-data; boundary=x', '{"id":7}'],
    [
      'of more fields than any form has',
      'multipart/form-data; boundary=x',
      `${'--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n'.repeat(2_001)}--x--`,
    ],
  ])('%s is refused', async (_, type, body) => {
    const { send, kept } = receiver(forms);
    expect(await send({ url: KEYED, headers: { 'content-type': type }, body })).toMatchObject({ status: 400 });
    expect(kept).toEqual([]);
  });
});
