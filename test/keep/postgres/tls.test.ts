// The way to PostgreSQL: who only says that it is the database is not believed.
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPostgres } from '../../../src/keep/postgres/postgres.ts';
import { issue } from '../../support/certificates.ts';
import { hasPostgres, type Server, startPostgres } from '../../support/postgres.ts';

const NOBODY = 65_534;
const HOUR = 3_600_000;

describe.skipIf(!(await hasPostgres()))('PostgreSQL behind a certificate (skipped where no PostgreSQL runs)', () => {
  let folder: string;
  let server: Server;
  const authority = (name: string) => issue({ name, from: Date.now() - HOUR, until: Date.now() + HOUR, ca: true });
  const own = authority('our authority');
  const write = async (name: string, text: string): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, text, { mode: 0o600 });
    if (process.getuid?.() === 0) await chown(path, NOBODY, NOBODY);
    return path;
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tagbridge-tls-'));
    if (process.getuid?.() === 0) await chown(folder, NOBODY, NOBODY);
    const { cert, privateKey } = issue({
      name: 'localhost',
      from: Date.now() - HOUR,
      until: Date.now() + HOUR,
      issuer: own,
    });
    server = await startPostgres({
      ssl: 'on',
      ssl_cert_file: await write('server.crt', cert),
      ssl_key_file: await write('server.key', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
    });
  });
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });
  /** The address of the database for those who trust `root` alone. */
  const urlWith = async (host: string, root: string): Promise<string> => {
    const url = new URL(await server.makeDatabase());
    url.hostname = host;
    return `${url}?sslmode=verify-full&sslrootcert=${await write('root.crt', root)}`;
  };

  test('is used when the authority that we trust has signed for its name', async () => {
    const { close } = await openPostgres(await urlWith('localhost', own.cert), { patience: 0 });
    await close();
  });

  test('S117 is refused when another authority has signed', async () => {
    const opening = openPostgres(await urlWith('localhost', authority('somebody else').cert), { patience: 0 });
    await expect(opening).rejects.toMatchObject({
      code: 'KEEP_OPEN',
      message: expect.stringMatching(/certificate.*sslrootcert=/),
    });
  });

  test('S117 is refused when the certificate is for another name', async () => {
    const opening = openPostgres(await urlWith('127.0.0.1', own.cert), { patience: 0 });
    await expect(opening).rejects.toMatchObject({ code: 'KEEP_OPEN', message: expect.stringMatching(/altnames/) });
  });
});
