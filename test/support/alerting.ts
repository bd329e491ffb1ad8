// A store that is watched, on a database of its own, with a clock that tests move and a stand-in for a chat.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { createHeartbeat } from '../../src/alert/heartbeat.ts';
import { readConfig } from '../../src/config.ts';
import { createHttp } from '../../src/deliver/http.ts';
import { createKeep } from '../../src/keep/keep.ts';
import type { Digest } from '../../src/keep/questions/digests.ts';
import { openSqlite } from '../../src/keep/sqlite/sqlite.ts';
import { firstIdAt, newId } from '../../src/lib/id.ts';
import { createLog } from '../../src/lib/log.ts';
import { plainVault } from '../../src/lib/vault.ts';
import { readMappings } from '../../src/map/files/files.ts';
import { createMappings } from '../../src/map/files/mappings.ts';
import { usedTexts } from '../../src/map/files/used.ts';
import { mappingParts } from '../../src/mapping-parts.ts';
import { createAlerting } from '../../src/pages/alerting.ts';
import { makeDigest, makeHook } from '../keep/make.ts';
import { always, startReceiver } from './deliver-receiver.ts';
import { SECRETS, storeFile, writeMappings } from './service.ts';

export const HOUR = 3_600_000;
export const MINUTE = 60_000;
/** A Monday at noon. */
export const NOON = Date.UTC(2026, 2, 2, 12);
const NOWHERE = { origin: 'http://127.0.0.1:9' };

export type Watched = Awaited<ReturnType<typeof startWatched>>;

