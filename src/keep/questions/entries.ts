// Questions about what people enter here: phone orders and leads, who entered them, and taking one back in time.
import { firstIdAt } from '../../lib/id.ts';
import type { Vault } from '../../lib/vault.ts';
import type { Db, Row, SqlValue, Step } from '../../types.ts';
import { codeMark, codeMarks, emailMark, emailMarks, phoneMark, phoneMarks } from '../contact-marks.ts';
import type { Person } from '../person.ts';
import { maybe, number, text } from '../row.ts';
import { pageBelow } from '../sql.ts';
import { keepSteps, type NewHook } from './hooks.ts';

/** A hook that was entered here; `made_by` is the id of a user or token. E-mail, phone (E.164) and code are kept as marks. */
export type NewEntry = NewHook & {
  keys: { delivery?: Uint8Array };
  made_by: string;
  how: 'page' | 'api' | 'file';
  kind: 'order' | 'lead';
  number: string;
  email: string | undefined;
  phone: string | undefined;
  code: string | undefined;
};

const ENTRY = `
  insert into entries (hook_id, store, made_by, how, kind, number, email_mark, phone_mark, code_mark)
  select $1, $2, $3, $4, $5, $6, $7, $8, $9 where exists (select 1 from hooks where id = $1)
  on conflict do nothing`;
const FIRST = `
  select hook_id, number from entries where hook_id in (select id from hooks where id = $1 or delivery_key = $2)`;

/** A duplicate tells of the one that was kept before it. */
export type KeptEntry = { kind: 'kept' | 'duplicate'; hook_id: string; number: string };

/** Of a transaction that keeps entries; the last answers which was kept, for each. */
function entrySteps(vault: Vault, entries: readonly NewEntry[]): [Step, Step, Step, Step] {
  const rows = entries.map(({ hook, made_by, how, kind, number, email, phone, code }) => [
    hook.id,
    hook.store,
    made_by,
    how,
    kind,
    number,
    email === undefined ? null : emailMark(vault, email),
    phone === undefined ? null : phoneMark(vault, phone),
    code === undefined ? null : codeMark(vault, code),
  ]);
  return [
    ...keepSteps(vault, entries),
    { sql: ENTRY, rows },
    { sql: FIRST, rows: entries.map(({ hook, keys }) => [hook.id, keys.delivery ?? null]) },
  ];
}

/** Keeps entries as hooks, durable when it resolves; for a duplicate it answers which was kept before it. */
export async function keepEntries(db: Db, vault: Vault, entries: readonly NewEntry[]): Promise<KeptEntry[]> {
  const [, , , found = []] = await db.transaction(entrySteps(vault, entries));
  return entries.map((entry, index) => toKept(entry, found[index]?.[0]) ?? { kind: 'kept', ...nameOf(entry) });
}

const nameOf = ({ hook, number }: NewEntry) => ({ hook_id: hook.id, number });

function toKept({ hook }: NewEntry, row: Row | undefined): KeptEntry | undefined {
  if (row === undefined) return undefined;
  const hook_id = text(row, 'hook_id');
  return { kind: hook_id === hook.id ? 'kept' : 'duplicate', hook_id, number: text(row, 'number') };
}

/** Who entered what, and how far its hook is; `due_at` is when work on it begins or goes on. */
export type Entered = {
  hook_id: string;
  store: string;
  made_by: string;
  kind: 'order' | 'lead';
  number: string;
  at: number;
  state: string;
  reason: string | undefined;
  due_at: number | undefined;
  /** Nobody has begun to work on it. */
  untouched: boolean;
  undone: boolean;
};
/** Of one maker, or of all. */
export type EntryPage = { made_by?: string | undefined; kind: 'order' | 'lead'; before: string; limit: number };

const UNDONE = 'taken back by the person who entered it, before anything was sent';
/** Nobody works on it yet: whoever claims it first, in this process or another, has it. */
const UNTOUCHED = "state = 'kept' and attempts = 0 and lease_id is null";
const ENTERED = `
  select entries.hook_id, entries.store, made_by, kind, number, received_at, state, reason, due_at,
    case when ${UNTOUCHED} then 1 else 0 end as untouched
  from entries join hooks on hooks.id = entries.hook_id`;
