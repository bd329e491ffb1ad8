// What a work thread is told, over a real port: hooks in their order, and nobody rests while there is something to do.
import { MessageChannel } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packHooks } from '../../src/road/handing.ts';
import { type Inbox, openInbox, type ToWorker } from '../../src/road/inbox.ts';
import { soon } from '../support/soon.ts';

let channel: MessageChannel;
let inbox: Inbox;
let heard: string[];
beforeEach(() => {
  channel = new MessageChannel();
  heard = [];
  inbox = openInbox({
    port: channel.port2,
    setMappings: () => undefined,
    resume: () => undefined,
    halt: () => void heard.push('halt'),
  });
});
afterEach(() => channel.port1.close());

const tell = (message: ToWorker) => channel.port1.postMessage(message);
const hand = (...ids: string[]) => {
  const hooks = ids.map((id) => ({
    id,
    store: 'acme',
    source: 'shop',
    received_at: 0,
    headers: {},
    body: Buffer.from(id),
  }));
  tell({ kind: 'hooks', handed: packHooks(hooks) });
};

test('hooks are taken in the order they came, those that wait longest first', async () => {
  hand('a', 'b');
  hand('c');
  await soon(() => expect(inbox.waiting()).toBe(3));
  expect(inbox.take(2).map(({ id }) => id)).toEqual(['a', 'b']);
  hand('d');
  await soon(() => expect(inbox.waiting()).toBe(2));
  expect(inbox.take().map(({ id }) => id)).toEqual(['c', 'd']);
  expect(inbox.take()).toEqual([]);
});

test('whoever rests is woken by what comes, and by a stop', { timeout: 10_000 }, async () => {
  const rested = inbox.rest(3_600_000);
  hand('a');
  await rested;
  expect(inbox.waiting()).toBe(1);
  const restedAgain = inbox.rest(3_600_000);
  tell({ kind: 'stop', deadline: 0 });
  await restedAgain;
});

test('a thread that is told to stop before it was told to begin begins no work, and waits for nothing', async () => {
  tell({ kind: 'stop', deadline: 7 });
  expect(await inbox.stopped).toBe(7);
  await inbox.begun;
  expect(heard).toEqual(['halt']);
});
