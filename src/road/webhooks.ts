// Asks one sender for its webhooks, notes which of them send here, and switches those on again that it switched off.
import type { Keep } from '../keep/keep.ts';
import type { WebhookList, WebhooksFound } from '../keep/questions/webhook-lists.ts';
import { DAY_MS, HOUR_MS } from '../lib/time.ts';
import {
  addressesOf,
  askMend,
  type Hooked,
  joined,
  NO_POINTING,
  neededTopics,
  type Pointing,
  readPointing,
  tellsOf,
  wrongIn,
} from '../map/asking/webhooks.ts';
import type { Webhooks } from '../map/asking/webhooks-compile.ts';
import type { Store } from '../map/files/load.ts';
import type { Source } from '../map/files/source.ts';
import { createPagesOf, createPatient, type ListedParts, type MayGoOn } from './listed.ts';
import { isAsked } from './reconcile.ts';

export type AskWebhooksParts = ListedParts & {
  keep: Pick<Keep, 'listWebhooks' | 'noteWebhooks' | 'writeAudit'>;
  publicUrl: string | undefined;
  /** Is there a source that takes hooks at store/source? */
  knows: (place: string) => boolean;
};
export type AskWebhooks = ReturnType<typeof createAskWebhooks>;
export type AskOptions = {
  mayGoOn?: MayGoOn;
  /** Switch those on again that the sender switched off, and in whose name. */
  mend?: { actor: string; atOnce: boolean } | undefined;
};
type Task = { source: Source; mayGoOn: MayGoOn };
/** Which were switched on again, and why others were not, by their ids. */
type Ends = { mended: readonly string[]; unmended: ReadonlyMap<string, string> };
type End = { found: WebhooksFound } | { problem: string };
/** What was listed, and why one that should be could not be switched on again. */
export type AskedWebhooks = End & { mended: readonly string[]; unmended?: string };

/** A sender has a few; one whose list has no end is not read on. */
const MOST_PAGES = 150;
const MOST_KNOWN = 300;
const KNOWN_MS = 60 * DAY_MS;
/** What is switched off again and again has a cause that must be mended: so long is waited before each next time. */
const GAPS_MS = [0, 2 * HOUR_MS, 6 * HOUR_MS];
const LONGEST_GAP_MS = DAY_MS;
const COUNTED_MS = 3 * DAY_MS;
/** By its path alone it may be one of another service, which is not tried. */
const NOT_KNOWN = 'PUBLIC_URL is not set, without which nobody can tell whether it sends here';

/** Is there a source that takes hooks at store/source? */
export function takesHooks(stores: readonly Pick<Store, 'name' | 'sources'>[], place: string): boolean {
  const [store, source = ''] = place.split('/');
  return stores.some(({ name, sources }) => name === store && sources.get(source)?.entered === false);
}

/** What a source listed last. */
export const lastOf = (all: readonly WebhookList[], { store, name }: Source): WebhookList | undefined =>
  all.find((one) => one.store === store && one.source === name);

const isRecent = (at: number, now: number): boolean => at <= now && now - at < COUNTED_MS;

/** May it be switched on again, after these tries? */
function mayMend(tries: readonly number[], now: number): boolean {
  const lately = tries.filter((at) => isRecent(at, now));
  const gap = GAPS_MS[lately.length] ?? LONGEST_GAP_MS;
  return lately.every((at) => now - at >= gap);
}

/** What was listed now, with what is known from before. */
export function foundOf(
  source: Pick<Source, 'rules'>,
  { here: all, ...elsewhere }: Pointing,
  before: WebhooksFound | undefined,
  at: number,
): WebhooksFound {
  const here = all.map((one) => {
    const was = before?.here.find(({ id }) => id === one.id);
    const mended_at = was?.mended_at !== undefined && isRecent(was.mended_at, at) ? was.mended_at : undefined;
    if (one.on) return { ...one, mended_at };
    const off_since = was?.on === false ? (was.off_since ?? at) : at;
    return { ...one, off_since, mended_at, unmended: was?.unmended };
  });
  // One that is not listed for once is not forgotten: it would be switched on more often than it may.
  const tries = Object.entries(before?.tries ?? {}).flatMap(([id, times]): [string, number[]][] => {
    const left = times.filter((time) => isRecent(time, at));
    return left.length === 0 ? [] : [[id, left]];
  });
  const old = Object.entries(before?.known ?? {}).filter(([, last]) => last <= at && at - last < KNOWN_MS);
  const topics = [...new Set([...neededTopics(source, here), ...old.map(([topic]) => topic)])];
  const told = topics.filter((topic) => here.some((one) => one.on && tellsOf(one, topic)));
  const known = { ...Object.fromEntries(old), ...Object.fromEntries(told.map((topic) => [topic, at])) };
  const found = {
    ...{ at, here, ...elsewhere, tries: Object.fromEntries(tries) },
    known: Object.fromEntries(Object.entries(known).slice(0, MOST_KNOWN)),
  };
  const gone = wrongIn(source, found).gone.map((topic) => [topic, before?.gone[topic] ?? at]);
  return { ...found, gone: Object.fromEntries(gone) };
}

/** With what is known of those that go to sources which are not there. */
const withLost = (found: WebhooksFound, before: WebhooksFound | undefined, knows: AskWebhooksParts['knows']) => ({
  ...found,
  beside: found.beside?.map((one) => {
    const was = before?.beside?.find(({ place }) => place === one.place);
    return knows(one.place) ? one : { ...one, lost_since: was?.lost_since ?? found.at };
  }),
});

