// What the pages of mappings ask: the files with their mistakes, what holds for a source, and drafts of a file tried out.
import { basename } from 'node:path';
import type {
  FileFacts,
  FileText,
  MergedFacts,
  Play,
  PlayChoices,
  PlayComparison,
  PlayResult,
} from './admin/mappings/facts.ts';
import type { Config } from './config.ts';
import { draftEnv, SECRET_SETTINGS } from './draft-env.ts';
import type { Keep } from './keep/keep.ts';
import { parseInstant } from './map/convert.ts';
import { parseMapping, readMappings, type SourceText, type Texts } from './map/files.ts';
import type { Mappings } from './map/mappings.ts';
import { mergedView } from './map/merged.ts';
import { withoutSecrets } from './map/secret-text.ts';
import { platformIn } from './map/used.ts';
import { patchOf } from './patch.ts';
import type { Draft, TriedBody } from './trial-jobs.ts';
import type { Trials } from './trials.ts';
import type { Clock } from './types.ts';

export type TryingParts = {
  keep: Pick<Keep, 'listHooks'>;
  mappings: Mappings;
  config: Pick<Config, 'MAPPINGS_DIR' | 'env'>;
  /** Tries are quick, comparisons are not: neither waits for the other. */
  trials: Trials;
  comparisons: Trials;
  now: Clock;
};
export type Trying = ReturnType<typeof createTrying>;

const HOOKS = 25;
const MOST_BODY = 1_000_000;
const READ_ALSO = /^["']?read_also["']?\s*:\s*["']?([\w-]+)/m;

type Kind = FileFacts['kind'];
type Listed = SourceText & { kind: Kind };
const listed = ({ stores, platforms, apps = [] }: Texts): Listed[] => {
  const as = (kind: Kind) => (one: SourceText) => ({ ...one, kind });
  return [...stores.map(as('store')), ...platforms.map(as('platform')), ...apps.map(as('read_also'))];
};

/** The texts with one of them replaced. */
function withText({ platforms, stores, apps = [] }: Texts, file: string, text: string): Texts {
  const swap = (list: readonly SourceText[]) => list.map((one) => (one.file === file ? { file, text } : one));
  return { platforms: swap(platforms), stores: swap(stores), apps: swap(apps) };
}

/** Browsers send line ends of their own. */
const withEndsOf = (original: string, text: string): string => {
  const plain = text.replaceAll('\r\n', '\n');
  return original.includes('\r\n') ? plain.replaceAll('\n', '\r\n') : plain;
};

const headersOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    text.split(/\r?\n/).flatMap((line) => {
      const [, name, value] = /^\s*([^:\s]+)\s*:\s*(.*?)\s*$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name.toLowerCase(), value]];
    }),
  );

const hiddenText = (text: string) => withoutSecrets(text, SECRET_SETTINGS);

