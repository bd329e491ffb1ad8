// Opens what is kept for commands and trials, beside a running service or without one.
import type { Config } from '../config.ts';
import { OperatorError } from '../lib/errors.ts';
import { type Vault, vaultOf } from '../lib/vault.ts';
import type { Db } from '../types.ts';
import { KeepError } from './error.ts';
import { createKeep, type Keep } from './keep.ts';
import { openDatabase, openToRead, type Place, refuseEmpty, type Watching } from './open.ts';
import { checkVault } from './sealed.ts';

/** What has to be known to open it. */
export type Data = Pick<Config, 'DATABASE_URL' | 'DATA_DIR' | 'ENCRYPTION_KEY'>;

export const placeOf = ({ DATABASE_URL, DATA_DIR }: Data): Place => ({ url: DATABASE_URL, folder: DATA_DIR });

type Tell = (text: string) => void;

const telling = (tell: Tell): Required<Pick<Watching, 'onAway' | 'onOlder'>> => ({
  onAway: (reason, ms) => tell(`${reason}; it is waited for, ${ms / 1_000} seconds at most`),
  onOlder: () => tell('what is kept is of an older version and is brought up to date, which may take minutes'),
});

/** Runs `work` on what is kept, and tells why that takes long. Throws an `OperatorError` when there is nothing. */
export async function withKept<T>(config: Data, tell: Tell, work: (keep: Keep) => Promise<T>): Promise<T> {
  await refuseEmpty(placeOf(config));
  const vault = vaultOf(config.ENCRYPTION_KEY);
  const { db, close } = await openDatabase(placeOf(config), { ...telling(tell), vault });
  try {
    const keep = createKeep({ db, vault });
    await keep.checkVault();
    return await work(keep);
  } finally {
    await close();
  }
}

/** Runs `work` on what is kept without changing a byte of it; otherwise as `withKept`. */
export async function readKept<T>(
  config: Data,
  tell: Tell,
  work: (kept: { db: Db; vault: Vault }) => Promise<T>,
): Promise<T> {
  const vault = vaultOf(config.ENCRYPTION_KEY);
  await refuseEmpty(placeOf(config));
  const db = await openToRead(placeOf(config), telling(tell));
  try {
    await checkVault(db, vault);
    return await work({ db, vault });
  } catch (error) {
    if (!(error instanceof KeepError) || error.failure !== 'statement') throw error;
    const hint = 'start the service of this version once';
    throw new OperatorError('KEEP_OTHER', 'the tables are of another version of tagbridge', hint);
  } finally {
    await db.close();
  }
}
