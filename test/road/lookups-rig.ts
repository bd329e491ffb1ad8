// Look-ups of a made-up CRM over real HTTP: an API that answers as the test says, a database, and a clock that the tests move.
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { createHttp, type Http } from '../../src/deliver/http.ts';
import type { Answers } from '../../src/keep/sealed.ts';
import type { Asked } from '../../src/map/asking/lookup.ts';
import type { Source } from '../../src/map/files/source.ts';
import { mapHook } from '../../src/map/map.ts';
import { createComplete, knownOf } from '../../src/road/complete.ts';
import { createLookups, type Lookups } from '../../src/road/lookups.ts';
import { type Receiver, startReceiver } from '../support/deliver-receiver.ts';
import { type OwnKeep, openOwnKeep } from '../support/own-keep.ts';
import { contactLookup, NOW, thinHook, thinSource } from '../support/thin.ts';

export type Answer = Parameters<typeof startReceiver>[0];
export const CONTACT = JSON.stringify({ properties: { email: 'ann@example.com', gclid: 'Cj0K' } });
export const json =
  (body: string): Answer =>
  (_, response) =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end(body);
/** Promises all of a body, and hangs up after its first bytes. */
export const breaksOff =
  (body: string): Answer =>
  (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
    response.write(body.slice(0, 20), () => response.destroy());
  };
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** A database for all tests of a file; for each test a new API, clock and memory. */
export function useLookups() {
  let own: OwnKeep;
  let api: Receiver;
  let http: Http;
  let lookups: Lookups;
  const logged: string[] = [];
  const rig = {
    answer: json(CONTACT),
    now: NOW,
    logged,
    get own() {
      return own;
    },
    get api() {
      return api;
    },
    get http() {
      return http;
    },
    get lookups() {
      return lookups;
    },
    set lookups(others: Lookups) {
      lookups = others;
    },
    start,
    replica,
    sourceWith,
    questions,
    ask,
    map,
  };

  beforeAll(async () => {
    own = await openOwnKeep();
  });
  afterAll(() => own.close());
  beforeEach(async () => {
    await own.db.transaction([{ sql: 'delete from throttles', rows: [[]] }]);
    rig.answer = json(CONTACT);
    api = await startReceiver((...args) => rig.answer(...args));
    rig.now = NOW;
    logged.length = 0;
    start({ allowPrivate: true });
  });
  afterEach(async () => {
    await http.close();
    await api.close();
  });

  function start(options: { allowPrivate: boolean }): void {
    http = createHttp(options);
    lookups = replica();
  }
  /** One of those who share a database. */
  function replica(clock = () => rig.now): Lookups {
    const note = (fields: object, message: string) => void logged.push(JSON.stringify({ ...fields, message }));
    const log = { info: note, warn: note };
    return createLookups({ send: http.send, keep: own.keep, now: clock, log, signal: new AbortController().signal });
  }

  function sourceWith(parts: Record<string, unknown> = {}, settings?: Record<string, unknown>): Source {
    return thinSource({ lookups: { contact: contactLookup(api.url, parts) } }, settings);
  }
  async function questions(source: Source, ...ids: number[]): Promise<Asked[]> {
    return (await mapHook(source, thinHook(...ids), () => undefined)).pending ?? [];
  }
  async function ask(source: Source, ...ids: number[]) {
    return Promise.all((await questions(source, ...ids)).map((asked) => lookups.ask(source, asked)));
  }
  /** The road of one hook from its first mapping on. */
  async function map(source: Source, hook: ReturnType<typeof thinHook> & { answers?: Answers } = thinHook(7)) {
    const complete = createComplete({ lookups, keep: own.keep, now: () => rig.now });
    return complete(source, hook, await mapHook(source, hook, knownOf(hook.answers)));
  }
  return rig;
}
