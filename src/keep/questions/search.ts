// The question of the search box: what goes by this id? Answers come from indexes alone.
import { bareNumber } from '../../lib/order-number.ts';
import type { Vault } from '../../lib/vault.ts';
import type { Db, Row } from '../../types.ts';
import { emailMarks, phoneMarks } from '../contact-marks.ts';
import { maybe, text } from '../row.ts';
import { everyValue, listOf } from '../sql.ts';

/** `what` says which of its ids it was. */
export type Match = {
  what: string;
  hook_id: string;
  store: string;
  order_id: string | undefined;
  name: string | undefined;
};
export type Uncounted = { store: string; order_id: string; reason: string };
export type Search = {
  text: string;
  stores: readonly string[];
  /** Nothing of other stores, not even of those that are gone. */
  only?: boolean;
  /** Keys a hook would have under this delivery id of a sender, one for each source. */
  delivery_keys: readonly Uint8Array[];
  /** What the text may be as an e-mail address, and as phone numbers of several countries. */
  emails: readonly string[];
  phones: readonly string[];
};

const MOST = 50;
const EVENT = 'select events.hook_id, events.store, events.order_id, events.name from events';
const HOOK = 'select id as hook_id, store, waits_for as order_id, null as name from hooks';

/** By the whole id, in every store. Parameters are the text, then the stores. */
const EVENT_IDS = (list: string): [string, string][] => [
  ['order id', `${EVENT} where store in ${list} and order_id = $1 order by id limit ${MOST}`],
  ['transaction id', `${EVENT} where store in ${list} and transaction_id = $1 order by id limit ${MOST}`],
  [
    'id of a refund, lead or deal',
    `${EVENT} where store in ${list} and order_id is distinct from $1 and key in ('refund:' || $1, 'generate_lead:' || $1,
      'qualify_lead:' || $1, 'working_lead:' || $1, 'disqualify_lead:' || $1, 'close_convert_lead:' || $1,
      'close_unconvert_lead:' || $1) order by id limit ${MOST}`,
  ],
  ['order it waits for', `${HOOK} where store in ${list} and waits_for = $1 order by id limit ${MOST}`],
  [
    'other id of the order',
    `${EVENT} join orders on orders.event_id = events.id where orders.store in ${list} and orders.order_id = $1
      and events.order_id is distinct from $1 limit ${MOST}`,
  ],
];

// The index begins with the hour: each hour that has any is looked into. All are found before they are sorted: along the
// index of their hooks PostgreSQL, as long as it never counted the table, would read every event until it has as many as asked for.
const BY_MARK = (column: 'email_mark' | 'phone_mark', list: string, stores: string | undefined): string => `
  ${everyValue('hours', 'created_at / 3600000', 'events', `${column} is not null`)}, found as materialized (
    select events.hook_id, events.store, events.order_id, events.name from hours cross join events
    where events.created_at / 3600000 = hours.value and events.${column} in ${list}
      ${stores === undefined ? '' : `and events.store in ${stores}`})
  select hook_id, store, order_id, name from found order by hook_id desc limit ${MOST}`;

// By their ids: asked for more of them at once, SQLite would rather go through all orders of a store than along the index.
const NUMBERED = (list: string): string =>
  `(orders.store, orders.order_id) in (select store, order_id from orders where store in ${list} and number = $1)`;
const BY_NUMBER = (list: string): string => `
  ${EVENT} join orders on orders.event_id = events.id where ${NUMBERED(list)} order by id limit ${MOST}`;
const UNCOUNTED = 'select store, order_id, reason from orders where event_id is null';

const toMatch = (what: string, row: Row): Match => ({
  what,
  hook_id: text(row, 'hook_id'),
  store: text(row, 'store'),
  order_id: maybe(text, row, 'order_id'),
  name: maybe(text, row, 'name'),
});

/** Everything that goes by this id, address or number, and orders that were seen and not counted. */
export async function search(
  db: Db,
  vault: Vault,
  { text: wanted, stores, only = false, delivery_keys, emails, phones }: Search,
): Promise<{ matches: Match[]; uncounted: Uncounted[] }> {
  const list = listOf(stores, 2);
  const ask = async (what: string, sql: string, params: (string | Uint8Array)[]): Promise<Match[]> =>
    (await db.query(sql, params)).map((row) => toMatch(what, row));
  const askKeys = async (what: string, sql: (list: string) => string, keys: readonly Uint8Array[]): Promise<Match[]> =>
    keys.length === 0 ? [] : ask(what, sql(listOf(keys)), [...keys]);
  const askMarks = async (
    what: string,
    column: Parameters<typeof BY_MARK>[0],
    marks: readonly Uint8Array[],
  ): Promise<Match[]> => {
    if (marks.length === 0 || (only && stores.length === 0)) return [];
    const within = only ? stores : [];
    const storeList = only ? listOf(within, marks.length + 1) : undefined;
    return ask(what, BY_MARK(column, listOf(marks), storeList), [...marks, ...within]);
  };
  const marksOf = (marks: (vault: Vault, text: string) => Uint8Array[], texts: readonly string[]) =>
    texts.flatMap((one) => marks(vault, one));
  const found = await Promise.all([
    ask('hook id', `${HOOK} where id = $1`, [wanted]),
    ask('event id', `${EVENT} where id = $1`, [wanted]),
    ...(stores.length === 0 ? [] : EVENT_IDS(list).map(([what, sql]) => ask(what, sql, [wanted, ...stores]))),
    ...(stores.length === 0 ? [] : [ask('order number', BY_NUMBER(list), [bareNumber(wanted), ...stores])]),
    askKeys('delivery id of the sender', (list) => `${HOOK} where delivery_key in ${list}`, delivery_keys),
    askMarks('e-mail', 'email_mark', marksOf(emailMarks, emails)),
    askMarks('phone', 'phone_mark', marksOf(phoneMarks, phones)),
  ]);
  const fits = ({ store }: Match): boolean => !only || stores.includes(store);
  return {
    matches: found.flat().filter(fits),
    uncounted: stores.length === 0 ? [] : await findUncounted(db, wanted, stores, list),
  };
}

/** Orders that were seen and not counted, by their id or number; one that both find stands there once. */
async function findUncounted(db: Db, wanted: string, stores: readonly string[], list: string): Promise<Uncounted[]> {
  const rows = await Promise.all([
    db.query(`${UNCOUNTED} and store in ${list} and order_id = $1`, [wanted, ...stores]),
    db.query(`${UNCOUNTED} and ${NUMBERED(list)}`, [bareNumber(wanted), ...stores]),
  ]);
  const orders = rows.flat().map((row) => ({
    store: text(row, 'store'),
    order_id: text(row, 'order_id'),
    reason: maybe(text, row, 'reason') ?? 'the hook that tells of it waits, or could not be mapped',
  }));
  return [...new Map(orders.map((order) => [JSON.stringify([order.store, order.order_id]), order])).values()];
}
