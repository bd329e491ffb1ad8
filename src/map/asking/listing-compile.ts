// Compiles `reconcile:` of a source: what its API lists, how to go from page to page, and how records are known.
import type { Expression } from '../expression/expression.ts';
import type { Path } from '../files/files.ts';
import { compileAt, type RuleContext, topicPattern } from '../rule.ts';
import type { ListingFile } from '../schema/lookup.ts';
import { compileQuestion, type Declared, type Lookup, settingsOf } from './lookup-compile.ts';

/** A list that the sender's API gives, page by page. */
export type Listing = {
  name: string;
  about: string;
  /** Topics of hooks that tell the same under other ids. */
  unless: RegExp | undefined;
  question: Lookup;
  /** It gives what was changed between two times; any other is read whole. */
  isCut: boolean;
  /** Settings that stand in its URL as they are. */
  needs: readonly string[];
  /** The records of an answer, by the topic of their hooks where a header says it; those of the first are counted. */
  each: { topic: string; run: Expression }[];
  /** The URL or the number of the next page. */
  next: Expression | undefined;
  id: Expression;
  changed: Expression | undefined;
};

const ASKED = ['settings', 'store', 'since', 'until', 'page'];
const ANSWERED = ['settings', 'headers', 'page', 'url'];
const RECORDED = ['settings', 'topic'];

/** Settings that stand in a URL as they are. */
export const settingsIn = (url: string): string[] =>
  [...url.matchAll(/\{\$settings\.(\w+)\}/g)].flatMap(([, setting]) => setting ?? []);

export function compileListings(
  given: Record<string, ListingFile> | undefined,
  settings: Declared,
  context: RuleContext,
): Listing[] {
  return Object.entries(given ?? {}).flatMap(([name, file]): Listing[] => {
    const at: Path = ['reconcile', name];
    const { each, next, id, changed, enabled, unless, ...question } = file;
    if (enabled === false) return [];
    const compile = (text: string | undefined, path: Path, bound: readonly string[]) =>
      compileAt(text, [...at, ...path], bound, context);
    const asked = `${question.url} ${JSON.stringify(question.body)}`;
    const compiled = {
      name,
      about: file.about,
      unless: unless && topicPattern(unless),
      question: compileQuestion(name, question, { at, bound: ASKED, settings }, context),
      isCut: ['since', 'until'].every((name) => new RegExp(`\\$${name}\\b`).test(asked)),
      needs: settingsIn(question.url),
      each: Object.entries(each).flatMap(([topic, text]) => {
        const run = compile(text, ['each', topic], ANSWERED);
        return run === undefined ? [] : [{ topic, run }];
      }),
      next: compile(next, ['next'], ANSWERED),
      changed: compile(changed, ['changed'], RECORDED),
    };
    const run = compile(id, ['id'], RECORDED);
    return run === undefined ? [] : [{ ...compiled, id: run }];
  });
}

/** The settings that are missing to ask for a list: its URL's, and those of the way to prove oneself that is the furthest. */
export function lacksOf({ needs, question }: Listing, settings: Readonly<Record<string, unknown>>): string[] {
  const lacking = (names: readonly string[]) => names.filter((name) => settings[name] === undefined);
  const ways = question.access.map(({ auth }) => settingsOf(auth));
  const begun = ways.filter((names) => lacking(names).length < names.length);
  const [least = []] = (begun.length > 0 ? begun : ways).map(lacking).sort((a, b) => a.length - b.length);
  return [...new Set([...lacking(needs), ...least])];
}
