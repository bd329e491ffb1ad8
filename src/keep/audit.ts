// Questions about the audit: who did what to what is kept, without personal data.
import { hash } from 'node:crypto';
import { newId } from '../lib/id.ts';
import type { Db } from '../types.ts';
import type { Person } from './person.ts';
import { maybe, number, text } from './row.ts';
import { change } from './sql.ts';

/** `actor` is a user of the command line, `hook <id>`, or a user of the pages. `detail` carries no personal data. */
export type AuditLine = { at: number; actor: string; action: string; store?: string | undefined; detail: string };

const WRITE = 'insert into audit (id, at, actor, action, store, detail) values ($1, $2, $3, $4, $5, $6)';

export async function writeAudit(db: Db, { at, actor, action, store, detail }: AuditLine): Promise<void> {
  await change(db, WRITE, [newId(), at, actor, action, store ?? null, detail]);
}

/** The lines since a time, in milliseconds since 1970, the oldest first. */
export async function listAudit(db: Db, since: number): Promise<AuditLine[]> {
  const rows = await db.query('select at, actor, action, store, detail from audit where at >= $1 order by at, id', [
    since,
  ]);
  return rows.map((row) => {
    const store = maybe(text, row, 'store');
    return {
      at: number(row, 'at'),
      actor: text(row, 'actor'),
      action: text(row, 'action'),
      ...(store !== undefined && { store }),
      detail: text(row, 'detail'),
    };
  });
}

const FINGERPRINT = 12;
/** More ids of one kind are counted. */
const SHOWN = 5;

const fingerprint = (kind: string, subject: string): string =>
  `${kind}:${hash('sha256', `${kind} ${subject.trim().toLowerCase()}`, 'hex').slice(0, FINGERPRINT)}`;

/** Stands for a person in an audit line: who knows the person can tell that they were meant, nobody else can. */
export function fingerprints({ emails, phones, customers, orders }: Person): string {
  const kinds: [string, readonly string[]][] = [
    ['email', emails],
    ['phone', phones.map(({ e164 }) => e164)],
    ['customer', customers],
    ['order', orders],
  ];
  const shown = kinds.flatMap(([kind, subjects]) => [
    ...subjects.slice(0, SHOWN).map((subject) => fingerprint(kind, subject)),
    ...(subjects.length > SHOWN ? [`and ${subjects.length - SHOWN} more`] : []),
  ]);
  return shown.join(' ');
}
