// `tagbridge send`: signs a body as its platform would and posts it to a running bridge.
import { parseArgs } from 'node:util';
import { request } from 'undici';
import { OperatorError } from '../lib/errors.ts';
import { newId } from '../lib/id.ts';
import type { Source } from '../map/source.ts';
import { sign } from '../verify/verify.ts';
import type { Command } from './command.ts';
import { findSource } from './store.ts';
import { readBytes, readHeaders } from './try.ts';

/** Headers the platform would send along: its signature, and topic and delivery id where it names headers for them. */
export function senderHeaders(
  source: Source,
  body: Uint8Array,
  given: Record<string, string>,
  topic: string | undefined,
  now: number,
): Record<string, string> {
  const { topicHeader, deliveryHeader } = source;
  return {
    'content-type': source.accepts[0] ?? 'application/json',
    ...(topicHeader !== undefined && topic !== undefined && { [topicHeader]: topic }),
    ...(deliveryHeader !== undefined && { [deliveryHeader]: newId() }),
    ...given,
    ...sign(source, body, now),
  };
}

export const send: Command = {
  usage: 'FILE --store S --source N [--topic T] [--headers H.json] [--url U]',
  help: 'Signs a body and posts it to a running bridge',
  run: async (args, { out, env }) => {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        store: { type: 'string' },
        source: { type: 'string' },
        topic: { type: 'string' },
        headers: { type: 'string' },
        url: { type: 'string' },
      },
    });
    const [file] = positionals;
    if (file === undefined || positionals.length > 1) throw new OperatorError('ARGUMENT', 'name one file with a body');
    const { config, store, source } = await findSource(env, values.store, values.source);
    const body = await readBytes(file);
    const headers = senderHeaders(source, body, await readHeaders(values.headers), values.topic, Date.now());
    const url = `${values.url ?? `http://127.0.0.1:${config.PORT}`}/hooks/${store.name}/${source.name}`;
    try {
      const reply = await request(url, { method: 'POST', headers, body });
      out(`${reply.statusCode} ${await reply.body.text()}`);
      return reply.statusCode < 300 ? 0 : 1;
    } catch (error) {
      throw new OperatorError(
        'NOT_REACHED',
        `nobody answers at ${url}: ${error instanceof Error ? error.message : String(error)}`,
        'is the bridge running? --url names another one',
      );
    }
  },
};
