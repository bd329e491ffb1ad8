// What the pages ask about the mapping files: which there are and how they are used, what is wrong in them, and what holds for a source.
import type { FileFacts, FileText, MergedFacts } from '../admin/mappings/facts.ts';
import type { Config } from '../config.ts';
import { type Problem, parseMapping, readMappings, type SourceText, STORES, type Texts } from '../map/files/files.ts';
import type { Mappings } from '../map/files/mappings.ts';
import { mergedView } from '../map/files/merged.ts';
import { withoutSecrets } from '../map/files/secret-text.ts';
import { platformIn } from '../map/files/used.ts';
import { draftEnv, SECRET_SETTINGS } from './draft-env.ts';
import type { Answer } from './trial-jobs.ts';
import type { Ended, Trials } from './trials.ts';

export type MappingFilesParts = {
  mappings: Mappings;
  config: Pick<Config, 'MAPPINGS_DIR' | 'env'>;
  trials: Pick<Trials, 'run'>;
};
export type MappingFiles = ReturnType<typeof createMappingFiles>;

const READ_ALSO = /^["']?read_also["']?\s*:\s*["']?([\w-]+)/m;

type Kind = FileFacts['kind'];
type Listed = SourceText & { kind: Kind };
/** All files, those of stores first. */
export const listed = ({ stores, platforms, apps = [] }: Texts): Listed[] => {
  const as = (kind: Kind) => (one: SourceText) => ({ ...one, kind });
  return [...stores.map(as('store')), ...platforms.map(as('platform')), ...apps.map(as('read_also'))];
};

/** Without the secrets that stand in it. */
export const hiddenText = (text: string) => withoutSecrets(text, SECRET_SETTINGS);

/** The last answer, for as long as the question stays the same. */
function createMemory<A>() {
  let last: { question: string; answer: A } | undefined;
  return async (question: unknown, ask: () => Promise<Ended<A>>): Promise<Ended<A>> => {
    const text = JSON.stringify(question);
    if (last?.question === text) return last;
    const ended = await ask();
    if ('answer' in ended) last = { question: text, ...ended };
    return ended;
  };
}

export function createMappingFiles({ mappings, config, trials }: MappingFilesParts) {
  const read = () => readMappings(config.MAPPINGS_DIR);
  const checked = createMemory<Extract<Answer, { kind: 'check' }>>();
  const made = createMemory<Extract<Answer, { kind: 'schemas' }>>();

  /** The stores that use a file, as they are in use; a folder is used by all. */
  const usersOf = ({ file, kind, text }: Listed): string[] => {
    const platform = platformIn(text);
    const app = READ_ALSO.exec(text)?.[1];
    const uses = mappings.all().filter((store) => {
      if (file.endsWith('/')) return true;
      if (kind === 'store') return store.file === file;
      if (kind === 'platform') return [...store.sources.values()].some((source) => source.platform === platform);
      return app !== undefined && store.settings.read_also?.includes(app) === true;
    });
    return uses.map(({ name }) => name);
  };

  const toFacts = (one: Listed): FileFacts => {
    const { file, kind } = one;
    const stores = usersOf(one);
    const ofFile = (problem: Problem) => problem.file === file;
    const problems = mappings.problems().filter(ofFile);
    const warnings = mappings.warnings().filter(ofFile);
    const isBroken = kind === 'store' ? mappings.broken().has(file) : problems.length > 0;
    const state = isBroken ? (stores.length > 0 ? 'kept' : 'out') : stores.length > 0 ? 'used' : 'unused';
    return { file, kind, stores, state, problems, warnings };
  };

  /** The folder of the stores too, where its files are gone and its stores are in use all the same. */
  const shown = async (): Promise<Listed[]> => {
    const there = listed(await read());
    const isGone = mappings.broken().has(STORES) && !there.some(({ file }) => file === STORES);
    return isGone ? [{ file: STORES, text: '', kind: 'store' }, ...there] : there;
  };

  const files = async (): Promise<FileFacts[]> => (await shown()).map(toFacts);

  const file = async (name: string): Promise<FileText | undefined> => {
    const found = (await shown()).find((one) => one.file === name);
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
    const ended = await checked([texts, env], () => trials.run<'check'>({ kind: 'check', texts, env }, asker));
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

  /** The JSON Schema of a file. */
  const schema = async (name: string, asker: string): Promise<string | undefined> => {
    const texts = await read();
    const found = listed(texts).find((one) => one.file === name);
    if (found === undefined) return undefined;
    const { platforms } = texts;
    const ended = await made(platforms, () => trials.run<'schemas'>({ kind: 'schemas', platforms }, asker));
    return 'failure' in ended ? undefined : ended.answer.schemas[`${found.kind}.json`];
  };

  return { read, files, file, unusedProblems, merged, schema };
}
