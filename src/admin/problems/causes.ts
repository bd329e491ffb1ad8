// What is stuck or dead, grouped by cause: the same words about different orders are one cause.

/** Something to be replayed: a hook that is stuck, or a delivery that ended without arriving. */
export type Item = {
  /** Of the hook, or of the event. */
  id: string;
  hook_id: string;
  store: string;
  /** The source of a hook, the destination of a delivery. */
  place: string;
  at: number;
  kind: string;
  reason: string | undefined;
};
export type Cause = { store: string; place: string; kind: string; cause: string; items: Item[]; advice: string };

/** The reason without what is of one order alone: quoted values, and numbers that are no line or column of a file. */
export const causeOf = (reason: string | undefined): string =>
  (reason ?? 'no reason was noted')
    .replace(/"[^"]{0,200}"/g, '"…"')
    .replace(/(?<![\w:.])#?\d{4,}(?![\w:])/g, '…')
    .slice(0, 300);

/** What to do about it, in words. */
function adviceFor(kind: string, cause: string): string {
  const place = /(\S+\.ya?ml):(\d+):\d+/.exec(cause);
  if (place !== null)
    return `Mend ${place[1]} at line ${place[2]}. It is loaded by itself; then map these hooks again.`;
  if (kind === 'stuck' && /no store file names/.test(cause))
    return 'Put the source back into its store file, then map these hooks again.';
  if (kind === 'stuck') return 'Look at one of them. When the cause is gone, map them again; nothing counts twice.';
  if (kind === 'expired')
    return 'The destination takes nothing this old. Sending again helps only if max_age was the reason and is larger now.';
  if (kind === 'dead') return 'Look in the destination whether they arrived. Send again only those that did not.';
  if (/answered 40[13]|secret|token|permission/i.test(cause))
    return 'Check the secret and the address in the store file, then send them again.';
  return 'Read the answer of the destination, mend the mapping or the settings, then send them again.';
}

/** The largest cause first. */
export function groupByCause(items: readonly Item[]): Cause[] {
  const groups = new Map<string, Cause>();
  for (const item of items) {
    const { store, place, kind, reason } = item;
    const cause = causeOf(reason);
    const key = JSON.stringify([store, place, kind, cause]);
    const group = groups.get(key) ?? { store, place, kind, cause, items: [], advice: adviceFor(kind, cause) };
    group.items.push(item);
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => b.items.length - a.items.length);
}
