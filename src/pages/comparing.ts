// What a draft of the mapping files would change: the last hooks of a store mapped by the files in use and by the draft, compared.
import { personalOf } from '../admin/trace/fields.ts';
import { maskRequest } from '../admin/trace/mask.ts';
import { redact } from '../deliver/redact.ts';
import { knownKeys } from '../keep/questions/comparisons.ts';
import { listRecentEvents, listRecentHooks } from '../keep/questions/recent.ts';
import type { Store } from '../map/files/load.ts';
import { flatten } from '../map/flatten.ts';
import { preview, type TriedRequest } from '../road/preview.ts';
import {
  type Candidate,
  candidatesOf,
  changesBetween,
  changesOf,
  type FieldChange,
  hidden,
  type Kept,
  type Mapped,
  mapAll,
  type Which,
  which,
} from './diffing.ts';

/** What a destination would get in place of what it got; `reason` is why it gets nothing any more, or got nothing before. */
export type RequestChange = {
  destination: string;
  kind: 'changed' | 'gained' | 'lost';
  reason?: string;
  changes: FieldChange[];
};
/** Of one event. Personal data is `***`. */
export type Change = Which & { fields: FieldChange[]; requests: RequestChange[] };
/** Changes of one kind. `changes` are the first of them. */
export type ChangeGroup = {
  kind: 'changed' | 'gained' | 'lost';
  name: string;
  reason?: string;
  count: number;
  changes: Change[];
};
export type Comparison = {
  hooks: number;
  /** When the oldest of them arrived; undefined where there are none. */
  since: number | undefined;
  same: number;
  groups: ChangeGroup[];
  /** Hooks whose look-ups were not asked for at the time, and are not now. */
  without_answers: number;
};
export type CompareParts = { kept: Kept; used: Store; draft: Store; last: number; maxBytes: number };

const SHOWN = 3;

/** What each destination gets of an event; a text is why it gets nothing. */
function requestsOf({ event, routes, skipped, hook }: Candidate): Map<string, TriedRequest | string> {
  const requests = new Map<string, TriedRequest | string>();
  for (const route of routes) requests.set(route.name, preview(route, event, hook.received_at));
  for (const { destination, reason } of skipped) requests.set(destination, reason);
  return requests;
}

function requestChanges(was: Candidate, now: Candidate): RequestChange[] {
  const [before, after] = [requestsOf(was), requestsOf(now)];
  const personal = [...personalOf(was.event), ...personalOf(now.event)];
  const shown = (request: unknown) => flatten(maskRequest(request, personal));
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((destination): RequestChange[] => {
    const old = before.get(destination) ?? 'the store has no such destination';
    const next = after.get(destination) ?? 'the store would have no such destination';
    if (typeof old === 'string' && typeof next === 'string') return [];
    if (typeof old === 'string') return [{ destination, kind: 'gained', reason: redact(old), changes: [] }];
    if (typeof next === 'string') return [{ destination, kind: 'lost', reason: redact(next), changes: [] }];
    const differing = changesBetween(flatten(old), flatten(next)).map(({ field }) => field);
    if (differing.length === 0) return [];
    const [masked, maskedNext] = [shown(old), shown(next)];
    const changes = differing.map((field): FieldChange => {
      const [left, right] = [masked.get(field), maskedNext.get(field)];
      return hidden({ field, ...(left !== undefined && { was: left }), ...(right !== undefined && { now: right }) });
    });
    return [{ destination, kind: 'changed', changes }];
  });
}

type Found = Pick<ChangeGroup, 'kind' | 'reason'> & { change: Change };

/** `items[3].price` and `items[0].price` are one kind of change. */
const kindOf = (field: string) => field.replace(/\[\d+\]/g, '[]');

function group(found: readonly Found[]): ChangeGroup[] {
  const keyOf = ({ kind, reason, change: { name, fields, requests } }: Found) =>
    JSON.stringify([
      kind,
      name,
      reason,
      [...new Set(fields.map(({ field }) => kindOf(field)))].sort(),
      requests.map((one) => [
        one.destination,
        one.kind,
        one.reason,
        fields.length === 0 && one.changes.map(({ field }) => kindOf(field)),
      ]),
    ]);
  return [...Map.groupBy(found, keyOf).values()]
    .flatMap((all): ChangeGroup[] => {
      const [first] = all;
      if (first === undefined) return [];
      const { kind, reason, change } = first;
      const changes = all.slice(0, SHOWN).map((one) => one.change);
      return [{ kind, name: change.name, ...(reason !== undefined && { reason }), count: all.length, changes }];
    })
    .sort((a, b) => b.count - a.count);
}

function reasonOf(all: readonly Mapped[], { hook }: Candidate): string {
  const mapped = all.find((one) => one.hook.id === hook.id);
  return mapped === undefined
    ? `the store would have no source ${hook.source}`
    : redact(mapped.planned.reason ?? 'no rule would make it');
}

/** Compares what the last hooks of a store come to. Reads only; hooks whose bodies take more than `maxBytes` are left out. */
export async function compareDraft({ kept, used, draft, last, maxBytes }: CompareParts): Promise<Comparison> {
  const hooks = await listRecentHooks(kept.db, kept.vault, used.name, last, maxBytes);
  const [first] = hooks;
  const made = first === undefined ? [] : await listRecentEvents(kept.db, kept.vault, used.name, first.id);
  const [before, after] = [await mapAll(kept, used, hooks, made), await mapAll(kept, draft, hooks, made)];
  const [old, next] = [candidatesOf(before, made), candidatesOf(after, made)];
  const taken = await knownKeys(kept.db, used.name, [...new Set(next.flatMap(({ keys }) => keys))]);
  for (const { keys } of made) for (const key of keys) taken.delete(key);

  const byKey = new Map(old.flatMap((one) => one.keys.map((key) => [key, one] as const)));
  const met = new Set<Candidate>();
  const found: Found[] = [];
  let same = 0;
  for (const now of next) {
    const was = now.keys.map((key) => byKey.get(key)).find((one) => one !== undefined);
    const about = which(now.keys[0] ?? '', now.event, now.hook);
    if (was === undefined) {
      if (!now.keys.some((key) => taken.has(key)))
        found.push({ kind: 'gained', change: { ...about, fields: [], requests: [] } });
      continue;
    }
    met.add(was);
    const fields = changesOf(was.event, now.event).map(hidden);
    const requests = requestChanges(was, now);
    if (fields.length + requests.length === 0) same += 1;
    else found.push({ kind: 'changed', change: { ...about, fields, requests } });
  }
  for (const was of old.filter((one) => !met.has(one)))
    found.push({
      kind: 'lost',
      reason: reasonOf(after, was),
      change: { ...which(was.keys[0] ?? '', was.event, was.hook), fields: [], requests: [] },
    });
  const without_answers = after.filter(({ lacksAnswers }) => lacksAnswers).length;
  return { hooks: hooks.length, since: first?.received_at, same, groups: group(found), without_answers };
}
