// Findings about what destinations say of purchases and leads: people who are not found, doubles that are not known, that nothing is said, and that what lets us in ends.
import { dayAt } from '../lib/time.ts';
import {
  type AccountFacts,
  type AskedEnd,
  ENDS_NOW_MS,
  type Facts,
  type Finding,
  LOW_SCORE,
  type QualityFacts,
  unansweredOf,
  WELL_SCORE,
} from './finding.ts';

const subjectOf = ({ account, event }: QualityFacts, what: string): string => `quality ${account} ${event} ${what}`;
/** What is watched, as far as something is told of it: what is not told says neither that all is well. */
export const subjectsOf = (facts: QualityFacts): string[] => [
  ...(facts.score === undefined ? [] : [subjectOf(facts, 'score')]),
  ...(facts.tellsDoubles ? [subjectOf(facts, 'doubled')] : []),
];

const WEIGHTS = { surely: 'opens', perhaps: 'holds', nearly: 'holds', no: undefined } as const;

const DOUBLED = {
  'no key': (title: string) =>
    `By what ${title} says, events of the browser and of the server have no key in common by which it knows doubles.`,
  'never known': (title: string) =>
    `By what ${title} says, browser and server both send keys, and it knows none of the browser’s events again.`,
};

/** What findings of an account have in common. */
const about = ({ names }: Pick<AccountFacts, 'names'>) => ({
  kind: 'quality' as const,
  stores: [...new Set(names.map(({ store }) => store))],
  path: '/destinations',
  later: true,
});
const placesOf = ({ names }: Pick<AccountFacts, 'names'>): string =>
  names.map(({ store, destination }) => `${store}/${destination}`).join(', ');

export const askedSubject = (account: string): string => `quality ${account} asked`;

function findSilent(facts: Pick<Facts, 'open'>, account: AccountFacts): Finding[] {
  const subject = askedSubject(account.account);
  const unanswered = unansweredOf(account, facts, subject);
  if (unanswered === undefined) return [];
  const { problem, since, weight } = unanswered;
  return [
    {
      ...{ ...about(account), subject, since, weight },
      title: `${placesOf(account)}: ${account.title} cannot be asked what it says of events`,
      detail: `It could not say for days: ${problem}.`,
      todo: 'What is sent goes its way all the same. Mend the cause: it is asked again every hour.',
    },
  ];
}

type Open = Pick<Facts, 'open'>;

/** Under the name of the place that it is open under, or of the first: a store file that is added must not end it. */
function endSubject({ open }: Open, account: string, { names }: AskedEnd): string {
  const subjects = names.map(({ store, destination }) => `quality ${account} end ${store}/${destination}`);
  return subjects.find((subject) => open.has(subject)) ?? subjects[0] ?? `quality ${account} end`;
}

/** What is watched: where nobody says when it ends, nobody can say either that all is well. */
export const endSubjects = (facts: Open, { account, ends }: AccountFacts): string[] =>
  ends.filter(({ told }) => told?.ends !== 'untold').map((end) => endSubject(facts, account, end));

/** Of another one than was told of nothing may be said yet: only what is said of it ends an incident. */
function findEnd(
  { open, now }: Pick<Facts, 'open' | 'now'>,
  { account, title }: AccountFacts,
  end: AskedEnd,
): Finding[] {
  const { told, name, todo } = end;
  const subject = endSubject({ open }, account, end);
  const base = { ...about(end), subject, todo };
  if (told === undefined) {
    const since = open.get(subject)?.since;
    if (since === undefined) return [];
    return [
      { ...base, since, weight: 'holds', title: `${placesOf(end)}: the ${name} ends`, detail: 'It is not told when.' },
    ];
  }
  const { ends, soon, at: since, words } = told;
  if (!soon || typeof ends !== 'number') return [];
  return [
    {
      ...{ ...base, since, weight: 'opens', later: ends - now > ENDS_NOW_MS },
      title: `${placesOf(end)}: the ${name} ${ends > now ? 'ends' : 'ended'} on ${dayAt(ends)}`,
      detail: `${words} After that ${title} refuses what is sent by it: events wait for another one, and those that grow too old meanwhile are lost to it.`,
    },
  ];
}

const findIn = (qualities: readonly QualityFacts[]): Finding[] =>
  qualities.flatMap((facts): Finding[] => {
    const { title, todo, event, at: since, score, low, doubled, isDoubledSurely } = facts;
    const weight = WEIGHTS[low];
    const places = placesOf(facts);
    const found: Finding[] = [];
    if (weight !== undefined && score !== undefined)
      found.push({
        ...{ ...about(facts), subject: subjectOf(facts, 'score'), since, weight, todo: todo.score },
        title: `${places}: ${title} finds few of the people behind ${event}`,
        detail: `It gives the match of ${event} ${score.toFixed(1)} of 10. Below ${LOW_SCORE} is low, and from ${WELL_SCORE} on this is over.`,
      });
    if (doubled !== undefined)
      found.push({
        ...{
          ...about(facts),
          subject: subjectOf(facts, 'doubled'),
          since,
          weight: isDoubledSurely ? 'opens' : 'holds',
        },
        title: `${places}: ${event} may count twice`,
        detail: DOUBLED[doubled](title),
        todo: todo.doubles,
      });
    return found;
  });

export const findInQualities = (facts: Pick<Facts, 'qualities' | 'accounts' | 'open' | 'now'>): Finding[] => [
  ...facts.accounts.flatMap((account) => account.ends.flatMap((end) => findEnd(facts, account, end))),
  ...facts.accounts.flatMap((account) => findSilent(facts, account)),
  ...findIn(facts.qualities),
];
