// What TikTok's answers mean. Decided by their code: nearly all come with HTTP 200. The text is not shown, it quotes what was sent.
// https://business-api.tiktok.com/portal/docs?id=1737172488964097
import { z } from 'zod';
import { readJson } from '../lib/json.ts';
import { retryAfter } from '../lib/retry-after.ts';
import { MINUTE_MS } from '../lib/time.ts';
import type { Outcome } from '../types.ts';
import { type Answer, isWebPage, retry, retryAnswered } from './judge.ts';

const Body = z.object({ code: z.int(), message: z.string().catch('') });

const THROTTLED_WAIT = 5 * MINUTE_MS;
const TAKEN = 0;
/** What becomes of the others, and how they are named, was not found written anywhere. */
const PARTLY_TAKEN = 20001;
const NO_PERMISSION = 40001;
const INVALID = new Set([40000, 40002]);
const THROTTLED = 40100;
const isToken = (code: number) => code > THROTTLED && code < 40120;

const NEW_TOKEN =
  'create a new one in TikTok Events Manager, your pixel or event set, Settings, Generate access token, and put it where access_token points to';
const NO_ACCESS =
  'There is no pixel or event set with this pixel_id, or it is of another event_source, or the access token is of another one; compare them with TikTok Events Manager';

/** Of the message only the names of fields are told, never what it says of them. */
const FIELDS =
  /\b(?:event_source_id|event_source|event_time|event_id|external_id|email|phone|first_name|last_name|zip_code|city|state|country|ttclid|user_agent|locale|url|referrer|content_id|content_type|contents|quantity|price|currency|value|order_id|lead_event_source|limited_data_use|test_event_code)\b/g;
const fieldsOf = (message: string): string[] => [...new Set(message.slice(0, 1000).match(FIELDS))].slice(0, 3);

/** The outcome of a request; a rejection says that at least one of its events is at fault. */
export function judgeTiktokAnswer(answer: Answer, count: number, areKnownAgain: boolean): Outcome {
  const { status, headers } = answer;
  const body = readJson(Body, answer.body);
  if (body === undefined) {
    if (status === 413) return { kind: 'rejected', reason: 'the request is too large for TikTok' };
    const isPage = isWebPage(answer.body);
    const text = isPage ? 'with a web page in place of' : 'without';
    const again = retryAnswered(answer, `answered ${status} ${text} TikTok’s usual text`);
    const mayBeTaken = status >= 200 && status < 300 && !isPage;
    return mayBeTaken ? { ...again, ambiguous: true } : again;
  }
  const { code, message } = body;
  const pause = (reason: string): Outcome => ({ kind: 'retry', reason: `${reason} (code ${code})`, pause: true });
  if (code === TAKEN) return { kind: 'delivered' };
  if (code === PARTLY_TAKEN) {
    const reason = `TikTok took a part of it (code ${code})`;
    if (count === 1) return { kind: 'delivered', note: `${reason}; see Events Manager, Diagnostics` };
    // Those that it took are sent once more: it must know them again.
    return areKnownAgain ? { kind: 'rejected', reason } : { kind: 'retry', reason, ambiguous: true };
  }
  if (isToken(code)) return pause(`TikTok does not accept the access token; ${NEW_TOKEN}`);
  if (code === NO_PERMISSION) return pause(NO_ACCESS);
  if (code === THROTTLED)
    return retry(`TikTok asks to slow down (code ${code})`, retryAfter(headers) ?? THROTTLED_WAIT);
  if (INVALID.has(code)) {
    const fields = fieldsOf(message);
    if (fields.some((field) => field.startsWith('event_source'))) return pause(NO_ACCESS);
    const named = fields.length === 0 ? '' : `, field ${fields.join(', ')}`;
    return { kind: 'rejected', reason: `TikTok rejects the event (code ${code}${named})` };
  }
  if (code >= 50000) return retry(`TikTok has a passing problem (code ${code}, HTTP ${status})`, retryAfter(headers));
  return retry(`TikTok answers with a code that is not known here (code ${code}, HTTP ${status})`, retryAfter(headers));
}
