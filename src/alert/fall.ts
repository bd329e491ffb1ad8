// How far a share fell from the seven days before to the last 24 hours, and how surely it is more than chance. Pure.

/** `part` of `all` have something. */
export type Share = { part: number; all: number };
/** `fell` is relative: 1 where nothing is left. `surely` counts standard deviations of the difference. */
export type Fall = { share: number; was: number; fell: number; surely: number };

/** Standard deviations between chance and a fall; an incident is over at half of both. */
const SURE = 4;
/** Of fewer nothing can be said. */
const FEWEST = 20;

/** Undefined where either has too few to compare. */
export function fallOf(now: Share, before: Share): Fall | undefined {
  if (now.all < FEWEST || before.all < FEWEST) return undefined;
  const [share, was] = [now.part / now.all, before.part / before.all];
  const all = (now.part + before.part) / (now.all + before.all);
  const deviation = Math.sqrt(all * (1 - all) * (1 / now.all + 1 / before.all));
  return {
    share,
    was,
    fell: was === 0 ? 0 : 1 - share / was,
    surely: deviation === 0 ? 0 : (was - share) / deviation,
  };
}

/** Enough to open an incident where a fall of `least` counts, enough for an open one to stay, or neither. */
export function weightOf({ fell, surely }: Fall, least: number): 'opens' | 'holds' | undefined {
  if (fell >= least && surely >= SURE) return 'opens';
  return fell >= least / 2 && surely >= SURE / 2 ? 'holds' : undefined;
}

/**
 * How many of those of now can be compared with those before, of which `part` had something, where both are of several kinds:
 * all of them while the kinds are mixed as before. A kind that is new, or of which there are more, may be one that never had it.
 */
export function alikeIn(now: ReadonlyMap<string, number>, before: ReadonlyMap<string, number>, part: number): number {
  const grown = [...before].map(([kind, all]) => ({ all, growth: (now.get(kind) ?? 0) / all }));
  const most = grown.reduce((sum, { all }) => sum + all, 0);
  let left = part;
  let least = 0;
  // As few as there may be now, were each kind what it was: those that had it are of the kinds that grew least.
  for (const { all, growth } of grown.toSorted((a, b) => a.growth - b.growth)) {
    const had = Math.min(left, all);
    left -= had;
    least += had * growth;
  }
  return part === 0 ? 0 : Math.round((least * most) / part);
}

/** `7%`. */
export const percent = (share: number): string => `${Math.round(share * 100)}%`;
