// Ends of deliveries are written together, again when that fails, and never given up while running.
import { describe, expect, it, vi } from 'vitest';
import { createBegin } from '../../src/deliver/begin.ts';
import { createFinisher } from '../../src/deliver/finish.ts';
import type { Completion } from '../../src/deliver/questions.ts';
import { deliveryTo, START } from '../support/deliver-rig.ts';
import { soon } from '../support/soon.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const sent = { at: START, ms: 3, kind: 'delivered' } as const;
const gate = () => Promise.withResolvers<void>();

describe('createFinisher', () => {
  it('writes what ends while a transaction is under way as the next one', async () => {
    const groups: string[][] = [];
    const first = gate();
    const finisher = createFinisher({
      finishDeliveries: async (completions) => {
        groups.push(completions.map(({ delivery }) => delivery.event_id));
        if (groups.length === 1) await first.promise;
      },
      log: silent,
    });
    for (const id of ['a', 'b']) finisher.end(deliveryTo('x', id), sent);
    await soon(() => expect(groups).toHaveLength(1));
    for (const id of ['c', 'd', 'e']) finisher.end(deliveryTo('x', id), sent);
    first.resolve();
    await finisher.close();
    expect(groups).toEqual([
      ['a', 'b'],
      ['c', 'd', 'e'],
    ]);
  });

  it('writes no more than 500 ends in one transaction, all of them once and in order', async () => {
    const groups: string[][] = [];
    const finisher = createFinisher({
      finishDeliveries: async (completions) => void groups.push(completions.map(({ delivery }) => delivery.event_id)),
      log: silent,
    });
    const ids = Array.from({ length: 1_200 }, (_, n) => `${n}`);
    for (const id of ids) finisher.end(deliveryTo('x', id), sent);
    await finisher.close();
    expect(groups.map((group) => group.length)).toEqual([500, 500, 200]);
    expect(groups.flat()).toEqual(ids);
  });

  it('is not ready while writing fails, and writes the same ends again until it succeeds', async () => {
    const written: Completion[] = [];
    let failures = 2;
    const finisher = createFinisher({
      finishDeliveries: async (completions) => {
        if (failures-- > 0) throw new Error('disk full');
        written.push(...completions);
      },
      log: silent,
    });
    finisher.end(deliveryTo('x', 'a'), { ...sent, kind: 'retry', due_at: START + 1 });
    await soon(() => expect(finisher.ready()).toBe(false));
    await soon(() => expect(finisher.ready()).toBe(true));
    expect(written).toMatchObject([{ delivery: { event_id: 'a' }, attempt: { kind: 'retry' }, due_at: START + 1 }]);
  });

  it('is not ready while too many ends wait', async () => {
    const first = gate();
    const finisher = createFinisher({ finishDeliveries: () => first.promise, log: silent });
    for (let n = 0; n < 10_000; n++) finisher.end(deliveryTo('x', `${n}`), sent);
    expect(finisher.ready()).toBe(false);
    first.resolve();
    await finisher.close();
    expect(finisher.ready()).toBe(true);
  });

  it('gives up at closing what cannot be written', async () => {
    const log = { ...silent, error: vi.fn() };
    const finisher = createFinisher({ finishDeliveries: () => Promise.reject(new Error('gone')), log });
    finisher.end(deliveryTo('x', 'a'), sent);
    await finisher.close();
    expect(log.error).toHaveBeenCalledWith(expect.objectContaining({ deliveries: 1 }), 'delivery.not_written');
  });

  it('logs one line for each attempt, without the event', () => {
    const info = vi.fn();
    const finisher = createFinisher({ finishDeliveries: async () => undefined, log: { ...silent, info } });
    const event = { user_data: { email_address: 'anna@shop.example' } };
    finisher.end(deliveryTo('x', 'a', { attempts: 2 }, event), {
      ...sent,
      status: 503,
      kind: 'retry',
      due_at: START + 9,
    });
    expect(info).toHaveBeenCalledTimes(1);
    expect(info).toHaveBeenCalledWith(
      {
        event_id: 'a',
        store: 'demo',
        destination: 'x',
        account: 'x',
        copy: 0,
        attempt: 3,
        outcome: 'retry',
        status: 503,
        ms: 3,
        due_at: START + 9,
      },
      'delivery.attempted',
    );
  });
});

describe('createBegin', () => {
  it('asks for many deliveries in one question, and answers each asker its own', async () => {
    const asked: number[] = [];
    const begin = createBegin({
      startDeliveries: async (deliveries) => {
        asked.push(deliveries.length);
        return deliveries.filter(({ event_id }) => event_id !== 'lost');
      },
      now: () => START,
      log: silent,
    });
    const [one, lost, two] = ['one', 'lost', 'two'].map((id) => deliveryTo('x', id));
    const held = await Promise.all([one, lost, two].map((delivery) => begin(delivery ? [delivery] : [])));
    expect(held).toEqual([[one], [], [two]]);
    expect(asked).toEqual([3]);
  });

  it('lets nothing be sent when the note cannot be written', async () => {
    const begin = createBegin({
      startDeliveries: () => Promise.reject(new Error('gone')),
      now: () => START,
      log: silent,
    });
    expect(await begin([deliveryTo('x', 'a')])).toEqual([]);
  });
});
