// `tagbridge try`: what would become of a body, offline: its events and the exact requests, or why there are none.
import { OperatorError } from '../lib/errors.ts';
import { type Tried, tryBody } from '../pages/trial.ts';
import { readArguments } from './arguments.ts';
import { BODY_OPTIONS, readAnswers, readAt, readBytes, readHeaders } from './body.ts';
import type { Command } from './command.ts';
import { findSource } from './store.ts';

/** What a body is and what becomes of it. */
export const headLines = ({ store, source, platform, topic, verdict, reason }: Tried['hook']): string[] => [
  `${store}/${source} (${platform})${topic === undefined ? '' : ` ${topic}`}: ${verdict}`,
  ...(reason === undefined ? [] : [`  ${reason}`]),
];

function describe({ hook, events, requests, skipped }: Tried): string {
  const lines = headLines(hook);
  for (const event of events) lines.push(`event ${event.name}`, JSON.stringify(event, null, 2));
  for (const { destination, method, url, body } of requests)
    lines.push(`to ${destination}: ${method} ${url}`, JSON.stringify(body, null, 2));
  for (const { event, destination, reason } of skipped) lines.push(`not to ${destination}: ${event}: ${reason}`);
  return lines.join('\n');
}

export const tryFiles: Command = {
  usage: 'FILE… --store S --source N [--headers H.json] [--answers A.json] [--at ISO] [--json]',
  help: 'Shows what would become of a body, without sending',
  run: async (args, { out, env }) => {
    const { values, positionals } = readArguments({
      args,
      allowPositionals: true,
      options: {
        ...BODY_OPTIONS,
        answers: { type: 'string' },
        at: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    if (positionals.length === 0) throw new OperatorError('ARGUMENT', 'name at least one file with a body');
    const at = readAt(values.at);
    const { store, source } = await findSource(env, values.store, values.source);
    const headers = await readHeaders(values.headers);
    const answers = await readAnswers(values.answers);
    for (const file of positionals) {
      const tried = await tryBody(store, source, { headers, body: await readBytes(file), received_at: at }, answers);
      if (!values.json) out(describe(tried));
      else out(positionals.length === 1 ? JSON.stringify(tried, null, 2) : JSON.stringify(tried));
    }
    return 0;
  },
};
