// Asks each sender for its webhooks, again and again, by one thread of one replica.
import type { Keep } from '../keep/keep.ts';
import type { WebhookList } from '../keep/questions/webhook-lists.ts';
import { describeError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { HOUR_MS, MINUTE_MS } from '../lib/time.ts';
import { every } from '../lib/wait.ts';
import type { Store } from '../map/files/load.ts';
import type { Source } from '../map/files/source.ts';
import type { Clock } from '../types.ts';
import { createAlone } from './alone.ts';
import { isAsked } from './reconcile.ts';
import { type AskWebhooks, lastOf } from './webhooks.ts';

/** Whoever asks a source for its webhooks, the service or a person, holds the lease of this name. */
export const WEBHOOKS_LEASE_MS = 150_000;
export const webhooksLease = ({ store, name }: Pick<Source, 'store' | 'name'>): string => `webhooks ${store}/${name}`;

export type WatchingWebhooksParts = {
  stores: { all: () => readonly Store[] };
  keep: Pick<Keep, 'listWebhooks' | 'takeWatch' | 'leaveWatch'>;
  askWebhooks: AskWebhooks;
  now: Clock;
  newId: () => string;
  log: Log;
  signal: AbortSignal;
};

const LOOK_MS = MINUTE_MS;
const EVERY_MS = HOUR_MS;
/** Who answered not long ago is asked again soon; who is refused day after day is not. */
const AFTER_PROBLEM_MS = 15 * MINUTE_MS;
const ANSWERED_MS = 2 * HOUR_MS;
/** In whose name webhooks are switched on again. */
const ACTOR = 'tagbridge';

export function createWatchingWebhooks(parts: WatchingWebhooksParts) {
  const { stores, keep, askWebhooks, now, newId, log, signal } = parts;
  const alone = createAlone({ keep, now, newId }, WEBHOOKS_LEASE_MS);
  /** A key may have been mended for this start. */
  const started = now();

  const isDue = (source: Source, all: readonly WebhookList[]): boolean => {
    const last = lastOf(all, source);
    if (last === undefined || last.asked_at > now()) return true;
    if (last.problem === undefined) return now() - last.asked_at >= EVERY_MS;
    const hasAnswered = last.found !== undefined && now() - last.found.at < ANSWERED_MS;
    return now() - last.asked_at >= (hasAnswered ? AFTER_PROBLEM_MS : EVERY_MS) || last.asked_at < started;
  };

  const ask = async (source: Source): Promise<void> => {
    const place = { store: source.store, source: source.name };
    await alone(webhooksLease(source), async (mayGoOn) => {
      // Whoever had the lease before may have asked meanwhile.
      const all = await keep.listWebhooks();
      if (!isDue(source, all)) return;
      const asked = await askWebhooks(source, { mayGoOn, mend: { actor: ACTOR, atOnce: false } });
      if (asked === undefined) return;
      if ('problem' in asked) {
        const isNews = asked.problem !== lastOf(all, source)?.problem;
        if (isNews) log.warn({ ...place, reason: asked.problem }, 'webhooks.not_listed');
      } else {
        const { here } = asked.found;
        const off = here.filter(({ on }) => !on).length;
        log.info({ ...place, here: here.length, off, mended: asked.mended.length }, 'webhooks.listed');
      }
      if (asked.unmended !== undefined) log.warn({ ...place, reason: asked.unmended }, 'webhooks.not_mended');
    });
  };

  /** Asks whom it is time to ask, one after the other. Never rejects. */
  const round = async (): Promise<void> => {
    let all: readonly WebhookList[] | undefined;
    for (const source of stores.all().flatMap(({ sources }) => [...sources.values()])) {
      if (signal.aborted) return;
      const { webhooks } = source;
      if (webhooks === undefined) continue;
      try {
        if (!(await isAsked(source, webhooks.listing))) continue;
        all ??= await keep.listWebhooks();
        if (isDue(source, all)) await ask(source);
      } catch (error) {
        log.error({ store: source.store, source: source.name, error: describeError(error) }, 'webhooks.failed');
      }
    }
  };

  return { round, keepWatching: (): Promise<void> => every(LOOK_MS, signal, round) };
}
