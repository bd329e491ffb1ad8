// The hourly pass over what is kept: whether the file is written anew after people were erased.
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Keep } from '../../src/keep/keep.ts';
import { createLog } from '../../src/lib/log.ts';
import { keepForgetting } from '../../src/road/retention.ts';
import { type OwnKeep, openOwnKeep } from '../support/own-keep.ts';

const NOW = Date.parse('2026-06-01T00:00:00Z');
const MINUTE = 60_000;
const days = {
  RETENTION_BODIES_DAYS: 30,
  RETENTION_KEYS_DAYS: 90,
  RETENTION_ATTEMPTS_DAYS: 30,
  RETENTION_AUDIT_DAYS: 400,
};
const silent = createLog('error', { write: () => undefined });
let own: OwnKeep;
let keep: Keep;
beforeEach(async () => {
  own = await openOwnKeep();
  keep = own.keep;
});
afterEach(() => own.close());

/** One pass; answers how often the file was cleaned. */
async function pass(): Promise<number> {
  const controller = new AbortController();
  let scrubs = 0;
  const listAudit: Keep['listAudit'] = (since) => keep.listAudit(since).finally(() => controller.abort());
  const scrub = () => {
    scrubs += 1;
    return keep.scrub();
  };
  await keepForgetting({
    keep: { forget: keep.forget, listAudit, scrub },
    days,
    now: () => NOW,
    log: silent,
    signal: controller.signal,
  });
  return scrubs;
}

test.each([
  ['S80 the hourly pass cleans the file after a person was erased', 'erase', 10 * MINUTE, 1],
  ['S80 the hourly pass cleans the file after a shop was erased', 'erase_source', 10 * MINUTE, 1],
  ['the hourly pass leaves the file alone after a replay', 'replay', 10 * MINUTE, 0],
  ['the hourly pass leaves the file alone when it cleaned it before', 'erase', 300 * MINUTE, 0],
])('%s', async (_, action, ago, times) => {
  await keep.writeAudit({ at: NOW - ago, actor: 'someone', action, detail: '' });
  expect(await pass()).toBe(times);
});
