// What is watched, with its figures of now in words. Pure.
import { HOUR_MS } from '../lib/time.ts';
import { ago, count, counted } from '../lib/words.ts';
import { percent } from './fall.ts';
import { askedSubject, endSubjects, subjectsOf } from './find-qualities.ts';
import { askedSubject as reportSubject } from './find-recounts.ts';
import {
  averageOf,
  type Facts,
  type MatchFacts,
  type PlaceFacts,
  type PurchaseFacts,
  pathOf,
  type SourceFacts,
  WATCHED_KEYS,
} from './finding.ts';
import { clumpsNeeded, patienceAt } from './silence.ts';
import { expectedBetween } from './usual.ts';

export type Figure = { name: string; words: string; path: string; subjects: readonly string[] };

function sourceFigure(
  { store, source, last, usual, lately, topics, asks, lost }: SourceFacts,
  { now, watchedSince }: Facts,
): Figure {
  const place = `${store}/${source}`;
  const own = topics.map(({ topic }) => `topic ${place} ${topic}`);
  const figure = {
    name: place,
    path: '/sources',
    subjects: [
      `hooks ${place}`,
      `signature ${place}`,
      // Without keys nobody looks.
      ...(asks.lists || lost.fetched > 0 ? [`lost ${place}`] : []),
      ...(asks.lists ? [`reconcile ${place}`] : []),
      ...(asks.webhooks ? [`webhooks ${place}`] : []),
      ...own,
    ],
  };
  const refused =
    lately.refused === 0 ? '' : ` ${counted(lately.refused, 'request was', 'requests were')} refused in two hours.`;
  if (last === undefined) return { ...figure, words: `No hook ever came.${refused}` };
  const came = `The last hook came ${ago(now - last)} ago.`;
  if (usual === undefined)
    return {
      ...figure,
      words: `${came} What is usual is known after a week; until then silence is not told.${refused}`,
    };
  const since = Math.max(last, watchedSince);
  const hourly = expectedBetween(usual, now - HOUR_MS / 2, now + HOUR_MS / 2);
  const rate = hourly >= 1 ? `about ${count(hourly)} an hour at this time` : `about ${count(usual.perWeek)} a week`;
  const patience = `Silence is told after ${ago(patienceAt(usual, since))}, when some ${count(clumpsNeeded(usual) * usual.clump)} are missing`;
  return { ...figure, words: `${came} Usual is ${rate}. ${patience}.${refused}` };
}

/** `EUR 84 on average (86 the week before).`, for every currency of the last 24 hours. */
function worthWords({ worths }: Facts, store: string): string {
  const own = worths.find((one) => one.store === store);
  if (own === undefined) return '';
  const words = [...own.now].map(([currency, worth]) => {
    const before = own.before.get(currency);
    const was = before === undefined ? '' : ` (${count(averageOf(before))} the week before)`;
    return ` ${currency === '' ? 'Without a currency' : currency} ${count(averageOf(worth))} on average${was}.`;
  });
  return words.join('');
}

function usualWords({ last, usual, entered }: PurchaseFacts, { watchedSince }: Facts): string {
  if (entered) return 'People enter them: that none is made is not told.';
  if (usual === undefined) return 'What is usual is known after a week.';
  const patience = ago(patienceAt(usual, Math.max(last, watchedSince)));
  return `Usual is about ${count(usual.perWeek)} a week. That none is made is told after ${patience}.`;
}

function purchaseFigure(purchases: PurchaseFacts, facts: Facts): Figure {
  const { store, last } = purchases;
  const made = `The last purchase was made not more than ${ago(facts.now - last + HOUR_MS)} ago.`;
  return {
    name: `${store}: purchases`,
    words: `${made} ${usualWords(purchases, facts)}${worthWords(facts, store)}`,
    path: pathOf('/events', { store }),
    subjects: [`purchases ${store}`, `value ${store}`],
  };
}

