// One look around: all findings of the facts, and what they mean for incidents. Pure.
import type { Incident, Outcome } from '../keep/questions/incidents.ts';
import { MINUTE_MS } from '../lib/time.ts';
import { figuresOf } from './figures.ts';
import { findInPlaces } from './find-places.ts';
import { findInPurchases } from './find-purchases.ts';
import { findInQualities } from './find-qualities.ts';
import { findInRecounts } from './find-recounts.ts';
import { findInDatabase, findInDisk, findInFiles } from './find-rest.ts';
import { findInMatches, findInReaches } from './find-shares.ts';
import { findInMapping, findInSources } from './find-sources.ts';
import { findInTopics } from './find-topics.ts';
import { findInValues } from './find-values.ts';
import { findInWebhooks } from './find-webhooks.ts';
import type { Facts, Finding } from './finding.ts';
import { KIND_NAMES, type Kind } from './kinds.ts';

export const findAll = (facts: Facts): Finding[] => [
  ...findInDisk(facts),
  ...findInDatabase(facts),
  ...findInPlaces(facts),
  ...findInSources(facts),
  ...findInTopics(facts),
  ...findInWebhooks(facts),
  ...findInMapping(facts),
  ...findInPurchases(facts),
  ...findInMatches(facts),
  ...findInReaches(facts),
  ...findInValues(facts),
  ...findInRecounts(facts),
  ...findInQualities(facts),
  ...findInFiles(facts),
];

/** How long nothing more must be seen of an incident before it is over. */
const CALM_MS: Partial<Record<Kind, number>> = {
  signature: 30 * MINUTE_MS,
  stuck: 5 * MINUTE_MS,
  behind: 5 * MINUTE_MS,
  token: 5 * MINUTE_MS,
  queue: 10 * MINUTE_MS,
  failures: 15 * MINUTE_MS,
  dead: 5 * MINUTE_MS,
  match: 60 * MINUTE_MS,
  skipped: 60 * MINUTE_MS,
  value: 60 * MINUTE_MS,
  disk: 10 * MINUTE_MS,
  database: 5 * MINUTE_MS,
};
/** How long something must be seen before it is told: files are saved half done, and shops have their bad hours. */
const PATIENCE_MS: Partial<Record<Kind, number>> = {
  mapping: 2 * MINUTE_MS,
  failures: 2 * MINUTE_MS,
  reconcile: 180 * MINUTE_MS,
};

const calmOf = (kind: string): number => Object.entries(CALM_MS).find(([name]) => name === kind)?.[1] ?? 0;

/** A time that is still to come was noted by a clock that was set back since, and says nothing. */
const past = (at: number | undefined, now: number): number | undefined =>
  at === undefined || at > now ? undefined : at;

export type Step =
  | { do: 'open'; finding: Finding }
  /** Nothing is seen of it any more, or it is seen again. */
  | { do: 'calm'; id: string; since: number | undefined }
  | { do: 'end'; id: string; outcome: Outcome };

/** What a store file may stop naming while an incident of it is open. */
const OF_A_STORE: ReadonlySet<string> = new Set<Kind>([
  'silence',
  'purchases',
  'signature',
  'lost',
  'reconcile',
  'webhooks',
  'stuck',
  'behind',
  'queue',
  'failures',
  'dead',
  'skipped',
  'value',
  'recount',
  'quality',
]);

/** While replicas are replaced a newer one may have begun what this one cannot see. */
const isKnown = (kind: string): boolean => KIND_NAMES.some((name) => name === kind);

/** Answers whether the subject of an incident is looked at still, so that seeing nothing of it means that it is over. */
export function watchedIn(facts: Facts): (incident: Pick<Incident, 'kind' | 'subject'>) => boolean {
  const subjects = new Set(figuresOf(facts).flatMap((figure) => figure.subjects));
  return ({ kind, subject }) => !OF_A_STORE.has(kind) || subjects.has(subject);
}

/**
 * What to do after a look. `seen` says since when each subject that may open is seen without a pause, in this process;
 * nothing is opened twice, and an incident ends after it was calm for a while, or when nobody is `watching` it any more.
 */
export function decide(
  findings: readonly Finding[],
  incidents: readonly Incident[],
  seen: ReadonlyMap<string, number>,
  now: number,
  watching: (incident: Incident) => boolean = () => true,
): Step[] {
  const bySubject = new Map(findings.map((finding) => [finding.subject, finding]));
  const isOpen = new Set(incidents.map(({ subject }) => subject));
  const steps: Step[] = [];
  for (const incident of incidents) {
    const { id, subject, kind, calm_since } = incident;
    if (!isKnown(kind)) continue;
    const calm = past(calm_since, now);
    const weight = bySubject.get(subject)?.weight;
    if (!watching(incident)) steps.push({ do: 'end', id, outcome: 'unwatched' });
    else if (weight === 'left') steps.push({ do: 'end', id, outcome: 'left' });
    else if (weight !== undefined) {
      if (calm_since !== undefined) steps.push({ do: 'calm', id, since: undefined });
    } else if (now - (calm ?? now) >= calmOf(kind)) steps.push({ do: 'end', id, outcome: 'mended' });
    else if (calm === undefined) steps.push({ do: 'calm', id, since: now });
  }
  for (const finding of findings) {
    const patience = PATIENCE_MS[finding.kind] ?? 0;
    if (finding.weight !== 'opens' || isOpen.has(finding.subject)) continue;
    if (now - (seen.get(finding.subject) ?? now) >= patience) steps.push({ do: 'open', finding });
  }
  return steps;
}

/** Since when each subject that may open an incident is seen without a pause. */
export const stillSeen = (
  findings: readonly Finding[],
  before: ReadonlyMap<string, number>,
  now: number,
): Map<string, number> =>
  new Map(
    findings
      .filter(({ weight }) => weight === 'opens')
      .map(({ subject }) => [subject, past(before.get(subject), now) ?? now]),
  );
