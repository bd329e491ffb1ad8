// Findings about sources: silence, nothing ever, signatures that do not fit, webhooks that get lost, and lists that nobody can compare.
import { DAY_MS, MINUTE_MS } from '../lib/time.ts';
import { ago, count, counted } from '../lib/words.ts';
import { type Facts, type Finding, pathOf, quietWeight, type SourceFacts } from './finding.ts';
import { judgeSilence } from './silence.ts';

/** A new source has so long to send its first hook. */
const NEVER_MS = DAY_MS;
const LOOK =
  'Place a test order, or send a test from the sender. If it does not show up here, see there whether the webhook is still switched on and has the address of this page.';

/** Whether so few hooks or none are what the source usually sends at such a time. */
function findSilence(facts: Facts, one: SourceFacts): Finding | undefined {
  const { store, source, last, usual, known_since, farewell } = one;
  const { now, watchedSince, open } = facts;
  const place = `${store}/${source}`;
  const subject = `hooks ${place}`;
  const base = { subject, kind: 'silence', stores: [store], path: '/sources', todo: LOOK } as const;
  const incident = open.get(subject);
  if (last === undefined) {
    return {
      ...base,
      title: `${place}: no hook ever came`,
      detail: `It was set up ${ago(now - known_since)} ago, and nothing has come from it since.`,
      todo: 'Paste its address where the sender asks for a webhook URL, and send a test.',
      since: known_since,
      weight: now - known_since < NEVER_MS ? 'shown' : 'opens',
      later: true,
    };
  }
  if (farewell !== undefined) {
    return {
      ...base,
      title: `${place}: no more hooks will come`,
      detail: `${farewell.topic} came ${ago(now - farewell.at)} ago: ${farewell.reason}.`,
      todo: 'Connect the sender again, as the page of this source says. If that is meant, take the source out of the store file.',
      path: `/sources/${place}`,
      since: farewell.at,
      weight: 'opens',
    };
  }
  const verdict = usual && judgeSilence(usual, { last, watchedSince, now });
  if (verdict === undefined || verdict.kind === 'usual') {
    // What made it unusual may have grown old and be forgotten; only a hook ends silence.
    const holds = verdict?.kind === 'usual' && verdict.holds;
    if (incident === undefined || (!holds && last >= incident.opened_at)) return undefined;
    return {
      ...base,
      title: `${place} is silent`,
      detail: `The last hook came ${ago(now - last)} ago.`,
      since: incident.since,
      weight: 'holds',
    };
  }
  const { since, came, expected } = verdict;
  if (verdict.kind === 'silent')
    return {
      ...base,
      title: `${place} is silent`,
      detail: `No hook has come for ${ago(now - since)}. Usually about ${count(expected)} come in such a time.`,
      since,
      weight: 'opens',
    };
  return {
    ...base,
    title: `${place} is much quieter than usual`,
    detail: `${counted(came, 'hook', 'hooks')} came in 24 hours. Usually about ${count(expected)} come on such a day.`,
    since,
    weight: 'opens',
  };
}

const MANY_REFUSED = 20;
const SOME_REFUSED = 5;

/** Whether the sender signs with another secret, or a good part of its webhooks does. */
function findRefusals(
  facts: Facts,
  { store, source, last = 0, lately: { hooks, refused }, refused_at }: SourceFacts,
): Finding | undefined {
  const { now, open } = facts;
  const share = refused / Math.max(1, hooks + refused);
  const opens = (refused >= SOME_REFUSED && share >= 0.5) || (refused >= MANY_REFUSED && share >= 0.1);
  const place = `${store}/${source}`;
  const subject = `signature ${place}`;
  // A sender that gave up is refused no more: only a hook that is taken says that its signatures fit.
  if (!opens && share < 0.05 && last >= (open.get(subject)?.opened_at ?? 0)) return undefined;
  return {
    subject,
    kind: 'signature',
    stores: [store],
    title: `${place}: signatures do not fit`,
    detail: `${counted(refused, 'request was', 'requests were')} refused in the last two hours, ${count(hooks)} taken. What is refused is not kept, and counts nowhere unless it is sent again.`,
    todo: 'Compare the secret of the sender with the one of this source. While you change it, name both in the store file. The clock of this machine must be right too: what seems too old is refused; the log says why. Requests of strangers look the same; then there is nothing to do.',
    path: '/sources',
    since: open.get(subject)?.since ?? now,
    weight: opens ? 'opens' : refused > 0 ? 'holds' : quietWeight(facts, subject, refused_at),
  };
}

const SOME_LOST = 3;

