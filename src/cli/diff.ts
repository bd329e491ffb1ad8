// `tagbridge diff`: which orders would change, and how, if the last kept hooks had been mapped with the files on disk.
import { readConfig } from '../config.ts';
import { readKept } from '../keep/beside.ts';
import { OperatorError } from '../lib/errors.ts';
import { counted } from '../lib/words.ts';
import { pathOfField } from '../map/flatten.ts';
import { showValue } from '../map/show.ts';
import { type Diff, diffStore, type FieldChange, hidden } from '../pages/diffing.ts';
import { readArguments } from './arguments.ts';
import type { Command } from './command.ts';
import { findStore } from './store.ts';

const MOST = 100_000;
const HIDDEN = { showData: false };

const titleOf = ({ name, key, order_id, hook, source }: Diff['gained'][number]) =>
  `${order_id === undefined ? key : `order ${order_id}`}: ${name} (${source}, hook ${hook})`;

function fieldLine({ field, was, now }: FieldChange): string {
  const path = pathOfField(field);
  return `    ${field}: ${showValue(path, was, HIDDEN)} → ${showValue(path, now, HIDDEN)}`;
}

function describe(diff: Diff): string {
  const lines: string[] = [];
  for (const one of diff.changed) lines.push(`~ ${titleOf(one)}`, ...one.fields.map(fieldLine));
  for (const one of diff.gained) lines.push(`+ ${titleOf(one)} would be made`);
  for (const one of diff.lost) lines.push(`- ${titleOf(one)} would not be made: ${one.reason}`);
  const { hooks, same, changed, gained, lost, without_answers } = diff;
  lines.push(
    `of the last ${counted(hooks, 'hook', 'hooks')} ${counted(same, 'event stays', 'events stay')} the same, ${changed.length} would change, ` +
      `${gained.length} would be made in addition, ${lost.length} would not be made`,
  );
  if (without_answers > 0)
    lines.push(
      `${counted(without_answers, 'hook needs look-ups', 'hooks need look-ups')} that were not made; mapped without`,
    );
  return lines.join('\n');
}

/** The same with personal data as `***`. */
const withoutData = (diff: Diff): Diff => ({
  ...diff,
  changed: diff.changed.map((one) => ({ ...one, fields: one.fields.map(hidden) })),
});

export const diff: Command = {
  usage: '--store S [--last N] [--json]',
  help: 'Maps the last kept hooks again with the files on disk and shows which orders would change, without sending',
  run: async (args, { out, err, env }) => {
    const { values } = readArguments({
      args,
      options: {
        store: { type: 'string' },
        last: { type: 'string', default: '1000' },
        json: { type: 'boolean', default: false },
      },
    });
    const last = Number(values.last);
    if (!Number.isInteger(last) || last < 1 || last > MOST)
      throw new OperatorError('ARGUMENT', `--last ${values.last} is no number of hooks`, `from 1 to ${MOST}`);
    const config = readConfig(env);
    const store = await findStore(config, values.store);
    const found = await readKept(config, err, (kept) => diffStore(kept, store, last));
    out(values.json ? JSON.stringify({ store: store.name, ...withoutData(found) }, null, 2) : describe(found));
    return 0;
  },
};
