// What is wrong now, in one list, each with what to do about it; the worst first. Alerts judge by the same findings.

import type { Trouble } from '../admin/overview/facts.ts';
import type { Cause } from '../admin/problems/causes.ts';
import { counted, link } from '../admin/view/parts.ts';
import type { Facts, Finding } from '../alert/finding.ts';
import { LATELY_MINUTES } from '../road/not-kept.ts';

const fromCause = ({ store, place, kind, cause, items, advice }: Cause): Trouble => {
  const many =
    kind === 'stuck'
      ? counted(items.length, 'hook is', 'hooks are')
      : counted(items.length, 'delivery is', 'deliveries are');
  const words = kind === 'stuck' ? 'stuck' : kind === 'expired' ? 'too old to be sent' : 'dead';
  return {
    later: kind === 'expired',
    store,
    what: `${store}/${place}: ${many} ${words}: ${cause}`,
    todo: advice,
    href: link('/problems', { store }),
  };
};

const fromFinding = ({ stores, title, detail, todo, path, later = false }: Finding): Trouble => ({
  later,
  store: stores.length === 1 ? stores[0] : undefined,
  what: `${title}. ${detail}`,
  todo,
  href: path,
});

/** What was lost on the way in; those that sent it know, and nobody else does. */
const fromNotKept = (hooks: number): Trouble => ({
  later: false,
  store: undefined,
  what: `${counted(hooks, 'hook', 'hooks')} could not be kept in the last ${LATELY_MINUTES} minutes; their senders were told to come again.`,
  todo: 'The database takes no writes: the log says why, as hook.not_kept. Mend it soon: some senders try for days, others only once.',
  href: '/sources',
});

/** What the causes tell more exactly. */
const BY_CAUSE = new Set(['stuck', 'dead']);

/** Findings that are wrong, told or not, and those whose incident is not over; what is stuck or dead by its causes. */
export function troublesOf({
  causes,
  findings,
  open,
  notKept,
}: {
  causes: readonly Cause[];
  findings: readonly Finding[];
  open: Facts['open'];
  /** Hooks that could not be kept lately. */
  notKept: number;
}): Trouble[] {
  const wrong = findings.filter(
    ({ kind, weight, subject }) => !BY_CAUSE.has(kind) && (weight !== 'holds' || open.has(subject)),
  );
  const troubles = [
    ...(notKept > 0 ? [fromNotKept(notKept)] : []),
    ...wrong.map(fromFinding),
    ...causes.map(fromCause),
  ];
  return troubles.sort((a, b) => Number(a.later) - Number(b.later));
}
