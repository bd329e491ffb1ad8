// Questions about what people enter here: phone orders and leads, who entered them, and taking one back in time.
import type { Vault } from '../lib/vault.ts';
import type { Db } from '../types.ts';
import { emailMark, phoneMark } from './contact-marks.ts';
import { keepSteps, type NewHook } from './hooks.ts';
import { text } from './row.ts';

/** A hook that was entered here; `made_by` is the id of a user or token. E-mail and phone (E.164) are kept as marks. */
export type NewEntry = NewHook & {
  keys: { delivery?: Uint8Array };
  made_by: string;
  how: 'page' | 'api' | 'file';
  kind: 'order' | 'lead';
  number: string;
  email: string | undefined;
  phone: string | undefined;
};

const ENTRY = `
  insert into entries (hook_id, store, made_by, how, kind, number, email_mark, phone_mark)
  select $1, $2, $3, $4, $5, $6, $7, $8 where exists (select 1 from hooks where id = $1)
  on conflict do nothing`;
const FIRST = `
  select hook_id, number from entries where hook_id in (select id from hooks where id = $1 or delivery_key = $2)`;

/** Keeps entries as hooks, durable when it resolves; for a duplicate it answers which was kept before it. */
export async function keepEntries(
  db: Db,
  vault: Vault,
  entries: readonly NewEntry[],
): Promise<{ kind: 'kept' | 'duplicate'; hook_id: string; number: string }[]> {
  const rows = entries.map(({ hook, made_by, how, kind, number, email, phone }) => [
    hook.id,
    hook.store,
    made_by,
    how,
    kind,
    number,
    email === undefined ? null : emailMark(vault, email),
    phone === undefined ? null : phoneMark(vault, phone),
  ]);
  const [, , , found = []] = await db.transaction([
    ...keepSteps(vault, entries),
    { sql: ENTRY, rows },
    { sql: FIRST, rows: entries.map(({ hook, keys }) => [hook.id, keys.delivery ?? null]) },
  ]);
  return entries.map(({ hook, number }, index) => {
    const [row] = found[index] ?? [];
    const hook_id = row === undefined ? hook.id : text(row, 'hook_id');
    return {
      kind: hook_id === hook.id ? 'kept' : 'duplicate',
      hook_id,
      number: row === undefined ? number : text(row, 'number'),
    };
  });
}
