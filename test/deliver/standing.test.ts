// How accounts stand for all who send: what a lane found out a moment ago goes before a list that may not know of it yet.
import { beforeEach, describe, expect, it } from 'vitest';
import { createStanding } from '../../src/deliver/standing.ts';
import { tinyDestination } from '../support/deliver-destination.ts';
import { routeTo, START } from '../support/deliver-rig.ts';

const route = routeTo('x', tinyDestination('http://127.0.0.1:1'));
let told: string[];
let lists: { pauses: PromiseWithResolvers<[]>; holds: PromiseWithResolvers<[]> };
let written: PromiseWithResolvers<void>;
let standing: ReturnType<typeof createStanding>;

/** Lists are empty: they were read before anything was written. */
beforeEach(() => {
  told = [];
  lists = { pauses: Promise.withResolvers(), holds: Promise.withResolvers() };
  written = Promise.withResolvers();
  const write = () => written.promise;
  const lane = { setPaused: () => void told.push('pauses'), setHold: () => void told.push('holds') };
  standing = createStanding({
    pauseAccount: write,
    resumeAccount: write,
    holdAccount: write,
    freeAccount: write,
    listPauses: () => lists.pauses.promise,
    listHolds: () => lists.holds.promise,
    lanes: new Map([['x', lane]]),
    routes: () => [route],
    background: (work) => void work.catch(() => undefined),
    now: () => START,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
});

const findOut = {
  pauses: () => standing.pause(route, 'the token is refused'),
  holds: () => standing.hold('x', { account: 'x', until: START + 60_000, trips: 1 }),
};
/** The list of this kind is being read from now on. */
const beginToRead = async (kind: 'pauses' | 'holds'): Promise<() => Promise<void>> => {
  const refreshed = standing.refresh();
  if (kind === 'holds') lists.pauses.resolve([]);
  await new Promise(setImmediate);
  return () => {
    for (const list of Object.values(lists)) list.resolve([]);
    return refreshed;
  };
};

describe.each(['pauses', 'holds'] as const)('a lane that found out something for the list of %s', (kind) => {
  it('hears nothing of a list that was being read when it did', async () => {
    const endReading = await beginToRead(kind);
    findOut[kind]();
    await endReading();
    expect(told).not.toContain(kind);
  });

  it('hears nothing of a list that was being read while that was written', async () => {
    findOut[kind]();
    const endReading = await beginToRead(kind);
    written.resolve();
    await new Promise(setImmediate);
    await endReading();
    expect(told).not.toContain(kind);
  });

  it('hears of the next list', async () => {
    findOut[kind]();
    written.resolve();
    await new Promise(setImmediate);
    await (await beginToRead(kind))();
    expect(told).toContain(kind);
  });
});