export function createTrying({ keep, mappings, config, trials, comparisons, now }: TryingParts) {
  const read = () => readMappings(config.MAPPINGS_DIR);
  const names = () => mappings.all().map(({ name }) => name);

  /** The stores that use a file, as they are in use. */
  const usersOf = ({ file, kind, text }: Listed): string[] => {
    const platform = platformIn(text);
    const app = READ_ALSO.exec(text)?.[1];
    const uses = mappings.all().filter((store) => {
      if (kind === 'store') return store.file === file;
      if (kind === 'platform') return [...store.sources.values()].some((source) => source.platform === platform);
      return app !== undefined && store.settings.read_also?.includes(app) === true;
    });
    return uses.map(({ name }) => name);
  };

  const toFacts = (one: Listed): FileFacts => {
    const { file, kind } = one;
    const stores = usersOf(one);
    const problems = mappings.problems().filter((problem) => problem.file === file);
    const isBroken = kind === 'store' ? mappings.broken().has(file) : problems.length > 0;
    const state = isBroken ? (stores.length > 0 ? 'kept' : 'out') : stores.length > 0 ? 'used' : 'unused';
    return { file, kind, stores, state, problems };
  };

  const files = async (): Promise<FileFacts[]> => listed(await read()).map(toFacts);

  const file = async (name: string): Promise<FileText | undefined> => {
    const found = listed(await read()).find((one) => one.file === name);
    if (found === undefined) return undefined;
    const { text, lines } = hiddenText(found.text);
    return { ...toFacts(found), text, secretLines: lines };
  };

  /** What is found in the files that no store uses, which the service does not read. */
  const unusedProblems = async (asker: string) => {
    const texts = await read();
    const unused = new Set(
      listed(texts)
        .map(toFacts)
        .flatMap((one) => (one.state === 'unused' ? one.file : [])),
    );
    const env = draftEnv(texts, texts.stores, config.env);
    const ended = await trials.run<'check'>({ kind: 'check', texts, env }, asker);
    if ('failure' in ended) return ended;
    return { problems: ended.answer.problems.filter((problem) => unused.has(problem.file)) };
  };

  /** As the files on disk say it; undefined for a source that is not there, or in a file that cannot be read. */
  const merged = async (storeName: string, sourceName: string | undefined): Promise<MergedFacts | undefined> => {
    const store = mappings.get(storeName);
    const source = sourceName === undefined ? store?.sources.values().next().value : store?.sources.get(sourceName);
    if (store === undefined || source === undefined) return undefined;
    const texts = await read();
    const parse = (one: SourceText | undefined) => one && parseMapping(one).parsed;
    const storeFile = parse(texts.stores.find((one) => one.file === store.file));
    const platform = parse(texts.platforms.find(({ text }) => platformIn(text) === source.platform));
    if (storeFile === undefined || platform === undefined) return undefined;
    const apps = (store.settings.read_also ?? []).flatMap(
      (name) => parse(texts.apps?.find(({ text }) => READ_ALSO.exec(text)?.[1] === name)) ?? [],
    );
    return {
      store: store.name,
      source: source.name,
      sources: [...store.sources.keys()],
      merged: mergedView({ platform, store: storeFile, apps }, source.name),
    };
  };

  /** The form as it is opened: a store's own file, and nothing to try it on. Undefined for a file that is not there. */
  const open = async (asked: Partial<Play>): Promise<Play | undefined> => {
    const store =
      mappings.get(asked.store ?? '') ??
      mappings.all().find(({ file: own }) => own === asked.file) ??
      mappings.all()[0];
    const name = asked.file ?? store?.file;
    const shown = name === undefined ? undefined : await file(name);
    if (shown === undefined) return undefined;
    const source = asked.source ?? store?.sources.keys().next().value ?? '';
    const empty = { body: '', headers: '', answers: '', at: '' };
    return { ...empty, ...asked, file: shown.file, store: store?.name ?? '', source, text: asked.text ?? shown.text };
  };

  const choices = async ({ file: chosen, store: name }: Play): Promise<PlayChoices> => {
    const store = mappings.get(name);
    const sources = [...(store?.sources.keys() ?? [])];
    const states = ['mapped', 'ignored', 'stuck', 'waiting'];
    const groups = sources.flatMap((source) => states.map((state) => ({ store: name, source, state })));
    const all = listed(await read());
    const text = all.find((one) => one.file === chosen)?.text ?? '';
    return {
      files: all.map((one) => one.file),
      stores: names(),
      sources,
      hooks: await keep.listHooks(groups, { before: '', since: '', limit: HOOKS }),
      secretLines: hiddenText(text).lines,
    };
  };

  const draftOf = async (
    play: Play,
  ): Promise<(Draft & { used: Texts; original: string; text: string }) | undefined> => {
    const used = await read();
    const found = listed(used).find((one) => one.file === play.file);
    if (found === undefined) return undefined;
    const { text: original } = hiddenText(found.text);
    const text = withEndsOf(original, play.text);
    const texts = withText(used, play.file, text);
    const storeFile = found.kind === 'store' ? found.file : (mappings.get(play.store)?.file ?? '');
    return { texts, used, storeFile, env: draftEnv(texts, used.stores, config.env), original, text };
  };

  /** The body to try, or what is wrong with what was typed; undefined where nothing was. */
  const bodyOf = ({ source, body, headers, answers, at }: Play): TriedBody | { wrong: string } | undefined => {
    if (body.trim() === '') return undefined;
    const arrived = at.trim() === '' ? now() : parseInstant(at.trim());
    if (arrived === undefined) return { wrong: 'The time is none. Write it like 2026-01-31T12:00:00Z.' };
    const bytes = Buffer.from(body);
    if (bytes.length > MOST_BODY) return { wrong: 'The body is larger than 1 MB. Use tagbridge try.' };
    const named = answers.trim() === '' ? {} : readTable(answers);
    if (named === undefined) return { wrong: 'The answers of look-ups are no JSON table of names and answers.' };
    return { source, headers: headersOf(headers), body: bytes, answers: named, at: arrived };
  };

  const tryPlay = async (play: Play, asker: string): Promise<PlayResult> => {
    const draft = await draftOf(play);
    const nothing = { problems: [], result: undefined, patch: undefined };
    if (draft === undefined) return { ...nothing, failure: 'There is no such file any more.' };
    const { used: _, original, text, ...asked } = draft;
    const patch = patchOf(`${basename(config.MAPPINGS_DIR)}/${play.file}`, original, text);
    const body = bodyOf(play);
    const wrong = body !== undefined && 'wrong' in body ? body.wrong : undefined;
    const tried = body === undefined || 'wrong' in body ? undefined : body;
    const ended = await trials.run<'try'>({ kind: 'try', ...asked, body: tried }, asker);
    if ('failure' in ended) return { ...nothing, patch, failure: ended.failure };
    const { problems, sources, result } = ended.answer;
    const lost = tried !== undefined && problems.length === 0 && !sources.includes(play.source);
    const missing = lost
      ? `The store has no source ${play.source} in this draft; it has ${sources.join(', ')}.`
      : undefined;
    return { problems, result, patch, failure: wrong ?? missing };
  };

  const compare = async (play: Play, last: number, asker: string): Promise<PlayComparison> => {
    const draft = await draftOf(play);
    const nothing = { problems: [], comparison: undefined };
    if (draft === undefined) return { ...nothing, failure: 'There is no such file any more.' };
    const { original: _o, text: _t, ...asked } = draft;
    const ended = await comparisons.run<'compare'>({ kind: 'compare', ...asked, last }, asker);
    return 'failure' in ended ? { ...nothing, failure: ended.failure } : { ...ended.answer, failure: undefined };
  };

  /** The file as it is to be kept. */
  const draftText = async (play: Play): Promise<string | undefined> => (await draftOf(play))?.text;

  /** The JSON Schema of a file. */
  const schema = async (name: string, asker: string): Promise<string | undefined> => {
    const texts = await read();
    const found = listed(texts).find((one) => one.file === name);
    if (found === undefined) return undefined;
    const ended = await trials.run<'schemas'>({ kind: 'schemas', platforms: texts.platforms }, asker);
    return 'failure' in ended ? undefined : ended.answer.schemas[`${found.kind}.json`];
  };

  return { files, file, unusedProblems, merged, open, choices, tryPlay, compare, draftText, schema };
}

function readTable(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
