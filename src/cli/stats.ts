// `tagbridge stats`: what came in, what became of it and what waits, per store.
import { readConfig } from '../config.ts';
import { withKept } from '../keep/beside.ts';
import { DAY_MS } from '../lib/time.ts';
import { counted } from '../lib/words.ts';
import { readArguments } from './arguments.ts';
import type { Command } from './command.ts';
import { readDays } from './instant.ts';

const age = (since: number, now: number) => {
  const minutes = Math.floor((now - since) / 60_000);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`;
};

export const stats: Command = {
  usage: '[--days N] [--json]',
  help: 'Counts hooks, attempts and what waits',
  run: async (args, { out, err, env }) => {
    const { values } = readArguments({
      args,
      options: { days: { type: 'string', default: '1' }, json: { type: 'boolean', default: false } },
    });
    const days = readDays(values.days, '7');
    const now = Date.now();
    return withKept(readConfig(env), err, async (keep) => {
      const [open, ended, pauses] = [
        await keep.countOpen(),
        await keep.countEnded(now - days * DAY_MS),
        await keep.listPauses(),
      ];
      if (values.json) {
        out(JSON.stringify({ open, ended, pauses }, null, 2));
        return 0;
      }
      out(`hooks of the last ${counted(days, 'day', 'days')}`);
      for (const { store, source, state, hooks } of ended.hooks) out(`  ${store}/${source} ${state}: ${hooks}`);
      out('attempts');
      for (const { store, destination, kind, attempts } of ended.attempts)
        out(`  ${store}/${destination} ${kind}: ${attempts}`);
      out('open now');
      for (const { store, source, state, hooks, oldest } of open.hooks)
        out(`  ${store}/${source} ${state}: ${hooks}, oldest ${age(oldest, now)}`);
      for (const { store, destination, deliveries, oldest } of open.deliveries)
        out(`  ${store}/${destination} waiting: ${deliveries}, oldest ${age(oldest, now)}`);
      for (const { account, reason } of pauses) out(`  ${account} is paused: ${reason}`);
      return 0;
    });
  },
};
