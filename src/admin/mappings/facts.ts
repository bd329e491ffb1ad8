// What the pages of mappings are made of, as whoever joins the stages tells it to them.

import type { Problem } from '../../map/files/files.ts';
import type { Merged } from '../../map/files/merged.ts';
import type { Comparison } from '../../pages/comparing.ts';
import type { TrialResult } from '../../pages/trial-jobs.ts';

export type FileFacts = {
  file: string;
  kind: 'store' | 'platform' | 'read_also';
  /** The stores that use it. */
  stores: readonly string[];
  /** It cannot be used as it is: the last good version is `kept` in use, or there is none and it is `out`. */
  state: 'used' | 'unused' | 'kept' | 'out';
  problems: readonly Problem[];
  /** What can be used as it is, and is most likely not meant. */
  warnings: readonly Problem[];
};
export type FileText = FileFacts & {
  text: string;
  /** Lines with a secret, which is not shown. */
  secretLines: readonly number[];
};
export type MergedFacts = { store: string; source: string; sources: readonly string[]; merged: Merged };

/** What stands in the playground's form. */
export type Play = {
  file: string;
  store: string;
  source: string;
  /** The file as it was edited. */
  text: string;
  body: string;
  /** A line for each. */
  headers: string;
  /** Of look-ups, by name, as JSON. */
  answers: string;
  /** When the body arrives; now, where it is empty. */
  at: string;
};
/** What a kept hook puts into it. */
export type Picked = Pick<Play, 'store' | 'source' | 'body' | 'headers' | 'answers' | 'at'>;
/** What can be chosen from beside it. */
export type PlayChoices = {
  files: readonly string[];
  stores: readonly string[];
  sources: readonly string[];
  hooks: readonly { id: string; source: string; state: string; received_at: number }[];
  secretLines: readonly number[];
};
/** A unified diff of the edited file against the one on disk. */
export type Patch = { text: string; added: number; removed: number };
export type PlayResult = {
  problems: readonly Problem[];
  result: TrialResult | undefined;
  /** Why there is no result. */
  failure: string | undefined;
  patch: Patch | undefined;
};
export type PlayComparison = {
  problems: readonly Problem[];
  comparison: Comparison | undefined;
  failure: string | undefined;
};
