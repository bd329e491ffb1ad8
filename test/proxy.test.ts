// The proxies of the README, started as they stand there before a running service, with a certificate made on the spot.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parse } from 'dotenv';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { selfSigned } from './support/certificates.ts';
import { fences, README } from './support/docs.ts';
import { fromShopify, lampOrder } from './support/hooks.ts';
import { freePort } from './support/port.ts';
import { eventually, type Rig, startRig } from './support/service.ts';

const HOOKS = 'hooks.acme.example';
const PAGES = 'bridge.acme.example';
const DAY_MS = 86_400_000;

/** The ports and files of the README are those of this test. */
type Places = { folder: string; port: number; hooks: string; pages: string; certificate: string; key: string };
const PROXIES = [
  {
    name: 'nginx',
    configure: (given: string, { folder, port, hooks, pages, certificate, key }: Places) => `
user root; daemon off; pid ${folder}/pid; error_log stderr;
events {}
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => `${of}_temp_path ${folder}/${of};`).join(' ')}
  ${given
    .replaceAll('/etc/ssl/acme/fullchain.pem', certificate)
    .replaceAll('/etc/ssl/acme/privkey.pem', key)
    .replaceAll('listen 443', `listen 127.0.0.1:${port}`)
    .replace('127.0.0.1:8080', hooks)
    .replace('127.0.0.1:8081', pages)}
}`,
    args: (file: string) => ['-c', file],
  },
  {
    name: 'caddy',
    configure: (given: string, { folder, port, hooks, pages, certificate, key }: Places) => `
{
  admin off
  auto_https off
  storage file_system ${folder}/storage
}
${given
  .replaceAll(/^(\S+) \{$/gm, `https://$1:${port} {\n  bind 127.0.0.1\n  tls ${certificate} ${key}`)
  .replace('127.0.0.1:8080', hooks)
  .replace('127.0.0.1:8081', pages)}`,
    args: (file: string) => ['run', '--adapter', 'caddyfile', '--config', file],
  },
];

let rig: Rig;
let readme: string;
let folder: string;
beforeAll(async () => {
  readme = await readFile(README, 'utf8');
  const [settings = ''] = fences(readme, 'ini');
  rig = await startRig(parse(settings));
  folder = await mkdtemp(join(tmpdir(), 'tagbridge-proxy-'));
});
afterAll(async () => {
  await rig.close();
  await rm(folder, { recursive: true, force: true });
});

const isThere = (name: string): boolean => spawnSync(name, ['-v']).error === undefined;

describe.each(PROXIES)('$name as the README says (skipped where it is absent)', ({ name, configure, args }) => {
  test.skipIf(!isThere(name))('hands on hooks as they were sent, and the pages', async () => {
    const [given = ''] = fences(readme, name);
    const { cert, key } = selfSigned(HOOKS, new Date(Date.now() + DAY_MS));
    const at = { folder, port: await freePort(), certificate: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
    const file = join(folder, name);
    const [hooks, pages] = [new URL(rig.service.url).host, new URL(rig.service.adminUrl).host];
    await writeFile(at.certificate, cert);
    await writeFile(at.key, key);
    await writeFile(file, configure(given, { ...at, hooks, pages }));
    const proxy = spawn(name, args(file), { stdio: 'ignore', env: { ...process.env, HOME: folder } });

    const ask = async (host: string, path: string, { method = 'GET', headers = {}, body = '' } = {}) => {
      const asked = request({ host: '127.0.0.1', port: at.port, servername: HOOKS, ca: cert, path, method });
      for (const [header, value] of Object.entries({ ...headers, host })) asked.setHeader(header, value);
      asked.end(body);
      const [reply] = await once(asked, 'response');
      return { status: reply.statusCode, to: reply.headers.location, said: await text(reply) };
    };
    const isUp = () =>
      ask(HOOKS, '/readyz').then(
        ({ status }) => status === 200,
        () => false,
      );
    try {
      await eventually(isUp, `${name} is up`);
      const hook = fromShopify({ ...lampOrder(7001), note: 'x'.repeat(1_900_000) }, 'orders/paid', name);
      expect(await ask(HOOKS, '/hooks/shop/shopify', { method: 'POST', ...hook })).toMatchObject({ status: 200 });
      expect(await ask(HOOKS, '/metrics')).toMatchObject({ status: 404 });
      expect(await ask(PAGES, '/metrics')).toMatchObject({ status: 401 });
      expect(await ask(PAGES, '/')).toMatchObject({ status: 303, to: '/login?next=%2F' });
    } finally {
      const ended = proxy.exitCode === null ? once(proxy, 'exit') : undefined;
      proxy.kill();
      await ended;
    }
  });
});
