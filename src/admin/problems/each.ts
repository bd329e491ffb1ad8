// Goes through everything that is stuck or dead for one cause.
import { type Cause, causeOf, type Item } from './causes.ts';

type Place = Pick<Cause, 'store' | 'place' | 'kind'>;
/** Without a cause, everything of that kind at the place. */
export type Group = Place & { cause: string | undefined };
/** All of one source or destination, the newest first, a page at a time. */
export type PageOf = (place: Place, before: string) => Promise<Item[]>;

/** Each item is met once, also when some fail again meanwhile. */
export async function eachItem(pageOf: PageOf, group: Group, act: (items: Item[]) => Promise<void>): Promise<void> {
  for (let before = ''; ; ) {
    const found = await pageOf(group, before);
    const last = found.at(-1);
    if (last === undefined) return;
    const fits = ({ kind, reason }: Item): boolean =>
      kind === group.kind && (group.cause === undefined || causeOf(reason) === group.cause);
    await act(found.filter(fits));
    before = last.id;
  }
}
