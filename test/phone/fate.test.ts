// What the phone team reads of what became of an entry.
import { expect, test } from 'vitest';
import type { Entered } from '../../src/keep/questions/entries.ts';
import type { TracedEvent } from '../../src/keep/questions/trace.ts';
import { createFates } from '../../src/phone/fate.ts';

const AT = Date.UTC(2026, 10, 20, 12);
const entered = (over: Partial<Entered> = {}): Entered => ({
  hook_id: 'h',
  store: 'shop',
  made_by: 'ann',
  kind: 'order',
  number: 'A-1',
  at: AT,
  state: 'mapped',
  reason: undefined,
  due_at: undefined,
  untouched: false,
  undone: false,
  ...over,
});
const attempt = (destination: string, kind: string, reason?: string): TracedEvent['attempts'][number] => ({
  destination,
  copy: 0,
  n: 1,
  at: AT,
  ms: 5,
  status: undefined,
  kind,
  reason,
  ambiguous: false,
  receipt: undefined,
});
const delivery = (destination: string) => ({ destination, copy: 0, attempts: 1, due_at: AT, leased: false });
const event = (parts: Partial<TracedEvent>): TracedEvent => ({
  id: 'e',
  hook_id: 'h',
  name: 'purchase',
  order_id: 'A-1',
  event_time: '2026-11-20T12:00:00Z',
  created_at: AT,
  deliveries: [],
  attempts: [],
  ...parts,
});
async function fateOf(one: Entered, events: TracedEvent[] = []) {
  const keep = { findTrace: async () => ({ hooks: [], events }), openEvents: async () => new Map() };
  const [fate] = await createFates({ keep })([one], () => undefined);
  return fate;
}

test.each<[string, Partial<TracedEvent>, string, string, string[]]>([
  ['arrived', { attempts: [attempt('x', 'delivered')] }, 'good', 'Sent', ['Accepted by x']],
  [
    'arrived in part; what a receiver says is not shown',
    { attempts: [attempt('x', 'delivered'), attempt('y', 'rejected', 'no such person: ann@example.com')] },
    'bad',
    'Not everything arrived; an admin sees why',
    ['Accepted by x', 'Refused by y'],
  ],
  [
    'came too late',
    { attempts: [attempt('x', 'expired')] },
    'bad',
    'Not everything arrived; an admin sees why',
    ['Too late for x'],
  ],
  [
    'was given up',
    { attempts: [attempt('x', 'retry'), attempt('x', 'dead')] },
    'bad',
    'Not everything arrived; an admin sees why',
    ['Given up for x'],
  ],
  [
    'is on its way to one',
    { attempts: [attempt('x', 'delivered'), attempt('y', 'retry')], deliveries: [delivery('y')] },
    'wait',
    'Being sent',
    ['On its way to y', 'Accepted by x'],
  ],
  [
    'is sent nowhere',
    { attempts: [attempt('x', 'skipped', 'older than 7 days')] },
    'calm',
    'Counted here, sent nowhere',
    ['Not sent to x: older than 7 days'],
  ],
])('an order that %s', async (_, parts, tone, text, lines) => {
  const visit = 'Not joined: the store keeps no visits';
  expect(await fateOf(entered(), [event(parts)])).toEqual({ tone, text, lines: [visit, ...lines] });
});

test.each<[Partial<Entered>, string, RegExp]>([
  [{ state: 'kept' }, 'wait', /not sent yet/],
  [{ state: 'waiting' }, 'wait', /waits to be sent/],
  [{ state: 'stuck' }, 'bad', /tell an admin/],
  [{ state: 'erased' }, 'calm', /as the customer asked/],
  [{ state: 'ignored', undone: true, reason: 'taken back' }, 'calm', /^Taken back/],
  [{ state: 'ignored', reason: 'its value is 0' }, 'calm', /^Not counted: its value is 0$/],
  [{}, 'calm', /came before/],
])('an entry without an event that is %j', async (over, tone, text) => {
  expect(await fateOf(entered(over))).toEqual({ tone, text: expect.stringMatching(text), lines: [] });
});
