// Questions about the people who may see the pages, and the one-time links by which they set their passwords.
import type { Db, Row } from '../../types.ts';
import { maybe, number, text } from '../row.ts';
import { change } from '../sql.ts';

/** admin may change things, viewer may look, sales has the order form only. */
export const ROLES = ['admin', 'viewer', 'sales'] as const;
export type Role = (typeof ROLES)[number];
export type User = {
  id: string;
  email: string;
  role: Role;
  created_at: number;
  /** A password was set; before that only a link lets the user in. */
  ready: boolean;
};
/** `user_id` is absent for the link that makes the first admin. */
export type NewLink = { token_hash: string; user_id?: string; expires_at: number };

export const USER_COLUMNS = 'users.id, users.email, users.role, users.created_at, users.password is not null as ready';

export function toUser(row: Row): User {
  const role = ROLES.find((one) => one === row.role);
  if (role === undefined) throw new TypeError('column role is none of the roles');
  return {
    id: text(row, 'id'),
    email: text(row, 'email'),
    role,
    created_at: number(row, 'created_at'),
    ready: number(row, 'ready') === 1,
  };
}

export async function listUsers(db: Db): Promise<User[]> {
  return (await db.query(`select ${USER_COLUMNS} from users order by email`)).map(toUser);
}

export async function hasUsers(db: Db): Promise<boolean> {
  return (await db.query('select 1 as one from users limit 1')).length > 0;
}

/** With the password's hash, undefined until one is set. `email` in lower case. */
export async function findUser(
  db: Db,
  email: string,
): Promise<{ user: User; password: string | undefined } | undefined> {
  const [row] = await db.query(`select ${USER_COLUMNS}, password from users where email = $1`, [email]);
  return row && { user: toUser(row), password: maybe(text, row, 'password') };
}

const ADD = `
  insert into users (id, email, role, created_at) values ($1, $2, $3, $4) on conflict do nothing returning id`;

/** False when somebody has this e-mail already. */
export async function addUser(db: Db, user: Omit<User, 'ready'>): Promise<boolean> {
  const rows = await change(db, ADD, [user.id, user.email, user.role, user.created_at]);
  return rows.length === 1;
}

// Somebody must be left who can let others in.
const ANOTHER_ADMIN = `(role <> 'admin' or exists (select 1 from users as others
  where others.role = 'admin' and others.password is not null and others.id <> $1))`;
const REMOVE = `delete from users where id = $1 and ${ANOTHER_ADMIN} returning id`;
const SET_ROLE = `update users set role = $2 where id = $1 and ($2 = 'admin' or ${ANOTHER_ADMIN}) returning id`;
const OF_NOBODY = (table: string) =>
  `delete from ${table} where user_id = $1 and not exists (select 1 from users where id = $1)`;

/** False when this is the last admin, or nobody. Ends the user's sessions. */
export async function removeUser(db: Db, id: string): Promise<boolean> {
  const [[rows = []] = []] = await db.transaction([
    { sql: REMOVE, rows: [[id]] },
    { sql: OF_NOBODY('sessions'), rows: [[id]] },
    { sql: OF_NOBODY('login_links'), rows: [[id]] },
  ]);
  return rows.length === 1;
}

/** False when this would leave no admin. Holds from the user's next click on. */
export async function setRole(db: Db, id: string, role: Role): Promise<boolean> {
  const rows = await change(db, SET_ROLE, [id, role]);
  return rows.length === 1;
}

const DROP_LINKS = 'delete from login_links where expires_at <= $1 or user_id = $2';
const ADD_LINK = 'insert into login_links (token_hash, user_id, expires_at) values ($1, $2, $3)';

/** Makes a link; older ones of the same user stop working. */
export async function addLink(db: Db, { token_hash, user_id, expires_at }: NewLink, now: number): Promise<void> {
  await db.transaction([
    { sql: DROP_LINKS, rows: [[now, user_id ?? null]] },
    { sql: ADD_LINK, rows: [[token_hash, user_id ?? null, expires_at]] },
  ]);
}

const LINK = `
  select ${USER_COLUMNS}, login_links.user_id from login_links left join users on users.id = login_links.user_id
  where token_hash = $1 and expires_at > $2 and (users.id is not null
    or (login_links.user_id is null and not exists (select 1 from users)))`;

/** Whose link this is: a user, `first` for the first admin, or undefined when it does not work (any more). */
export async function findLink(db: Db, token_hash: string, now: number): Promise<User | 'first' | undefined> {
  const [row] = await db.query(LINK, [token_hash, now]);
  return row && (row.user_id === null ? 'first' : toUser(row));
}

const FIRST = `
  insert into users (id, email, role, created_at, password)
  select $2, $3, 'admin', $4, $5 from login_links
  where token_hash = $1 and expires_at > $4 and user_id is null and not exists (select 1 from users)
  returning id`;
const PASSWORD_BY_LINK = `
  update users set password = $3
  where id = (select user_id from login_links where token_hash = $1 and expires_at > $2) returning id`;
const USE_LINK = 'delete from login_links where token_hash = $1';
const END_SESSIONS = 'delete from sessions where user_id = $1';

/** Uses the link that makes the first admin; false when it does not work (any more). */
export async function addFirstAdmin(
  db: Db,
  token_hash: string,
  { id, email, password, now }: { id: string; email: string; password: string; now: number },
): Promise<boolean> {
  const [[rows = []] = []] = await db.transaction([
    { sql: FIRST, rows: [[token_hash, id, email, now, password]] },
    { sql: USE_LINK, rows: [[token_hash]] },
  ]);
  return rows.length === 1;
}

/** Uses a user's link to set the hash of a password, and ends the user's sessions; false when it does not work (any more). */
export async function setPasswordByLink(
  db: Db,
  token_hash: string,
  { user_id, password, now }: { user_id: string; password: string; now: number },
): Promise<boolean> {
  const [[rows = []] = []] = await db.transaction([
    { sql: PASSWORD_BY_LINK, rows: [[token_hash, now, password]] },
    { sql: USE_LINK, rows: [[token_hash]] },
    { sql: END_SESSIONS, rows: [[user_id]] },
  ]);
  return rows.length === 1;
}

/** Sets the hash of a password, and ends every session and link of the user. */
export async function setPassword(db: Db, user_id: string, password: string): Promise<void> {
  await db.transaction([
    { sql: 'update users set password = $2 where id = $1', rows: [[user_id, password]] },
    { sql: END_SESSIONS, rows: [[user_id]] },
    { sql: 'delete from login_links where user_id = $1', rows: [[user_id]] },
  ]);
}
