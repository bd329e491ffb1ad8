// Findings about destinations: paused, late, failing, and deliveries that ended without arriving.
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../lib/time.ts';
import { ago, count, counted } from '../lib/words.ts';
import { type Facts, type Finding, type PlaceFacts, pathOf, quietWeight } from './finding.ts';

/** The oldest may wait so long; a delivery that failed three times is tried again within that. */
const LATE_MS = 30 * MINUTE_MS;
const LATE_CALM_MS = 5 * MINUTE_MS;
/** Tries of two hours, and the share of them that failed. */
const MANY_FAILED = 20;
const FEW_FAILED = 5;
const FAILING = 0.4;
const FAILING_CALM = 0.2;
/** What died so long ago is told no more; it is still on the page. */
const DEAD_MS = 6 * HOUR_MS;

const placesOf = ({ places }: Facts, account: string): readonly PlaceFacts[] =>
  places.filter((one) => one.account === account);
const storesOf = (places: readonly PlaceFacts[]): string[] => [...new Set(places.map(({ store }) => store))];

/** Accounts that get nothing until somebody acts. One that a person paused is told when it was forgotten for a day. */
function findPaused(facts: Facts): Finding[] {
  return facts.pauses.map(({ account, reason, since, settings }): Finding => {
    const own = placesOf(facts, account);
    const names = own.map(({ store, destination }) => `${store}/${destination}`).join(', ');
    const waiting = own.reduce((all, one) => all + one.waiting, 0);
    const byHand = settings === undefined;
    return {
      subject: `token ${account}`,
      kind: 'token',
      stores: storesOf(own),
      title: `${names === '' ? account : names} ${own.length > 1 ? 'are' : 'is'} paused`,
      detail: `For ${ago(facts.now - since)} nothing is sent there: ${reason}. ${counted(waiting, 'delivery waits', 'deliveries wait')}.`,
      todo: byHand
        ? 'Resume it when what was to be done is done. Orders are kept and wait; what grows too old is lost to it.'
        : 'Mend the cause, such as a token that is not valid any more, then resume it. Orders are kept and wait; what grows too old is lost to it.',
      path: '/destinations',
      since,
      weight: !byHand || facts.now - since > DAY_MS ? 'opens' : 'shown',
    };
  });
}

function lateness({ store, destination, waiting, oldest }: PlaceFacts, now: number): Finding | undefined {
  if (oldest === undefined || now - oldest < LATE_CALM_MS) return undefined;
  const place = `${store}/${destination}`;
  return {
    subject: `sending ${place}`,
    kind: 'queue',
    stores: [store],
    title: `${place}: deliveries are late`,
    detail: `${counted(waiting, 'delivery waits', 'deliveries wait')}, the oldest for ${ago(now - oldest)}.`,
    todo: 'They are tried again by themselves, and nothing is lost while they are young enough. Look at what the destination answers.',
    path: pathOf('/deliveries', { store, destination, kind: 'waiting' }),
    since: oldest,
    weight: now - oldest > LATE_MS ? 'opens' : 'holds',
  };
}

function failing(facts: Facts, { store, destination, delivered, failed }: PlaceFacts): Finding | undefined {
  const place = `${store}/${destination}`;
  const subject = `sending ${place}`;
  const share = failed / Math.max(1, failed + delivered);
  const opens = (failed >= MANY_FAILED && share >= FAILING) || (failed >= FEW_FAILED && delivered === 0);
  // In a quiet night nothing is tried: only what arrives says that the tries do not fail any more.
  const isUntold = delivered === 0 && facts.open.get(subject)?.kind === 'failures';
  if (!opens && !isUntold && (failed < FEW_FAILED || share < FAILING_CALM)) return undefined;
  return {
    subject,
    kind: 'failures',
    stores: [store],
    title: `${place}: many tries fail`,
    detail: `${count(failed)} of ${counted(failed + delivered, 'try', 'tries')} failed in the last two hours.`,
    todo: 'Look at what the destination answers: its address, secret or settings may have changed, or it is down.',
    path: pathOf('/deliveries', { store, destination, kind: 'waiting' }),
    since: facts.open.get(subject)?.since ?? facts.now,
    weight: opens ? 'opens' : failed > 0 ? 'holds' : quietWeight(facts, subject),
  };
}

function dying({ store, destination, dead, more }: PlaceFacts, now: number): Finding | undefined {
  if (dead.length === 0) return undefined;
  const recent = dead.filter((at) => now - at < DEAD_MS);
  const isNew = recent.length > 0;
  const told = isNew ? recent : dead;
  const place = `${store}/${destination}`;
  return {
    subject: `dead ${place}`,
    kind: 'dead',
    stores: [store],
    title: `${place}: deliveries did not arrive`,
    detail: `${more ? 'At least ' : ''}${counted(told.length, 'delivery', 'deliveries')} ${isNew ? 'of the last six hours' : 'from before the last six hours'} ended without arriving, and nobody has sent them again.`,
    todo: 'Look at the cause, mend it, then send them again.',
    path: pathOf('/problems', { store }),
    since: Math.min(...told),
    weight: isNew ? 'opens' : 'left',
  };
}

/** A cause is told once: while a destination is paused or failing, what follows from it opens nothing more. */
function findAtPlace(facts: Facts, place: PlaceFacts, paused: ReadonlySet<string>): Finding[] {
  const { now, open } = facts;
  const late = lateness(place, now);
  const sending = late?.weight === 'opens' ? late : (failing(facts, place) ?? late);
  const dead = dying(place, now);
  const troubled = sending !== undefined && (sending.weight === 'opens' || open.has(sending.subject));
  return [
    ...(sending === undefined ? [] : [paused.has(place.account) ? { ...sending, weight: 'holds' as const } : sending]),
    ...(dead === undefined ? [] : [troubled && dead.weight === 'opens' ? { ...dead, weight: 'shown' as const } : dead]),
  ];
}

export function findInPlaces(facts: Facts): Finding[] {
  const paused = new Set(facts.pauses.map(({ account }) => account));
  return [...findPaused(facts), ...facts.places.flatMap((place) => findAtPlace(facts, place, paused))];
}
