// Findings about purchases that stop while hooks come: the webhook of paid orders is gone, or a mapping takes none of them.
import { MINUTE_MS } from '../lib/time.ts';
import { ago, count, counted } from '../lib/words.ts';
import { type Facts, type Finding, type PurchaseFacts, pathOf } from './finding.ts';
import { judgeSilence } from './silence.ts';
import type { Usual } from './usual.ts';

/** The last hooks of a source that falls silent need not be purchases. */
const LAST_HOOKS_MS = 20 * MINUTE_MS;

/** Does a source send less than usual that could have told of half of them? Then that is told, and nothing more. */
const isExplained = ({ sources, open, now, watchedSince }: Facts, store: string, since: number, { perWeek }: Usual) =>
  sources.some(({ store: of, source, last, usual }) => {
    if (of !== store || last === undefined || usual === undefined || usual.perWeek < perWeek / 2) return false;
    if (last < since + LAST_HOOKS_MS || open.has(`hooks ${store}/${source}`)) return true;
    return judgeSilence(usual, { last, watchedSince, now }).kind !== 'usual';
  });

/** Stuck hooks are not counted further than that. */
const ENOUGH_HELD = 500;

/** May half of them be among the hooks that are stuck, or not mapped yet? Then that is told, and purchases may be made. */
function isHeldUp({ mapped }: Facts, store: string, since: number, expected: number): boolean {
  const own = mapped.filter((one) => one.store === store);
  const held = own.reduce((all, { stuck, kept }) => all + kept + stuck.filter((at) => at >= since).length, 0);
  return held >= Math.min(expected / 2, ENOUGH_HELD);
}

function findOf(facts: Facts, { store, last, usual, entered }: PurchaseFacts): Finding | undefined {
  const { now, watchedSince, open } = facts;
  if (entered) return undefined;
  const subject = `purchases ${store}`;
  const incident = open.get(subject);
  const base = {
    subject,
    kind: 'purchases',
    stores: [store],
    path: pathOf('/hooks', { store, state: 'ignored' }),
    todo: 'See whether the sender still sends the webhook of paid orders, and on the page of sources why orders do not count. Place a test order if in doubt.',
  } as const;
  const verdict = usual && judgeSilence(usual, { last, watchedSince, now });
  if (usual === undefined || verdict === undefined || verdict.kind === 'usual') {
    const holds = verdict?.kind === 'usual' && verdict.holds;
    if (incident === undefined || (!holds && last >= incident.opened_at)) return undefined;
    const title = `${store}: no purchase is made`;
    return { ...base, title, detail: 'Fewer than usual still.', since: incident.since, weight: 'holds' };
  }
  const { since, came, expected } = verdict;
  const isTold = isExplained(facts, store, since, usual) || isHeldUp(facts, store, since, expected);
  const weight = isTold ? 'shown' : 'opens';
  if (verdict.kind === 'silent')
    return {
      ...base,
      title: `${store}: no purchase is made`,
      detail: `No purchase has been made for ${ago(now - since)}. Usually about ${count(expected)} are made in such a time.`,
      since,
      weight,
    };
  return {
    ...base,
    title: `${store}: much fewer purchases than usual`,
    detail: `${counted(came, 'purchase was', 'purchases were')} made in 24 hours. Usually about ${count(expected)} are made on such a day.`,
    since,
    weight,
  };
}

export const findInPurchases = (facts: Facts): Finding[] =>
  facts.purchases.map((one) => findOf(facts, one)).filter((found) => found !== undefined);