const withTries = (found: WebhooksFound, due: readonly Hooked[], at: number): WebhooksFound => {
  const more = due.map(({ id }): [string, number[]] => [id, [...(found.tries[id] ?? []), at]]);
  return { ...found, tries: { ...found.tries, ...Object.fromEntries(more) } };
};

function withEnds(found: WebhooksFound, { mended, unmended }: Ends, at: number): WebhooksFound {
  const here = found.here.map((one) => {
    if (mended.includes(one.id)) return { ...one, mended_at: at, unmended: undefined };
    return unmended.has(one.id) ? { ...one, unmended: unmended.get(one.id) } : one;
  });
  return { ...found, here };
}

export function createAskWebhooks({ lookups, keep, now, signal, publicUrl, knows }: AskWebhooksParts) {
  const pagesOf = createPagesOf({ lookups, now, signal });
  const patient = createPatient({ now, signal });
  const knowsWhere = (source: Source): boolean => addressesOf(source, publicUrl).whole.length > 0;

  const list = async (source: Source, webhooks: Webhooks, mayGoOn: MayGoOn) => {
    const addresses = addressesOf(source, publicUrl);
    let all = NO_POINTING;
    let pages = 0;
    for await (const got of pagesOf({ source, listing: webhooks.listing, since: 0, until: now() }, mayGoOn)) {
      if (!('page' in got)) return got;
      pages += 1;
      const read = await readPointing(source, webhooks, addresses, got.page.records);
      if ('problem' in read) return read;
      all = joined([all, read]);
      if (!got.isLast && pages >= MOST_PAGES) return { problem: `the list has more than ${MOST_PAGES} pages` };
    }
    return all;
  };

  /** Why it could not be switched on again, or nothing. */
  const mendOne = async (source: Source, webhooks: Webhooks, one: Hooked): Promise<string | undefined> => {
    const asked = await askMend(source, webhooks, one);
    if (asked === undefined) return 'a setting is missing';
    if ('problem' in asked) return asked.problem;
    const given = await patient(() => lookups.page(source, asked));
    if ('answer' in given) return undefined;
    const [reason] = ('lacks' in given ? given.lacks : given.reason).split(': ');
    // With the same key the list was had: what it lacks is the right, and that is told beside.
    return reason;
  };

  /** Those that the sender switched off and somebody needs, as far as it is their time. */
  const toMend = (source: Source, found: WebhooksFound, { mend }: AskOptions): Hooked[] => {
    const { mends = false } = source.webhooks ?? {};
    if (mend === undefined) return [];
    const { off } = wrongIn(source, found);
    const isDue = ({ id }: Hooked) => mend.atOnce || (mends && mayMend(found.tries[id] ?? [], now()));
    return found.here.filter((one) => one.mendable && off.includes(one.id) && isDue(one));
  };

  /** Tries to switch them on again, one after the other, and tells of each how it ended; undefined where nobody may go on. */
  const switchOn = async (task: Task, webhooks: Webhooks, due: readonly Hooked[], actor: string) => {
    const { source, mayGoOn } = task;
    const mended: string[] = [];
    const unmended = new Map<string, string>();
    for (const one of due) {
      if (signal.aborted || !(await mayGoOn())) return undefined;
      const problem = knowsWhere(source) ? await mendOne(source, webhooks, one) : NOT_KNOWN;
      if (problem !== undefined) unmended.set(one.id, problem);
      else {
        mended.push(one.id);
        const detail = `${source.name}: webhook ${one.id} (${one.topics.slice(0, 3).join(', ')}) switched on again`;
        await keep.writeAudit({ at: now(), actor, action: 'webhook on', store: source.store, detail });
      }
    }
    return { mended, unmended };
  };

  /** Asks, and notes what came of it; undefined where the source has not the settings for it, or nobody may go on. */
  return async function askWebhooks(source: Source, options: AskOptions = {}): Promise<AskedWebhooks | undefined> {
    const { webhooks, store, name } = source;
    const { mayGoOn = async () => true, mend } = options;
    if (webhooks === undefined || !(await isAsked(source, webhooks.listing))) return undefined;
    const place = { store, source: name };
    const last = lastOf(await keep.listWebhooks(), source);

    const look = async (before: WebhooksFound | undefined): Promise<End | undefined> => {
      const got = await list(source, webhooks, mayGoOn);
      if ('stopped' in got) return undefined;
      return 'problem' in got ? got : { found: withLost(foundOf(source, got, before, now()), before, knows) };
    };
    const first = await look(last?.found);
    if (first === undefined) return undefined;
    const due = 'found' in first ? toMend(source, first.found, options) : [];
    if (!('found' in first) || mend === undefined || due.length === 0) {
      await keep.noteWebhooks(place, now(), first);
      return { ...first, mended: [] };
    }

    const tried = knowsWhere(source) ? withTries(first.found, due, now()) : first.found;
    // Before it is done: whoever ends here tries no more often than it may.
    await keep.noteWebhooks(place, now(), { found: tried });
    const done = await switchOn({ source, mayGoOn }, webhooks, due, mend.actor);
    if (done === undefined) return undefined;
    const found = withEnds(tried, done, now());
    // What an answer says of itself is one thing, what is listed then another.
    const end = done.mended.length === 0 ? { found } : await look(found);
    if (end === undefined) return undefined;
    await keep.noteWebhooks(place, now(), end);
    const [reason] = [...done.unmended.values()].slice(-1);
    return { ...end, mended: done.mended, ...(reason !== undefined && { unmended: reason }) };
  };
}
