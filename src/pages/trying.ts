// Drafts of a mapping file tried out for the playground: on a body, on the last hooks, and as a diff.
import { basename } from 'node:path';
import { z } from 'zod';
import type { Play, PlayChoices, PlayComparison, PlayResult } from '../admin/mappings/facts.ts';
import type { Config } from '../config.ts';
import type { Keep } from '../keep/keep.ts';
import { readJson } from '../lib/json.ts';
import { parseInstant } from '../map/convert.ts';
import type { SourceText, Texts } from '../map/files/files.ts';
import type { Mappings } from '../map/files/mappings.ts';
import type { Clock } from '../types.ts';
import { draftEnv } from './draft-env.ts';
import { hiddenText, listed, type MappingFiles } from './mapping-files.ts';
import { patchOf } from './patch.ts';
import type { Draft, TriedBody } from './trial-jobs.ts';
import type { Trials } from './trials.ts';

export type TryingParts = {
  keep: Pick<Keep, 'listHooks'>;
  files: Pick<MappingFiles, 'read' | 'file'>;
  mappings: Mappings;
  config: Pick<Config, 'MAPPINGS_DIR' | 'env'>;
  /** Tries are quick, comparisons are not: neither waits for the other. */
  trials: Trials;
  comparisons: Trials;
  now: Clock;
};

type Drafted = { draft: Draft; used: Texts; original: string; text: string };

const NO_FILE = 'There is no such file any more.';
const Named = z.record(z.string(), z.unknown());
const HOOKS = 25;
const MOST_BODY = 1_000_000;
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

/** The headers by name, or the first line that is none. */
function headersOf(text: string): { headers: Record<string, string> } | { wrong: string } {
  const headers: Record<string, string> = {};
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const [, name, value] = /^\s*([^:\s]+)\s*:(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined)
      return {
        wrong: `Line ${index + 1} of the headers is none. Write each as name: value, such as x-topic: orders/paid.`,
      };
    headers[name.toLowerCase()] = value.trim();
  }
  return { headers };
}

export function createTrying({ keep, files: { read, file }, mappings, config, trials, comparisons, now }: TryingParts) {
  const names = () => mappings.all().map(({ name }) => name);

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

  /** The draft that a form asks for, the files in use, and the file as it is kept and as it was edited. */
  const draftOf = async (play: Play): Promise<Drafted | undefined> => {
    const used = await read();
    const found = listed(used).find((one) => one.file === play.file);
    if (found === undefined) return undefined;
    const { text: original } = hiddenText(found.text);
    const text = withEndsOf(original, play.text);
    const texts = withText(used, play.file, text);
    const storeFile = found.kind === 'store' ? found.file : (mappings.get(play.store)?.file ?? '');
    return { draft: { texts, storeFile, env: draftEnv(texts, used.stores, config.env) }, used, original, text };
  };

  /** The body to try, or what is wrong with what was typed; undefined where nothing was. */
  const bodyOf = ({ source, body, headers, answers, at }: Play): TriedBody | { wrong: string } | undefined => {
    if (body.trim() === '') return undefined;
    const arrived = at.trim() === '' ? now() : parseInstant(at.trim());
    if (arrived === undefined) return { wrong: 'The time is none. Write it like 2026-01-31T12:00:00Z.' };
    const bytes = Buffer.from(body);
    if (bytes.length > MOST_BODY) return { wrong: 'The body is larger than 1 MB. Use tagbridge try.' };
    const named = answers.trim() === '' ? {} : readJson(Named, answers);
    if (named === undefined) return { wrong: 'The answers of look-ups are no JSON table of names and answers.' };
    const read = headersOf(headers);
    if ('wrong' in read) return read;
    return { source, headers: read.headers, body: bytes, answers: named, at: arrived };
  };

  const tryPlay = async (play: Play, asker: string): Promise<PlayResult> => {
    const drafted = await draftOf(play);
    const nothing = { problems: [], result: undefined, patch: undefined };
    if (drafted === undefined) return { ...nothing, failure: NO_FILE };
    const { draft, original, text } = drafted;
    const patch = patchOf(`${basename(config.MAPPINGS_DIR)}/${play.file}`, original, text);
    const body = bodyOf(play);
    const wrong = body !== undefined && 'wrong' in body ? body.wrong : undefined;
    const tried = body === undefined || 'wrong' in body ? undefined : body;
    const ended = await trials.run<'try'>({ kind: 'try', ...draft, body: tried }, asker);
    if ('failure' in ended) return { ...nothing, patch, failure: ended.failure };
    const { problems, sources, result } = ended.answer;
    const lost = tried !== undefined && problems.length === 0 && !sources.includes(play.source);
    const missing = lost
      ? `The store has no source ${play.source} in this draft; it has ${sources.join(', ')}.`
      : undefined;
    return { problems, result, patch, failure: wrong ?? missing };
  };

  const compare = async (play: Play, last: number, asker: string): Promise<PlayComparison> => {
    const drafted = await draftOf(play);
    const nothing = { problems: [], comparison: undefined };
    if (drafted === undefined) return { ...nothing, failure: NO_FILE };
    const { draft, used } = drafted;
    const ended = await comparisons.run<'compare'>({ kind: 'compare', ...draft, used, last }, asker);
    return 'failure' in ended ? { ...nothing, failure: ended.failure } : { ...ended.answer, failure: undefined };
  };

  /** The file as it is to be kept. */
  const draftText = async (play: Play): Promise<string | undefined> => (await draftOf(play))?.text;

  return { open, choices, tryPlay, compare, draftText };
}
