// Findings about what destinations say of purchases and leads: people who are not found, doubles that are not known, and that nothing is said.
import {
  type AccountFacts,
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

const about = ({ names }: Pick<QualityFacts, 'names'>) => ({
  kind: 'quality' as const,
  stores: [...new Set(names.map(({ store }) => store))],
  path: '/destinations',
  later: true,
});
const placesOf = ({ names }: Pick<QualityFacts, 'names'>): string =>
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

export const findInQualities = (facts: Pick<Facts, 'qualities' | 'accounts' | 'open'>): Finding[] => [
  ...facts.accounts.flatMap((account) => findSilent(facts, account)),
  ...findIn(facts.qualities),
];
