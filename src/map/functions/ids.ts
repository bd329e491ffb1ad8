// Functions that read the ids in cookies of tags. Cookie formats are not documented: what has another form is missing.
import { isSaid } from '../../lib/said.ts';
import { writeSessions } from '../../lib/sessions.ts';
import { parseInstant } from '../convert.ts';
import type { FunctionTable } from './functions.ts';
import { attributesWithPrefix } from './lists.ts';

/** Shops save cookies as they are or URL-encoded. */
function cookieText(cookie: unknown): string | undefined {
  if (typeof cookie === 'number') return String(cookie);
  if (typeof cookie !== 'string') return undefined;
  const text = cookie.trim();
  if (!isSaid(text)) return undefined;
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const match = (cookie: unknown, form: RegExp): string | undefined => form.exec(cookieText(cookie) ?? '')?.[1];

const CLIENT_ID = /^(?:GA\d\.[\d-]+\.)?(\d{1,20}\.\d{1,20})$/;
const SESSION_GS1 = /^GS1\.[\d-]+\.(\d{1,20})(?:\.|$)/;
/** Parts of one letter and a value, in any order. */
const SESSION_GS2 = /^GS2\.[\d-]+\.(?:[^$]*\$)*s(\d{1,20})(?:\$|$)/;
/** Sessions are named by the second they began in; flags of plugins stand under names like those of the cookies. */
const SESSION_BARE = /^(\d{9,11})$/;
/** The older form is GCL.<seconds>.<id>, the newer one lists letters and values in any order, of which k is the id. */
const GCL = /^(?:GCL\.\d+\.|\d\.\d\.(?:[^$]*\$)*k)([\w-]+)(?:\$|$)/;
const FBC = /^(fb\.\d\.\d+\.\S+)$/;
const FBCLID = /^([^.\s]+)$/;

function fbc(fbclid: unknown, seenAt: unknown): string | undefined {
  const cookie = match(fbclid, FBC);
  if (cookie !== undefined) return cookie;
  const id = match(fbclid, FBCLID);
  const ms = id === undefined ? undefined : parseInstant(seenAt);
  return ms === undefined ? undefined : `fb.1.${ms}.${id}`;
}

const sessionOf = (cookie: unknown): string | undefined =>
  match(cookie, SESSION_GS2) ?? match(cookie, SESSION_GS1) ?? match(cookie, SESSION_BARE);

/** Cookies of streams that are no longer measured stay for years. */
function latestSession(cookies: readonly unknown[]): string | undefined {
  const [latest] = cookies.flatMap((cookie) => sessionOf(cookie) ?? []).sort((a, b) => Number(b) - Number(a));
  return latest;
}

/** Of one stream nothing: its session is told already. */
function sessionsByStream(list: unknown, prefix: unknown): string | undefined {
  const sessions = new Map<string, string>();
  for (const [stream, cookie] of attributesWithPrefix(list, prefix)) {
    const id = sessionOf(cookie);
    if (id !== undefined && /^[A-Za-z0-9]+$/.test(stream)) sessions.set(stream.toUpperCase(), id);
  }
  return sessions.size > 1 ? writeSessions(sessions) : undefined;
}

const TWO_STREAMS = {
  notes: [
    { name: '_ga_AB12', value: 'GS1.1.1760000000.5.1.1760000100.0.0.0' },
    { name: '_ga_CD34', value: 'GS2.1.s1760000001$o5$g1' },
  ],
};

export const ID_FUNCTIONS: FunctionTable = {
  ga_client_id: {
    args: 'cookie',
    help: 'The client id in a _ga cookie.',
    examples: [
      { expr: "$ga_client_id('GA1.1.1380133182.1764792191')", result: '1380133182.1764792191' },
      { expr: "$ga_client_id('1380133182.1764792191')", result: '1380133182.1764792191', why: 'already a client id' },
      { expr: "$ga_client_id('unknown')" },
    ],
    fn: (cookie) => match(cookie, CLIENT_ID),
  },
  ga_session_id: {
    args: 'cookie',
    help: 'The session id in a _ga_<stream> cookie, of either form (GS1 or GS2); of several cookies that of the latest session.',
    examples: [
      { expr: "$ga_session_id('GS1.1.1760000000.5.1.1760000100.0.0.0')", result: '1760000000' },
      { expr: "$ga_session_id('GS2.1.s1760000000$o5$g1$t1760000100$j0$l0$h0')", result: '1760000000' },
      { expr: "$ga_session_id('GS2.1.s1760000000%24o5%24g1')", result: '1760000000', why: 'saved URL-encoded' },
      { expr: "$ga_session_id('1760000000')", result: '1760000000', why: 'already a session id' },
      {
        expr: "$ga_session_id(['GS1.1.1730000000.5.1.1730000100.0.0.0', 'GS2.1.s1760000000$o5$g1'])",
        result: '1760000000',
        why: 'the other stream is measured no more',
      },
      { expr: "$ga_session_id('GS3.x')" },
      { expr: "$ga_session_id('1')", why: 'no time: plugins mark orders with _ga_tracked' },
    ],
    fn: (cookie) => (Array.isArray(cookie) ? latestSession(cookie) : sessionOf(cookie)),
  },
  ga_session_ids: {
    args: 'list, prefix',
    help: 'The session ids in the _ga_<stream> cookies of several streams, each with its stream, so that a destination gets that of its own. The list is one of attributes as in $attr.',
    examples: [
      { expr: "$ga_session_ids(notes, '_ga_')", input: TWO_STREAMS, result: 'AB12=1760000000,CD34=1760000001' },
      {
        expr: "$ga_session_ids(notes, '_ga_')",
        input: { notes: TWO_STREAMS.notes.slice(1) },
        why: 'of one stream $ga_session_id tells it',
      },
      {
        expr: "$ga_session_ids(notes, '_ga_')",
        input: { notes: [...TWO_STREAMS.notes.slice(1), { name: '_ga_tracked', value: 1 }] },
        why: 'a flag is no stream',
      },
    ],
    fn: sessionsByStream,
  },
  gcl: {
    args: 'cookie',
    help: 'The click id in a _gcl_aw (gclid) or _gcl_gb (wbraid) cookie.',
    examples: [
      { expr: "$gcl('GCL.1760000000.Cj0KCQ_a-b')", result: 'Cj0KCQ_a-b' },
      { expr: "$gcl('2.1.kCj0KCQ_a-b$i1760000000')", result: 'Cj0KCQ_a-b', why: 'the newer form' },
      { expr: "$gcl('Cj0KCQ')", why: 'no such cookie' },
    ],
    fn: (cookie) => match(cookie, GCL),
  },
  fbc: {
    args: 'fbclid, seen_at',
    help: 'The _fbc cookie Meta would have set for this click id at that time. A value that is such a cookie already stays as it is.',
    examples: [
      { expr: "$fbc('AbC_1', '2026-01-02T03:04:05Z')", result: 'fb.1.1767323045000.AbC_1' },
      { expr: "$fbc('AbC_1', 1767323045)", result: 'fb.1.1767323045000.AbC_1', why: 'unix seconds' },
      { expr: "$fbc('fb.1.1554763741205.AbC', created_at)", input: {}, result: 'fb.1.1554763741205.AbC' },
      { expr: "$fbc('AbC_1', created_at)", input: {}, why: 'nobody knows when it was seen' },
      { expr: "$fbc('null', 1767323045)", why: 'a script wrote that it found none' },
    ],
    fn: fbc,
  },
};
