// What may be sent to an account: what requests taught, what all who send tell each other, and what people decided.
import { beforeEach, describe, expect, it } from 'vitest';
import { BREAKER_LIMITS } from '../../src/deliver/breaker.ts';
import { PROBE_MS } from '../../src/deliver/hold.ts';
import { createGate } from '../../src/deliver/lane-gate.ts';
import type { Hold } from '../../src/deliver/questions.ts';
import { tinyDestination } from '../support/deliver-destination.ts';
import { routeTo, START } from '../support/deliver-rig.ts';

const MINUTE = 60_000;
const route = routeTo('x', tinyDestination('http://127.0.0.1:1'));
let at: number;
let held: (Hold | undefined)[];
let pauses: string[];
let gate: ReturnType<typeof createGate>;

beforeEach(() => {
  at = START;
  held = [];
  pauses = [];
  gate = createGate({
    account: 'x',
    takeProbe: async () => true,
    now: () => at,
    onPause: (_, reason) => void pauses.push(reason),
    onHold: (_, hold) => void held.push(hold),
  });
});

/** Opens the breaker, and moves on to when somebody may find out. */
const failUntilDue = () => {
  for (let n = 0; n < BREAKER_LIMITS.failures; n++) {
    gate.begin();
    gate.learn(route, { answered: false }, at);
  }
  at += BREAKER_LIMITS.first;
};
const holdOf = (until: number, trips: number): Hold => ({ account: 'x', until, trips });

describe('a receiver', () => {
  it('has no more requests under way than its breaker forgives, until it answers one', () => {
    gate.setLimits({ ...BREAKER_LIMITS, failures: 3 });
    gate.learn(route, { answered: false }, at);
    expect([gate.atOnce(32), gate.atOnce(1)]).toEqual([2, 1]);
    gate.learn(route, { answered: true }, at);
    expect(gate.atOnce(32)).toBe(32);
  });

  it('is still asked where its breaker forgives less than it failed, since its store file was changed', () => {
    for (let n = 0; n < 5; n++) gate.learn(route, { answered: false }, at);
    gate.setLimits({ ...BREAKER_LIMITS, failures: 3 });
    expect([gate.isOpen(at), gate.atOnce(32)]).toEqual([true, 1]);
  });
});

describe('a receiver that asks to wait', () => {
  it('is left alone as long as it asked for at most, though it asks for less in the next answer', () => {
    gate.learn(route, { answered: true, after: MINUTE }, at);
    gate.learn(route, { answered: true, after: 1_000 }, at);
    expect(gate.isOpen(at + MINUTE - 1)).toBe(false);
    expect(gate.isOpen(at + MINUTE)).toBe(true);
  });

  it('is told of once, and not again by an answer that asks for nothing', () => {
    gate.learn(route, { answered: true, after: MINUTE }, at);
    gate.setHold(undefined);
    gate.learn(route, { answered: true }, at);
    expect(held).toEqual([holdOf(START + MINUTE, 0)]);
  });
});

describe('a wait that is over', () => {
  beforeEach(() => {
    gate.learn(route, { answered: true, after: MINUTE }, at);
    at += 2 * MINUTE;
    expect(gate.isOpen(at)).toBe(true);
  });

  it('does not begin again when the clock is set back', () => {
    at -= 5 * MINUTE;
    expect(gate.isOpen(at)).toBe(true);
  });

  it('does not begin again either where it is still written for all to know', () => {
    gate.setHold(holdOf(START + MINUTE, 0));
    at -= 5 * MINUTE;
    gate.setHold(holdOf(START + MINUTE, 0));
    expect(gate.isOpen(at)).toBe(true);
  });

  it('does not shorten the next one', () => {
    gate.learn(route, { answered: true, after: MINUTE }, at);
    expect(gate.isOpen(at + MINUTE - 1)).toBe(false);
    expect(gate.isOpen(at + MINUTE)).toBe(true);
  });
});

describe('a breaker that is open', () => {
  beforeEach(failUntilDue);

  it('lets a probe through, and nothing newborn', () => {
    expect(gate.isOpen(at)).toBe(true);
    expect(gate.isWideOpen(at)).toBe(false);
  });

  it('lets the probe through that was granted, though the others are told to wait for it', async () => {
    expect(await gate.askPermit(at)).toBe(true);
    gate.setHold(holdOf(at + PROBE_MS, 1));
    expect(gate.isOpen(at)).toBe(true);
  });

  it('lets another probe through where the first was not made after all, and tells nobody', () => {
    gate.begin();
    expect(gate.isOpen(at)).toBe(false);
    held = [];
    gate.learn(route, {}, at);
    expect(gate.isOpen(at)).toBe(true);
    expect(held).toEqual([]);
  });

  it('hears of others again as soon as its own probe was answered', async () => {
    await gate.askPermit(at);
    gate.begin();
    gate.learn(route, { answered: true }, at);
    expect(gate.isOpen(at)).toBe(true);
    gate.setHold(holdOf(at + MINUTE, 1));
    expect(gate.isOpen(at)).toBe(false);
  });
});

describe('a breaker that another one opened', () => {
  beforeEach(() => gate.setHold(holdOf(at + MINUTE, 1)));

  it('is closed again at once when that one found the account well', () => {
    expect(gate.isOpen(at)).toBe(false);
    gate.setHold(undefined);
    expect(gate.isWideOpen(at)).toBe(true);
  });

  it('is not said to be closed once more by the next answer', () => {
    gate.setHold(undefined);
    gate.learn(route, { answered: true }, at);
    expect(held).toEqual([]);
  });
});

describe('an account', () => {
  it('is paused once, however many requests under way find the same', () => {
    gate.learn(route, { answered: true, pause: 'the token is refused' }, at);
    gate.learn(route, { answered: true, pause: 'the token is refused' }, at);
    expect(pauses).toEqual(['the token is refused']);
    expect(gate.isShut(at)).toBe(true);
  });

  it('whose lane halts gets nothing, and what waits is left to whoever closes the lane', () => {
    gate.halt();
    expect(gate.isOpen(at)).toBe(false);
    expect(gate.isShut(at)).toBe(false);
  });
});
