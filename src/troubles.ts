// What is wrong now, in one list, each with what to do about it; the worst first.
import type { Trouble } from './admin/overview/facts.ts';
import type { Cause } from './admin/problems/causes.ts';
import { ago, counted, link } from './admin/view/parts.ts';
import type { OpenDeliveries, OpenHooks } from './keep/counts.ts';
import type { Pause } from './keep/pauses.ts';
import { formatProblem, type Problem } from './map/files.ts';

export type TroublesParts = {
  at: number;
  causes: readonly Cause[];
  pauses: readonly Pause[];
  open: { hooks: readonly OpenHooks[]; deliveries: readonly OpenDeliveries[] };
  /** Sources from which no hook ever came. */
  silent: readonly { store: string; source: string }[];
  problems: readonly Problem[];
  /** Names of destinations by their accounts. */
  accounts: ReadonlyMap<string, string>;
};

const LATE_MS = 15 * 60_000;

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

export function troublesOf({ at, causes, pauses, open, silent, problems, accounts }: TroublesParts): Trouble[] {
  const paused = new Set(pauses.map(({ account }) => account));
  const troubles: Trouble[] = [
    ...pauses.map(({ account, reason, since }) => ({
      later: false,
      store: undefined,
      what: `${accounts.get(account) ?? account} is paused for ${ago(at - since)}: ${reason}`,
      todo: 'Mend the cause, then resume it. Orders are kept and wait.',
      href: '/destinations',
    })),
    ...problems.map((problem) => ({
      later: false,
      store: undefined,
      what: `A mapping file is broken: ${formatProblem(problem)}`,
      todo: 'Mend the file; it is loaded by itself. Until then the last good one is used.',
      href: '/sources',
    })),
    ...causes.map(fromCause),
    ...open.deliveries
      .filter(({ account, oldest }) => !paused.has(account) && at - oldest > LATE_MS)
      .map(({ store, destination, deliveries, oldest }) => ({
        later: false,
        store,
        what: `${store}/${destination}: ${counted(deliveries, 'delivery waits', 'deliveries wait')}, the oldest for ${ago(at - oldest)}`,
        todo: 'They are tried again by themselves. Look at the answers to see what the destination says.',
        href: link('/deliveries', { store, destination, kind: 'waiting' }),
      })),
    ...open.hooks
      .filter(({ state, oldest }) => state === 'kept' && at - oldest > LATE_MS)
      .map(({ store, source, hooks, oldest }) => ({
        later: false,
        store,
        what: `${store}/${source}: ${counted(hooks, 'hook waits', 'hooks wait')} to be mapped for ${ago(at - oldest)}`,
        todo: 'The service is behind. If this number does not fall, look at its log.',
        href: link('/hooks', { store, source, state: 'kept' }),
      })),
    ...silent.map(({ store, source }) => ({
      later: true,
      store,
      what: `${store}/${source}: no hook ever came`,
      todo: 'Paste its address where the sender asks for a webhook URL, and send a test.',
      href: '/sources',
    })),
  ];
  return troubles.sort((a, b) => Number(a.later) - Number(b.later));
}
