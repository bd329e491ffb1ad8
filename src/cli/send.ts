// `tagbridge send`: signs a body as its platform would and posts it to a running bridge.
import { request } from 'undici';
import { OperatorError, reasonOf } from '../lib/errors.ts';
import { newId } from '../lib/id.ts';
import type { Source } from '../map/files/source.ts';
import { sign } from '../verify/verify.ts';
import { readArguments } from './arguments.ts';
import { BODY_OPTIONS, oneFile, readBytes, readHeaders } from './body.ts';
import type { Command } from './command.ts';
import { findSource } from './store.ts';

type Sent = { path: string; headers: Record<string, string>; body: Uint8Array; topic: string | undefined };

/**
 * The request the platform would make: signed, and with topic and delivery id where it names headers for them. Throws
 * an `OperatorError` where only the platform itself can sign.
 */
export function senderRequest(
  source: Source,
  { path, headers: given, body, topic }: Sent,
  around: { now: number; publicUrl: string | undefined },
): { path: string; headers: Record<string, string> } {
  const { topicHeader, deliveryHeader } = source;
  const headers = {
    'content-type': source.accepts[0] ?? 'application/json',
    ...(topicHeader !== undefined && topic !== undefined && { [topicHeader]: topic }),
    ...(deliveryHeader !== undefined && { [deliveryHeader]: newId() }),
    ...given,
  };
  const signature = sign(source, { method: 'POST', url: path, headers, body }, around);
  if (signature === undefined) {
    const hint = 'it signs with a key of its own, or signs the URL and PUBLIC_URL is not set';
    throw new OperatorError('CANNOT_SIGN', `only ${source.title} can sign for this source`, hint);
  }
  const query = new URLSearchParams(signature.query).toString();
  return { path: query === '' ? path : `${path}?${query}`, headers: { ...headers, ...signature.headers } };
}

export const send: Command = {
  usage: 'FILE --store S --source N [--topic T] [--headers H.json] [--url U]',
  help: 'Signs a body and posts it to a running bridge',
  run: async (args, { out, env }) => {
    const { values, positionals } = readArguments({
      args,
      allowPositionals: true,
      options: {
        ...BODY_OPTIONS,
        topic: { type: 'string' },
        url: { type: 'string' },
      },
    });
    const file = oneFile(positionals);
    const { config, store, source } = await findSource(env, values.store, values.source);
    if (source.entered)
      throw new OperatorError('ENTERED', `hooks of ${source.title} are entered on its page, by the API or from a file`);
    const body = await readBytes(file);
    const { path, headers } = senderRequest(
      source,
      {
        path: `/hooks/${store.name}/${source.name}`,
        headers: await readHeaders(values.headers),
        body,
        topic: values.topic,
      },
      { now: Date.now(), publicUrl: config.PUBLIC_URL },
    );
    const url = values.url ?? `http://127.0.0.1:${config.PORT}`;
    try {
      const reply = await request(url + path, { method: 'POST', headers, body });
      out(`${reply.statusCode} ${await reply.body.text()}`);
      return reply.statusCode < 300 ? 0 : 1;
    } catch (error) {
      throw new OperatorError(
        'NOT_REACHED',
        `nobody answers at ${url}: ${reasonOf(error)}`,
        'is the bridge running? --url names another one',
      );
    }
  },
};
