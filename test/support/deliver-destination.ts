// The smallest whole destination: posts transaction ids, believes the status. Tests override what they are about.
import { z } from 'zod';
import type { Destination } from '../../src/types.ts';

const HOUR = 3_600_000;

export const tinyDestination = (url: string, changes: Partial<Destination> = {}): Destination => ({
  name: 'tiny',
  title: 'Tiny',
  settings: z.unknown(),
  secrets: [],
  account: () => 'tiny',
  consent: [],
  batch: 1,
  schedule: [1_000, 10_000],
  deduplicates: () => true,
  maxAge: () => 72 * HOUR,
  wants: () => undefined,
  build: (events) => ({
    method: 'POST',
    url: `${url}/collect`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(events.map(({ transaction_id }) => transaction_id)),
  }),
  judge: (reply) => {
    if ('failure' in reply) return { kind: 'retry', reason: `${reply.failure} ${reply.detail}` };
    if (reply.status < 300) return { kind: 'delivered' };
    if (reply.status === 401) return { kind: 'retry', reason: reply.body, pause: true };
    if (reply.status < 500 && reply.status !== 429)
      return { kind: 'rejected', reason: `${reply.status} ${reply.body}` };
    const after = Number(reply.headers['retry-after']) * 1_000;
    return { kind: 'retry', reason: `status ${reply.status}`, ...(after > 0 && { after }) };
  },
  probe: {
    help: 'Posts a word',
    asks: [],
    build: () => ({ method: 'POST', url: `${url}/test`, headers: {}, body: 'test' }),
    read: (reply) => ({ ok: 'status' in reply && reply.status < 300, text: 'answered', details: [] }),
  },
  ...changes,
});
