// Findings about what destinations counted in the end: purchases that they took and do not have, or have more than once.
import { count, counted } from '../lib/words.ts';
import { type Facts, type Finding, pathOf, type RecountFacts, type ReportFacts, unansweredOf } from './finding.ts';

/** So many of the purchases, and such a share of them. One visitor more or less is nobody's fault. */
const FEW = 3;
const SHARE = 0.05;
const CALM_SHARE = 0.03;
/** Of some days together it takes more: here and there one of a few is missing always. */
const SHARE_TOGETHER = 0.25;

const isMany = (wrong: number, all: number, share: number): boolean => wrong >= FEW && wrong >= share * all;

/** `wrong` of them all, `lately` of those of the latest day. */
type Wrong = {
  what: 'missing' | 'repeated';
  wrong: number;
  lately: number;
  title: string;
  detail: string;
  todo: string;
};

function wrongsOf({ title, day, sent: latest, counted: lately, repeated, partial, together }: RecountFacts): Wrong[] {
  // A report that leaves out rows, or counts by samples, shows nothing for sure.
  if (partial) return [];
  const { sent, counted: there, repeated: twiceThere, since } = together;
  const days = since === day ? day : `${since} to ${day}`;
  const of = `of ${counted(sent, 'purchase', 'purchases')} that it took for ${days}`;
  const missing: Wrong = {
    ...{ what: 'missing', wrong: sent - there, lately: latest - lately },
    title: 'purchases are not counted',
    detail: `${count(sent - there)} ${of} ${sent - there === 1 ? 'is' : 'are'} not in the report of ${title}.`,
    todo: `${title} takes everything and drops what it cannot use: compare the measurement id and the secret with its settings, and look there for filters.`,
  };
  const twice: Wrong = {
    ...{ what: 'repeated', wrong: twiceThere, lately: repeated },
    title: 'purchases are counted more than once',
    detail: `${count(twiceThere)} ${of} ${twiceThere === 1 ? 'is' : 'are'} in the report of ${title} more than once.`,
    todo: 'Somebody else sends them too, such as a tag or an app of the shop: switch one of the two off.',
  };
  return [missing, twice];
}

export const askedSubject = ({ store, destination }: Pick<ReportFacts, 'store' | 'destination'>): string =>
  `recount ${store}/${destination} asked`;

function findSilent(facts: Pick<Facts, 'open'>, report: ReportFacts): Finding[] {
  const { store, destination, title } = report;
  const subject = askedSubject(report);
  const unanswered = unansweredOf(report, facts, subject);
  if (unanswered === undefined) return [];
  const { problem, since, weight } = unanswered;
  return [
    {
      ...{ subject, kind: 'recount', stores: [store], since, weight, later: true },
      title: `${store}/${destination}: ${title} cannot be asked what it counted`,
      detail: `It could not be asked about the latest days: ${problem}.`,
      todo: 'What is sent goes its way all the same. Mend the cause, and the last seven days are asked about by themselves.',
      path: pathOf('/destinations/counted', { store, destination }),
    },
  ];
}

const findIn = (recounts: readonly RecountFacts[]): Finding[] =>
  recounts.flatMap((recount) => {
    const { store, destination, sent, asked_at, together } = recount;
    return wrongsOf(recount).flatMap(({ what, wrong, lately, title, detail, todo }): Finding[] => {
      // Days before say how many; whether it is still so says the latest.
      if (lately === 0 || lately < CALM_SHARE * sent) return [];
      return [
        {
          subject: `recount ${store}/${destination} ${what}`,
          kind: 'recount',
          stores: [store],
          title: `${store}/${destination}: ${title}`,
          detail,
          todo,
          path: pathOf('/destinations/counted', { store, destination }),
          since: asked_at,
          weight: isMany(lately, sent, SHARE) || isMany(wrong, together.sent, SHARE_TOGETHER) ? 'opens' : 'holds',
          later: true,
        },
      ];
    });
  });

export const findInRecounts = (facts: Pick<Facts, 'recounts' | 'reports' | 'open'>): Finding[] => [
  ...facts.reports.flatMap((report) => findSilent(facts, report)),
  ...findIn(facts.recounts),
];
