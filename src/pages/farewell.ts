// Whether a sender has said that no more hooks will come: its webhooks are gone with the app or the access they belonged to.
import type { Source } from '../map/files/source.ts';

/** What was said, when, and what it means. */
export type Farewell = { topic: string; at: number; reason: string };

/**
 * The last farewell of a source, unless something came after it. What asks to erase or report does not count: that comes by
 * another way, and after the end.
 */
export function farewellOf(
  { farewells, requests }: Pick<Source, 'farewells' | 'requests'>,
  topics: readonly { topic: string; last_at: number }[],
): Farewell | undefined {
  const said = topics.flatMap(({ topic, last_at }) => {
    const found = farewells.find(({ pattern }) => pattern.test(topic));
    return found === undefined ? [] : [{ topic, at: last_at, reason: found.reason }];
  });
  const last = said.toSorted((a, b) => b.at - a.at)[0];
  const isBack = topics.some(
    ({ topic, last_at }) =>
      last_at > (last?.at ?? 0) &&
      !said.some((one) => one.topic === topic) &&
      !requests.some((request) => request.topics.test(topic)),
  );
  return isBack ? undefined : last;
}
