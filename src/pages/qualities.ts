// What destinations say of the events that they got, as pages, API and alerts show it.
import type { AccountQuality, JudgedQuality } from '../admin/places/quality-view.ts';
import { LOW_SCORE } from '../alert/finding.ts';
import type { Keep } from '../keep/keep.ts';
import type { Said } from '../keep/questions/qualities.ts';
import { DAY_MS, dayAt } from '../lib/time.ts';
import type { Mappings } from '../map/files/mappings.ts';
import { askedAccounts } from '../road/quality-questions.ts';
import type { Clock, EventQuality } from '../types.ts';
import { endsOf } from './token-end.ts';

/** So many days back is looked for what was said before. */
const SHOWN_DAYS = 30;
/** What was said longer ago says nothing of now. */
export const NEWS_MS = 3 * DAY_MS;
/** Percent of the events from which a key is one, and of the browser's from which doubles are known at all. */
const CARRIED = 10;
const COMMON = 50;
const KNOWN = 1;

export type QualitiesParts = { keep: Pick<Keep, 'listQualities'>; mappings: Pick<Mappings, 'all'>; now: Clock };

/** Every account that is asked, with what it said on so many days, the newest first. */
export function createQualities({ keep, mappings, now }: QualitiesParts) {
  return async (back = SHOWN_DAYS): Promise<AccountQuality[]> => {
    const accounts = askedAccounts(mappings.all());
    if (accounts.size === 0) return [];
    const all = await keep.listQualities(dayAt(now() - back * DAY_MS));
    // What was noted by a clock that was set back since says nothing.
    const past = all.filter(({ asked_at }) => asked_at <= now());
    return [...accounts].flatMap(([account, routes]) => {
      const quality = routes[0]?.destination.quality;
      if (quality === undefined) return [];
      const asked = past.filter((one) => one.account === account);
      const said = asked.flatMap((one) => one.said ?? []);
      const answered = asked.findIndex((one) => one.said !== undefined);
      const untold = answered === -1 ? asked : asked.slice(0, answered);
      return [
        {
          ...{ account, title: quality.title, todo: quality.todo, said },
          names: routes.map(({ store, name }) => ({ store, destination: name })),
          asked_at: asked[0]?.asked_at,
          problem: asked[0]?.problem,
          untold: untold.map((one) => one.asked_at).reverse(),
          events: toldNow(said, now()),
          ends: endsOf(account, routes, past, now()),
        },
      ];
    });
  };
}

/** What is told of each event: of purchases and leads what the last answer leaves out is as the one before it said, while that is news. */
function toldNow(said: readonly Said[], now: number): JudgedQuality[] {
  const [last] = said;
  if (last === undefined) return [];
  const told = said
    .filter((one) => one === last || now - one.at <= NEWS_MS)
    .flatMap(({ at, events }) => events.flatMap((event) => (at === last.at || event.counts ? [{ at, event }] : [])));
  return [...Map.groupBy(told, ({ event }) => event.event).values()].flatMap((own): JudgedQuality[] => {
    const [latest] = own;
    if (latest === undefined) return [];
    const match = own.find(({ event }) => event.score !== undefined) ?? latest;
    const known = own.find(({ event }) => event.doubles.length > 0) ?? latest;
    const { score, keys, lacks, issues } = match.event;
    const event = { ...latest.event, score, keys, lacks, issues, doubles: known.event.doubles };
    const told_at = Math.min(latest.at, match.at, known.at);
    return [{ ...event, ...wrongWith(event), ...(told_at < last.at && { told_at }) }];
  });
}

/** Is it low, and are doubles in danger? `no key`: of browser and server at most one sends any; `never known`: keys do not fit. */
export function wrongWith({ score, doubles }: EventQuality): {
  low: boolean;
  doubled: 'no key' | 'never known' | undefined;
} {
  const both = doubles.map(({ browser = 0, server = 0 }) => Math.min(browser, server));
  const most = (side: 'browser' | 'server') => Math.max(0, ...doubles.map((one) => one[side] ?? 0));
  const best = Math.max(0, ...both);
  const known = doubles.flatMap((one) => one.known ?? []);
  const low = score !== undefined && score < LOW_SCORE;
  if (most('browser') < CARRIED || most('server') < CARRIED) return { low, doubled: undefined };
  if (best < CARRIED) return { low, doubled: 'no key' };
  const isStranger = best >= COMMON && known.length > 0 && Math.max(...known) < KNOWN;
  return { low, doubled: isStranger ? 'never known' : undefined };
}
