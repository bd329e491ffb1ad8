// Metrics and the alarm for deliveries that wait too long, on the running service and by themselves.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lookForOldest } from '../../src/admin/alarm.ts';
import { createMetrics } from '../../src/admin/metrics.ts';
import { createLog } from '../../src/lib/log.ts';
import { fromShopify, lampOrder, post } from '../support/hooks.ts';
import { eventually, type Rig, startRig } from '../support/service.ts';

const PLACE = { store: 'shop', destination: 'ga4' };
let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());
const metrics = async () => (await fetch(`${rig.service.adminUrl}/metrics`)).text();

describe('the metrics', () => {
  test('count hooks by outcome and attempts by destination', async () => {
    const hook = fromShopify(lampOrder(9001));
    await post(rig.service.url, hook);
    await post(rig.service.url, hook);
    await post(rig.service.url, { ...hook, headers: { 'content-type': 'application/json' } });
    await eventually(
      async () =>
        (await metrics()).includes('tagbridge_attempts_total{store="shop",destination="sgtm",outcome="delivered"} 1'),
      'attempts are counted',
    );
    const text = await metrics();
    for (const [outcome, reason] of [
      ['kept', ''],
      ['duplicate', ''],
      ['refused', 'signature'],
    ]) {
      expect(text).toContain(
        `tagbridge_hooks_received_total{store="shop",source="shopify",outcome="${outcome}",reason="${reason}"} 1`,
      );
    }
    expect(text).toMatch(/tagbridge_commit_seconds_count [1-9]/);
    expect(text).toContain('tagbridge_event_loop_delay_p99_seconds');
  });
  test('and the log count what is refused before its body is looked at', async () => {
    const url = `${rig.service.url}/hooks/shop/woo`;
    const json = { 'content-type': 'application/json' };
    await fetch(url, { method: 'POST', headers: json, body: 'x'.repeat(2_000_001) });
    await fetch(url, { method: 'POST', headers: { ...json, 'content-encoding': 'gzip' }, body: 'x' });
    await fetch(url, { method: 'PUT', body: 'x' });
    const text = await metrics();
    for (const [reason, status, bytes] of [
      ['too large', 413, 2_000_001],
      ['content encoding', 415, 1],
      ['method', 405, 1],
    ]) {
      expect(text).toContain(
        `tagbridge_hooks_received_total{store="shop",source="woo",outcome="refused",reason="${reason}"} 1`,
      );
      const said = { store: 'shop', source: 'woo', outcome: 'refused', status, bytes, reason, msg: 'hook.received' };
      expect(rig.logged.map((line) => JSON.parse(line))).toContainEqual(expect.objectContaining(said));
    }
  });
  test('S76 carry nothing of the buyer', async () => {
    expect(await metrics()).not.toMatch(/example\.com|Utrecht|203\.0\.113/);
    expect(rig.logged.join('')).not.toMatch(/example\.com|Utrecht|203\.0\.113/);
  });
  test.each(['x-forwarded-for', 'x-real-ip', 'forwarded', 'via'])(
    'without a token are not for whoever comes by a proxy of this machine, which says so by %s',
    async (name) => {
      const reply = await fetch(`${rig.service.adminUrl}/metrics`, { headers: { [name]: '203.0.113.9' } });
      const hint = 'set METRICS_TOKEN, and ask with it as a bearer token';
      expect([reply.status, await reply.json()]).toEqual([401, { error: 'unauthorized', hint }]);
    },
  );
  test('without a token are for nobody where the pages are https: the proxy before them may not say that it is one', async () => {
    const own = await startRig({ ADMIN_URL: 'https://bridge.shop.example' });
    expect((await fetch(`${own.service.adminUrl}/metrics`)).status).toBe(401);
    await own.close();
  });
  test('S100 are absent from the hook port', async () => {
    expect((await fetch(`${rig.service.url}/metrics`)).status).toBe(404);
  });
});

describe('the metrics of a service with a token', () => {
  test('are refused without it and shown with it', async () => {
    const own = await startRig({ METRICS_TOKEN: 'token-of-prometheus' });
    const ask = (authorization?: string) =>
      fetch(`${own.service.adminUrl}/metrics`, authorization === undefined ? {} : { headers: { authorization } });
    expect((await ask()).status).toBe(401);
    expect((await ask('Bearer wrong')).status).toBe(401);
    expect((await ask('Bearer token-of-prometheus')).status).toBe(200);
    await own.close();
  });
});