/** Of a lead only its latest stage, for whoever entered any of them. */
function listed({ kind, made_by }: EntryPage): string {
  const own = made_by === undefined ? '' : 'and made_by = $3';
  if (kind === 'order') return `${ENTERED} where kind = 'order' and hook_id < $1 ${own} order by hook_id desc limit $2`;
  const any = `and exists (select 1 from entries as own
    where own.store = entries.store and own.number = entries.number and own.kind = 'lead' and own.made_by = $3)`;
  return `${ENTERED} where kind = 'lead' and hook_id < $1 ${own === '' ? '' : any}
    and reason is distinct from '${UNDONE}' and not exists (
      select 1 from entries as later join hooks as its on its.id = later.hook_id
      where later.store = entries.store and later.number = entries.number and later.kind = 'lead'
        and later.hook_id > entries.hook_id and its.reason is distinct from '${UNDONE}')
    order by hook_id desc limit $2`;
}

const toEntered = (row: Row): Entered => ({
  hook_id: text(row, 'hook_id'),
  store: text(row, 'store'),
  made_by: text(row, 'made_by'),
  kind: text(row, 'kind') === 'lead' ? 'lead' : 'order',
  number: text(row, 'number'),
  at: number(row, 'received_at'),
  state: text(row, 'state'),
  reason: maybe(text, row, 'reason'),
  due_at: maybe(number, row, 'due_at'),
  untouched: number(row, 'untouched') === 1,
  undone: maybe(text, row, 'reason') === UNDONE,
});

/** The newest first. */
export async function listEntries(db: Db, page: EntryPage): Promise<Entered[]> {
  const { made_by, before, limit } = page;
  const params = [pageBelow(before), limit, ...(made_by === undefined ? [] : [made_by])];
  return (await db.query(listed(page), params)).map(toEntered);
}

export async function findEntry(db: Db, hook_id: string): Promise<Entered | undefined> {
  const [row] = await db.query(`${ENTERED} where hook_id = $1`, [hook_id]);
  return row && toEntered(row);
}

/** What two entries have in common that may be one; e-mail, phone (E.164) and code are looked for by their marks. */
export type Likeness = {
  store: string;
  since: number;
  number?: string | undefined;
  email?: string | undefined;
  phone?: string | undefined;
  code?: string | undefined;
};

/** Entries of the same number, or of the same customer, the newest first; none that was taken back. */
export async function findLike(db: Db, vault: Vault, wanted: Likeness): Promise<Entered[]> {
  const { store, number: same, email, phone, code, since } = wanted;
  const params: SqlValue[] = [store, firstIdAt(since), same ?? null];
  const tests = ['number = $3'];
  const add = (column: string, marks: readonly Uint8Array[]): void => {
    if (marks.length > 0) tests.push(`${column} in (${marks.map((mark) => `$${params.push(mark)}`).join(', ')})`);
  };
  add('email_mark', email === undefined ? [] : emailMarks(vault, email));
  add('phone_mark', phone === undefined ? [] : phoneMarks(vault, phone));
  add('code_mark', code === undefined ? [] : codeMarks(vault, code));
  const rows = await db.query(
    `${ENTERED} where entries.store = $1 and hook_id >= $2 and (${tests.join(' or ')})
     and reason is distinct from '${UNDONE}' order by hook_id desc limit 20`,
    params,
  );
  return rows.map(toEntered);
}

const undo = (only = ''): string => `
  update hooks set state = 'ignored', reason = '${UNDONE}', due_at = null
  where id = $1 and ${UNTOUCHED} and due_at > $2
    and exists (select 1 from entries where hook_id = $1 and (cast($3 as text) is null or made_by = $3)) ${only}
  returning id`;
const UNDO = undo();
const IS_UNDONE = `exists (select 1 from hooks where id = $1 and state = 'ignored' and reason = '${UNDONE}')`;
// Without its body it can never be mapped again.
const FORGET = [
  `delete from hook_bodies where hook_id = $1 and ${IS_UNDONE}`,
  `update entries set email_mark = null, phone_mark = null, code_mark = null where hook_id = $1 and ${IS_UNDONE}`,
];
const forgetSteps = (hook_id: string): Step[] => FORGET.map((sql) => ({ sql, rows: [[hook_id]] }));

