// JSON that is kept sealed. What comes out is what this program put in, so it is trusted and not parsed again.
import type { Visit } from '../enrich/visit.ts';
import type { Event } from '../event.ts';
import { OperatorError } from '../lib/errors.ts';
import type { Vault } from '../lib/vault.ts';
import type { Db, Hook, Row } from '../types.ts';
import { KeepError } from './error.ts';
import { bytes } from './row.ts';

/** A visit without its visitor, who stands beside it. */
export type VisitBody = Omit<Visit, 'visitor'>;
/** What look-ups answered, by the keys of their questions. */
export type Answers = Record<string, unknown>;

export const sealJson = (vault: Vault, value: Event | Hook['headers'] | Answers | VisitBody): Uint8Array =>
  vault.seal(Buffer.from(JSON.stringify(value)));

export const openEvent = (vault: Vault, sealed: Uint8Array): Event => JSON.parse(openText(vault, sealed));

export const openVisit = (vault: Vault, sealed: Uint8Array): VisitBody => JSON.parse(openText(vault, sealed));

export const openHeaders = (vault: Vault, sealed: Uint8Array): Hook['headers'] => JSON.parse(openText(vault, sealed));

export const openAnswers = (vault: Vault, sealed: Uint8Array): Answers => JSON.parse(openText(vault, sealed));

/** What `open` gives; undefined where it throws, because the value was damaged or its key is gone. */
export function ifReadable<T>(open: () => T): T | undefined {
  try {
    return open();
  } catch {
    return undefined;
  }
}

const openText = (vault: Vault, sealed: Uint8Array): string => new TextDecoder().decode(vault.open(sealed));

/**
 * The oldest of everything that is kept for a time of its own, and the newest hook. Visits of leads live longest; the visitors
 * that go next are some of each kind.
 */
const SAMPLES = [
  `select headers as sealed from hook_bodies
   where hook_id in ((select min(hook_id) from hook_bodies), (select max(hook_id) from hook_bodies))`,
  'select body as sealed from events where id = (select min(id) from events where erased_at is null)',
  'select body as sealed from visits where visitor in (select visitor from identities order by expires_at limit 100)',
  'select sealed from secrets',
];

/**
 * Throws an `OperatorError` when the vault has not the keys of what is kept; to be asked at start, before anything is
 * claimed. A value that was damaged says nothing about keys.
 */
export async function checkVault(db: Db, vault: Vault): Promise<void> {
  for (const sql of SAMPLES) checkRows(await db.query(sql), vault);
}

/** As `checkVault`, of tables of an older version, before they are changed: what they do not have yet is not looked at. */
export async function checkOlderVault(db: Db, vault: Vault): Promise<void> {
  for (const sql of SAMPLES) {
    const rows = await db.query(sql).catch((error) => {
      if (error instanceof KeepError && error.failure === 'statement') return [];
      throw error;
    });
    checkRows(rows, vault);
  }
}

function checkRows(rows: readonly Row[], vault: Vault): void {
  for (const row of rows) {
    try {
      vault.open(bytes(row, 'sealed'));
    } catch (error) {
      if (error instanceof OperatorError) throw error;
    }
  }
}
