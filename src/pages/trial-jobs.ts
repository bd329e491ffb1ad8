// What a trial process does with mapping files that are not in use: check them, try a body on them, compare the last hooks.

import { jsonSchemas } from '../json-schemas.ts';
import { type Data, readKept } from '../keep/beside.ts';
import type { Problem, Texts } from '../map/files/files.ts';
import { type LoadParts, loadMappings, type Store } from '../map/files/load.ts';
import { usedTexts } from '../map/files/used.ts';
import { mappingParts } from '../mapping-parts.ts';
import { type Comparison, compareDraft } from './comparing.ts';
import { DraftAlerts } from './draft-alerts.ts';
import { type Explained, explainBody, type NamedAnswers, type Tried, tryBody } from './trial.ts';

/** Mapping files as they would be, and the store file they are tried on. `env` has what they may name, and no secret. */
export type Draft = { texts: Texts; storeFile: string; env: LoadParts['env'] };
export type TriedBody = {
  source: string;
  headers: Record<string, string>;
  body: Uint8Array;
  answers: NamedAnswers;
  /** When it arrives. */
  at: number;
};
export type Job =
  /** Finds every mistake of every file. */
  | { kind: 'check'; texts: Texts; env: LoadParts['env'] }
  /** Makes the JSON Schemas. */
  | { kind: 'schemas'; platforms: Texts['platforms'] }
  | ({ kind: 'try'; body: TriedBody | undefined } & Draft)
  /** `used` are the files in use. */
  | ({ kind: 'compare'; used: Texts; last: number } & Draft);
export type Answer =
  | { kind: 'check'; problems: Problem[] }
  /** By file name. */
  | { kind: 'schemas'; schemas: Record<string, string> }
  /** `sources` are those of the store as the draft has them. */
  | { kind: 'try'; problems: Problem[]; sources: string[]; result: TrialResult | undefined }
  | { kind: 'compare'; problems: Problem[]; comparison: Comparison | undefined };
export type TrialResult = { tried: Tried; explained: Explained };

/** Bodies that are compared take no more memory than this. */
const MOST_BYTES = 32_000_000;
const MOST_RESULTS = 20;
const MOST_FIELDS = 400;

/** The first of a result's parts: nobody reads more, and a page must be able to show it. */
function shortened({ tried, explained }: TrialResult): TrialResult {
  const { events, requests, skipped } = tried;
  const rules = explained.rules.slice(0, MOST_RESULTS).map((rule) => ({
    ...rule,
    reasons: rule.reasons.slice(0, MOST_RESULTS),
    events: rule.events.slice(0, MOST_RESULTS).map((event) => ({
      ...event,
      fields: event.fields.slice(0, MOST_FIELDS),
      empty: event.empty.slice(0, MOST_FIELDS),
    })),
  }));
  return {
    tried: {
      ...tried,
      events: events.slice(0, MOST_RESULTS),
      requests: requests.slice(0, 3 * MOST_RESULTS),
      skipped: skipped.slice(0, 3 * MOST_RESULTS),
    },
    explained: { ...explained, rules },
  };
}

/** A page says by itself that the database is away. */
const toNobody = (): void => {};

/** Runs jobs one after the other. What expressions compile to is kept between them. */
export function createTrialJobs(data: Data | undefined): (job: Job) => Promise<Answer> {
  const parts = mappingParts({}, { alerts: DraftAlerts });

  /** The one store a draft is tried with, and the mistakes of the files it is made of. */
  const load = (texts: Texts, { storeFile, env }: Draft): { store: Store | undefined; problems: Problem[] } => {
    const stores = texts.stores.filter(({ file }) => file === storeFile);
    const { stores: loaded, problems } = loadMappings(usedTexts({ ...texts, stores }), { ...parts, env });
    const [store] = loaded.values();
    return { store, problems };
  };

  const tryDraft = async ({ body, ...draft }: Extract<Job, { kind: 'try' }>): Promise<Answer> => {
    const { store, problems } = load(draft.texts, draft);
    const base = { kind: 'try' as const, problems, sources: [...(store?.sources.keys() ?? [])] };
    const source = body && store?.sources.get(body.source);
    if (store === undefined || body === undefined || source === undefined) return { ...base, result: undefined };
    const incoming = { headers: body.headers, body: body.body, received_at: body.at };
    const tried = await tryBody(store, source, incoming, body.answers);
    const explained = await explainBody(store, source, incoming, body.answers);
    return { ...base, result: shortened({ tried, explained }) };
  };

  const compare = async ({ used: usedFiles, last, ...draft }: Extract<Job, { kind: 'compare' }>): Promise<Answer> => {
    const { store, problems } = load(draft.texts, draft);
    const { store: used } = load(usedFiles, draft);
    const base = { kind: 'compare' as const, problems };
    if (data === undefined) throw new Error('this process was not told where hooks are kept');
    if (store === undefined || used === undefined) return { ...base, comparison: undefined };
    const parts = { used, draft: store, last, maxBytes: MOST_BYTES };
    const comparison = await readKept(data, toNobody, (kept) => compareDraft({ kept, ...parts }));
    return { ...base, comparison };
  };

  return async (job) => {
    if (job.kind === 'try') return tryDraft(job);
    if (job.kind === 'compare') return compare(job);
    if (job.kind === 'schemas') return { kind: 'schemas', schemas: jsonSchemas(job.platforms) };
    return { kind: 'check', problems: loadMappings(job.texts, { ...parts, env: job.env }).problems };
  };
}