/** Whether a part of the webhooks that can be seen gets lost, or all of them. */
function findLost({ now, open }: Facts, { store, source, lost: { fetched, sent } }: SourceFacts): Finding | undefined {
  if (fetched === 0) return undefined;
  const place = `${store}/${source}`;
  const subject = `lost ${place}`;
  const opens = sent === 0 || (fetched >= SOME_LOST && fetched / (fetched + sent) >= 0.1);
  return {
    subject,
    kind: 'lost',
    stores: [store],
    title: `${place}: webhooks do not arrive`,
    detail: `${counted(fetched, 'hook', 'hooks')} had to be fetched from the shop in 24 hours, because no webhook told of what is in ${fetched === 1 ? 'it' : 'them'}; ${count(sent)} came by ${sent === 1 ? 'itself' : 'themselves'}. Nothing of it is lost, but it is late.`,
    todo: 'Look at the sender whether all its webhooks are still switched on and have the address of this page, and whether it says why they fail.',
    path: pathOf('/hooks', { store, source }),
    since: open.get(subject)?.since ?? now,
    weight: opens ? 'opens' : 'holds',
  };
}

/** Whether a webhook that gets lost would be missed by nobody, though the source has the settings for it. */
function findUncompared({ now, open }: Facts, { store, source, uncompared }: SourceFacts): Finding | undefined {
  if (uncompared === undefined) return undefined;
  const { problem, done_at, stale } = uncompared;
  const place = `${store}/${source}`;
  const subject = `reconcile ${place}`;
  const last = done_at === undefined ? 'It never was compared' : `It was last compared ${ago(now - done_at)} ago`;
  return {
    subject,
    kind: 'reconcile',
    stores: [store],
    title: `${place}: what came from it cannot be compared with what it lists`,
    detail: `${problem}. ${last}. Webhooks are taken as ever; one that gets lost is not made up for.`,
    todo: 'Look whether it still lets the bridge read its orders or deals: the key or the app may have been taken away. The page of this source says how to make one.',
    path: `/sources/${place}`,
    since: open.get(subject)?.since ?? done_at ?? now,
    weight: stale ? 'holds' : 'opens',
  };
}

export const findInSources = (facts: Facts): Finding[] =>
  facts.sources.flatMap((one) =>
    [findSilence, findRefusals, findLost, findUncompared]
      .map((find) => find(facts, one))
      .filter((found) => found !== undefined),
  );

const BEHIND_MS = 15 * MINUTE_MS;
const BEHIND_CALM_MS = 5 * MINUTE_MS;

/** Hooks of a source that were taken and not mapped, or not yet. */
export function findInMapping({ mapped, now }: Facts): Finding[] {
  return mapped.flatMap(({ store, source, stuck, kept, oldest, unanswered }): Finding[] => {
    const place = `${store}/${source}`;
    const recent = stuck.filter((at) => now - at < DAY_MS);
    const told = recent.length > 0 ? recent : stuck;
    const findings: Finding[] = [];
    if (told.length > 0)
      findings.push({
        subject: `stuck ${place}`,
        kind: 'stuck',
        stores: [store],
        title: `${place}: hooks are stuck`,
        detail: `${counted(told.length, 'hook', 'hooks')} ${recent.length > 0 ? 'of the last 24 hours' : 'from before the last 24 hours'} could not be mapped. Nothing of it is lost.`,
        todo: 'Look at the cause, mend the mapping file, then map them again.',
        path: pathOf('/problems', { store }),
        since: Math.min(...told),
        weight: recent.length > 0 ? 'opens' : 'left',
      });
    if (oldest !== undefined && now - oldest > BEHIND_CALM_MS)
      findings.push({
        subject: `behind ${place}`,
        kind: 'behind',
        stores: [store],
        title: `${place}: hooks wait to be mapped`,
        detail: `${counted(kept, 'hook waits', 'hooks wait')}, the oldest for ${ago(now - oldest)}. Nothing of it is lost.`,
        todo: 'The service is behind. If this number does not fall, look at its log.',
        path: pathOf('/hooks', { store, source, state: 'kept' }),
        since: oldest,
        weight: now - oldest > BEHIND_MS ? 'opens' : 'holds',
      });
    if (unanswered !== undefined) {
      const since = Math.min(...unanswered.came);
      findings.push({
        subject: `behind ${place} unanswered`,
        kind: 'behind',
        stores: [store],
        title: `${place}: hooks wait for an answer`,
        detail: `${counted(unanswered.came.length, 'hook waits', 'hooks wait')}, the oldest for ${ago(now - since)}: it ${unanswered.reason}.`,
        todo: 'Mend what is wrong with the keys, or wait until the other side answers: they go on by themselves then. After six hours they are mapped without the answer, as far as that can be.',
        path: pathOf('/hooks', { store, source, state: 'waiting' }),
        since,
        weight: 'opens',
      });
    }
    return findings;
  });
}
