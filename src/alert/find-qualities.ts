// Findings about what destinations say of purchases and leads: people who are not found, and doubles that are not known.
import type { Facts, Finding, QualityFacts } from './finding.ts';

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

export const findInQualities = ({ qualities }: Pick<Facts, 'qualities'>): Finding[] =>
  qualities.flatMap((facts): Finding[] => {
    const { title, todo, names, event, at, score, low, doubled, isDoubledSurely } = facts;
    const weight = WEIGHTS[low];
    const about = {
      kind: 'quality' as const,
      stores: [...new Set(names.map(({ store }) => store))],
      path: '/destinations',
      since: at,
      later: true,
    };
    const places = names.map(({ store, destination }) => `${store}/${destination}`).join(', ');
    const found: Finding[] = [];
    if (weight !== undefined && score !== undefined)
      found.push({
        ...{ ...about, subject: subjectOf(facts, 'score'), weight, todo: todo.score },
        title: `${places}: ${title} finds few of the people behind ${event}`,
        detail: `It gives the match of ${event} ${score.toFixed(1)} of 10.`,
      });
    if (doubled !== undefined)
      found.push({
        ...{ ...about, subject: subjectOf(facts, 'doubled'), weight: isDoubledSurely ? 'opens' : 'holds' },
        title: `${places}: ${event} may count twice`,
        detail: DOUBLED[doubled](title),
        todo: todo.doubles,
      });
    return found;
  });
