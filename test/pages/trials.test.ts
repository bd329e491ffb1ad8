// Trials in their process: what never ends or takes all memory is ended, others wait for their turn, and nothing is left behind.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { readMappings } from '../../src/map/files/files.ts';
import { createTrials, type Trials } from '../../src/pages/trials.ts';
import { MAPPINGS } from '../support/stores.ts';

const texts = await readMappings(MAPPINGS);
const data = { DATABASE_URL: undefined, DATA_DIR: '/nowhere', ENCRYPTION_KEY: undefined };
const ending: AbortController[] = [];
const errors: unknown[] = [];
function startTrials(deadline: number, memory = 192): Trials {
  const controller = new AbortController();
  ending.push(controller);
  return createTrials({ data, deadline, memory, signal: controller.signal, onError: (error) => errors.push(error) });
}
afterEach(() => {
  vi.useRealTimers();
  for (const controller of ending.splice(0)) controller.abort();
});

const draft = (...expressions: string[]) => {
  const fields = Object.fromEntries(expressions.map((expression, index) => [`custom.x${index}`, expression]));
  const events = { generate_lead: { key: 'lead_id', fields: { event_time: 'event_time', ...fields } } };
  const store = {
    store: 'shop',
    sources: { own: { platform: 'generic', secrets: ['x'], events } },
    destinations: { sgtm: { url: 'https://sst.lamps.example/data' } },
  };
  return {
    kind: 'try' as const,
    texts: { ...texts, stores: [{ file: 'stores/shop.yaml', text: JSON.stringify(store) }] },
    storeFile: 'stores/shop.yaml',
    env: {},
    body: {
      source: 'own',
      headers: {},
      body: Buffer.from('{"event_time":"2026-11-20T10:00:00Z","lead_id":"L1"}'),
      answers: {},
      at: Date.parse('2026-11-20T10:00:01Z'),
    },
  };
};
const ENDLESS = '($f := function($n) { $f($n + 1) }; $f(1))';
async function verdictOf(trials: Trials, asker: string, ...expressions: string[]): Promise<string> {
  const ended = await trials.run<'try'>(draft(...expressions), asker);
  if ('failure' in ended) return ended.failure;
  const { problems, result } = ended.answer;
  return problems[0]?.message ?? `${result?.tried.hook.verdict}: ${result?.tried.hook.reason}`;
}

test('a trial that takes too long is ended, and the next one is tried in another process', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const trials = startTrials(1_200);
  const slow = verdictOf(trials, 'ada', ENDLESS, ENDLESS, ENDLESS, ENDLESS, ENDLESS);
  const next = verdictOf(trials, 'ben', "'fine'");
  // Its time begins when its process is there to be given it.
  while (vi.getTimerCount() === 0) await sleep(10);
  vi.advanceTimersByTime(1_200);
  expect(await slow).toContain('longer than 1.2 seconds');
  expect(await next).toBe('mapped: undefined');
  expect(errors).toEqual([]);
});

test('a trial nested too deep to be handed over fails, in a new process or in one that waits, and the next one is tried', async () => {
  const trials = startTrials(20_000);
  const { body, ...rest } = draft("'fine'");
  const deep = { ...rest, body: { ...body, answers: JSON.parse(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`) } };
  for (let turn = 0; turn < 2; turn++) {
    expect(await trials.run<'try'>(deep, 'ada')).toEqual({ failure: 'Something failed; the log says what.' });
    expect(await verdictOf(trials, 'ben', "'fine'")).toBe('mapped: undefined');
  }
  expect(errors.splice(0)).toEqual([expect.any(RangeError), expect.any(RangeError)]);
});

test('a trial that takes too much memory is ended', async () => {
  const trials = startTrials(20_000, 8);
  expect(await verdictOf(trials, 'ada', "'x'")).toContain('memory');
  expect(await verdictOf(trials, 'ada', "'x'")).toContain('memory');
  expect(errors).toEqual([]);
});

test('a trial whose texts grow larger than all memory is ended alone', async () => {
  const trials = startTrials(20_000);
  const doubled = "($d := function($s, $n) { $n = 0 ? $s : $d($s & $s, $n - 1) }; $uppercase($d('x', 28)))";
  expect(await verdictOf(trials, 'ada', doubled)).toContain('memory');
  expect(await verdictOf(trials, 'ben', "'fine'")).toBe('mapped: undefined');
  expect(errors).toEqual([]);
});

test('of what one person asks for only the newest is tried, and too many people are asked to wait', async () => {
  const trials = startTrials(20_000);
  const first = verdictOf(trials, 'ada', "'first'");
  const older = verdictOf(trials, 'ada', "'older'");
  const newest = verdictOf(trials, 'ada', "'newest'");
  const others = Array.from({ length: 9 }, (_, index) => verdictOf(trials, `person ${index}`, "'x'"));
  expect(await older).toContain('A newer change is tried instead');
  expect([await first, await newest]).toEqual(['mapped: undefined', 'mapped: undefined']);
  const said = await Promise.all(others);
  expect(said.filter((one) => one.includes('Too many people'))).toHaveLength(2);
});

test('a comparison without anything kept fails alone, and the log says why', async () => {
  const trials = startTrials(20_000);
  const { body: _, ...rest } = draft("'x'");
  const ended = await trials.run<'compare'>({ ...rest, kind: 'compare', used: rest.texts, last: 10 }, 'ada');
  expect(ended).toEqual({ failure: 'Something failed; the log says what.' });
  expect(String(JSON.stringify(errors.splice(0)))).toContain('/nowhere');
  expect(await verdictOf(trials, 'ada', "'fine'")).toBe('mapped: undefined');
});
