// Keys of identities: keyed hashes under a secret of this database, so that a table of them is no list of addresses.
import { createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import type { JoinKey } from '../event.ts';
import { sha256 } from '../lib/hash.ts';
import type { Vault } from '../lib/vault.ts';
import type { Db } from '../types.ts';
import { bytes } from './row.ts';
import { change } from './sql.ts';

/** One way to know somebody. E-mail and phone are SHA-256 in hex of the plain value, as browsers send them. */
export type Identity = { store: string; by: JoinKey; value: string };
/** Makes the key of an identity, 16 bytes. */
export type Keyer = (identity: Identity) => Uint8Array;

const KEY_BYTES = 16;
const NAME = 'identities';
const READ = 'select sealed from secrets where name = $1';
const MAKE = 'insert into secrets (name, sealed) values ($1, $2) on conflict do nothing';
const SEAL = 'update secrets set sealed = $2 where name = $1';

async function readSecret(db: Db): Promise<Uint8Array | undefined> {
  const [row] = await db.query(READ, [NAME]);
  return row && bytes(row, 'sealed');
}

/**
 * The keyer of this database. The secret is random and lies sealed in the database; it is made at the first need, and
 * sealed again each time, so that a new encryption key in front is soon the only one it needs.
 */
export async function openKeyer(db: Db, vault: Vault): Promise<Keyer> {
  const known = await readSecret(db);
  if (known === undefined) await change(db, MAKE, [NAME, vault.seal(randomBytes(32))]);
  else await change(db, SEAL, [NAME, vault.seal(vault.open(known))]);
  const sealed = await readSecret(db);
  if (sealed === undefined) throw new Error('the secret of identities was not kept');
  return keyerOf(createSecretKey(vault.open(sealed)));
}

const keyerOf =
  (secret: KeyObject): Keyer =>
  ({ store, by, value }) =>
    createHmac('sha256', secret).update(`${store}\n${by}\n${value}`).digest().subarray(0, KEY_BYTES);

const normal = {
  email: (text: string) => sha256(text.trim().toLowerCase()),
  // What follows is the shop's own key to the cart and nobody else's business.
  token: (text: string) => text.split('?')[0] ?? text,
  code: (text: string) => text.replace(/[\s-]/g, '').toUpperCase(),
  id: (text: string) => text.trim(),
  // The cookie says more than the visitor.
  visitor: (text: string) => text.split('.')[0] ?? text,
};
const NORMAL: { [Key in JoinKey]: (text: string) => string } = {
  lead_id: normal.id,
  visitor_id: normal.visitor,
  checkout_token: normal.token,
  cart_token: normal.token,
  order_id: normal.id,
  client_id: normal.id,
  email_address: normal.email,
  phone_number: (text) => sha256(text),
  reference_code: normal.code,
};

/** The identity of a plain value, as events have it: an e-mail, a phone in E.164, an id, a token, a code. */
export const identityOf = (store: string, by: JoinKey, plain: string): Identity => ({
  store,
  by,
  value: NORMAL[by](plain),
});