describe('the gauges', () => {
  const [readCompared, onError] = [async () => [], () => undefined];

  test('of sources that are compared say when, whether it failed, and what was fetched', async () => {
    const one = { store: 'shop', source: 'shopify', done_at: 40_000, failed: false, fetched: 3 };
    const never = { store: 'shop', source: 'woo', done_at: undefined, failed: true, fetched: 0 };
    const countOpen = async () => ({ hooks: [], deliveries: [] });
    const shown = await createMetrics({
      countOpen,
      readCompared: async () => [one, never],
      now: () => 100_000,
      onError,
    }).text();
    const values = [...shown.matchAll(/^tagbridge_(\w+)\{store="shop",source="(\w+)"\} (.+)$/gm)];
    expect(values.map(([, ...told]) => told.join(' '))).toEqual([
      'last_compared_seconds shopify 60',
      'comparison_failed shopify 0',
      'comparison_failed woo 1',
      'hooks_fetched shopify 3',
      'hooks_fetched woo 0',
    ]);
  });

  test('of a destination whose account was changed tell of the oldest that waits, for whichever account', async () => {
    const of = (account: string, oldest: number) => ({ ...PLACE, account, deliveries: 2, oldest });
    const deliveries = [of('new', 95_000), of('old', 10_000), of('other', 90_000)];
    const { text } = createMetrics({
      countOpen: async () => ({ hooks: [], deliveries }),
      readCompared,
      now: () => 100_000,
      onError,
    });
    const shown = await text();
    expect(shown).toContain('tagbridge_deliveries_waiting{store="shop",destination="ga4"} 6');
    expect(shown).toContain('tagbridge_oldest_waiting_seconds{store="shop",destination="ga4"} 90');
  });

  const WAITING = 'tagbridge_deliveries_waiting{store="shop",destination="ga4"}';
  const ofOne = async (deliveries: number) => ({
    hooks: [],
    deliveries: [{ ...PLACE, account: 'one', deliveries, oldest: 0 }],
  });

  test('are read anew at once after the clock was set back by an hour', async () => {
    let [at, waiting] = [10_000_000, 1];
    const { text } = createMetrics({ countOpen: () => ofOne(waiting), readCompared, now: () => at, onError });
    expect(await text()).toContain(`${WAITING} 1`);
    [at, waiting] = [at - 3_600_000, 7];
    expect(await text()).toContain(`${WAITING} 7`);
  });

  test('are not told as they were before to whoever asks right after a count that failed', async () => {
    let fails = false;
    const countOpen = () => (fails ? Promise.reject(new Error('away')) : ofOne(1));
    let at = 0;
    const heard: unknown[] = [];
    const { text } = createMetrics({ countOpen, readCompared, now: () => at, onError: (error) => heard.push(error) });
    expect(await text()).toContain(`${WAITING} 1`);
    [fails, at] = [true, 60_000];
    for (const shown of [await text(), await text()]) {
      expect(shown).not.toContain(WAITING);
      expect(shown).toContain('tagbridge_hooks_received_total');
    }
    expect(heard).toEqual([new Error('away'), new Error('away')]);
  });
});

describe('the alarm', () => {
  const hour = 3_600_000;
  const lines: string[] = [];
  const log = createLog('info', { write: (line) => void lines.push(line) });
  const waiting = (oldest: number) => ({
    hooks: [],
    deliveries: [{ store: 'shop', destination: 'ga4', account: 'a', deliveries: 3, oldest }],
  });

  test('says once that a destination is late, and once that it no longer is', async () => {
    const look = (oldest: number, before: ReadonlySet<string>) =>
      lookForOldest({ countOpen: async () => waiting(oldest), now: () => 2 * hour, log, limitMs: hour }, before);
    const late = await look(0, new Set());
    expect([...late]).toEqual(['shop/ga4']);
    await look(0, late);
    expect(lines.filter((line) => line.includes('delivery.waiting_too_long'))).toHaveLength(1);
    expect([...(await look(2 * hour, late))]).toEqual([]);
    expect(lines.filter((line) => line.includes('delivery.waiting_ended'))).toHaveLength(1);
  });
});
