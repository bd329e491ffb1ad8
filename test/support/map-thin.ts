// Maps a thin hook with the answers that its platform's look-ups are given, and tells what they asked for.

import type { Known } from '../../src/map/asking/lookup.ts';
import { prepareBody } from '../../src/map/body.ts';
import { mapHook } from '../../src/map/map.ts';
import { buildStore } from './stores.ts';

export type Table = Record<string, unknown>;
/** When the hook comes. */
export const NOW = Date.UTC(2026, 0, 15, 12);

/** Asks all look-ups in turn and answers those that `answers` names; the others do not know the record. */
export async function map(
  platform: string,
  settings: Table,
  body: unknown,
  answers: Table,
  headers: Record<string, string> = {},
) {
  const store = await buildStore(platform, {}, settings);
  const source = store.sources.get(platform);
  if (source === undefined) throw new Error('no source');
  const asked = new Map<string, string>();
  const tokenUrls = new Set<string>();
  const known: Known = ({ lookup: { name }, url, tokenUrl }) => {
    asked.set(url, name);
    if (tokenUrl !== undefined) tokenUrls.add(tokenUrl);
    const prepared = name in answers ? prepareBody(structuredClone(answers[name])) : undefined;
    return prepared !== undefined && 'value' in prepared ? { answer: prepared.value } : { lacks: 'unknown' };
  };
  const incoming = {
    headers: { 'content-type': 'application/json', ...headers },
    body: Buffer.from(JSON.stringify(body)),
    received_at: NOW,
  };
  const result = await mapHook(source, incoming, known);
  const urls = [...asked.keys()].map((url) => url.replace(/properties=.*/, 'properties=…'));
  const { reason, verdict } = result;
  return { urls, tokenUrls: [...tokenUrls], events: result.events.map(({ event }) => event), reason, verdict };
}
