// Fetching senders' keys over real TLS: what is taken, what is refused, and how often anybody is asked.

import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import { afterEach, expect, test } from 'vitest';
import { isPublicAddress } from '../../src/deliver/address.ts';
import { createFetchKey, type FetchKeyParts } from '../../src/receive/fetch-key.ts';
import { selfSigned } from '../support/certificates.ts';
import { soon } from '../support/soon.ts';

const PEM = '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n';
const { key, cert } = selfSigned('localhost', new Date(Date.now() + 86_400_000));
const START = Date.UTC(2026, 0, 31);
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A host of keys; says which paths were asked for. */
async function keyHost(listener: RequestListener): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer({ key, cert }, (request, response) => {
    asked.push(request.url ?? '');
    listener(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server does not listen');
  return { url: `https://localhost:${address.port}`, asked };
}
const create = (over: Partial<FetchKeyParts> = {}) =>
  createFetchKey({ isAllowed: () => true, now: () => START, ca: cert, ...over });

test('a key is fetched once a day, also when many ask at a time', async () => {
  const { url, asked } = await keyHost((_, response) => response.end(PEM));
  let now = START;
  const fetchKey = create({ now: () => now });
  const answers = await Promise.all([fetchKey(`${url}/a`), fetchKey(`${url}/a`), fetchKey(`${url}/b`)]);
  expect(answers).toEqual([{ pem: PEM }, { pem: PEM }, { pem: PEM }]);
  now = START + 24 * 3_600_000 - 1;
  await fetchKey(`${url}/a`);
  expect(asked.sort()).toEqual(['/a', '/b']);
  now += 2;
  await fetchKey(`${url}/a`);
  expect(asked).toHaveLength(3);
});

test('a failure is remembered for a minute', async () => {
  let status = 404;
  const { url, asked } = await keyHost((_, response) => response.writeHead(status).end(PEM));
  let now = START;
  const fetchKey = create({ now: () => now });
  const missing = { problem: 'its host answered 404', temporary: false };
  expect(await fetchKey(`${url}/a`)).toEqual(missing);
  status = 200;
  now = START + 59_999;
  expect(await fetchKey(`${url}/a`)).toEqual(missing);
  now = START + 60_001;
  expect(await fetchKey(`${url}/a`)).toEqual({ pem: PEM });
  expect(asked).toHaveLength(2);
});

test('forged requests that name keys there are none of do not push out the real one', async () => {
  const { url, asked } = await keyHost(({ url: path }, response) => {
    response.end(path === '/real' ? PEM : 'a page');
  });
  const fetchKey = create();
  await fetchKey(`${url}/real`);
  expect(await fetchKey(`${url}/page`)).toEqual({ problem: 'its host answered with something else', temporary: false });
  for (let forged = 0; forged < 250; forged++) await fetchKey(`${url}/${forged}`);
  expect(await fetchKey(`${url}/real`)).toEqual({ pem: PEM });
  expect(asked.filter((path) => path === '/real')).toHaveLength(1);
});

test('an overloaded host is a temporary problem', async () => {
  const { url } = await keyHost((_, response) => response.writeHead(503).end());
  expect(await create()(`${url}/a`)).toEqual({ problem: 'its host answered 503', temporary: true });
});

test('S66 a redirect is not followed', async () => {
  const target = await keyHost((_, response) => response.end(PEM));
  const { url } = await keyHost((_, response) => response.writeHead(302, { location: `${target.url}/key` }).end());
  expect(await create()(`${url}/a`)).toEqual({ problem: 'its host answered 302', temporary: false });
  expect(target.asked).toEqual([]);
});

test('S69 an answer without end is cut off', async () => {
  const { url } = await keyHost((_, response) => {
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(10_000)));
    };
    response.on('drain', more);
    more();
  });
  expect(await create()(`${url}/a`)).toEqual({ problem: 'it is too large', temporary: false });
});

test('S63 a host with a private address is never connected to', async () => {
  const { url, asked } = await keyHost((_, response) => response.end(PEM));
  const answer = await create({ isAllowed: isPublicAddress })(`${url}/a`);
  expect(answer).toEqual({ problem: 'the host has a private address', temporary: false });
  expect(asked).toEqual([]);
});

test('S71 a host whose certificate is not trusted is a problem', async () => {
  const { url, asked } = await keyHost((_, response) => response.end(PEM));
  const fetchKey = createFetchKey({ isAllowed: () => true, now: () => START });
  expect(await fetchKey(`${url}/a`)).toMatchObject({ temporary: true });
  expect(asked).toEqual([]);
});

test('no more than eight keys are fetched at a time', async () => {
  const waiting: (() => void)[] = [];
  const { url } = await keyHost((_, response) => waiting.push(() => response.end(PEM)));
  const fetchKey = create();
  const asking = Array.from({ length: 8 }, (_, index) => fetchKey(`${url}/${index}`));
  expect(await fetchKey(`${url}/9`)).toEqual({ problem: 'too many keys are being fetched', temporary: true });
  await soon(() => expect(waiting).toHaveLength(8));
  for (const answer of waiting) answer();
  expect(await Promise.all(asking)).toEqual(Array.from({ length: 8 }, () => ({ pem: PEM })));
});
