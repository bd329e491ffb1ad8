// What senders listed of their webhooks, as pages, API and alerts show it.
import type { WebhooksView } from '../admin/places/webhooks-view.ts';
import type { WebhookTrouble } from '../alert/finding.ts';
import type { WebhookList } from '../keep/webhook-lists.ts';
import { HOUR_MS } from '../lib/time.ts';
import type { Source } from '../map/source.ts';
import { tellsOf, wrongIn } from '../map/webhooks.ts';
import { isAsked } from '../road/reconcile.ts';
import { untoldOf } from './untold.ts';

/** What was listed longer ago says nothing of now. */
const STALE_MS = 6 * HOUR_MS;

const listOf = (lists: readonly WebhookList[], { store, name }: Source): WebhookList | undefined =>
  lists.find((one) => one.store === store && one.source === name);

/** Undefined where it is not asked for them. */
export async function webhooksView(
  source: Source,
  lists: readonly WebhookList[],
  url: string,
): Promise<WebhooksView | undefined> {
  const { webhooks } = source;
  if (webhooks === undefined || !(await isAsked(source, webhooks.listing))) return undefined;
  const { found, problem, asked_at } = listOf(lists, source) ?? {};
  const { needs, todo, mends } = webhooks;
  const said = { needs, todo, asked_at, problem, mends, mend_needs: webhooks.mend?.needs };
  if (found === undefined) return { ...said, listed: undefined };
  const { off, gone } = wrongIn(source, found.here, Object.keys(found.known));
  const told = found.here.filter(({ on }) => on);
  const listed = {
    at: found.at,
    here: found.here.map(({ mendable: _, plain, ...one }) => ({
      ...one,
      wrong: off.includes(one.id),
      plain: plain && url.startsWith('https:'),
    })),
    gone: gone.map((topic) => ({ topic, last_at: found.known[topic] })),
    astray: found.astray,
    others: found.others,
    untold: told.length === 0 ? [] : untoldOf(source, (topic) => told.some((one) => tellsOf(one, topic))),
  };
  return { ...said, listed };
}

/** What is wrong now; undefined where nothing is, or nobody knows. */
export function webhookTrouble(source: Source, lists: readonly WebhookList[], now: number): WebhookTrouble | undefined {
  const { found } = listOf(lists, source) ?? {};
  if (source.webhooks === undefined || found === undefined) return undefined;
  const { off, gone } = wrongIn(source, found.here, Object.keys(found.known));
  if (off.length === 0 && gone.length === 0) return undefined;
  const switchedOff = found.here.filter(({ id }) => off.includes(id));
  const since = [
    ...switchedOff.flatMap(({ off_since }) => off_since ?? []),
    ...gone.flatMap((topic) => found.known[topic] ?? []),
  ];
  return {
    title: source.title,
    todo: source.webhooks.todo,
    off: [...new Set(switchedOff.flatMap(({ topics }) => topics))],
    gone,
    all: !found.here.some(({ on }) => on),
    since: Math.min(found.at, ...since),
    stale: now - found.at > STALE_MS,
  };
}
