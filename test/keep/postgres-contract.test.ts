// The contract on a real PostgreSQL, plain and encrypted.
import { afterAll, beforeAll, describe } from 'vitest';
import { openPostgres } from '../../src/keep/postgres/postgres.ts';
import { createVault, plainVault } from '../../src/lib/vault.ts';
import { hasPostgres, type Server, startPostgres } from '../support/postgres.ts';
import { testKeep } from './contract.ts';

describe.skipIf(!(await hasPostgres()))('on a real server (skipped where no PostgreSQL runs)', () => {
  let server: Server;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.close());
  const open = async () => openPostgres(await server.makeDatabase());

  testKeep('PostgreSQL', open, plainVault);
  testKeep('PostgreSQL, encrypted', open, createVault([Buffer.alloc(32, 7).toString('base64')]));
});
