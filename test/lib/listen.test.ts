// How listening ends: what is under way is answered, and a connection that stays open after its answer keeps nobody waiting.
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { endRequests, listen } from '../../src/lib/listen.ts';

test('a request under way is answered, and its connection, which would be kept, ends with it', async () => {
  const server = createServer();
  const port = await listen(server, 'PORT', 0, '127.0.0.1');
  const agent = new Agent({ keepAlive: true });
  const asked = request({ port, agent });
  const begun: Promise<[IncomingMessage, ServerResponse]> = once(server, 'request').then(([one, two]) => [one, two]);
  const answered: Promise<[IncomingMessage]> = once(asked, 'response').then(([reply]) => [reply]);
  asked.end();
  const [, response] = await begun;
  const ended = endRequests(server, 600_000);
  response.end('done');
  const [reply] = await answered;
  expect(await text(reply)).toBe('done');
  await ended;
  agent.destroy();
});
