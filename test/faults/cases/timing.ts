// S18: whether the time of a refusal tells how much of a guessed signature is right.
import { createHmac } from 'node:crypto';
import { VerifySettings, verify } from '../../../src/verify/verify.ts';
import type { Case } from '../suite.ts';

const SAMPLES = 100_000;
const WARM_UP = 2_000;
/** The slowest tenth says more about the machine than about the code. */
const KEPT = 0.9;
/** As in dudect: from here on two means differ by more than chance (eprint.iacr.org/2016/1123). */
const SIGNIFICANT = 4.5;

const SECRET = 'a-secret-of-the-lamp-shop';
const body = Buffer.from(JSON.stringify({ id: 1_001, note: 'x'.repeat(1_000) }));
const right = createHmac('sha256', SECRET).update(body).digest('hex');
const flip = (digit: string) => (digit === '0' ? '1' : '0');
const guesses = [flip(right.charAt(0)) + right.slice(1), right.slice(0, -1) + flip(right.slice(-1))] as const;

const source = {
  verify: [VerifySettings.parse({ scheme: 'hmac', header: 'x-lamp-signature', encoding: 'hex' })],
  secrets: [SECRET],
  settings: {},
};
const parts = {
  now: 0,
  publicUrl: undefined,
  fetchKey: async () => ({ problem: 'nothing can be fetched here', temporary: true }),
  readBody: async () => undefined,
  check: async () => false,
};

/** How long the refusal of a guess takes, in microseconds. */
async function timeOf(guess: string): Promise<number> {
  const request = { method: 'POST', url: '/hooks/shop/lamps', headers: { 'x-lamp-signature': guess }, body };
  const began = performance.now();
  const { ok } = await verify(source, request, parts);
  const took = (performance.now() - began) * 1_000;
  if (ok) throw new Error('a wrong signature was accepted');
  return took;
}

const mean = (values: readonly number[]) => values.reduce((all, value) => all + value, 0) / values.length;
function spread(values: readonly number[]): number {
  const middle = mean(values);
  return values.reduce((all, value) => all + (value - middle) ** 2, 0) / (values.length - 1) / values.length;
}
/** Welch's t of two lists. */
const welch = (one: readonly number[], other: readonly number[]) =>
  (mean(one) - mean(other)) / Math.sqrt(spread(one) + spread(other));

const s18: Case = {
  id: 'S18',
  title: 'guessed signatures, wrong in the first digit and in the last one',
  run: async ({ rounds: scaled }) => {
    const samples = scaled(SAMPLES);
    const times: [number[], number[]] = [[], []];
    for (let index = 0; index < samples + WARM_UP; index++) {
      // In no order that the machine could follow.
      const which = Math.random() < 0.5 ? 0 : 1;
      const took = await timeOf(guesses[which]);
      if (index >= WARM_UP) times[which].push(took);
    }
    const limit = times.flat().sort((a, b) => a - b)[Math.floor(samples * KEPT)] ?? 0;
    const [first, last] = times.map((own) => own.filter((took) => took < limit));
    const t = welch(first ?? [], last ?? []);
    return {
      rounds: samples,
      sent: samples,
      acknowledged: samples,
      lost: 0,
      delivered: 0,
      duplicates: 0,
      worstMs: 0,
      notes: [
        `refused after ${mean(first ?? []).toFixed(2)} and ${mean(last ?? []).toFixed(2)} µs, in one process; t = ${t.toFixed(1)}, from ${SIGNIFICANT} on it would tell something; "acked" are refusals`,
      ],
      problems: Math.abs(t) < SIGNIFICANT ? [] : [`the times differ: t = ${t.toFixed(1)}`],
    };
  },
};

export const timingCases = [s18];
