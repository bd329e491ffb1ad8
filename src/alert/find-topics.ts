// Findings about topics of a source: one that used to come regularly has stopped while the source's others go on.
import { DAY_MS, HOUR_MS } from '../lib/time.ts';
import { ago, count } from '../lib/words.ts';
import type { Facts, Finding, SourceFacts, TopicFacts } from './finding.ts';
import { isSilent } from './silence.ts';
import { cameBetween, expectedBetween, type Usual } from './usual.ts';

/** It came in so many weeks, and in most of those since its first: what came once, and much of it, is no habit. */
const LEAST_WEEKS = 3;
const MOST_WEEKS = 3 / 4;
/** Of fewer than these, as they come together, nobody knows how often is usual. */
const LEAST_CLUMPS = 20;
/** Nothing changed for so long: it is meant, or nobody minds. */
const TOLD_MS = 8 * DAY_MS;
const WEEK_MS = 7 * DAY_MS;

/** Hooks of each seven days back from the last one. */
function weeksOf({ counts, first }: Usual, last: number): number[] {
  const weeks: number[] = [];
  for (let until = last; until > first * HOUR_MS; until -= WEEK_MS)
    weeks.push(cameBetween(counts, until - WEEK_MS, until));
  return weeks;
}

function isRegular(weeks: readonly number[], { clump }: Usual): boolean {
  const filled = weeks.filter((hooks) => hooks > 0).length;
  const clumps = weeks.reduce((all, hooks) => all + hooks / clump, 0);
  return clumps >= LEAST_CLUMPS && filled >= LEAST_WEEKS && filled >= MOST_WEEKS * weeks.length;
}

/** As much of it as of the others may be expected: what holds up all of them is told of the source. */
function shareOfOthers(whole: Usual, own: Usual, since: number, now: number): number {
  const came = cameBetween(whole.counts, since, now);
  const expected = expectedBetween(whole, since, now) - expectedBetween(own, since, now);
  return came === 0 ? 0 : Math.min(1, came / Math.max(expected, came));
}

function findStopped(facts: Facts, source: SourceFacts, { topic, last, usual }: TopicFacts): Finding | undefined {
  const { now, watchedSince, open } = facts;
  const place = `${source.store}/${source.source}`;
  const subject = `topic ${place} ${topic}`;
  const incident = open.get(subject);
  const whole = source.usual;
  const weeks = usual === undefined ? [] : weeksOf(usual, last);
  const since = Math.max(last, watchedSince);
  const isTold = (at: number): boolean =>
    usual !== undefined &&
    whole !== undefined &&
    isRegular(weeks, usual) &&
    isSilent(usual, since, at, shareOfOthers(whole, usual, since, at));
  const isStopped = isTold(now);
  const holds = incident !== undefined && last < incident.opened_at;
  if (!isStopped && !holds) return undefined;
  const isOld = isTold(now - TOLD_MS);
  if (isOld && incident === undefined) return undefined;
  return {
    subject,
    kind: 'silence',
    stores: [source.store],
    title: `${place}: ${topic} has stopped`,
    detail: `The last one came ${ago(now - last)} ago, and about ${count(weeks[0] ?? 0)} came in the week before it. Others of this source still come.`,
    todo: 'See at the sender whether this webhook was deleted or switched off, and set it up again. Where that is meant, there is nothing to do.',
    path: `/sources/${place}`,
    since: last,
    weight: isOld ? 'left' : isStopped ? 'opens' : 'holds',
  };
}

export const findInTopics = (facts: Facts): Finding[] =>
  facts.sources.flatMap((source) => source.topics.flatMap((topic) => findStopped(facts, source, topic) ?? []));
