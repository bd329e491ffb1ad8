// What destinations say of the events that they got, as pages, API and alerts show it.
import type { AccountQuality } from '../admin/places/quality-view.ts';
import { LOW_SCORE } from '../alert/finding.ts';
import type { Keep } from '../keep/keep.ts';
import { DAY_MS, dayAt } from '../lib/time.ts';
import type { Mappings } from '../map/mappings.ts';
import { askedAccounts } from '../road/quality.ts';
import type { Clock, EventQuality } from '../types.ts';

/** So many days back is looked for what was said before. */
const SHOWN_DAYS = 30;
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
      const [last] = said;
      const answered = asked.findIndex((one) => one.said !== undefined);
      const untold = answered === -1 ? asked : asked.slice(0, answered);
      return [
        {
          ...{ account, title: quality.title, todo: quality.todo, said },
          names: routes.map(({ store, name }) => ({ store, destination: name })),
          asked_at: asked[0]?.asked_at,
          problem: asked[0]?.problem,
          untold: untold.map((one) => one.asked_at).reverse(),
          events: (last?.events ?? []).map((event) => ({ ...event, ...wrongWith(event) })),
        },
      ];
    });
  };
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
