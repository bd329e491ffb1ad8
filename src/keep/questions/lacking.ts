// Events that lack what leads back to an ad: what each lacks is noted beside it, so that the list of them reads along an index.
import type { Event } from '../../event.ts';
import { CLICK_IDS } from '../../lib/click-ids.ts';
import type { Db } from '../../types.ts';
import { maybe, number, text } from '../row.ts';
import { createWhere, newestOf, pageBelow } from '../sql.ts';
import type { Stretch } from './lists.ts';

/** What a list of them is about: nothing is known of where the buyer came from, no click of an ad, no client id. */
export const LACKS = ['visit', 'click', 'client_id'] as const;
export type Lack = (typeof LACKS)[number];

/** What is noted: `ids` lacks click and client id, and yet its visit is known. */
type Noted = Lack | 'ids';
const NOTED: Record<Lack, readonly Noted[]> = {
  visit: ['visit'],
  click: ['visit', 'ids', 'click'],
  client_id: ['visit', 'ids', 'client_id'],
};
const OF_NOTED: Record<string, readonly Lack[]> = {
  visit: LACKS,
  ids: ['click', 'client_id'],
  click: ['click'],
  client_id: ['client_id'],
};

/** The columns of events for it, and the index. Part of the list of migrations. */
export const lackingColumns = (): string[] => [
  'alter table events add column source text',
  'alter table events add column channel text',
  'alter table events add column lacks text',
  'create index events_lacking on events (store, name, lacks, id) where lacks is not null',
];

/** Null where it lacks nothing, or where nothing is to be expected: a refund follows from its order, a renewal from no visit. */
export function lackOf(event: Event): Noted | null {
  const { name, channel, client_id, visit } = event;
  if (name === 'refund' || channel === 'renewal') return null;
  if (CLICK_IDS.some((id) => event[id] !== undefined)) return client_id === undefined ? 'client_id' : null;
  if (client_id !== undefined) return 'click';
  return visit === undefined ? 'visit' : 'ids';
}

export type LackingEvent = {
  id: string;
  hook_id: string;
  store: string;
  source: string;
  name: string;
  channel: string | undefined;
  order_id: string | undefined;
  created_at: number;
  lacks: readonly Lack[];
};
export type LackingPage = Stretch & { lack: Lack; source?: string | undefined; channel?: string | undefined };

const COLUMNS = 'id, hook_id, store, source, name, channel, order_id, created_at, lacks';

/** Events of all groups that lack it, the newest first. */
export async function listLacking(
  db: Db,
  groups: readonly { store: string; name: string }[],
  { before, since, limit, lack, source, channel }: LackingPage,
): Promise<LackingEvent[]> {
  const ask = (store: string, name: string, noted: Noted) => {
    const where = createWhere([pageBelow(before), since, limit, store, name, noted]);
    where.add('source = ?', source);
    where.add('channel = ?', channel);
    const sql = `select ${COLUMNS} from events where store = $4 and name = $5 and lacks is not null${where.sql()}
      and ${newestOf('lacks', '$6', { first: '$2', end: '$1' })} limit $3`;
    return db.query(sql, where.params);
  };
  const found = await Promise.all(
    groups.flatMap(({ store, name }) => NOTED[lack].map((noted) => ask(store, name, noted))),
  );
  const rows = found.flat().map((row) => ({
    id: text(row, 'id'),
    hook_id: text(row, 'hook_id'),
    store: text(row, 'store'),
    source: text(row, 'source'),
    name: text(row, 'name'),
    channel: maybe(text, row, 'channel'),
    order_id: maybe(text, row, 'order_id'),
    created_at: number(row, 'created_at'),
    lacks: OF_NOTED[text(row, 'lacks')] ?? [],
  }));
  return rows.sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, limit);
}