/** `store` is laid over the store file of the tests. */
export async function startWatched(environment: Record<string, string> = {}, store: object = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'tagbridge-alerting-'));
  const chat = await startReceiver(always(200));
  const file = { ...storeFile({ ga4: NOWHERE, meta: NOWHERE, sgtm: NOWHERE }), ...store };
  const dir = await writeMappings(folder, file);
  const env = { ...SECRETS, MAPPINGS_DIR: dir, DATA_DIR: folder, ALERT_SLACK_URL: chat.url, ...environment };
  const config = readConfig(env, join(folder, 'none'));
  const mappings = createMappings(usedTexts(await readMappings(dir)), mappingParts({ ...env, CHAT_URL: chat.url }));
  const clock = { at: NOON };
  const logged: string[] = [];
  /** Since when hooks cannot be kept. */
  const failing: { since: number | undefined } = { since: undefined };
  const keeping = { failingSince: () => failing.since };

  /** What one process is: its database, its client, its memory. */
  const start = async () => {
    const { db, close } = await openSqlite({ path: join(folder, 'tagbridge.db') });
    const keep = createKeep({ db, vault: plainVault });
    const http = createHttp({ allowPrivate: true });
    const ending = new AbortController();
    const log = createLog('info', { write: (line: string) => void logged.push(line) });
    const now = () => clock.at;
    const host = { room: async () => undefined, isThere: async () => true, worries: async () => [] };
    const { signal } = ending;
    const another = () => {
      const { HEARTBEAT_URL: url } = config;
      const heartbeat = url === undefined ? undefined : createHeartbeat({ url, send: http.send, now, signal, log });
      const ways = { http, ownHttp: http, heartbeat };
      return createAlerting({ keep, host, keeping, mappings, config, ...ways, now, newId, signal, log });
    };
    const alerting = another();
    const stop = async () => {
      ending.abort();
      await alerting.keepAlerting();
      await http.close();
      await close();
    };
    return { db, keep, alerting, another, stop };
  };
  let running = await start();

  return {
    chat,
    clock,
    failing,
    config,
    mappings,
    logged,
    get keep() {
      return running.keep;
    },
    get alerting() {
      return running.alerting;
    },
    /** Writes the store file anew, which is loaded at once. */
    rewrite: async (over: object) => {
      await writeMappings(folder, { ...file, ...over });
      mappings.replace(usedTexts(await readMappings(dir)));
    },
    /** Another replica on the same database. */
    another: () => running.another(),
    restart: async () => {
      await running.stop();
      running = await start();
    },
    /** Looks every minute until so many have passed. */
    pass: async (minutes: number) => {
      for (let minute = 0; minute < minutes; minute++) {
        clock.at += MINUTE;
        await running.alerting.round();
      }
    },
    /** A source that has sent so many hooks an hour for weeks, the last one now. */
    sellFor: async (weeks: number, perHour: number) => {
      const until = Math.floor(clock.at / HOUR);
      const sql = 'insert into hook_hours (hour, store, source, hooks, refused) values ($1, $2, $3, $4, 0)';
      const rows = Array.from({ length: weeks * 168 }, (_, back) => [until - back, 'shop', 'shopify', perHour]);
      await running.db.transaction([{ sql, rows }]);
    },
    /** A topic of it that came so many times an hour for weeks, until so many hours ago. */
    topicFor: async (topic: string, weeks: number, perHour: number, hoursAgo: number) => {
      const until = Math.floor(clock.at / HOUR) - hoursAgo;
      const sums = Array.from({ length: weeks * 168 }, (_, back) => ({
        ...{ store: 'shop', source: 'shopify', topic, hour: until - back },
        ...{ hooks: perHour, last_at: (until - back) * HOUR },
      }));
      await running.keep.addTopics(sums, until);
    },
    /** So many purchases an hour for weeks, as its hooks were mapped to until so many hours ago. */
    earnFor: async (weeks: number, perHour: number, hoursAgo: number, currency = 'EUR') => {
      const until = Math.floor(clock.at / HOUR) - hoursAgo;
      const keys = 'email, phone, client_id, session_id, click_id, fbc, fbp, device';
      const sql = `insert into event_hours (hour, store, name, currency, shard, events, value, ${keys})
        values ($1, 'shop', 'purchase', $3, 0, $2, 1, 0, 0, 0, 0, 0, 0, 0, 0)`;
      await running.db.transaction([
        { sql, rows: Array.from({ length: weeks * 168 }, (_, back) => [until - back, perHour, currency]) },
      ]);
    },
    /** So many deliveries an hour to a destination for weeks, until so many hours ago. */
    deliverFor: async (weeks: number, perHour: number, destination: string, hoursAgo: number) => {
      const until = Math.floor(clock.at / HOUR) - hoursAgo;
      const sql = `insert into delivery_hours (hour, store, destination, kind, shard, attempts)
        values ($1, 'shop', $2, 'delivered', 0, $3)`;
      const rows = Array.from({ length: weeks * 168 }, (_, back) => [until - back, destination, perHour]);
      await running.db.transaction([{ sql, rows }]);
    },
    /** So many tries at a destination in this hour, which end so. */
    tried: async (kind: string, destination: string, attempts: number) => {
      const sql = `insert into delivery_hours (hour, store, destination, kind, shard, attempts)
        values ($1, 'shop', $2, $3, 0, $4)`;
      const row = [Math.floor(clock.at / HOUR), destination, kind, attempts];
      await running.db.transaction([{ sql, rows: [row] }]);
    },
    hookComes: async (digest: Partial<Digest> = {}) => {
      const made = makeHook(`hook at ${clock.at}`, { lease_id: 'lease' });
      const place = { store: 'shop', source: 'shopify' };
      const come = { ...made, hook: { ...made.hook, ...place, id: firstIdAt(clock.at), received_at: clock.at } };
      await running.keep.keepHooks([come]);
      await running.keep.recordDigests([makeDigest(come, { store: 'shop', ...digest })], clock.at);
    },
    /** What the chat was told, in words. */
    told: () => chat.received.map(({ body }) => JSON.parse(body).text as string),
    close: async () => {
      await running.stop();
      await chat.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Starts a store that is watched until its test ends. */
export function useWatched() {
  let watched: Watched | undefined;
  afterEach(async () => {
    await watched?.close();
    watched = undefined;
  });
  return async (...given: Parameters<typeof startWatched>): Promise<Watched> => {
    watched = await startWatched(...given);
    return watched;
  };
}
