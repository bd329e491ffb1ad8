// Questions of asking destinations what they say of the events that they got: the answers of each account, one a day.
import type { Db, End, EventQuality } from '../../types.ts';
import { maybe, number, text } from '../row.ts';
import { change } from '../sql.ts';
import type { Dialect } from '../tables/migrations.ts';

/** What an account said at `at`: of its events, or when what lets us in ends. Each of the two is kept under a name of its own. */
export type Said = { at: number; events: readonly EventQuality[]; ends?: End };
/**
 * The last time on this day that somebody asked; `said` is of the last time on it that an answer came. `account` may also be the
 * name of what lets somebody in there.
 */
export type AskedQuality = {
  account: string;
  day: string;
  asked_at: number;
  said: Said | undefined;
  problem: string | undefined;
};

/** Part of the list of migrations. Days are those of UTC; `said` is JSON that only this program writes. */
export const qualityTables = ({ clustered }: Dialect): string[] => [
  `create table qualities (
    account text not null,
    day text not null,
    asked_at bigint not null,
    said text,
    problem text,
    primary key (day, account)
  ) ${clustered}`,
];

const SAID = `
  insert into qualities (account, day, asked_at, said) values ($1, $2, $3, $4)
  on conflict (day, account) do update set asked_at = excluded.asked_at, said = excluded.said, problem = null`;
const FAILED = `
  insert into qualities (account, day, asked_at, problem) values ($1, $2, $3, $4)
  on conflict (day, account) do update set asked_at = excluded.asked_at, problem = excluded.problem`;
export const FORGET_QUALITIES = 'delete from qualities where day < $1';

const openSaid = (json: string | undefined): Said | undefined => (json === undefined ? undefined : JSON.parse(json));

/** Of all days from one on, the newest first. */
export const listQualities = async (db: Db, from: string): Promise<AskedQuality[]> =>
  (await db.query('select * from qualities where day >= $1 order by day desc, account', [from])).map((row) => ({
    account: text(row, 'account'),
    day: text(row, 'day'),
    asked_at: number(row, 'asked_at'),
    said: openSaid(maybe(text, row, 'said')),
    problem: maybe(text, row, 'problem'),
  }));

/** Notes what came of asking; a problem leaves what was said before. */
export async function noteQuality(
  db: Db,
  { account, day }: Pick<AskedQuality, 'account' | 'day'>,
  at: number,
  end: { said: Said } | { problem: string },
): Promise<void> {
  const [sql, what] = 'said' in end ? [SAID, JSON.stringify(end.said)] : [FAILED, end.problem];
  await change(db, sql, [account, day, at, what]);
}
