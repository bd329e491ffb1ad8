// What senders listed of their webhooks, as pages, API and alerts show it.
import type { WebhooksView } from '../admin/places/webhooks-view.ts';
import type { WebhookTrouble } from '../alert/finding.ts';
import type { WebhookList, WebhooksFound } from '../keep/questions/webhook-lists.ts';
import { HOUR_MS, MINUTE_MS } from '../lib/time.ts';
import { isRefusal } from '../map/asking/lookup-request.ts';
import { lostIn, tellsOf, wrongIn } from '../map/asking/webhooks.ts';
import type { Store } from '../map/files/load.ts';
import type { Source } from '../map/files/source.ts';
import { isAsked } from '../road/reconcile.ts';
import { lastOf, takesHooks } from '../road/webhooks.ts';
import { untoldOf } from './untold.ts';

/** What was listed longer ago says nothing of now. */
const STALE_MS = 6 * HOUR_MS;
/** What is gone may be one bad answer of the shop: it must be so in another one, so much later. */
const SURE_MS = 30 * MINUTE_MS;
/** What comes later all the same is sent by something that is not listed with this address, such as a relay. */
const ON_THE_WAY_MS = 10 * MINUTE_MS;

/** When the last hook of a topic came. */
type Came = { topic: string; last_at: number };

/** What is wrong, but for what comes all the same. */
function wrongOf(source: Source, found: WebhooksFound, came: readonly Came[]) {
  const { off, gone } = wrongIn(source, found);
  const since = (topic: string) => found.gone[topic] ?? found.at;
  const comes = (topic: string) =>
    came.some((one) => tellsOf({ topics: [topic] }, one.topic) && one.last_at > since(topic) + ON_THE_WAY_MS);
  return { off, gone: gone.filter((topic) => !comes(topic)), since };
}

type Stores = readonly Pick<Store, 'name' | 'sources'>[];
/** What goes to other sources of this service; of those that are not there, since when. They may have come back meanwhile. */
const besideOf = ({ beside = [] }: WebhooksFound, stores: Stores) =>
  beside.map((one) => ({ ...one, lost_since: takesHooks(stores, one.place) ? undefined : one.lost_since }));

/** Undefined where it is not asked for them. */
export async function webhooksView(
  source: Source,
  lists: readonly WebhookList[],
  came: readonly Came[],
  { url, stores }: { url: string; stores: Stores },
): Promise<WebhooksView | undefined> {
  const { webhooks } = source;
  if (webhooks === undefined || !(await isAsked(source, webhooks.listing))) return undefined;
  const { found, problem, asked_at } = lastOf(lists, source) ?? {};
  const { needs, todo, mends } = webhooks;
  const refused = problem !== undefined && isRefusal(problem);
  const said = { needs, todo, asked_at, problem, refused, mends, mend_needs: webhooks.mend?.needs };
  if (found === undefined) return { ...said, listed: undefined };
  const { off, gone } = wrongOf(source, found, came);
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
    beside: besideOf(found, stores),
    others: found.others,
    untold: told.length === 0 ? [] : untoldOf(source, (topic) => told.some((one) => tellsOf(one, topic))),
  };
  return { ...said, listed };
}

/** What is wrong now; undefined where nothing is, or nobody knows. */
export async function webhookTrouble(
  source: Source,
  lists: readonly WebhookList[],
  came: readonly Came[],
  { now, stores }: { now: number; stores: Stores },
): Promise<WebhookTrouble | undefined> {
  const { webhooks, title } = source;
  const { found } = lastOf(lists, source) ?? {};
  if (found === undefined || webhooks === undefined || !(await isAsked(source, webhooks.listing))) return undefined;
  const wrong = wrongOf(source, found, came);
  const switchedOff = found.here.filter(({ id }) => wrong.off.includes(id));
  const gone = wrong.gone.filter((topic) => found.at - wrong.since(topic) >= SURE_MS);
  const missing = besideOf(found, stores).filter(({ lost_since }) => lost_since !== undefined);
  const lost = lostIn(source, found.here, missing);
  if (switchedOff.length + gone.length + lost.length === 0) return undefined;
  const since = [
    ...switchedOff.flatMap(({ off_since }) => off_since ?? []),
    ...gone.flatMap((topic) => found.known[topic] ?? []),
    ...lost.flatMap(({ lost_since }) => lost_since ?? []),
  ];
  return {
    ...{ title, todo: webhooks.todo, gone },
    off: [...new Set(switchedOff.flatMap(({ topics }) => topics))],
    lost: lost.map(({ place, topics }) => ({ place, topics })),
    all: !found.here.some(({ on }) => on),
    since: Math.min(found.at, ...since),
    stale: now - found.at > STALE_MS,
  };
}