function placeFigure(
  { store, destination, account, delivered, failed, waiting, oldest, dead }: PlaceFacts,
  { now, open, reaches, recounts, reports, qualities, accounts }: Facts,
): Figure {
  const place = `${store}/${destination}`;
  const isHere = (one: { store: string; destination: string }) =>
    one.store === store && one.destination === destination;
  const recount = recounts.find(isHere);
  const tells = recount !== undefined && recount.sent > 0 && !recount.partial;
  const reach = reaches.find(isHere);
  const went =
    reach === undefined || reach.now.events === 0
      ? ''
      : ` ${shareOf(reach.now.taken, reach.now.events)} of ${counted(reach.now.events, 'event', 'events')} in 24 hours went there (${shareOf(reach.before.taken, reach.before.events)} the week before).`;
  const said = qualities.filter(({ names }) => names.some(isHere));
  const matched = said.flatMap(({ event, score }) => (score === undefined ? [] : [`${event} ${score.toFixed(1)}`]));
  const match = matched.length === 0 ? '' : ` ${said[0]?.title} gives the match of ${matched.join(' and of ')} of 10.`;
  const own = accounts.filter((one) => one.account === account);
  const ends = own
    .flatMap((one) => one.ends)
    .filter(({ names }) => names.some(isHere))
    .map(({ told }) => (typeof told?.ends === 'number' ? ` ${told.words}` : ''))
    .join('');
  const late = oldest === undefined ? '' : `, the oldest for ${ago(now - oldest)}`;
  const there =
    recount === undefined
      ? ''
      : ` The report of ${recount.title} has ${count(recount.counted)} of ${counted(recount.sent, 'purchase', 'purchases')} of ${recount.day}.`;
  return {
    name: place,
    words: `${count(failed)} of ${counted(failed + delivered, 'try', 'tries')} failed in two hours. ${counted(waiting, 'delivery waits', 'deliveries wait')}${late}. ${count(dead.length)} dead.${went}${there}${match}${ends}`,
    path: pathOf('/deliveries', { store, destination }),
    subjects: [
      ...[`sending ${place}`, `dead ${place}`, `skipped ${place}`, `token ${account}`],
      // Who is asked no more is not looked at either.
      ...reports.filter(isHere).map(reportSubject),
      ...own.flatMap((one) => [askedSubject(account), ...endSubjects({ open }, one)]),
      ...said.flatMap(subjectsOf),
      // A report that tells nothing any more does not say either that all is well again.
      ...(tells ? [`recount ${place} missing`, `recount ${place} repeated`] : []),
    ],
  };
}

const KEY_WORDS = { client_id: 'GA4 client id', email: 'e-mail', click_id: 'click id' } as const;
const shareOf = (part: number, all: number): string => (all === 0 ? '–' : percent(part / all));

function matchFigure({ store, name, now, before }: MatchFacts): Figure {
  const shares = WATCHED_KEYS.map((key) => {
    const was = before.events === 0 ? '' : ` (${shareOf(before.keys[key], before.events)} the week before)`;
    return `${KEY_WORDS[key]} ${shareOf(now.keys[key], now.events)}${was}`;
  });
  return {
    name: `${store}: ${name}`,
    words: `${shares.join(', ')}, of ${counted(now.events, 'event', 'events')} in 24 hours.`,
    path: pathOf('/', { store }),
    subjects: [`match ${store} ${name}`],
  };
}

export function figuresOf(facts: Facts): Figure[] {
  const { sources, purchases, places, mapped, matches, disk, problems } = facts;
  const stuck = mapped.reduce((all, one) => all + one.stuck.length, 0);
  const kept = mapped.reduce((all, one) => all + one.kept, 0);
  return [
    ...sources.map((one) => sourceFigure(one, facts)),
    ...purchases.map((one) => purchaseFigure(one, facts)),
    ...places.map((one) => placeFigure(one, facts)),
    ...matches.map(matchFigure),
    {
      name: 'Mapping',
      words: `${counted(stuck, 'hook is', 'hooks are')} stuck, ${counted(kept, 'hook waits', 'hooks wait')} to be mapped, ${counted(problems.length, 'mistake', 'mistakes')} in mapping files.`,
      path: '/problems',
      subjects: [
        'mapping',
        ...mapped.flatMap(({ store, source }) => [
          `stuck ${store}/${source}`,
          `behind ${store}/${source}`,
          `behind ${store}/${source} unanswered`,
        ]),
      ],
    },
    ...(disk === undefined
      ? []
      : [
          {
            name: 'Disk',
            words: `${count(disk.free / 1e6)} MB of ${count(disk.size / 1e6)} MB are free.`,
            path: '/',
            subjects: ['disk'],
          },
        ]),
  ];
}
