// A kept hook as something to try a mapping on: as it came, or with made-up values in the place of personal ones.
import type { Picked } from '../admin/mappings/facts.ts';
import { standInBody, standInHeaders } from '../admin/mappings/stand-in.ts';
import type { Keep } from '../keep/keep.ts';
import type { KeptHook } from '../keep/questions/kept-hook.ts';
import { readableText } from '../lib/charset.ts';
import type { Known } from '../map/asking/lookup.ts';
import { parseBody } from '../map/body.ts';
import type { Mappings } from '../map/files/mappings.ts';
import { mapHook } from '../map/map.ts';
import { knownAtLast } from '../road/complete.ts';

export type PickingParts = { keep: Pick<Keep, 'findHook'>; mappings: Pick<Mappings, 'get'> };

/** The text on many lines; undefined for what is no JSON, and where that would lose digits. */
function laidOut(text: string): string | undefined {
  let whole = true;
  try {
    const value: unknown = JSON.parse(text, (_key, given: unknown, { source = '' }: { source?: string } = {}) => {
      if (typeof given === 'number' && /^-?\d+$/.test(source) && !Number.isSafeInteger(given)) whole = false;
      return given;
    });
    return whole ? json(value) : undefined;
  } catch {
    return undefined;
  }
}

const json = (value: unknown): string => JSON.stringify(value, null, 2) ?? '';

/** What look-ups answered at the time, by their names. */
async function namedAnswers(source: Parameters<typeof mapHook>[0], hook: KeptHook): Promise<Record<string, unknown>> {
  const { content, received_at } = hook;
  if (content?.answers === undefined) return {};
  const kept = knownAtLast(content.answers);
  const named: Record<string, unknown> = {};
  const listen: Known = (asked) => {
    const found = kept(asked);
    if (found !== undefined && 'answer' in found) named[asked.lookup.name] = found.answer;
    return found;
  };
  await mapHook(source, { ...content, received_at }, listen);
  return named;
}

/** `showData` leaves personal data in. Undefined for a hook that is not there, or whose contents are gone. */
export function createPicking({ keep, mappings }: PickingParts) {
  return async (id: string, showData: boolean): Promise<Picked | undefined> => {
    const hook = await keep.findHook(id);
    if (hook?.content === undefined) return undefined;
    const { headers, body } = hook.content;
    const source = mappings.get(hook.store)?.sources.get(hook.source);
    const answers = source === undefined ? {} : await namedAnswers(source, hook);
    const parsed = parseBody(body, headers['content-type']);
    const text = readableText(body, headers['content-type']);
    const masked = 'value' in parsed ? json(standInBody(parsed.value)) : '';
    const own = showData ? headers : { ...standInHeaders(headers), 'content-type': 'application/json' };
    return {
      store: hook.store,
      source: hook.source,
      body: showData ? (laidOut(text) ?? text) : masked,
      headers: Object.entries(own)
        .map(([name, value]) => `${name}: ${value.replace(/[\r\n]+/g, ' ')}`)
        .join('\n'),
      answers: Object.keys(answers).length === 0 ? '' : json(showData ? answers : standInBody(answers)),
      at: new Date(hook.received_at).toISOString(),
    };
  };
}
