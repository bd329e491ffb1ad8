// Questions about API tokens: what each may do, for which stores, until when. Of the secret only a hash is kept.
import type { Db, Row } from '../../types.ts';
import { maybe, number, text, words } from '../row.ts';
import { change } from '../sql.ts';

export const SCOPES = ['read', 'act', 'personal_data', 'audit', 'phone_orders'] as const;
export type Scope = (typeof SCOPES)[number];
export type Token = {
  id: string;
  name: string;
  scopes: readonly Scope[];
  /** The stores it is for; all when there are none. */
  stores: readonly string[];
  created_at: number;
  created_by: string;
  expires_at: number | undefined;
  used_at: number | undefined;
};
export type NewToken = Omit<Token, 'used_at'> & { secret_hash: string };

const COLUMNS = 'id, name, scopes, stores, created_at, created_by, expires_at, used_at';

const toToken = (row: Row): Token => ({
  id: text(row, 'id'),
  name: text(row, 'name'),
  scopes: words(row, 'scopes').flatMap((word) => SCOPES.find((scope) => scope === word) ?? []),
  stores: words(row, 'stores'),
  created_at: number(row, 'created_at'),
  created_by: text(row, 'created_by'),
  expires_at: maybe(number, row, 'expires_at'),
  used_at: maybe(number, row, 'used_at'),
});

const ADD = `
  insert into tokens (id, secret_hash, name, scopes, stores, created_at, created_by, expires_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing returning id`;

/** False where there is one with this id already: nothing is changed then. */
export async function addToken(db: Db, token: NewToken): Promise<boolean> {
  const { id, secret_hash, name, scopes, stores, created_at, created_by, expires_at } = token;
  const row = [id, secret_hash, name, scopes.join(' '), stores.join(' '), created_at, created_by, expires_at ?? null];
  const added = await change(db, ADD, row);
  return added.length === 1;
}

/** The newest first, also those that have expired. */
export async function listTokens(db: Db): Promise<Token[]> {
  return (await db.query(`select ${COLUMNS} from tokens order by created_at desc, id`)).map(toToken);
}

/** With the hash of its secret. */
export async function findToken(db: Db, id: string): Promise<{ token: Token; secret_hash: string } | undefined> {
  const [row] = await db.query(`select ${COLUMNS}, secret_hash from tokens where id = $1`, [id]);
  return row && { token: toToken(row), secret_hash: text(row, 'secret_hash') };
}

/** Notes that it was used. */
export async function touchToken(db: Db, id: string, now: number): Promise<void> {
  await change(db, 'update tokens set used_at = $2 where id = $1', [id, now]);
}

/** False when there is none with this id any more. */
export async function removeToken(db: Db, id: string): Promise<boolean> {
  const [[rows = []] = []] = await db.transaction([
    { sql: 'delete from tokens where id = $1 returning id', rows: [[id]] },
    { sql: 'delete from token_answers where token_id = $1', rows: [[id]] },
  ]);
  return rows.length === 1;
}