/** Takes an entry back whose time has not come; false where it is too late. `made_by` is who may, undefined for anybody. */
export async function undoEntry(db: Db, hook_id: string, made_by: string | undefined, now: number): Promise<boolean> {
  const [[rows = []] = []] = await db.transaction([
    { sql: UNDO, rows: [[hook_id, now, made_by ?? null]] },
    ...forgetSteps(hook_id),
  ]);
  return rows.length === 1;
}

/** Only where what comes in its place stands: a form sent once more may be one that was taken back itself. */
const UNDO_FOR = undo(`
    and exists (select 1 from hooks as other where (other.id = $4 or other.delivery_key = $5) and other.id <> $1
      and other.reason is distinct from '${UNDONE}')`);
/** One only is saved in its place: of several at once the first. Another one may be once that is taken back, for none itself. */
const INHERIT = `
  update entries set replaced_by = (select id from hooks where id = $2 or delivery_key = $3)
  where hook_id = $1 and (cast($4 as text) is null or made_by = $4) and ${IS_UNDONE}
    and (replaced_by is null or exists (
      select 1 from entries as heir join hooks on hooks.id = heir.hook_id
      where heir.hook_id = entries.replaced_by and heir.replaced_by is null and hooks.reason = '${UNDONE}'))`;
const IS_BACK = `
  select 1 as back from hooks join entries on entries.hook_id = hooks.id
  where hooks.id = $1 and reason = '${UNDONE}' and (cast($2 as text) is null or made_by = $2)
    and replaced_by in (select id from hooks where id = $3 or delivery_key = $4)`;
const withdraw = (table: string, id: string): string =>
  `delete from ${table} where ${id} = $3 and not exists (${IS_BACK})`;
const WITHDRAW = [withdraw('hook_bodies', 'hook_id'), withdraw('entries', 'hook_id'), withdraw('hooks', 'id')];

/**
 * Keeps an entry in place of another one, in one transaction: one of both stands, whatever happens. `isBack` says whether the
 * other one is taken back, now or before, and not for a third one; else nothing new is kept.
 */
export async function replaceEntry(
  db: Db,
  vault: Vault,
  entry: NewEntry,
  { hook_id, made_by, now }: { hook_id: string; made_by: string | undefined; now: number },
): Promise<{ kept: KeptEntry | undefined; isBack: boolean }> {
  const { hook, keys } = entry;
  const [keepHook, keepBody, keepEntry, first] = entrySteps(vault, [entry]);
  const own = [hook.id, keys.delivery ?? null];
  const results = await db.transaction([
    keepHook,
    keepBody,
    keepEntry,
    { sql: UNDO_FOR, rows: [[hook_id, now, made_by ?? null, ...own]] },
    ...forgetSteps(hook_id),
    { sql: INHERIT, rows: [[hook_id, ...own, made_by ?? null]] },
    ...WITHDRAW.map((sql) => ({ sql, rows: [[hook_id, made_by ?? null, ...own]] })),
    { sql: IS_BACK, rows: [[hook_id, made_by ?? null, ...own]] },
    first,
  ]);
  const [[back = []] = [], [found = []] = []] = results.slice(-2);
  return { kept: toKept(entry, found[0]), isBack: back.length > 0 };
}

const UNMARK = {
  email_mark: 'update entries set email_mark = null where email_mark = $1 and (cast($2 as text) is null or store = $2)',
  phone_mark: 'update entries set phone_mark = null where phone_mark = $1 and (cast($2 as text) is null or store = $2)',
};

/** Leaves no mark of a person, also of entries whose bodies are gone. */
export async function unmarkPerson(db: Db, vault: Vault, person: Person, store: string | undefined): Promise<void> {
  const rows = (marks: Uint8Array[]) => marks.map((mark) => [mark, store ?? null]);
  await db.transaction([
    { sql: UNMARK.email_mark, rows: rows(person.emails.flatMap((email) => emailMarks(vault, email))) },
    { sql: UNMARK.phone_mark, rows: rows(person.phones.flatMap(({ e164 }) => phoneMarks(vault, e164))) },
  ]);
}
