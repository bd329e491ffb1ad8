// Events of which none of the topics tells that a source gets.
import type { Source } from '../map/files/source.ts';

/** `comes` says of a topic, as a rule names it, whether it comes. */
export function untoldOf(
  { rules }: Pick<Source, 'rules'>,
  comes: (topic: string, pattern: RegExp) => boolean,
): { event: string; topics: string[] }[] {
  const byEvent = Map.groupBy(
    rules.filter(({ emits }) => emits === undefined),
    ({ emit }) => emit,
  );
  return [...byEvent].flatMap(([event, own]) => {
    const isTold = own.some(({ topics, told }) => topics === undefined || told.some((topic) => comes(topic, topics)));
    return isTold ? [] : [{ event, topics: [...new Set(own.flatMap(({ told }) => told))] }];
  });
}
